"""The patience of the supervisor, on a clock that the test turns."""

from typing import cast

import pytest

from data_layer.messages import Command, Ending, LogLine, Pause, Ready, Report, Resume, Stop, WorkerState
from orchestration.processes import Child
from orchestration.supervised_child import SupervisedChild, SupervisionPolicy


class FakeChild:
    """A process as its supervisor sees it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.reports: list[Report] = []
        self.commands: list[Command] = []
        self.ended = False
        self.has_room = True

    def receive(self) -> list[Report]:
        reports, self.reports = self.reports, []
        return reports

    last_reports = receive

    def send(self, command: Command) -> bool:
        if self.has_room:
            self.commands.append(command)
        return self.has_room

    def has_ended(self) -> bool:
        return self.ended

    def kill(self) -> None:
        self.ended = True

    def how_it_ended(self) -> str:
        return "signal 9"

    def close(self) -> None:
        pass


class Scene:
    """One supervised child on a clock of its own."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.beat: int | None = None
        self.starved_s = 500.0  # it has been all its life
        self.children: list[FakeChild] = []
        self.lines: list[LogLine] = []
        self.refuses = False
        self.subject = SupervisedChild(
            "Admiral",
            launch=self._launch,
            heartbeat_us=lambda _: self.beat,
            on_line=self.lines.append,
            policy=SupervisionPolicy(),
            wall_us=lambda: int(self.now * 1_000_000),
            starved_s=lambda _: self.starved_s,
        )

    @property
    def child(self) -> FakeChild:
        return self.children[-1]

    def _launch(self) -> Child:
        if self.refuses:
            raise OSError("no processes left")
        self.beat = None
        self.children.append(FakeChild(len(self.children) + 1))
        return cast(Child, self.children[-1])

    def started(self) -> "Scene":
        self.subject.start(self.now)
        self.subject.launch(self.now)
        return self

    def ready(self) -> "Scene":
        self.child.reports.append(Ready())
        self.beat = 1
        self.subject.attend(self.now)
        self.subject.check(self.now)
        return self

    def dies(self, ending: Ending | None = None) -> None:
        if ending is not None:
            self.child.reports.append(ending)
        self.child.ended = True
        self.subject.attend(self.now)

    def lives(self) -> bool:
        return not self.child.ended

    def is_in(self, state: WorkerState) -> bool:
        return self.subject.state is state

    def passes(self, seconds: float) -> None:
        """Let time pass and look at the end of it."""
        self.now += seconds
        self.subject.check(self.now)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_crash_loop_is_tried_again_each_minute_in_the_end(scene: Scene) -> None:
    scene.started()
    delays = []
    for _ in range(11):
        scene.dies()
        assert scene.is_in(WorkerState.BACKING_OFF)
        delays.append(scene.subject.next_start - scene.now)
        assert scene.subject.restart_at_us == pytest.approx(scene.subject.next_start * 1_000_000)
        assert not scene.subject.is_due(scene.subject.next_start - 0.01)
        scene.now = scene.subject.next_start
        assert scene.subject.is_due(scene.now)
        scene.subject.launch(scene.now)
    assert delays == [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert scene.subject.restarts == 11


def test_a_minute_of_health_makes_the_next_failure_the_first(scene: Scene) -> None:
    scene.started()
    for _ in range(5):
        scene.dies()
        scene.subject.launch(scene.subject.next_start)
    scene.ready()
    scene.now += 61
    scene.dies()
    assert scene.subject.next_start - scene.now == 0.25


def test_a_process_that_the_system_refuses_counts_as_a_failure(scene: Scene) -> None:
    scene.refuses = True
    scene.started()
    assert scene.is_in(WorkerState.BACKING_OFF)
    assert scene.subject.reason == "cannot be started: no processes left"
    assert scene.subject.next_start - scene.now == 0.25


def test_the_time_of_the_next_try_is_told_also_when_the_system_refuses_again(scene: Scene) -> None:
    scene.refuses = True
    scene.started()
    for _ in range(3):
        scene.now = scene.subject.next_start
        scene.subject.launch(scene.now)
        assert scene.subject.restart_at_us == pytest.approx(scene.subject.next_start * 1_000_000)


def test_a_silence_of_more_than_three_and_a_half_seconds_is_a_hang(scene: Scene) -> None:
    scene.started().ready()
    scene.passes(3.4)
    assert scene.lives()
    scene.beat = 2
    scene.passes(0.05)
    scene.passes(3.4)
    assert scene.lives()
    scene.passes(0.2)
    assert not scene.lives()
    assert scene.subject.reason == "gave no sign of life for 4 s and was ended"
    assert scene.subject.next_start - scene.now == 0.25


def test_a_silence_for_want_of_a_processor_is_no_hang(scene: Scene) -> None:
    scene.started().ready()
    for _ in range(20):
        scene.passes(0.5)
        scene.starved_s += 0.4
    assert scene.lives()
    scene.beat = 2
    scene.passes(0.5)
    for _ in range(8):  # a machine that gives it all it asks for
        scene.passes(0.5)
    assert not scene.lives()


def test_no_silence_is_longer_than_half_a_minute(scene: Scene) -> None:
    scene.started().ready()
    for _ in range(61):
        assert scene.lives()
        scene.passes(0.5)
        scene.starved_s += 0.5
    assert not scene.lives()


def test_a_hang_while_stopping_is_a_hang_too(scene: Scene) -> None:
    scene.started().ready()
    scene.subject.stop(scene.now, "stopped by you", drain_s=600.0)
    scene.passes(4.1)
    assert scene.is_in(WorkerState.STOPPED)


def test_loading_may_take_longer_than_a_heartbeat(scene: Scene) -> None:
    scene.started()
    scene.passes(29.0)
    assert scene.lives()
    scene.passes(2.0)
    assert not scene.lives()


def test_a_night_in_which_the_machine_slept_is_no_silence(scene: Scene) -> None:
    scene.started().ready()
    scene.subject.excuse(8 * 3_600.0)
    scene.passes(8 * 3_600.0)
    assert scene.lives()


def test_a_fault_of_the_environment_is_probed_each_minute(scene: Scene) -> None:
    scene.started()
    for _ in range(3):
        scene.dies(Ending(reason="no such file: rounds.csv", permanent=True))
        assert (scene.subject.state, scene.subject.reason) == (
            WorkerState.FAILED,
            "no such file: rounds.csv",
        )
        assert scene.subject.next_start - scene.now == 60.0
        scene.subject.launch(scene.subject.next_start)


def test_an_order_that_finds_no_room_is_given_again(scene: Scene) -> None:
    scene.started().ready()
    scene.child.has_room = False
    scene.subject.pause()
    assert scene.is_in(WorkerState.RUNNING)
    scene.child.has_room = True
    scene.passes(0.25)
    assert scene.is_in(WorkerState.PAUSED)
    scene.child.has_room = False
    scene.subject.stop(scene.now, "stopped by you")
    scene.child.has_room = True
    scene.passes(0.25)
    scene.passes(0.25)
    assert scene.child.commands == [Pause(), Stop(drain_s=5.0)]


def test_pausing_and_resuming_say_each_order_once(scene: Scene) -> None:
    scene.started().ready()
    for _ in range(2):
        scene.subject.pause()
        scene.passes(0.25)
    for _ in range(2):
        scene.subject.start(scene.now)
        scene.passes(0.25)
    assert scene.child.commands == [Pause(), Resume()]
    assert scene.is_in(WorkerState.RUNNING)


def test_a_stop_while_backing_off_ends_the_tries(scene: Scene) -> None:
    scene.started()
    scene.dies()
    scene.subject.stop(scene.now, "stopped by you")
    assert (scene.subject.state, scene.subject.reason) == (WorkerState.STOPPED, "stopped by you")
    assert not scene.subject.is_due(scene.now + 1_000_000)
