"""Parts of a board made by hand, and an engine that has nothing to say yet."""

from collections.abc import Callable, Sequence
from pathlib import Path

from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.messages import (
    LiveState,
    LogLine,
    Origin,
    Phase,
    RoundBrief,
    WorkerState,
    WorkerStatus,
)
from gui.dependencies import CollectorStats, WindowDependencies

NOW_US = 1_763_601_249_000_000
MONOTONIC_US = 601_249_000_000
SECOND_US = 1_000_000
PID = 4_000


def status(name: str = "Admiral", **fields: object) -> WorkerStatus:
    """Return a running worker's status, changed in `fields`."""
    given: dict[str, object] = {
        "bookmaker": name,
        "group": "A",
        "state": WorkerState.RUNNING,
        "reason": "",
        "since_us": NOW_US - 60 * SECOND_US,
        "pid": PID,
    }
    return WorkerStatus(**(given | fields))  # type: ignore[arg-type]  # fields are named by the tests


def live(name: str = "Admiral", **fields: object) -> LiveState:
    """Return the slot of a worker that flies at 1.42x, observed a moment ago, changed in `fields`."""
    given: dict[str, object] = {
        "bookmaker": name,
        "pid": PID,
        "heartbeat_us": MONOTONIC_US,
        "origin": Origin.SIMULATOR,
        "phase": Phase.FLYING,
        "round_id": "7",
        "multiplier_centi": 142,
        "phase_started_at_us": NOW_US - 6 * SECOND_US,
        "observed_at_us": NOW_US,
        "connected": True,
    }
    return LiveState(**(given | fields))  # type: ignore[arg-type]  # fields are named by the tests


def brief(crash_centi: int, number: int = 1, crashed_at_us: int | None = NOW_US) -> RoundBrief:
    """Return a finished round."""
    return RoundBrief(round_id=str(number), crash_centi=crash_centi, crashed_at_us=crashed_at_us)


def board(*workers: WorkerView) -> BoardSnapshot:
    """Return a snapshot with these workers and nothing else."""
    return BoardSnapshot(instance=None, writer=None, workers=workers)


class EmptyEngine:
    """Everything the window is given, before the engine has started."""

    trouble = ""

    def __init__(self) -> None:
        self.shown = board()
        self.commands: list[tuple[str, tuple[str, ...]]] = []

    def snapshot(self) -> BoardSnapshot:
        return self.shown

    def start(self, names: Sequence[str]) -> None:
        self.commands.append(("start", tuple(names)))

    def stop(self, names: Sequence[str]) -> None:
        self.commands.append(("stop", tuple(names)))

    def restart(self, names: Sequence[str]) -> None:
        self.commands.append(("restart", tuple(names)))

    def pause(self, names: Sequence[str]) -> None:
        self.commands.append(("pause", tuple(names)))

    def last(self, bookmaker: str) -> RoundBrief | None:
        return None

    def recent(self, bookmaker: str, count: int) -> Sequence[RoundBrief]:
        return ()

    def peek(self, collector_type: str) -> CollectorStats | None:
        return None

    def get_round_stats(self, range_name: str) -> CollectorStats:
        raise LookupError("there is nothing yet")

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        return lambda: None


class SilentLogs:
    """A log tap without lines."""

    def subscribe(self, callback: Callable[[LogLine], None]) -> Callable[[], None]:
        return lambda: None


def empty_dependencies(data_dir: Path) -> WindowDependencies:
    """Return dependencies of a window whose engine has not started."""
    engine = EmptyEngine()
    return WindowDependencies(
        live=engine,
        controls=engine,
        logs=SilentLogs(),
        reader=engine,
        last_rounds=engine,
        data_dir=data_dir,
        now_us=lambda: NOW_US,
        monotonic_us=lambda: MONOTONIC_US,
    )
