"""The writer's heartbeat: what counts as alive while a disk is slow."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Deliver, Welcome
from orchestration.live_board import LiveBoard
from orchestration.remote.stream_session import StreamSession
from orchestration.writer_pulse import WriterPulse
from orchestration.writer_server import COMMIT_LIMIT_S, RESCUE_LIMIT_S, WriterServer
from tests.orchestration.records import a_round


class Clock:
    def __init__(self) -> None:
        self.us = 5_000_000

    def __call__(self) -> int:
        return self.us


def shown_beat(directory: Path, pulse: WriterPulse) -> int:
    """Have the pulse beat once and return what the board then says."""
    pulse.start()
    pulse.close()
    board = LiveBoard.open(directory / "live.board", readonly=True)
    health = board.read_writer()
    board.close()
    assert health is not None
    return health.heartbeat_us


def pulse_on(directory: Path, clock: Clock) -> WriterPulse:
    board = LiveBoard.create(directory / "live.board", 0)
    return WriterPulse(board, directory / "aviator.db", pid=1, now=clock)


def test_a_loop_that_no_longer_turns_has_no_heartbeat(tmp_path: Path) -> None:
    clock = Clock()
    pulse = pulse_on(tmp_path, clock)
    clock.us += 1_000_000
    pulse.beat()
    clock.us += 9_000_000
    assert shown_beat(tmp_path, pulse) == 6_000_000


def test_a_commit_that_takes_long_is_no_hang_until_its_limit(tmp_path: Path) -> None:
    clock = Clock()
    pulse = pulse_on(tmp_path, clock)
    with pulse.held(60.0):
        clock.us += 59_000_000
        assert shown_beat(tmp_path, pulse) == 64_000_000
    pulse = pulse_on(tmp_path, clock)
    with pulse.held(60.0):
        clock.us += 61_000_000
        assert shown_beat(tmp_path, pulse) == 64_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: open files can be deleted")
def test_a_commit_that_copies_the_whole_database_first_gets_more_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_errors: list[logging.LogRecord]
) -> None:
    limits: list[float] = []

    @contextlib.contextmanager
    def held(limit_s: float) -> Iterator[None]:
        limits.append(limit_s)
        yield

    async def run() -> None:
        database = BatchDatabaseWriter(tmp_path / "aviator.db")
        pulse = pulse_on(tmp_path, Clock())
        monkeypatch.setattr(pulse, "held", held)
        server = WriterServer(database, pulse, "secret")
        peer = StreamSession(server, "", "Admiral", "s", Welcome(last_position=0))
        for position in (1, 2, 3):
            if position == 2:
                database_file.unlink()
            server.delivered(peer, Deliver(upto=position, records=[a_round(position)], urgent=True))
            assert await server.close(0.0)
        database.close()

    database_file = tmp_path / "aviator.db"
    asyncio.run(run())
    assert limits == [COMMIT_LIMIT_S, RESCUE_LIMIT_S, COMMIT_LIMIT_S]


def test_commits_and_sizes_are_summed_up(tmp_path: Path) -> None:
    pulse = pulse_on(tmp_path, Clock())
    (tmp_path / "aviator.db").write_bytes(bytes(4_096))
    (tmp_path / "aviator.db-wal").write_bytes(bytes(100))
    for number in range(300):  # only the last 256 count: 44 to 299
        pulse.committed(rows=2, duration_us=number, version=number, at_us=number)
    pulse.say(workers=3, viewers=1, pending=7, trouble="the disk is full")
    pulse.say(pending=8)
    shown_beat(tmp_path, pulse)
    health = LiveBoard.open(tmp_path / "live.board", readonly=True).read_writer()
    assert health is not None
    assert (health.commits, health.rows, health.version, health.last_commit_at_us) == (300, 600, 299, 299)
    assert (health.commit_p50_us, health.commit_p99_us) == (172, 297)
    assert (health.database_bytes, health.wal_bytes) == (4_096, 100)
    assert (health.workers, health.viewers, health.pending) == (3, 1, 8)
    assert health.trouble == "the disk is full"
