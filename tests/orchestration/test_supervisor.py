"""The supervisor over real processes: what it does about every kind of end, and about every order."""

import mmap
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.messages import InstanceInfo, LogLine, WorkerState, WorkerStatus
from orchestration.backoff import BackoffPolicy
from orchestration.live_board import LiveBoard
from orchestration.processes import StartMethod, make_project_importable
from orchestration.supervised_child import SupervisedChild, SupervisionPolicy
from orchestration.supervisor import Supervisor
from orchestration.worker_spec import WorkerSpec
from orchestration.writer_spec import WriterSpec
from tests.orchestration import children
from tests.processes import any_lives

METHODS: list[StartMethod] = ["forkserver", "spawn"] if sys.platform == "linux" else ["spawn"]
QUICK = SupervisionPolicy(
    hung_after_s=20.0,  # nobody is ended because the machine is busy
    probe_failed_s=0.6,
    drain_s=0.5,
    kill_after_drain_s=0.5,
    backoff=BackoffPolicy(initial_s=0.1, ceiling_s=0.8),
)


class RecordingBoard(LiveBoard):
    """A live board that remembers everything it was told of workers."""

    def __init__(self, memory: mmap.mmap) -> None:
        super().__init__(memory)
        self.history: list[dict[str, WorkerStatus]] = []

    def write_status(self, index: int, status: WorkerStatus) -> None:
        super().write_status(index, status)
        before = self.history[-1] if self.history else {}
        self.history.append({**before, status.bookmaker: status})


class House:
    """A supervisor with workers of given behaviours, by name."""

    def __init__(self, directory: Path, behaviours: dict[str, str], **options: object) -> None:
        make_project_importable()
        self.lines: list[LogLine] = []
        self.board = RecordingBoard.create(directory / "live.board", len(behaviours))
        self._seen = 0  # of the board's history
        disabled = options.pop("disabled", ())
        method = options.pop("method", METHODS[0])
        policy = options.pop("policy", QUICK)
        assert isinstance(disabled, tuple)
        assert isinstance(policy, SupervisionPolicy)
        assert method in ("forkserver", "spawn")
        self.supervisor = Supervisor(
            board=self.board,
            info=InstanceInfo(
                pid=os.getpid(), started_at_us=1, heartbeat_us=0, command="test", writer_address=""
            ),
            writer=WriterSpec(
                data_dir=directory, board_path=directory / "live.board", address="unix:none", secret="s"
            ),
            writer_entry=children.writer,
            workers=[
                WorkerSpec(
                    bookmaker=BookmakerSpec(
                        name=name, source=SimulatorSpec(), group=behaviour, enabled=name not in disabled
                    ),
                    slot=slot,
                    board_path=directory / "live.board",
                    outbox_path=directory / "outbox",
                    writer_address="unix:none",
                    secret="s",
                )
                for slot, (name, behaviour) in enumerate(behaviours.items())
            ],
            worker_entry=children.worker,
            start_method="spawn" if method == "spawn" else "forkserver",
            on_line=self.lines.append,
            policy=policy,
        )
        self.supervisor.run()

    def until(self, condition: Callable[[dict[str, WorkerStatus]], bool]) -> dict[str, WorkerStatus]:
        """Return the statuses by name when `condition` holds of them, from where the last call stopped on.

        However short a state was: on a busy machine it may be over before anybody looks.
        """
        history = self.board.history

        def holds(_: object) -> bool:
            for place in range(self._seen, len(history)):
                if len(history[place]) == self.board.count and condition(history[place]):
                    self._seen = place
                    return True
            return False

        assert self.supervisor.wait_until(holds, 30.0), history[self._seen :]
        return history[self._seen]

    def until_state(self, name: str, state: WorkerState) -> WorkerStatus:
        return self.until(lambda now: now[name].state is state)[name]

    def close(self) -> None:
        self.supervisor.shut_down()
        assert self.supervisor.wait_until_ended(20.0)
        self.board.close()


Build = Callable[..., House]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    houses: list[House] = []

    def build_house(behaviours: dict[str, str], **options: object) -> House:
        houses.append(House(tmp_path, behaviours, **options))
        return houses[-1]

    yield build_house
    for house in houses:
        house.close()


@pytest.mark.parametrize("method", METHODS)
def test_workers_run_and_end_in_order_and_their_lines_arrive(build: Build, method: StartMethod) -> None:
    house = build({"Admiral": "", "Soccer": ""}, method=method)
    statuses = house.until(lambda now: all(status.state is WorkerState.RUNNING for status in now.values()))
    pids = {status.pid for status in statuses.values()}
    assert len(pids) == 2
    house.supervisor.shut_down()
    assert house.supervisor.wait_until_ended(20.0)
    assert not any_lives(pids)
    for view in house.board.snapshot().workers:
        assert (view.status.state, view.status.pid) == (WorkerState.STOPPED, 0)
        assert view.status.reason == "the application is closing"
    assert {(line.process, line.text) for line in house.lines} == {
        ("Admiral", "Admiral lives"),
        ("Soccer", "Soccer lives"),
    }


@pytest.mark.parametrize("method", METHODS)
def test_a_killed_worker_comes_back_and_its_sibling_notices_nothing(
    build: Build, method: StartMethod
) -> None:
    house = build({"Admiral": "", "Soccer": ""}, method=method)
    before = house.until(lambda now: all(status.state is WorkerState.RUNNING for status in now.values()))
    os.kill(before["Admiral"].pid, signal.SIGKILL)
    down = house.until(lambda now: now["Admiral"].state is not WorkerState.RUNNING)["Admiral"]
    assert down.reason == "ended unexpectedly (signal 9)"
    after = house.until(lambda now: now["Admiral"].state is WorkerState.RUNNING)
    assert after["Admiral"].restarts == 1
    assert after["Admiral"].pid != before["Admiral"].pid
    assert after["Soccer"] == before["Soccer"]
    assert house.supervisor.replaced() == {"Admiral"}


def test_a_killed_writer_comes_back_and_the_workers_stay(build: Build) -> None:
    house = build({"Admiral": ""})
    before = house.until_state("Admiral", WorkerState.RUNNING)
    until(house.board.read_writer)
    health = house.board.read_writer()
    assert health is not None
    os.kill(health.pid, signal.SIGKILL)
    until(lambda: (info := house.board.snapshot().instance) and info.writer_restarts)
    until(lambda: (again := house.board.read_writer()) and again.pid != health.pid)
    assert house.board.history[-1]["Admiral"] == before


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals")
def test_a_worker_that_hangs_is_killed_and_comes_back(build: Build) -> None:
    house = build({"Admiral": ""}, policy=replace(QUICK, hung_after_s=1.0))
    pid = house.until_state("Admiral", WorkerState.RUNNING).pid
    os.kill(pid, signal.SIGSTOP)
    down = house.until_state("Admiral", WorkerState.BACKING_OFF)
    assert down.reason.startswith("gave no sign of life for ")
    assert house.until_state("Admiral", WorkerState.RUNNING).pid != pid


def test_a_crash_loop_backs_off_is_visible_and_leaves_its_siblings_alone(build: Build) -> None:
    house = build({"Admiral": "", "Looper": "crash"})
    before = house.until(lambda now: now["Admiral"].state is WorkerState.RUNNING)["Admiral"]
    seen = house.until(lambda now: now["Looper"].restarts >= 3)
    waiting = house.until_state("Looper", WorkerState.BACKING_OFF)
    assert waiting.reason == "ended unexpectedly (exit code 3)"
    assert waiting.restart_at_us > waiting.since_us
    assert seen["Admiral"] == before


def test_a_worker_that_cannot_work_is_failed_with_its_reason_and_probed_again(build: Build) -> None:
    house = build({"Replay": "missing"})
    failed = house.until_state("Replay", WorkerState.FAILED)
    assert failed.reason == "no such file: rounds.csv"
    again = house.until(lambda now: now["Replay"].restarts >= 1 and now["Replay"].state is WorkerState.FAILED)
    assert again["Replay"].reason == failed.reason


def test_a_finished_source_is_stopped_with_its_reason_and_not_started_again(build: Build) -> None:
    house = build({"Replay": "finite", "Admiral": ""})
    finished = house.until_state("Replay", WorkerState.STOPPED)
    assert (finished.reason, finished.finished) == ("the recording has ended", True)
    house.until_state("Admiral", WorkerState.RUNNING)
    house.supervisor.start(["Replay"])
    house.until(lambda now: not now["Replay"].finished)
    assert house.until_state("Replay", WorkerState.STOPPED).finished


def test_what_the_operator_stopped_stays_stopped_until_started(build: Build) -> None:
    house = build({"Admiral": "", "Soccer": ""})
    house.until(lambda now: all(status.state is WorkerState.RUNNING for status in now.values()))
    house.supervisor.stop(["Admiral"])
    stopped = house.until_state("Admiral", WorkerState.STOPPED)
    assert stopped.reason == "stopped by you"
    house.supervisor.restart(["Soccer"])  # what happens elsewhere changes nothing
    house.until(lambda now: now["Soccer"].state is WorkerState.STARTING)
    statuses = house.until(lambda now: now["Soccer"].state is WorkerState.RUNNING)
    assert statuses["Admiral"] == stopped
    assert statuses["Soccer"].restarts == 0  # counted are failures
    house.supervisor.start(["Admiral", "a name that nobody has"])
    house.until_state("Admiral", WorkerState.RUNNING)


def test_a_worker_that_does_not_drain_is_killed_in_the_end(build: Build) -> None:
    house = build({"Deaf": "deaf"})
    house.until_state("Deaf", WorkerState.RUNNING)
    house.supervisor.stop(["Deaf"])
    assert house.until(lambda now: now["Deaf"].reason == "stopping")["Deaf"].state is WorkerState.RUNNING
    assert house.until_state("Deaf", WorkerState.STOPPED).reason == "stopped by you"


def test_an_order_to_start_during_a_stop_is_not_forgotten(build: Build) -> None:
    house = build({"Deaf": "deaf"})
    pid = house.until_state("Deaf", WorkerState.RUNNING).pid
    house.supervisor.stop(["Deaf"])
    house.supervisor.start(["Deaf"])
    house.until(lambda now: now["Deaf"].state is WorkerState.RUNNING and now["Deaf"].pid not in (0, pid))


def test_a_paused_worker_stays_paused_over_a_kill_and_a_restart(build: Build) -> None:
    house = build({"Admiral": ""})
    house.until_state("Admiral", WorkerState.RUNNING)
    house.supervisor.pause(["Admiral"])
    paused = house.until_state("Admiral", WorkerState.PAUSED)
    assert paused.reason == "paused by you"
    os.kill(paused.pid, signal.SIGKILL)
    house.until(lambda now: now["Admiral"].state is not WorkerState.PAUSED)
    again = house.until_state("Admiral", WorkerState.PAUSED)
    until(lambda: (live := house.board.read_live(0)) and (live.pid, live.paused) == (again.pid, True))
    house.supervisor.restart(["Admiral"])
    house.until(lambda now: now["Admiral"].pid not in (0, again.pid))
    house.until_state("Admiral", WorkerState.PAUSED)
    house.supervisor.start(["Admiral"])
    house.until_state("Admiral", WorkerState.RUNNING)


def test_starting_tries_a_failed_worker_at_once(build: Build) -> None:
    house = build({"Looper": "crash"}, policy=replace(QUICK, backoff=BackoffPolicy(initial_s=600.0)))
    house.until_state("Looper", WorkerState.BACKING_OFF)
    house.supervisor.start(["Looper"])
    house.until(lambda now: now["Looper"].state is WorkerState.STARTING and not now["Looper"].reason)


def test_a_bookmaker_that_is_switched_off_waits_for_the_operator(build: Build) -> None:
    house = build({"Admiral": "", "Soccer": ""}, disabled=("Soccer",))
    statuses = house.until(lambda now: now["Admiral"].state is WorkerState.RUNNING)
    assert statuses["Soccer"].state is WorkerState.STOPPED
    assert statuses["Soccer"].reason == "switched off in the configuration"
    house.supervisor.start(["Soccer"])
    house.until_state("Soccer", WorkerState.RUNNING)


def test_a_second_order_to_end_makes_it_faster(build: Build) -> None:
    house = build({"Deaf": "deaf"})
    house.until_state("Deaf", WorkerState.RUNNING)
    house.supervisor.shut_down(600.0)
    assert not house.supervisor.wait_until_ended(0.3)
    house.supervisor.shut_down(0.0)
    assert house.supervisor.wait_until_ended(10.0)


def test_a_writer_gets_no_more_time_than_its_workers_once_it_has_to_be_fast(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float | None] = []
    stop = SupervisedChild.stop

    def noting(self: SupervisedChild, now: float, reason: str, *, drain_s: float | None = None) -> None:
        if self.name == "writer":
            given.append(drain_s)
        stop(self, now, reason, drain_s=drain_s)

    monkeypatch.setattr(SupervisedChild, "stop", noting)
    house = build({"Deaf": "deaf"})
    house.until_state("Deaf", WorkerState.RUNNING)
    house.supervisor.shut_down(600.0)
    house.supervisor.shut_down(0.0)
    assert house.supervisor.wait_until_ended(10.0)
    assert given == [0.0]
