"""Publishes a worker's rounds and its live state, on a thread that the worker never waits for.

`redis` is loaded on that thread: a worker without Redis stays small, and switching it on holds nothing up.
"""

import collections
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from config.redis_target import RedisTarget
from data_layer.messages import LiveState, Round
from utils.attended_thread import AttendedThread

if TYPE_CHECKING:
    from data_layer.cache.redis_cache import RedisCache

WAITING_ROUNDS = 64  # kept for Redis while it is away or slow; the oldest go first
STATE_EVERY_S = 1.0
LOOK_S = 0.1  # how often it is looked whether Redis is back
SHORTEST_PAUSE_S = 0.01  # between two rounds of a source that races: nobody reads faster


log = logging.getLogger(__name__)


class RoundPublisher(AttendedThread):
    """The worker's end of the fast path. What Redis does not take in time is dropped: the outbox has it."""

    def __init__(self, target: RedisTarget, picture: Callable[[], LiveState]) -> None:
        """`picture` is called on the publisher's thread and returns how the worker is."""
        super().__init__("redis-rounds")
        self._target = target
        self._picture = picture
        self._rounds: collections.deque[Round] = collections.deque()
        self.dropped = 0
        self._refusal = ""
        self.published = 0

    def offer(self, record: Round) -> None:
        """Have a recorded round published; returns at once."""
        with self._changed:
            if len(self._rounds) >= WAITING_ROUNDS:
                self._rounds.popleft()
                self.dropped += 1
            self._rounds.append(record)
            self._changed.notify_all()

    def stop(self, timeout_s: float = 0.0) -> None:
        """End; waits at most `timeout_s` for it, publishing the last state first."""
        self._end(timeout_s)

    def _run(self) -> None:
        from data_layer.cache.redis_cache import RedisCache
        from data_layer.cache.worker_states import state_object

        cache = RedisCache(target=self._target, telling=False)  # the writer tells, for all workers
        try:
            while not self._stopping:
                state_due_at = time.monotonic() + STATE_EVERY_S
                cache.set_worker_state(state_object(self._picture()))
                self._publish_until(state_due_at, cache)
            cache.set_worker_state(state_object(self._picture(), ended=True))
        finally:
            cache.close()

    def _tell_of_refusal(self, why: str) -> None:
        """Log a refusal once, and each other one that follows. The writer meets the same, and tells it."""
        if why != self._refusal:
            log.debug("Redis does not take all of a round: %s", why)
            self._refusal = why

    def _publish_until(self, until: float, cache: "RedisCache") -> None:
        """Publish the rounds that wait and those that come, until the monotonic clock says `until`."""
        from data_layer.cache.worker_states import state_object

        while not self._stopping and (left_s := until - time.monotonic()) > 0:
            with self._changed:
                if not self._rounds or not cache.available:
                    self._changed.wait(min(left_s, LOOK_S) if self._rounds else left_s)
                    continue
                record = self._rounds[0]
            stored = cache.cache_round(record, state_object(self._picture()))
            with self._changed:
                if not stored and cache.trouble:
                    continue  # it waits for Redis to come back, as long as there is room
                if self._rounds and self._rounds[0] is record:
                    self._rounds.popleft()
                self.published += stored
                if not stored:
                    self.dropped += 1
                    self._tell_of_refusal(cache.counts.last_refused)
                self._changed.wait_for(lambda: self._stopping, SHORTEST_PAUSE_S)
