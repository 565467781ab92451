"""What the views (window, terminal) know of the running engine: its picture and its levers.

The views and `orchestration` never import each other; `main.py` hands a view objects of these shapes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from data_layer.messages import InstanceInfo, LiveState, LogLine, WorkerStatus, WriterHealth

if TYPE_CHECKING:  # workers have no use for it
    from data_layer.alerts.model import Alert, Mute, Rule


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

    def compute_metrics(self) -> None:
        """Have the writer compute the metrics of every range anew; nothing happens while Redis is off."""
        ...


class LogTap(Protocol):
    """The log lines of all processes as they come."""

    def subscribe(self, callback: Callable[[LogLine], None]) -> Callable[[], None]:
        """Call `callback` (on any thread) for each line from now on; returns what ends that."""
        ...


class Alerts(Protocol):
    """What wants the operator, and the rules by which it does. No call waits for the disk or the network."""

    @property
    def changeable(self) -> bool:
        """Whether rules and mutes can be changed here; not in a view of another machine."""
        ...

    @property
    def trouble(self) -> str:
        """What keeps alerts from being watched or delivered, for the operator; empty when nothing does."""
        ...

    def active(self) -> "Sequence[Alert]":
        """Return the alerts that have not ended, muted ones too: the worst first, of those the newest."""
        ...

    def history(self, limit: int) -> "Sequence[Alert]":
        """Return up to `limit` alerts, the last raised first, active and ended ones; as many as are at hand
        (at least the last 500)."""
        ...

    def rules(self) -> "Sequence[Rule]":
        """Return the rules in force, disabled ones too, in the order of the configuration."""
        ...

    def configured_rules(self) -> "Sequence[Rule]":
        """Return the rules as the configuration has them: those that `reset_rule` brings back."""
        ...

    def change_rule(self, rule: "Rule") -> None:
        """Put `rule` in the place of the one of its name, or add it; it stays after a restart.

        Raises `config.problems.RefusedValueError` for numbers that make no sense: its `at` names the field,
        `nearest` the valid value that comes closest.
        """
        ...

    def reset_rule(self, name: str) -> None:
        """Use the rule of the configuration again; one that is not in it is removed."""
        ...

    def mutes(self) -> "Sequence[Mute]":
        """Return the mutes that have not ended, the one that ends first first."""
        ...

    def mute(self, *, until_us: int, rule: str = "", bookmaker: str = "") -> None:
        """Deliver nothing of a rule, of a bookmaker, or of both, until a time; replaces an equal mute.

        Raises `config.problems.RefusedValueError` where neither is given or the end is not in the future.
        """
        ...

    def unmute(self, *, rule: str = "", bookmaker: str = "") -> None:
        """End the mute of exactly this rule and bookmaker; does nothing where there is none."""
        ...

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` (on any thread) after each change of anything above; returns what ends that."""
        ...
