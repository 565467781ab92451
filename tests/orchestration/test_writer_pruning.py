"""When the writer deletes what was kept long enough."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.retention import Retention
from data_layer.database import retention
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Phase, RgbSample
from orchestration import writer_pruning
from orchestration.engine import Engine
from orchestration.live_board import LiveBoard
from orchestration.supervisor import Supervisor
from orchestration.writer_pruning import WriterPruning
from orchestration.writer_pulse import WriterPulse
from orchestration.writer_server import WriterServer
from orchestration.writer_spec import WriterSpec


def samples(count: int) -> list[RgbSample]:
    return [
        RgbSample(
            bookmaker="Admiral",
            region="canvas",
            sampled_at_us=1_000 + number,
            phase=Phase.FLYING,
            mean_r=1.0,
            mean_g=1.0,
            mean_b=1.0,
            spread_r=1.0,
            spread_g=1.0,
            spread_b=1.0,
        )
        for number in range(count)
    ]


def test_the_writer_deletes_when_nobody_waits_and_never_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "CHUNK_ROWS", 20)
    monkeypatch.setattr(writer_pruning, "_BETWEEN_STEPS_S", 0.0)
    database = BatchDatabaseWriter(tmp_path / "aviator.db", retention=Retention(rgb_days=1))
    database.add("", "Admiral", "s", samples(50))
    database.flush()
    database.add("", "Admiral", "s", samples(51)[50:])  # from now on somebody waits
    steps: list[tuple[int, bool]] = []
    prune = database.prune

    async def run() -> None:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def noting() -> bool:
            steps.append((database.pending, goes_on := prune()))
            if not goes_on:
                ended.set_result(None)
            return goes_on

        monkeypatch.setattr(database, "prune", noting)
        board = LiveBoard.create(tmp_path / "live.board", 0)
        pulse = WriterPulse(board, tmp_path / "aviator.db", pid=1)
        pruning = WriterPruning(database, WriterServer(database, pulse, "secret"), pulse)
        pruning.start(0.0)
        for _ in range(100):
            await asyncio.sleep(0)
        assert steps == []
        database.flush()
        await ended
        pruning.close()
        board.close()

    asyncio.run(run())
    database.close()
    assert steps == [(0, True), (0, True), (0, True), (0, False)]


def test_the_days_that_an_engine_is_given_reach_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[WriterSpec] = []

    class Noting(Supervisor):
        def __init__(self, **options: Any) -> None:
            told.append(options["writer"])
            super().__init__(**options)

    monkeypatch.setattr("orchestration.engine.Supervisor", Noting)
    days = Retention(rgb_days=3, quarantine_days=90)
    engine = Engine(tmp_path, [], command="test", retention=days)
    engine.prepare()
    engine.stop()
    assert [spec.retention for spec in told] == [days]
