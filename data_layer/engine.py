"""What the views (window, terminal) know of the running engine: its picture and its levers.

The views and `orchestration` never import each other; `main.py` hands a view objects of these shapes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from data_layer.messages import InstanceInfo, LiveState, LogLine, WorkerStatus, WriterHealth


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerView:
    """One bookmaker: what the supervisor says of its worker, and what the worker itself says."""

    status: WorkerStatus
    live: LiveState | None  # None until the worker has written its slot for the first time


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardSnapshot:
    """The live board at one moment; workers in the order of the configuration."""

    instance: InstanceInfo | None
    writer: WriterHealth | None
    workers: tuple[WorkerView, ...]


class LiveView(Protocol):
    """Reading the live board costs microseconds a worker and never blocks."""

    def snapshot(self) -> BoardSnapshot:
        """Return the board as it is now."""
        ...


class Controls(Protocol):
    """Commands to workers by bookmaker name. Each returns at once; what becomes of it shows on the board."""

    def start(self, names: Sequence[str]) -> None:
        """Start stopped workers, resume paused ones, try failed ones and those backing off at once."""
        ...

    def stop(self, names: Sequence[str]) -> None:
        """Let them drain and end; they stay stopped."""
        ...

    def restart(self, names: Sequence[str]) -> None:
        """Stop and start again."""
        ...

    def pause(self, names: Sequence[str]) -> None:
        """Keep the process, take no rounds."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisStatus:
    """How this process gets on with Redis."""

    address: str = ""  # without any password; also while it is switched off
    enabled: bool = False
    connected: bool = False
    trouble: str = ""  # why it is not used although it is enabled: "cannot be reached"
    remark: str = ""  # what it holds or refuses that it should not


class RedisSwitch(Protocol):
    """Redis on or off while everything runs. Neither call waits."""

    def status(self) -> RedisStatus:
        """Return how it is now; a switch shows in `enabled` at once, in the rest as soon as it is done."""
        ...

    def switch(self, *, on: bool) -> None:
        """Use Redis from now on, or do without it. What comes of it shows in `status`."""
        ...


class LogTap(Protocol):
    """The log lines of all processes as they come."""

    def subscribe(self, callback: Callable[[LogLine], None]) -> Callable[[], None]:
        """Call `callback` (on any thread) for each line from now on; returns what ends that."""
        ...
