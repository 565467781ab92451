"""How a worker's slot is kept up to date."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_layer.messages import LiveState
from orchestration.live_board import LiveBoard
from orchestration.live_publisher import SHORTEST_GAP_US, LivePublisher


class Worker:
    """Something whose picture changes, with a clock of its own."""

    def __init__(self, path: Path) -> None:
        self.received = 0
        self.pictures = 0
        self.at_us = 1_000_000
        self.board = LiveBoard.create(path, 1)
        self.publisher = LivePublisher(
            LiveBoard.open(path, readonly=False), 0, self.picture, monotonic_us=lambda: self.at_us
        )

    def picture(self) -> LiveState:
        self.pictures += 1
        return LiveState(bookmaker="A", pid=1, heartbeat_us=self.at_us, received=self.received)

    @property
    def shown(self) -> int:
        live = self.board.read_live(0)
        return -1 if live is None else live.received


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path / "live.board")
    yield made
    made.publisher.close()
    made.board.close()


def test_a_first_change_is_shown_at_once(worker: Worker) -> None:
    async def run() -> None:
        worker.received = 1
        worker.publisher.touch()
        assert worker.shown == 1
        worker.at_us += SHORTEST_GAP_US
        worker.received = 2
        worker.publisher.touch()
        assert worker.shown == 2

    asyncio.run(run())


def test_a_burst_of_changes_is_shown_twice_and_its_last_is_never_left_out(worker: Worker) -> None:
    async def run() -> None:
        for number in range(1, 1_001):
            worker.received = number
            worker.publisher.touch()
        async with asyncio.timeout(10):
            while worker.shown != 1_000:
                await asyncio.sleep(0)

    asyncio.run(run())
    assert worker.pictures == 2


def test_a_heartbeat_is_written_without_any_change(worker: Worker) -> None:
    worker.publisher.write()
    worker.at_us += 400_000
    worker.publisher.write()
    live = worker.board.read_live(0)
    assert live is not None
    assert live.heartbeat_us == worker.at_us
