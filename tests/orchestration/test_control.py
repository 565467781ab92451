"""The pipe between the supervisor and a child, with real processes on both sides."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from data_layer.messages import Command, Ending, LogLine, Pause, Ready, Report, Resume, Stop
from orchestration.control import MAX_REASON_CHARACTERS, PARENT_DIED_EXIT_CODE
from orchestration.processes import Child, Launcher, StartMethod, make_project_importable
from tests.orchestration import children
from tests.processes import lives

METHODS: list[StartMethod] = ["forkserver", "spawn"] if sys.platform == "linux" else ["spawn"]
Start = Callable[..., Child]
PATIENCE_S = 30.0


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> StartMethod:
    make_project_importable()
    chosen: StartMethod = request.param
    return chosen


@pytest.fixture
def start(method: StartMethod) -> Iterator[Start]:
    started: list[Child] = []
    launcher = Launcher(method)

    def start_child(entry: Callable[..., None], spec: object) -> Child:
        child = launcher.start(entry, spec, "child")
        started.append(child)
        return child

    yield start_child
    for child in started:
        child.kill()
        child.close()


def reports_until(child: Child, enough: Callable[[list[Report]], bool]) -> list[Report]:
    """Return what the child reports until that is enough."""
    reports: list[Report] = []
    deadline = time.monotonic() + PATIENCE_S
    while not enough(reports):
        assert time.monotonic() < deadline, reports
        multiprocessing.connection.wait(child.waitables(), 0.1)
        reports += child.receive()
        if child.has_ended():
            reports += child.last_reports()
            assert enough(reports), reports
    return reports


def has(kind: type) -> Callable[[list[Report]], bool]:
    return lambda reports: any(isinstance(report, kind) for report in reports)


def wait_for_end(child: Child) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not child.has_ended():
        assert time.monotonic() < deadline
        multiprocessing.connection.wait(child.waitables(), 0.1)
        child.receive()


def test_commands_arrive_in_order_and_reports_come_back(start: Start) -> None:
    child = start(children.echo, "Soccer")
    commands: list[Command] = [Pause(), Resume(), Pause(), Stop(drain_s=1.5)]
    for command in commands:  # also those sent before the child listens
        assert child.send(command)
    reports = reports_until(child, has(Ending))
    assert reports[0] == Ready()
    assert [report.text for report in reports if isinstance(report, LogLine)] == [repr(c) for c in commands]
    assert reports[-1] == Ending(reason="stopped")
    wait_for_end(child)
    assert child.how_it_ended() == "exit code 0"


def test_a_child_that_is_killed_is_seen_by_the_end_of_its_pipe(start: Start) -> None:
    child = start(children.echo, "Soccer")
    reports_until(child, has(Ready))
    os.kill(child.pid, signal.SIGKILL)
    wait_for_end(child)
    assert child.last_reports() == []
    assert child.how_it_ended() == "signal 9"
    assert child.send(Pause())  # goes nowhere, and says nothing


@pytest.mark.parametrize("entry", [children.echo, children.hang], ids=["a healthy loop", "a loop that hangs"])
def test_a_child_whose_pipe_ends_ends_itself(start: Start, entry: Callable[..., None]) -> None:
    child = start(entry, "Soccer")
    reports_until(child, has(Ready))
    child._link.close()
    child._process.join(PATIENCE_S)
    assert child._process.exitcode == (0 if entry is children.echo else PARENT_DIED_EXIT_CODE)


@pytest.mark.parametrize("entry", ["echo", "hang"])
def test_no_child_outlives_a_killed_parent_by_two_seconds(method: StartMethod, entry: str) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    parent = context.Process(target=children.parent_of, args=(f"{method}:{entry}", theirs))
    parent.start()
    theirs.close()
    assert parent.pid is not None
    child = psutil.Process(int(ours.recv_bytes()))
    everybody = {child, *psutil.Process(parent.pid).children(recursive=True)}
    os.kill(parent.pid, signal.SIGKILL)
    parent.join()
    deadline = time.monotonic() + 2.0
    while left := [process for process in everybody if lives(process)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.01)
    ours.close()


def test_a_parent_that_does_not_read_never_blocks_a_child_that_logs(start: Start) -> None:
    child = start(children.chatter, 20_000)
    time_to_fill = time.monotonic() + 1.0
    while time.monotonic() < time_to_fill:  # the parent is stuck
        child.has_ended()

    def accounted_for(reports: list[Report]) -> int:
        lines = [report.text for report in reports if isinstance(report, LogLine)]
        notices = [int(text.split()[0]) for text in lines if "were dropped" in text]
        return sum(notices) + len(lines) - len(notices)

    reports = reports_until(child, lambda sofar: has(Ending)(sofar) and accounted_for(sofar) >= 20_000)
    assert accounted_for(reports) == 20_000
    assert 1_000 <= len(reports) < 20_000


@pytest.mark.parametrize("reason", ["no such file: \udcff.csv", "x" * 200_000], ids=["surrogate", "endless"])
def test_last_words_arrive_whatever_they_are(start: Start, reason: str) -> None:
    child = start(children.say, reason)
    reports = reports_until(child, has(Ending))
    [ending] = [report for report in reports if isinstance(report, Ending)]
    assert ending.reason in ("no such file: \\udcff.csv", "x" * MAX_REASON_CHARACTERS)
    assert [report.text for report in reports if isinstance(report, LogLine)] != []


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: the fork server")
def test_a_fork_server_that_dies_while_it_starts_a_child_is_a_fault_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from multiprocessing import forkserver  # not on Windows

    make_project_importable()
    launcher = Launcher("forkserver")
    child = launcher.start(children.echo, "Soccer", "child")
    server = psutil.Process(child.pid).parent()
    assert server is not None
    server.suspend()
    wait_for_pid = forkserver.read_signed

    def killed_meanwhile(descriptor: int) -> int:
        server.kill()
        return int(wait_for_pid(descriptor))

    with monkeypatch.context() as patched:
        patched.setattr(forkserver, "read_signed", killed_meanwhile)
        with pytest.raises(OSError, match="fork server"):
            launcher.start(children.echo, "Soccer", "child")
    child.kill()
    child.close()
    while lives(server):
        time.sleep(0.01)
    again = launcher.start(children.echo, "Soccer", "child")
    reports_until(again, has(Ready))
    again.kill()
    again.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: the fork server")
def test_a_child_lives_on_neither_twice_nor_unwatched_when_the_fork_server_is_killed() -> None:
    make_project_importable()
    launcher = Launcher("forkserver")
    child = launcher.start(children.echo, "Soccer", "child")
    reports_until(child, has(Ready))
    process = psutil.Process(child.pid)
    server = process.parent()
    assert server is not None
    server.kill()
    deadline = time.monotonic() + PATIENCE_S
    while not child.has_ended():
        assert time.monotonic() < deadline
        multiprocessing.connection.wait(child.waitables(), 0.1)
    child.last_reports()
    assert not lives(process)
    child.close()
    again = launcher.start(children.echo, "Soccer", "child")
    reports_until(again, has(Ready))
    again.kill()
    again.close()
