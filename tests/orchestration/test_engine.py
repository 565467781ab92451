"""The engine whole: real workers, the real writer, real files, in every way a run can go."""

import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import apsw
import psutil
import pytest

from config.specs import BookmakerSpec, ReplaySpec, SimulatorSpec, SourceSpec
from data_layer import writer_endpoint
from data_layer.database import schema
from data_layer.errors import InstanceRunningError
from data_layer.instance import running_instance
from data_layer.messages import LogLine, WorkerState
from orchestration.backoff import BackoffPolicy
from orchestration.engine import Engine
from orchestration.entries import run_worker
from orchestration.processes import StartMethod
from orchestration.run_report import RunReport
from orchestration.supervised_child import SupervisionPolicy
from tests.orchestration.held_worker import held_worker, holding_file
from tests.processes import any_lives

METHODS: list[StartMethod] = ["forkserver", "spawn"] if sys.platform == "linux" else ["spawn"]
POLICY = SupervisionPolicy(backoff=BackoffPolicy(initial_s=0.05, ceiling_s=1.0))

Make = Callable[..., Engine]
Start = Callable[..., Engine]


@pytest.fixture
def make() -> Iterator[Make]:
    """Return what makes engines, each of which is stopped however the test ends."""
    engines: list[Engine] = []

    def make_engine(
        data_dir: Path,
        specs: Sequence[BookmakerSpec],
        method: StartMethod | None = None,
        worker_entry: Callable[..., None] = run_worker,
    ) -> Engine:
        engines.append(
            Engine(
                data_dir,
                specs,
                command="test",
                start_method=method,
                policy=POLICY,
                worker_entry=worker_entry,
            )
        )
        return engines[-1]

    with contextlib.ExitStack() as stack:
        yield make_engine
        for engine in engines:
            stack.callback(engine.stop, 0.0)


@pytest.fixture
def start(tmp_path: Path, make: Make) -> Start:
    def start_engine(*sources: SourceSpec, method: StartMethod | None = None) -> Engine:
        engine = make(tmp_path / "data", specs_of(sources), method)
        engine.start()
        return engine

    return start_engine


def specs_of(sources: Sequence[SourceSpec]) -> list[BookmakerSpec]:
    return [BookmakerSpec(name=f"Book {number}", source=source) for number, source in enumerate(sources, 1)]


def recording(path: Path, rows: int, *, bad_every: int = 0) -> ReplaySpec:
    """Write a recording and return the source that replays it."""
    lines = ["game_id,crash_point,timestamp"]
    for number in range(1, rows + 1):
        crash = "NaN" if bad_every and number % bad_every == 0 else f"{1 + number % 700 / 100:.2f}"
        lines.append(f"{number},{crash},{1_700_000_000 + number * 20}")
    path.write_text("\n".join(lines) + "\n")
    return ReplaySpec(path=path, speed=0.0)


def test_a_database_of_an_older_version_is_read_before_the_run_that_brings_it_up_to_date(
    tmp_path: Path, make: Make
) -> None:
    path = tmp_path / "data" / "aviator.db"
    path.parent.mkdir()
    old = apsw.Connection(str(path))
    schema.migrate(old, schema.MIGRATIONS[:1])
    old.close()
    engine = make(tmp_path / "data", specs_of([recording(tmp_path / "rounds.csv", 10)]))

    engine.start()  # an error in the log would fail this test

    assert run_to_the_end(engine).total.committed == 10


def run_to_the_end(engine: Engine) -> RunReport:
    assert engine.wait_until_exhausted(60.0), engine.live_view.snapshot()
    engine.stop()
    return engine.report()


def stored_rounds(engine: Engine) -> dict[str, int]:
    connection = apsw.Connection(str(engine.database_path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return dict(connection.execute("SELECT bookmaker, count(*) FROM rounds GROUP BY bookmaker"))
    finally:
        connection.close()


def until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def live_rounds(engine: Engine) -> int:
    return sum(view.live.committed for view in engine.live_view.snapshot().workers if view.live is not None)


def state_of(engine: Engine, index: int) -> WorkerState:
    return engine.live_view.snapshot().workers[index].status.state


@pytest.mark.parametrize("method", METHODS)
def test_a_run_to_the_end_of_its_sources_commits_every_round_and_says_so(
    start: Start, tmp_path: Path, method: StartMethod
) -> None:
    engine = start(
        recording(tmp_path / "rounds.csv", 3_000, bad_every=100),
        SimulatorSpec(seed="a", speed=0.0, rounds=2_000),
        SimulatorSpec(seed="b", speed=50_000.0, rounds=50),
        method=method,
    )
    assert engine.finite == ("Book 1", "Book 2", "Book 3")
    report = run_to_the_end(engine)
    assert stored_rounds(engine) == {"Book 1": 2_970, "Book 2": 2_000, "Book 3": 50}
    counts = report.bookmakers["Book 1"]
    assert (counts.received, counts.committed, counts.quarantined, counts.outbox) == (3_000, 2_970, 30, 0)
    assert (report.total.received, report.total.committed, report.total.quarantined) == (5_050, 5_020, 30)
    assert (report.total.duplicates, report.total.outbox, report.total.restarts) == (0, 0, 0)
    told = json.loads(json.dumps(report.as_json_object()))
    assert told["started_at"].endswith("Z")
    assert told["duration_s"] > 0
    assert told["bookmakers"]["Book 3"]["received"] == 50


def test_a_second_run_goes_on_where_the_first_ended_and_counts_only_itself(
    start: Start, tmp_path: Path
) -> None:
    source = recording(tmp_path / "rounds.csv", 500)
    run_to_the_end(start(source))
    again = run_to_the_end(start(source, SimulatorSpec(seed="b", speed=0.0, rounds=10)))
    assert (again.bookmakers["Book 1"].received, again.bookmakers["Book 1"].committed) == (0, 0)
    assert again.total.committed == 10
    assert again.total.duplicates == 0


def test_the_report_stays_truthful_when_workers_and_writer_are_killed(make: Make, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    sources: list[SourceSpec] = [
        recording(tmp_path / "rounds.csv", 20_000, bad_every=1_000),
        SimulatorSpec(seed="b", speed=5_000.0, rounds=400),
    ]
    engine = make(data_dir, specs_of(sources), worker_entry=held_worker)
    data_dir.mkdir()
    holding_file(data_dir).touch()
    engine.start()
    assert engine.wait_until_running(30.0)
    until(lambda: live_rounds(engine) > 100 and engine.live_view.snapshot().writer)
    board = engine.live_view.snapshot()
    assert board.writer is not None
    for pid in [*(view.status.pid for view in board.workers), board.writer.pid]:
        os.kill(pid, signal.SIGKILL)
    holding_file(data_dir).unlink()
    until(lambda: all(view.status.restarts for view in engine.live_view.snapshot().workers))
    report = run_to_the_end(engine)
    assert stored_rounds(engine) == {"Book 1": 19_980, "Book 2": 400}
    first, second = report.bookmakers["Book 1"], report.bookmakers["Book 2"]
    assert (first.received, first.committed, first.quarantined, first.duplicates) == (20_000, 19_980, 20, 0)
    assert (second.received, second.committed, second.duplicates, second.outbox) == (400, 400, 0, 0)
    assert report.total.restarts == 2


def test_a_stop_drains_and_leaves_nothing_behind(start: Start) -> None:
    engine = start(SimulatorSpec(seed="a", speed=20_000.0), SimulatorSpec(seed="b", speed=0.0))
    assert engine.wait_until_running(30.0)
    until(lambda: all(view.live and view.live.committed for view in engine.live_view.snapshot().workers))
    assert running_instance(engine.data_dir) is not None
    assert writer_endpoint.read(engine.data_dir) == engine.endpoint
    family = psutil.Process().children(recursive=True)
    pids = {view.status.pid for view in engine.live_view.snapshot().workers}
    assert pids <= {process.pid for process in family}
    engine.stop()
    assert not (engine.data_dir / "aviator.db-wal").exists()
    report = engine.report()
    assert report.total.outbox == 0
    assert report.total.received == report.total.committed == sum(stored_rounds(engine).values())
    assert not any_lives(pids)
    assert running_instance(engine.data_dir) is None
    assert writer_endpoint.read(engine.data_dir) is None
    assert not (engine.data_dir / "run").exists() or not list((engine.data_dir / "run").iterdir())


def test_a_second_instance_is_refused_and_the_first_does_not_notice(start: Start) -> None:
    engine = start(SimulatorSpec(seed="a", speed=20_000.0))
    assert engine.wait_until_running(30.0)
    secret = writer_endpoint.read(engine.data_dir)
    with pytest.raises(InstanceRunningError, match=f"test, process {os.getpid()}, started "):
        start(SimulatorSpec(seed="b"))
    assert writer_endpoint.read(engine.data_dir) == secret
    before = live_rounds(engine)
    until(lambda: live_rounds(engine) > before)


def test_pausing_stops_the_rounds_and_resuming_goes_on_without_a_hole(start: Start) -> None:
    engine = start(SimulatorSpec(seed="a", speed=20_000.0), SimulatorSpec(seed="b", speed=20_000.0))
    until(lambda: live_rounds(engine) > 10)
    engine.controls.pause(["Book 1"])
    until(lambda: state_of(engine, 0) is WorkerState.PAUSED)
    engine.controls.start(["Book 1"])
    until(lambda: state_of(engine, 0) is WorkerState.RUNNING)
    before = live_rounds(engine)
    until(lambda: live_rounds(engine) > before)
    engine.stop()
    connection = apsw.Connection(str(engine.database_path), flags=apsw.SQLITE_OPEN_READONLY)
    for (ids,) in connection.execute("SELECT json_group_array(round_id) FROM rounds GROUP BY bookmaker"):
        numbers = sorted(int(round_id.rsplit("-")[-1]) for round_id in json.loads(ids))
        assert numbers == list(range(1, len(numbers) + 1))
    connection.close()


def test_a_missing_recording_is_a_failed_worker_with_its_reason_and_exhausts_nobody(
    start: Start, tmp_path: Path
) -> None:
    engine = start(
        ReplaySpec(path=tmp_path / "gone.csv", speed=0.0), SimulatorSpec(seed="a", speed=0.0, rounds=10)
    )
    assert engine.wait_until_exhausted(60.0)
    failed, finished = [view.status for view in engine.live_view.snapshot().workers]
    assert failed.state is WorkerState.FAILED
    assert "gone.csv" in failed.reason
    assert finished.finished
    engine.stop()
    assert engine.report().total.committed == 10


def test_the_log_of_all_processes_ends_in_one_file_and_with_those_who_watch(
    make: Make, tmp_path: Path
) -> None:
    lines: list[LogLine] = []
    engine = make(tmp_path, specs_of([SimulatorSpec(seed="a", speed=0.0, rounds=10)]))
    engine.log_tap.subscribe(lines.append)
    engine.start()
    assert engine.wait_until_exhausted(60.0)
    logging.getLogger("tests").warning("redis://user:hush@host/0 is a secret")
    engine.stop()
    text = (engine.data_dir / "logs" / "aviator.log").read_text()
    assert "main: orchestration.engine: started on " in text
    assert " Book 1: " in text
    assert "redis://user:***@host/0 is a secret" in text
    assert engine.endpoint.secret not in text
    assert {"main", "Book 1"} <= {line.process for line in lines}


def test_starting_does_not_keep_its_caller_waiting(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make(tmp_path, specs_of([SimulatorSpec(seed="a")] * 8))
    gate = threading.Event()
    monkeypatch.setattr(engine, "_look_before", gate.wait)  # what takes time, taking for ever
    engine.start()
    pids = {view.status.pid for view in engine.live_view.snapshot().workers}
    gate.set()  # before anything can fail: a stop would wait for it, too
    assert pids == {0}
    engine.stop()


def test_a_prepared_engine_shows_every_worker_and_has_started_none(tmp_path: Path, make: Make) -> None:
    specs = specs_of([SimulatorSpec(seed="a")] * 2)
    specs.append(BookmakerSpec(name="Off", source=SimulatorSpec(seed="b"), enabled=False))
    engine = make(tmp_path, specs)
    engine.prepare()
    board = engine.live_view.snapshot()
    assert [view.status.bookmaker for view in board.workers] == ["Book 1", "Book 2", "Off"]
    states = [view.status.state for view in board.workers]
    assert states == [WorkerState.STARTING, WorkerState.STARTING, WorkerState.STOPPED]
    assert {view.status.pid for view in board.workers} == {0}
    assert board.writer is None
    with pytest.raises(InstanceRunningError):
        Engine(tmp_path, specs, command="second").prepare()
    engine.start()
    assert engine.wait_until_running(30.0)
    engine.stop()


def test_a_prepared_engine_that_is_never_started_leaves_the_directory_to_the_next(
    tmp_path: Path, make: Make
) -> None:
    specs = specs_of([SimulatorSpec(seed="a", speed=0.0, rounds=10)])
    engine = make(tmp_path, specs)
    engine.prepare()
    engine.stop()
    assert running_instance(tmp_path) is None
    assert writer_endpoint.read(tmp_path) is None
    assert not (tmp_path / "aviator.db").exists()
    again = make(tmp_path, specs)
    again.start()
    assert run_to_the_end(again).total.committed == 10


def test_ctrl_c_while_stopping_only_makes_it_faster(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = start(SimulatorSpec(seed="a", speed=20_000.0))
    until(lambda: live_rounds(engine) > 10)
    supervisor = engine._prepared().supervisor
    waits: list[float | None] = []
    really_wait = supervisor.wait_until_ended

    def interrupted(timeout_s: float | None = None) -> bool:
        waits.append(timeout_s)
        if len(waits) == 1:
            raise KeyboardInterrupt
        return really_wait(timeout_s)

    monkeypatch.setattr(supervisor, "wait_until_ended", interrupted)
    engine.stop(drain_s=600.0)
    assert len(waits) > 1
    assert running_instance(engine.data_dir) is None


def test_a_database_that_was_left_empty_is_begun_anew(tmp_path: Path, start: Start) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "aviator.db").touch()  # as a kill leaves it before the first commit
    assert run_to_the_end(start(SimulatorSpec(seed="a", speed=0.0, rounds=10))).total.committed == 10


def test_what_is_left_in_an_outbox_is_reported_and_stored_by_the_next_run(start: Start) -> None:
    source = SimulatorSpec(seed="a", speed=2_000.0)
    engine = start(source)
    until(lambda: live_rounds(engine) > 10)
    other = apsw.Connection(str(engine.database_path))
    other.set_busy_timeout(30_000)
    other.execute("BEGIN IMMEDIATE")
    until(lambda: any(view.live and view.live.outbox > 20 for view in engine.live_view.snapshot().workers))
    engine.stop(drain_s=0.1)
    other.execute("ROLLBACK")
    other.close()
    first = engine.report().total
    assert first.outbox > 20
    assert first.received == first.committed + first.outbox
    again = start(source)
    until(lambda: live_rounds(again) > first.outbox)
    again.stop()
    second = again.report().total
    assert second.committed == second.received + first.outbox
    assert (second.outbox, second.duplicates) == (0, 0)
    assert sum(stored_rounds(again).values()) == first.committed + second.committed
