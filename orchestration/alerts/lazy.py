"""The alerts of a window, which is painted before what watches for them is loaded."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from config.redis_target import RedisTarget
from data_layer.readers.subscribers import Subscribers

if TYPE_CHECKING:
    from data_layer.alerts.model import Alert, Mute, Rule
    from orchestration.alerts.watch import AlertWatch


class LazyAlerts:
    """Implements `Alerts`: nothing is there until `start`, then it passes everything on."""

    def __init__(self, make: "Callable[[], AlertWatch]") -> None:
        self._make = make
        self._watch: AlertWatch | None = None
        self._subscribers = Subscribers[None]()

    def start(self) -> None:
        """Make what watches, and begin."""
        watch = self._make()
        watch.subscribe(lambda: self._subscribers.tell(None))
        watch.start()
        self._watch = watch
        self._subscribers.tell(None)

    def stop(self) -> None:
        """End, see `AlertWatch.stop`."""
        if self._watch is not None:
            self._watch.stop()

    def use_redis(self, target: RedisTarget | None) -> None:
        """Publish to `target` from now on, or to none."""
        if self._watch is not None:
            self._watch.use_redis(target)

    @property
    def changeable(self) -> bool:
        """See `Alerts`."""
        return self._watch is not None

    @property
    def trouble(self) -> str:
        """See `Alerts`."""
        return "" if self._watch is None else self._watch.trouble

    def active(self) -> "Sequence[Alert]":
        """See `Alerts`."""
        return () if self._watch is None else self._watch.active()

    def history(self, limit: int) -> "Sequence[Alert]":
        """See `Alerts`."""
        return () if self._watch is None else self._watch.history(limit)

    def rules(self) -> "Sequence[Rule]":
        """See `Alerts`."""
        return () if self._watch is None else self._watch.rules()

    def configured_rules(self) -> "Sequence[Rule]":
        """See `Alerts`."""
        return () if self._watch is None else self._watch.configured_rules()

    def change_rule(self, rule: "Rule") -> None:
        """See `Alerts`."""
        if self._watch is not None:
            self._watch.change_rule(rule)

    def reset_rule(self, name: str) -> None:
        """See `Alerts`."""
        if self._watch is not None:
            self._watch.reset_rule(name)

    def mutes(self) -> "Sequence[Mute]":
        """See `Alerts`."""
        return () if self._watch is None else self._watch.mutes()

    def mute(self, *, until_us: int, rule: str = "", bookmaker: str = "") -> None:
        """See `Alerts`."""
        if self._watch is not None:
            self._watch.mute(until_us=until_us, rule=rule, bookmaker=bookmaker)

    def unmute(self, *, rule: str = "", bookmaker: str = "") -> None:
        """See `Alerts`."""
        if self._watch is not None:
            self._watch.unmute(rule=rule, bookmaker=bookmaker)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See `Alerts`."""
        return self._subscribers.add(lambda _: callback())
