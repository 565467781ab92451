"""Alerts in Redis: told on the channel `alert` and among the recent events, and listed for newcomers.

`alerts:active` is a JSON object: `at_us`, when it was written, the instance's `pid`, and `alerts`, the active
ones, muted ones too. It lives `ACTIVE_LIFE_S` seconds and is renewed: where it is missing, no instance tells.
The event's data is `{"what": "raised" | "changed" | "ended", "alert": {...}}`. `redis` is loaded on a thread
of its own that nobody waits for.
"""

import collections
import logging
import os
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from config.redis_target import RedisTarget
from data_layer.alerts.book import Change
from data_layer.alerts.model import ActiveAlerts, Alert
from utils import clock

if TYPE_CHECKING:
    from data_layer.cache.redis_cache import RedisCache

ACTIVE_LIFE_S = 30
RENEW_S = 10.0
MOST_WAITING = 200  # events, kept while Redis is away; the oldest go first
MOST_ACTIVE = 1_000
ACTIVE_KEY = ("alerts", "active")
_LOOK_S = 0.5  # how often it is looked whether Redis is back

log = logging.getLogger(__name__)


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The data of an event on the channel `alert`."""

    what: Literal["raised", "changed", "ended"]
    alert: Alert


class AlertPublisher:
    """Publishes to one Redis. What that does not take in time is dropped: the history is in the database."""

    def __init__(self, target: RedisTarget, *, now: Callable[[], int] = clock.now_us) -> None:
        self._target = target
        self._now = now
        self._changed = threading.Condition()
        self._events: collections.deque[AlertEvent] = collections.deque(maxlen=MOST_WAITING)
        self._active: tuple[Alert, ...] = ()
        self._stale = True  # what stands in Redis is not what is active
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="redis-alerts", daemon=True)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def offer(self, changes: Sequence[Change], active: Sequence[Alert]) -> None:
        """Have changes told and the active alerts listed; returns at once."""
        with self._changed:
            for change in changes:
                if change.tell:
                    self._events.append(AlertEvent(what=change.what.value, alert=change.alert))
            self._active = tuple(active[:MOST_ACTIVE])
            self._stale = True
            self._changed.notify_all()

    def stop(self, timeout_s: float = 0.0) -> None:
        """End; waits at most `timeout_s` for the last word."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if timeout_s and self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        from data_layer.cache.redis_cache import RedisCache

        cache = RedisCache(target=self._target, telling=False)
        try:
            while not self._stopping:
                with self._changed:
                    self._changed.wait_for(lambda: self._has_work() or self._stopping, RENEW_S)
                if not self._publish(cache) and not self._stopping:
                    with self._changed:
                        self._changed.wait_for(lambda: self._stopping, _LOOK_S)
            self._publish(cache)
        except Exception:
            log.exception("alerts are not published in Redis any more")
        finally:
            cache.close()

    def _has_work(self) -> bool:
        return self._stale or bool(self._events)

    def _publish(self, cache: "RedisCache") -> bool:
        """Renew the list, then tell what waits; tell whether Redis took all of it."""
        from data_layer.cache.keys import ALERT
        from data_layer.cache.redis_calls import RedisCalls

        with self._changed:
            active, self._stale = self._active, False
        blob = msgspec.json.encode(ActiveAlerts(at_us=self._now(), pid=os.getpid(), alerts=active))
        key = cache.keys.named(*ACTIVE_KEY)
        if not RedisCalls(cache.link).write(lambda pipeline: pipeline.set(key, blob, ex=ACTIVE_LIFE_S)):
            self._stale = True
            return False
        while self._events:
            event = self._events[0]
            if not cache.publish_event(ALERT, event):
                return False
            with self._changed:
                if self._events and self._events[0] is event:
                    self._events.popleft()
        return True
