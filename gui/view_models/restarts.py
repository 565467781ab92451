"""What failed and runs again: told for some minutes, because a restart is over before anybody looks."""

from dataclasses import dataclass, field

from data_layer.engine import BoardSnapshot
from data_layer.messages import WorkerState
from gui.view_models.tones import Tone
from gui.view_models.words import age_text, clock_text

TOLD_FOR_US = 600_000_000
_BROKEN = frozenset({WorkerState.BACKING_OFF, WorkerState.FAILED})
_ORDINALS = ("", "", "second time", "third time", "fourth time")


@dataclass(slots=True)
class _History:
    count: int  # restarts so far
    reason: str = ""  # of the last failure
    times: list[int] = field(default_factory=list)  # of restarts that are still told


@dataclass(frozen=True, kw_only=True, slots=True)
class Restart:
    """A process that was started again after a failure."""

    name: str  # of a bookmaker; empty for the writer
    reason: str
    detail: str  # "02:14:07, 12 s ago, second time in 10 min"
    at_us: int
    tone: Tone = Tone.ACCENT


class RestartMemory:
    """Watches how often workers and writer were started again."""

    def __init__(self) -> None:
        self._histories: dict[str, _History] = {}

    def watch(self, snapshot: BoardSnapshot, now_us: int) -> None:
        """Take note of what was started again since the last call."""
        instance = snapshot.instance
        if instance is not None:
            self._note("", instance.writer_state, instance.writer_reason, instance.writer_restarts, now_us)
        for view in snapshot.workers:
            status = view.status
            self._note(status.bookmaker, status.state, status.reason, status.restarts, now_us)

    def _note(self, name: str, state: WorkerState, reason: str, restarts: int, now_us: int) -> None:
        history = self._histories.get(name)
        if history is None:
            history = self._histories[name] = _History(restarts)
        if state in _BROKEN or (state is WorkerState.STARTING and reason):
            history.reason = reason
        if restarts != history.count:
            history.times += [now_us] * max(restarts - history.count, 0)
            history.count = restarts

    def told(self, snapshot: BoardSnapshot, now_us: int) -> list[Restart]:
        """Return what was started again in the last minutes and is not in trouble now."""
        states = {view.status.bookmaker: view.status.state for view in snapshot.workers}
        if snapshot.instance is not None:
            states[""] = snapshot.instance.writer_state
        return [
            self._restart(name, history, now_us)
            for name, history in self._histories.items()
            if self._recent(history, now_us) and states.get(name, WorkerState.FAILED) not in _BROKEN
        ]

    def _recent(self, history: _History, now_us: int) -> list[int]:
        history.times = [at_us for at_us in history.times if now_us - at_us < TOLD_FOR_US]
        return history.times

    def _restart(self, name: str, history: _History, now_us: int) -> Restart:
        times = history.times
        parts = [clock_text(times[-1]), f"{age_text(now_us - times[-1])} ago"]
        if len(times) > 1:
            often = _ORDINALS[len(times)] if len(times) < len(_ORDINALS) else f"{len(times)} times"
            parts.append(f"{often} in {age_text(TOLD_FOR_US)}")
        return Restart(name=name, reason=history.reason or "failed", detail=", ".join(parts), at_us=times[-1])
