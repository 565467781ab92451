"""Rounds of a bookmaker that was switched off, or taken out, before its outbox was empty."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import pytest

from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import LogLine
from orchestration.engine import Engine
from orchestration.outbox import FileOutbox
from orchestration.worker_spec import outbox_file
from tests.orchestration.records import a_round

LEAVER, STAYER = "Лига / ..?", "Stayer"
LEFT = 2_500


def a_spec(name: str, *, enabled: bool = True) -> BookmakerSpec:
    return BookmakerSpec(name=name, enabled=enabled, source=SimulatorSpec(seed=name))


@contextmanager
def running(
    data_dir: Path, *specs: BookmakerSpec, on_line: Callable[[LogLine], None] = lambda _: None
) -> Iterator[Engine]:
    engine = Engine(data_dir, specs, command="test")
    engine.log_tap.subscribe(on_line)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop(drain_s=0.0)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def stored(data_dir: Path) -> int:
    path = str(data_dir / "aviator.db")
    with closing(apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)) as conn:
        conn.set_busy_timeout(20_000)  # the last one to close a database holds it for a moment
        return int(conn.execute("SELECT count(*) FROM rounds WHERE bookmaker = ?", (LEAVER,)).get)


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Return an outbox of rounds that nobody has delivered, beside a database."""
    BatchDatabaseWriter(tmp_path / "aviator.db").close()
    path = outbox_file(tmp_path, LEAVER)
    with closing(FileOutbox(path, durable=False)) as outbox:
        for number in range(1, LEFT + 1):
            outbox.append("stream", [a_round(number, bookmaker=LEAVER)])
    return path


@pytest.mark.parametrize("specs", [[], [a_spec(STAYER)], [a_spec(STAYER), a_spec(LEAVER, enabled=False)]])
def test_what_a_bookmaker_without_a_worker_left_is_stored_once_by_the_next_run(
    tmp_path: Path, left: Path, specs: list[BookmakerSpec]
) -> None:
    copy = tmp_path / "copy"
    shutil.copy(left, copy)
    lines: list[LogLine] = []
    with running(tmp_path, *specs, on_line=lines.append) as engine:
        until(lambda: stored(tmp_path) == LEFT)
        engine.stop()
    assert any(f"delivering {LEFT} rounds that were left" in line.text for line in lines)
    counts = engine.report().bookmakers.get(LEAVER)
    assert counts is None or (counts.received, counts.committed, counts.outbox) == (0, LEFT, 0)

    shutil.copy(copy, left)  # as if killed before the note of it was on disk
    with running(tmp_path, *specs) as again:
        assert again.wait_until_running(30.0)
    assert stored(tmp_path) == LEFT
    assert again.report().total.duplicates == 0
    with closing(FileOutbox(left)) as outbox:
        assert outbox.pending == 0


def test_what_cannot_be_stored_stays_in_the_outbox_and_keeps_nobody_from_starting(
    tmp_path: Path, left: Path
) -> None:
    with closing(apsw.Connection(str(tmp_path / "aviator.db"))) as other:
        other.execute("BEGIN IMMEDIATE")
        with running(tmp_path, a_spec(STAYER)) as engine:
            until(lambda: any(view.status.pid for view in engine.live_view.snapshot().workers))
        other.execute("ROLLBACK")
    assert stored(tmp_path) == 0
    with running(tmp_path, a_spec(STAYER)):
        until(lambda: stored(tmp_path) == LEFT)
