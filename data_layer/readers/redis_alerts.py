"""The alerts of an instance on another machine, as Redis has them: to look at, not to change."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from config.redis_target import RedisTarget
from data_layer.alerts.model import ActiveAlerts, Alert, Mute, Rule
from data_layer.readers.subscribers import Subscribers

if TYPE_CHECKING:
    from data_layer.cache.events import Event
    from data_layer.cache.redis_cache import RedisCache

KEPT = 1_000
_LOOK_S = 2.0  # how often the list is read, besides after every event
_ELSEWHERE = "rules and mutes are changed where the instance runs"

log = logging.getLogger(__name__)


class RedisAlerts:
    """Implements `Alerts`. A thread reads the list and hears events; `redis` is loaded there."""

    changeable = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listening: _Listening | None = None
        self._active: tuple[Alert, ...] = ()
        self._history: dict[str, Alert] = {}
        self._trouble = "not connected yet"
        self._subscribers = Subscribers[None]()

    @property
    def trouble(self) -> str:
        """See `Alerts`."""
        return self._trouble

    def use(self, target: RedisTarget | None) -> None:
        """Read from `target` from now on, or from no Redis; returns at once."""
        with self._lock:
            old, self._listening = self._listening, None
            if target is not None:
                self._listening = _Listening(self, target)
                self._listening.thread.start()
        if old is not None:
            old.end()
        if target is None:
            self.take((), "Redis is not used")

    def stop(self) -> None:
        """End within a second."""
        with self._lock:
            old, self._listening = self._listening, None
        if old is not None:
            old.end()
            old.thread.join()

    def active(self) -> Sequence[Alert]:
        """See `Alerts`."""
        return self._active

    def history(self, limit: int) -> Sequence[Alert]:
        """See `Alerts`: what the recent events tell."""
        found = self._history.copy() | {alert.uid: alert for alert in self._active}
        return sorted(found.values(), key=lambda alert: alert.raised_at_us, reverse=True)[:limit]

    def rules(self) -> Sequence[Rule]:
        """See `Alerts`: they are not known here."""
        return ()

    def configured_rules(self) -> Sequence[Rule]:
        """See `Alerts`: they are not known here."""
        return ()

    def change_rule(self, rule: Rule) -> None:
        """Refuse, as everything that would change something."""
        self._refuse()

    def reset_rule(self, name: str) -> None:
        """Refuse."""
        self._refuse()

    def mutes(self) -> Sequence[Mute]:
        """See `Alerts`: they are not known here; what is muted says so itself."""
        return ()

    def mute(self, *, until_us: int, rule: str = "", bookmaker: str = "") -> None:
        """Refuse."""
        self._refuse()

    def unmute(self, *, rule: str = "", bookmaker: str = "") -> None:
        """Refuse."""
        self._refuse()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See `Alerts`."""
        return self._subscribers.add(lambda _: callback())

    # What the thread found.

    def take(self, active: tuple[Alert, ...], trouble: str) -> None:
        """Take over the list of active alerts, or why there is none."""
        if (active, trouble) != (self._active, self._trouble):
            self._active, self._trouble = active, trouble
            self._subscribers.tell(None)

    def note(self, alert: Alert) -> None:
        """Take note of an alert that an event told of."""
        known = self._history.get(alert.uid)
        if known is None or known.active:
            self._history[alert.uid] = alert
            while len(self._history) > KEPT:
                self._history.pop(next(iter(self._history)))
            self._subscribers.tell(None)

    @staticmethod
    def _refuse() -> None:
        from config.problems import RefusedValueError

        raise RefusedValueError(_ELSEWHERE)


class _Listening:
    """One thread that reads from one Redis, and a subscription that wakes it."""

    def __init__(self, alerts: RedisAlerts, target: RedisTarget) -> None:
        self._alerts = alerts
        self._target = target
        self._ended = False
        self._wake = threading.Event()
        self.thread = threading.Thread(target=self._run, name="redis-alerts", daemon=True)

    def end(self) -> None:
        self._ended = True
        self._wake.set()

    def _run(self) -> None:
        from data_layer.cache.keys import ALERT
        from data_layer.cache.redis_cache import RedisCache

        cache = RedisCache(target=self._target, telling=False)
        subscription = cache.subscribe_to_events(
            self._hear, channels=(ALERT,), on_connect=lambda: self._catch_up(cache)
        )
        try:
            while not self._ended:
                self._look(cache)
                self._wake.wait(_LOOK_S)
                self._wake.clear()
        finally:
            subscription.stop()
            cache.close()

    def _look(self, cache: "RedisCache") -> None:
        from data_layer.cache.alert_publisher import ACTIVE_KEY, ACTIVE_LIFE_S
        from data_layer.cache.redis_calls import RedisCalls

        blobs = RedisCalls(cache.link).blobs([cache.keys.named(*ACTIVE_KEY)])
        if self._ended:
            return
        if blobs is None:
            self._alerts.take((), f"Redis {cache.trouble}" if cache.trouble else "Redis does not answer")
            return
        if blobs[0] is None:
            self._alerts.take((), f"no instance has told of its alerts for {ACTIVE_LIFE_S} s")
            return
        try:
            held = msgspec.json.decode(blobs[0], type=ActiveAlerts)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self._alerts.take((), f"the list of alerts in Redis is none of ours: {error}")
            return
        self._alerts.take(held.alerts, "")

    def _catch_up(self, cache: "RedisCache") -> None:
        from data_layer.cache.keys import ALERT

        for event in reversed(cache.recent_events()):
            if event.name == ALERT:
                self._hear(event)

    def _hear(self, event: "Event") -> None:
        from data_layer.cache.alert_publisher import AlertEvent

        try:
            told = msgspec.json.decode(event.data, type=AlertEvent)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            log.debug("an alert in Redis is none of ours: %s", error)
            return
        if not self._ended:
            self._alerts.note(told.alert)
            self._wake.set()
