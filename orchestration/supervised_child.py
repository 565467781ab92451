"""The life of one child, worker or writer, as the operator sees it: state, reason, and what comes next.

All methods belong to the supervisor's thread and return at once; `now` is the monotonic clock in seconds.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from data_layer.messages import Command, Ending, LogLine, Pause, Ready, Report, Resume, Stop, WorkerState
from orchestration.backoff import Backoff, BackoffPolicy
from orchestration.cpu_wait import waited_for_cpu_s
from orchestration.processes import Child
from utils import clock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class SupervisionPolicy:
    """How patient the supervisor is, in seconds."""

    hung_after_s: float = 3.5  # without a heartbeat; with what follows it is back within 5
    late_after_s: float = 1.0  # then it is asked whether the machine lets it run
    first_heartbeat_s: float = 30.0  # a loaded machine may take long; nothing is waited for longer
    probe_failed_s: float = 60.0
    drain_s: float = 5.0  # what a worker gets to have its records acknowledged when it is stopped
    kill_after_drain_s: float = 2.0  # and then to end
    backoff: BackoffPolicy = field(default_factory=BackoffPolicy)


class SupervisedChild:
    """One child: what is wanted of it, and the process that does it, while there is one."""

    def __init__(
        self,
        name: str,
        *,
        launch: Callable[[], Child],
        heartbeat_us: Callable[[int], int | None],
        on_line: Callable[[LogLine], None],
        policy: SupervisionPolicy,
        wall_us: Callable[[], int] = clock.now_us,
        starved_s: Callable[[int], float] = waited_for_cpu_s,
    ) -> None:
        """`heartbeat_us` returns the last heartbeat of the process with a given pid, None without one;
        `starved_s` how long it was kept waiting for a processor so far.
        """
        self.name = name
        self.state = WorkerState.STOPPED
        self.reason = "not started yet"
        self.since_us = wall_us()
        self.restart_at_us = 0
        self.restarts = 0
        self.processes = 0  # started so far
        self.finished = False
        self.child: Child | None = None
        self._launch = launch
        self._heartbeat_us = heartbeat_us
        self._on_line = on_line
        self._policy = policy
        self._wall_us = wall_us
        self._starved_s = starved_s
        self._backoff = Backoff(policy.backoff)
        self._start_at: float | None = None  # when there is no process: the next is due then
        self._start_is_repeat = False
        self._pause_wanted = False
        self._pause_told = False
        self._stop: _StopOrder | None = None
        self._ending: Ending | None = None
        self._why_killed = ""
        self._ready_at: float | None = None
        self._alive_at = 0.0  # when the heartbeat was last seen to move
        self._last_beat: int | None = None
        self._starved_before_s: float | None = None  # when it began to be late; None while it is not
        self._untold: Command | None = None  # besides stopping and pausing

    @property
    def pid(self) -> int:
        """Of the present process, 0 while there is none."""
        return self.child.pid if self.child else 0

    @property
    def loading(self) -> bool:
        """Whether a process was started and has shown no heartbeat yet."""
        return self.child is not None and self._last_beat is None

    @property
    def next_start(self) -> float:
        """When a process is to be started, infinite for never."""
        return math.inf if self.child is not None or self._start_at is None else self._start_at

    def is_due(self, now: float) -> bool:
        """Tell whether a process is to be started now."""
        return now >= self.next_start

    # Orders.

    def start(self, now: float) -> None:
        """Have it run: started, resumed, or tried at once where it waited for a better moment."""
        self._pause_wanted = False
        if self._stop is not None:
            self._stop.then_start = True
        elif self.child is None:
            self._backoff.reset()
            self._start_at = now
            self._start_is_repeat = False
            self.finished = False
            self._show(WorkerState.STARTING, "")
        else:
            self._tell_pause()

    def stop(self, now: float, reason: str, *, drain_s: float | None = None) -> None:
        """Have it drain and end, and stay ended. A process that does not is killed."""
        self._start_at = None
        if self.child is None:
            if self.state is not WorkerState.STOPPED:
                self._show(WorkerState.STOPPED, reason)
            return
        drain_s = self._policy.drain_s if drain_s is None else drain_s
        deadline = now + drain_s + self._policy.kill_after_drain_s
        if self._stop is None or deadline < self._stop.deadline:
            self._stop = _StopOrder(Stop(drain_s=drain_s), deadline, reason)
            self._show(self.state, "stopping")
            self._tell_stop()
        self._stop.then_start = False
        self._stop.reason = reason

    def restart(self, now: float, reason: str) -> None:
        """Have it drain and end, and start again. A paused one stays paused."""
        if self.child is None:
            paused = self._pause_wanted
            self.start(now)
            self._pause_wanted = paused
            return
        self.stop(now, reason)
        if self._stop is not None:
            self._stop.then_start = True

    def pause(self) -> None:
        """Have it take no rounds, now and after any restart."""
        self._pause_wanted = True
        if self.child is not None and self._stop is None:
            self._tell_pause()

    def tell(self, command: Command) -> None:
        """Hand on `command` now or as soon as there is room; a later one replaces it. A process that is
        started afterwards knows it from its start."""
        self._untold = command
        self._tell_rest()

    def kill(self, why: str) -> None:
        """End the process at once."""
        if self.child is not None:
            self._why_killed = self._why_killed or why
            self.child.kill()

    # Events.

    def launch(self, now: float) -> None:
        """Start a process. A system that has none left counts as a failure of the child."""
        self._start_at = None
        self._ending = None
        self._ready_at = None
        self._last_beat = None
        self._starved_before_s = None
        self._why_killed = ""
        self._stop = None
        self._pause_told = False
        self._untold = None
        self.finished = False
        try:
            self.child = self._launch()
        except OSError as error:
            self._fail(now, 0.0, f"cannot be started: {error}")
            return
        self._alive_at = now
        self.processes += 1
        if self._start_is_repeat:
            self.restarts += 1
        self._show(WorkerState.STARTING, self.reason if self._start_is_repeat else "")
        self._tell_pause()

    def attend(self, now: float) -> None:
        """Take in what the process reports, and its end."""
        child = self.child
        if child is None:
            return
        self._take_in(child.receive(), now)
        if child.has_ended():
            self._take_in(child.last_reports(), now)
            self._ended(child, now)

    def check(self, now: float) -> None:
        """Look for what is late: an end, a heartbeat, an order that found no room."""
        child = self.child
        if child is None:
            return
        if self._stop is not None:
            self._tell_stop()
        self._tell_rest()
        silent_s = self._look_for_a_beat(child.pid, now)
        if self._has_hung(child.pid, silent_s):
            self.kill(f"gave no sign of life for {silent_s:.0f} s and was ended")
            _log.warning("%s %s", self.name, self._why_killed)
            self.attend(now)
        elif self._stop is not None and now >= self._stop.deadline:
            self.kill("did not end in time")
            self.attend(now)
        elif self._stop is None and self._pause_told != self._pause_wanted:
            self._tell_pause()

    def excuse(self, seconds: float) -> None:
        """Do not count a stretch in which nobody looked: the supervisor itself was held up."""
        self._alive_at += seconds

    def _look_for_a_beat(self, pid: int, now: float) -> float:
        """Return for how long there was none."""
        beat = self._heartbeat_us(pid)
        if beat is not None and beat != self._last_beat:
            self._last_beat = beat
            self._alive_at = now
        silent_s = now - self._alive_at
        if silent_s < self._policy.late_after_s:
            self._starved_before_s = None
        elif self._starved_before_s is None:
            self._starved_before_s = self._starved_s(pid)
        return silent_s

    def _has_hung(self, pid: int, silent_s: float) -> bool:
        """Tell whether a silence is too long; what a starved machine took of it does not count."""
        policy = self._policy
        if self._last_beat is None or silent_s <= policy.hung_after_s:
            return silent_s > policy.first_heartbeat_s
        starved_s = self._starved_s(pid) - (self._starved_before_s or 0.0)
        return silent_s - starved_s > policy.hung_after_s or silent_s > policy.first_heartbeat_s

    def _take_in(self, reports: list[Report], now: float) -> None:
        for report in reports:
            match report:
                case LogLine():
                    self._on_line(report)
                case Ready():
                    self._ready_at = now
                    self._show_running()
                case Ending():
                    self._ending = report

    def _ended(self, child: Child, now: float) -> None:
        how = child.how_it_ended()
        child.close()
        self.child = None
        stop, self._stop = self._stop, None
        ending = self._ending
        ran_for_s = now - self._ready_at if self._ready_at is not None else 0.0
        if stop is not None:
            self._show(WorkerState.STOPPED, stop.reason)
            if stop.then_start:
                self.restart(now, "")
        elif ending is not None and ending.finished:
            self.finished = True
            self._show(WorkerState.STOPPED, ending.reason)
        elif ending is not None and ending.permanent:
            self._wait_for(now, self._policy.probe_failed_s, WorkerState.FAILED, ending.reason)
        elif self._why_killed:
            self._fail(now, ran_for_s, self._why_killed)
        elif ending is not None:
            self._fail(now, ran_for_s, ending.reason)
        else:
            self._fail(now, ran_for_s, f"ended unexpectedly ({how})")

    def _fail(self, now: float, ran_for_s: float, reason: str) -> None:
        self._wait_for(now, self._backoff.after_failure(ran_for_s), WorkerState.BACKING_OFF, reason)

    def _wait_for(self, now: float, delay_s: float, state: WorkerState, reason: str) -> None:
        self._start_at = now + delay_s
        self._start_is_repeat = True
        self._show(state, reason)
        self.restart_at_us = self._wall_us() + int(delay_s * 1_000_000)
        _log.warning("%s %s: %s; next try in %.2f s", self.name, state.value, reason, delay_s)

    def _tell_pause(self) -> None:
        """Bring what the process was told about pausing in line with what is wanted."""
        if self.child is None or self._pause_told == self._pause_wanted:
            return
        command: Command = Pause() if self._pause_wanted else Resume()
        if self.child.send(command):
            self._pause_told = self._pause_wanted
            if self._ready_at is not None:
                self._show_running()

    def _tell_stop(self) -> None:
        stop = self._stop
        if stop is not None and self.child is not None and not stop.told:
            stop.told = self.child.send(stop.command)

    def _tell_rest(self) -> None:
        if self.child is not None and self._untold is not None and self.child.send(self._untold):
            self._untold = None

    def _show_running(self) -> None:
        if self._stop is not None:
            return
        if self._pause_told:
            self._show(WorkerState.PAUSED, "paused by you")
        else:
            self._show(WorkerState.RUNNING, "")

    def _show(self, state: WorkerState, reason: str) -> None:
        if state is not self.state:
            self.since_us = self._wall_us()
        self.state = state
        self.reason = reason
        self.restart_at_us = 0


@dataclass(slots=True)
class _StopOrder:
    """An end that was asked for."""

    command: Stop
    deadline: float  # the process is killed then
    reason: str  # of the state afterwards
    told: bool = False
    then_start: bool = False
