"""How one bookmaker is, judged from what the supervisor says, what the worker says and how old that is.

This is where staleness is decided: a worker that is not running, that no longer answers or whose source has
fallen silent is never shown as live, whatever its slot on the board still says.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from data_layer.engine import WorkerView
from data_layer.messages import LiveState, Phase, RoundBrief, WorkerState
from gui.view_models.tones import Tone
from gui.view_models.words import duration_text

_SECOND_US = 1_000_000
HEARTBEAT_LATE_US = 2 * _SECOND_US  # a worker beats several times a second
FLIGHT_SILENT_US = 2 * _SECOND_US  # a flight is told ten times a second
TAKE_OFF_LATE_US = 3 * _SECOND_US  # a betting window that is over by so much has been missed
SETTLING_US = 3 * _SECOND_US  # a worker that has just started may still be looking for the writer
LEAST_PATIENCE_US = 10 * _SECOND_US
UNKNOWN_RHYTHM_US = 30 * _SECOND_US  # patience with a source whose rhythm is not known yet
_RHYTHMS_OF_PATIENCE = 1.5


class Light(enum.Enum):
    """The state light. Each has its own shape, so that it can be told without its colour."""

    LIVE = Tone.OK  # disc
    BUSY = Tone.ACCENT  # broken ring
    WARN = Tone.WARN  # triangle
    BAD = Tone.BAD  # square
    PAUSED = Tone.PAUSED  # two bars
    OFF = Tone.MUTED  # ring

    @property
    def tone(self) -> Tone:
        """Return the light's colour."""
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """How a bookmaker is, in the operator's words."""

    light: Light
    what: str  # "flying", "no data for 41 s", "worker exited (signal 9)"
    then: str = ""  # what happens next: "restart in 4 s"
    brief: str = ""  # instead of both where there is little room; empty when all is well
    alarm: Tone | None = None  # the colour of trouble
    live: bool = False  # the multiplier on the board is the current one
    since_us: int = 0  # wall clock, when the trouble began; 0 where there is none
    note: str = ""  # more about the trouble: "its rhythm is 22 s"

    @property
    def words(self) -> str:
        """Return the whole reason line."""
        return f"{self.what}, {self.then}" if self.then else self.what


def current(view: WorkerView) -> LiveState | None:
    """Return what the worker's present process said; None when only an earlier process has spoken."""
    live, pid = view.live, view.status.pid
    return None if live is None or (pid and live.pid != pid) else live


def rhythm_us(recent: Sequence[RoundBrief]) -> int | None:
    """Return the median time from crash to crash of the last rounds; None for fewer than three times."""
    times = [brief.crashed_at_us for brief in recent if brief.crashed_at_us is not None]
    gaps = sorted(later - earlier for earlier, later in pairwise(times) if later > earlier)
    return gaps[len(gaps) // 2] if len(gaps) > 1 else None


def judge(view: WorkerView, rhythm: int | None, now_us: int, monotonic_us: int) -> Condition:
    """Return the condition of one bookmaker; `rhythm` is microseconds from crash to crash where known."""
    status = view.status
    match status.state:
        case WorkerState.RUNNING:
            return _judge_running(view, rhythm, now_us, monotonic_us)
        case WorkerState.STARTING:
            return Condition(light=Light.BUSY, what=status.reason or "starting", brief="starting")
        case WorkerState.PAUSED:
            reason = status.reason or "paused"
            return Condition(light=Light.PAUSED, what=reason, brief=reason)
        case WorkerState.STOPPED:
            reason = status.reason or ("ended" if status.finished else "stopped")
            return Condition(light=Light.OFF, what=reason, brief=reason)
        case WorkerState.BACKING_OFF | WorkerState.FAILED:
            return _judge_broken(view, now_us)


def _judge_broken(view: WorkerView, now_us: int) -> Condition:
    status = view.status
    what = status.reason or "worker failed"
    then = ""
    if status.restart_at_us:
        left_s = -(-(status.restart_at_us - now_us) // _SECOND_US)
        then = f"restart in {left_s} s" if left_s > 0 else "restarting"
    note = f"restarted {_times(status.restarts)}" if status.restarts else ""
    return Condition(
        light=Light.BAD,
        what=what,
        then=then,
        brief=then or what,
        alarm=Tone.BAD,
        since_us=status.since_us,
        note=note,
    )


def _judge_running(view: WorkerView, rhythm: int | None, now_us: int, monotonic_us: int) -> Condition:
    live = current(view)
    if live is None:
        waited_us = now_us - view.status.since_us
        if waited_us < LEAST_PATIENCE_US:
            return Condition(light=Light.BUSY, what="starting", brief="starting")
        return _warning("no sign of life", waited_us, now_us, f"process {view.status.pid}")
    late_us = monotonic_us - live.heartbeat_us
    if late_us > HEARTBEAT_LATE_US:
        return _warning("worker has not answered", late_us, now_us, f"process {live.pid}")
    if live.paused:
        return Condition(light=Light.PAUSED, what="paused", brief="paused")
    silent_us = now_us - live.observed_at_us
    if live.observed_at_us and _overdue(live, silent_us, rhythm, now_us):
        note = f"its rhythm is {duration_text(rhythm)}" if rhythm else ""
        return _warning("no data", silent_us, now_us, note)
    if not live.observed_at_us and now_us - view.status.since_us > UNKNOWN_RHYTHM_US:
        return _warning("no data", now_us - view.status.since_us, now_us, "none since it started")
    what = _phase_words(live, now_us)
    if live.trouble and now_us - view.status.since_us > SETTLING_US:
        return Condition(
            light=Light.WARN,
            what=live.trouble,
            brief=live.trouble,
            alarm=Tone.WARN,
            live=True,
            since_us=live.observed_at_us,
        )
    return Condition(light=Light.LIVE, what=what, live=True)


def _warning(what: str, for_us: int, now_us: int, note: str) -> Condition:
    seconds = duration_text(max(for_us, _SECOND_US) // _SECOND_US * _SECOND_US).replace(".0 s", " s")
    return Condition(
        light=Light.WARN,
        what=f"{what} for {seconds}",
        brief=f"{what} {seconds}",
        alarm=Tone.WARN,
        since_us=now_us - for_us,
        note=note,
    )


def _overdue(live: LiveState, silent_us: int, rhythm: int | None, now_us: int) -> bool:
    if live.phase is Phase.FLYING:
        return silent_us > FLIGHT_SILENT_US
    if live.phase is Phase.BETTING and live.phase_ends_at_us:
        return now_us - live.phase_ends_at_us > TAKE_OFF_LATE_US and silent_us > TAKE_OFF_LATE_US
    if rhythm is None:
        return silent_us > UNKNOWN_RHYTHM_US
    return silent_us > max(LEAST_PATIENCE_US, rhythm * _RHYTHMS_OF_PATIENCE)


def _phase_words(live: LiveState, now_us: int) -> str:
    if live.phase is Phase.BETTING and live.phase_ends_at_us:
        left_us = max(live.phase_ends_at_us - now_us, 0)
        return f"betting, {left_us / _SECOND_US:.1f} s left"
    return "waiting for a round" if live.phase is Phase.WAITING else str(live.phase)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
