"""What the health check says of a data directory that an instance runs on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import load
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.engine import BoardSnapshot
from data_layer.instance import InstanceLock
from data_layer.messages import InstanceInfo, Rejected, WorkerState, WriterHealth
from terminal.diagnosis import gather
from utils import clock
from utils.diagnostic import Finding, Health


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Path]:
    """Return a data directory that this process holds as an instance does."""
    lock = InstanceLock(tmp_path, "test")
    lock.acquire()
    yield tmp_path
    lock.release()


def database_finding(data_dir: Path, *, version: int) -> Finding:
    def read_board(_: Path) -> BoardSnapshot:
        now_us = clock.monotonic_us()
        return BoardSnapshot(
            instance=InstanceInfo(
                pid=1,
                started_at_us=1,
                heartbeat_us=now_us,
                command="test",
                writer_address="",
                writer_state=WorkerState.RUNNING,
            ),
            writer=WriterHealth(pid=1, heartbeat_us=now_us, version=version),
            workers=(),
        )

    found = gather(replace(load(), data_dir=data_dir), read_board)
    return next(one for one in found if one.name == "database")


def test_a_database_that_is_gone_while_it_is_written_is_broken(running: Path) -> None:
    path = running / "aviator.db"
    BatchDatabaseWriter(path).close()
    assert database_finding(running, version=1).health is Health.HEALTHY
    path.unlink()
    found = database_finding(running, version=1)
    assert found.health is Health.BROKEN
    assert "is gone, though the writer has it open" in found.text


def test_a_database_that_is_not_made_yet_is_no_fault(running: Path) -> None:
    assert database_finding(running, version=0).health is Health.OFF


def test_what_is_wrong_with_rejected_input_is_said_the_most_frequent_first(tmp_path: Path) -> None:
    writer = BatchDatabaseWriter(tmp_path / "aviator.db")
    for number, reason in enumerate(["NaN", "below 1.00", "NaN", "no id", "too long", "no number"]):
        rejected = Rejected(
            bookmaker="Admiral", reason=reason, place=f"row {number}", raw="x", received_at_us=number
        )
        writer.add("test", "Admiral", "import", [rejected])
    writer.flush()
    writer.close()
    found = {one.name: one for one in gather(replace(load(), data_dir=tmp_path), lambda _: None)}
    assert found["rejected input"] == Finding(
        name="rejected input",
        health=Health.HEALTHY,
        text="Admiral: NaN (2, first at row 0); Admiral: below 1.00 (1, first at row 1);"
        " Admiral: no id (1, first at row 3); 2 more kinds",
    )


def test_nothing_is_said_of_rejected_input_where_there_is_none(tmp_path: Path) -> None:
    BatchDatabaseWriter(tmp_path / "aviator.db").close()
    found = gather(replace(load(), data_dir=tmp_path), lambda _: None)
    assert "rejected input" not in {one.name for one in found}
