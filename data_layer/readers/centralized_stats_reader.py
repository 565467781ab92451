"""The one place that reads statistics: one read-only connection on one thread, for every view."""

import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, cast

from data_layer.database import queries
from data_layer.errors import AviatorError
from data_layer.messages import Committed
from data_layer.readers import collector_stats
from data_layer.readers.collector_stats import AnyCollectorStats, CollectorStats
from data_layer.readers.event_feed import EventFeed, FeedEvent, Resynchronize
from data_layer.readers.last_round_cache import LastRoundCache
from data_layer.readers.last_round_filler import LastRoundFiller
from data_layer.readers.stats_database import DatabaseUnreadableError
from data_layer.readers.stats_sources import StatsSources
from data_layer.readers.subscribers import Subscribers
from data_layer.statistics import RoundStats
from utils import clock

if TYPE_CHECKING:
    from data_layer.readers.redis_stats import RedisStats

log = logging.getLogger(__name__)

_Key = tuple[str, str]  # collector type, range


class CentralizedStatsReader:
    """Keeps the statistics of each collector type current and hands them out.

    A result is kept for `refresh_s` and read anew earlier when `feed` announces a commit that concerns it, at
    most every `coalesce_s`. `last_rounds` is kept from the same feed, and read anew after everything that
    may have been missed. While the database cannot be read, `trouble` says why, the last results stay with
    the time they were computed at, and it is tried again every `retry_s`; the log tells of it after
    `patience_s`, because a reader may start before the writer has made the database.

    While a Redis is used, results come from there as long as they are current, and it is looked every
    `look_s` whether it is there and has newer ones. Without a database (`path` None) there is nothing else.
    """

    def __init__(
        self,
        path: Path | None,
        feed: EventFeed | None,
        last_rounds: LastRoundCache,
        *,
        range_name: str = "24h",
        refresh_s: float = 30.0,
        coalesce_s: float = 0.25,
        retry_s: float = 0.5,
        look_s: float = 0.5,
        patience_s: float = 5.0,
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        self._feed = feed
        self._last_rounds = LastRoundFiller(last_rounds)
        self._current: dict[str, _Key] = {
            kind: (kind, range_name if kind == collector_stats.DATA_COLLECTOR else "all")
            for kind in collector_stats.COLLECTOR_TYPES
        }
        self._refresh_us = round(refresh_s * 1e6)
        self._coalesce_us = round(coalesce_s * 1e6)
        self._retry_us = round(retry_s * 1e6)
        self._look_us = round(look_s * 1e6)
        self._patience_us = round(patience_s * 1e6)
        self._now = now
        self._stopping = False
        self._sources = StatsSources(path, lambda: self._stopping)
        self._redis_seen: tuple[bool, int | None] = (False, None)  # whether it was there, and its version
        self._thread: threading.Thread | None = None
        self._leave_feed: Callable[[], None] | None = None
        self._subscribers = Subscribers[str]()
        self._trouble = "nothing has been read yet"
        self._well_at_us: int | None = None  # monotonic clock; when there last was no trouble
        self._logged_trouble = ""
        # Everything below is guarded by this condition.
        self._changed = threading.Condition()
        self._results: dict[_Key, AnyCollectorStats] = {}
        self._read_at_us: dict[_Key, int] = {}  # monotonic clock; absent: has to be read
        self._requests: dict[_Key, list[Future[AnyCollectorStats]]] = {}
        self._last_pass_us: int | None = None  # monotonic clock
        self._refilled_at_us: int | None = None  # monotonic clock; None: the last rounds have to be read

    @property
    def trouble(self) -> str:
        """What hinders reading, for the operator; empty when nothing does."""
        return self._trouble

    @property
    def on_redis(self) -> bool:
        """Whether all that was read last came from Redis."""
        return self._sources.on_redis

    def use_redis(self, redis: "RedisStats | None") -> None:
        """Take results from `redis` from now on where it has them, or from no Redis. Returns at once."""
        self._sources.redis = redis
        self._forget_what_was_read()

    def start(self) -> None:
        """Begin to read, on a thread of its own. A reader starts once."""
        if self._thread is not None:
            raise RuntimeError("a stats reader starts only once")
        # Subscribed before the first reading: a commit that this one does not find is announced.
        if self._feed is not None:
            self._leave_feed = self._feed.subscribe(self._on_event)
        self._thread = threading.Thread(target=self._run, name="stats-reader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End within a second, also out of a long query; whoever waits for a result is told."""
        if self._leave_feed is not None:
            self._leave_feed()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def peek(self, collector_type: str) -> AnyCollectorStats | None:
        """Return the newest result without waiting for anything but a short lock; None before the first one.

        How old it is says its `computed_at_us`. Raises `ValueError` for an unknown collector type.
        """
        key = self._key(collector_type)
        with self._changed:
            return self._results.get(key)

    def get_stats(self, collector_type: str, timeout_s: float = 10.0) -> AnyCollectorStats:
        """Return the result as it is kept, or read it when that is out of date. Waits; not for the window.

        Raises `ValueError` for an unknown collector type, an `AviatorError` that says why when the database
        cannot be read or does not answer in time.
        """
        return self._get(self._key(collector_type), timeout_s)

    def get_round_stats(self, range_name: str, timeout_s: float = 10.0) -> CollectorStats[RoundStats]:
        """Return the rounds of one range of `queries.RANGES`; otherwise as `get_stats`."""
        if range_name not in queries.RANGES:
            raise ValueError(f"no range {range_name!r}; there are {', '.join(queries.RANGES)}")
        result = self._get((collector_stats.DATA_COLLECTOR, range_name), timeout_s)
        return cast(CollectorStats[RoundStats], result)

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback(collector_type)` on the reader's thread after each new result; returns its end.

        The callback must be quick and may peek, but not wait for another result.
        """
        return self._subscribers.add(callback)

    def _key(self, collector_type: str) -> _Key:
        try:
            return self._current[collector_type]
        except KeyError:
            known = ", ".join(self._current)
            raise ValueError(f"no collector type {collector_type!r}; there are {known}") from None

    def _get(self, key: _Key, timeout_s: float) -> AnyCollectorStats:
        if threading.current_thread() is self._thread:
            raise RuntimeError("the reader's own thread would wait for itself; peek instead")
        request: Future[AnyCollectorStats] = Future()
        with self._changed:
            if self._thread is None or self._stopping:
                raise DatabaseUnreadableError("the stats reader does not run")
            result, read_at_us = self._results.get(key), self._read_at_us.get(key)
            if result is not None and read_at_us is not None and not self._is_old(read_at_us):
                return result
            self._requests.setdefault(key, []).append(request)
            self._changed.notify_all()
        try:
            return request.result(timeout_s)
        except TimeoutError:
            raise DatabaseUnreadableError(f"the database did not answer within {timeout_s:g} s") from None

    # On the feed's thread.

    def _on_event(self, event: FeedEvent) -> None:
        if isinstance(event, Resynchronize):
            self._forget_what_was_read()
        else:
            self._last_rounds.take(event)
            self._outdate(event)

    def _forget_what_was_read(self) -> None:
        with self._changed:
            self._read_at_us.clear()
            self._refilled_at_us = None
            self._changed.notify_all()

    def _outdate(self, event: Committed) -> None:
        concerned = {
            collector_stats.DATA_COLLECTOR: bool(event.rounds),
            collector_stats.BETTING_AGENT: bool(event.bets),
            collector_stats.RGB_COLLECTOR: bool(event.rgb_samples),
        }
        with self._changed:
            for key in [key for key in self._read_at_us if concerned[key[0]]]:
                result = self._results.get(key)
                if result is None or result.version < event.version:  # a commit may be told twice
                    del self._read_at_us[key]
            self._changed.notify_all()

    # On the reader's thread.

    def _run(self) -> None:
        try:
            while self._wait_for_work():
                self._pass()
        finally:
            self._sources.close()
            with self._changed:
                self._stopping = True
                requests, self._requests = self._requests, {}
            _fail(requests, DatabaseUnreadableError("the stats reader has stopped"))

    def _wait_for_work(self) -> bool:
        """Return True when something has to be read, False when the reader stops."""
        with self._changed:
            while not self._stopping:
                wait_us = self._due_in_us()
                if wait_us <= 0:
                    return True
                if self._sources.redis is None:
                    self._changed.wait(wait_us / 1e6)
                elif not self._changed.wait(min(wait_us, self._look_us) / 1e6):
                    return True  # only to look at Redis: a pass in which nothing is due reads nothing
        return False

    def _look_at_redis(self) -> None:
        """Read everything again when Redis came, went or has results of another version."""
        redis = self._sources.redis
        seen = (False, None) if redis is None else (redis.available, redis.version())
        if seen != self._redis_seen:
            self._redis_seen = seen
            self._forget_what_was_read()

    def _due_in_us(self) -> int:
        if self._requests or self._last_pass_us is None:
            return 0
        now_us = clock.monotonic_us()
        if self._trouble:
            return self._last_pass_us + self._retry_us - now_us
        oldest_us = self._refilled_at_us
        for key in self._current.values():
            read_at_us = self._read_at_us.get(key)
            if oldest_us is None or read_at_us is None:
                return self._last_pass_us + self._coalesce_us - now_us
            oldest_us = min(oldest_us, read_at_us)
        return 0 if oldest_us is None else oldest_us + self._refresh_us - now_us

    def _is_old(self, read_at_us: int | None) -> bool:
        return read_at_us is None or clock.monotonic_us() - read_at_us >= self._refresh_us

    def _pass(self) -> None:
        """Read once what is due and what was asked for."""
        with self._changed:
            self._last_pass_us = clock.monotonic_us()
            requests, self._requests = self._requests, {}
        trouble = ""
        try:
            self._look_at_redis()
            if self._sources.begin():
                self._last_rounds.forget()
                self._forget_what_was_read()
            for key in self._due_keys(requests):
                result = self._read(key)
                for request in requests.pop(key, ()):
                    request.set_result(result)
            self._refill_last_rounds()
            self._sources.end()
        except AviatorError as error:
            trouble = str(error)
            _fail(requests, error)
        except Exception as error:
            # A fault of ours. The window lives in this process: it goes on with what it has and is told.
            log.exception("reading statistics failed")
            trouble = f"reading statistics failed: {error!r}"
            _fail(requests, error)
        self._note(trouble)

    def _due_keys(self, requests: Collection[_Key]) -> list[_Key]:
        with self._changed:
            due = [key for key in self._current.values() if self._is_old(self._read_at_us.get(key))]
        return list(dict.fromkeys([*requests, *due]))

    def _read(self, key: _Key) -> AnyCollectorStats:
        collector_type, range_name = key
        with self._changed:
            # Before the reading begins: a commit announced meanwhile takes the mark away again.
            self._read_at_us[key] = clock.monotonic_us()
        now_us = self._now()
        try:
            result = self._sources.collect(collector_type, range_name, now_us)
        except BaseException:
            with self._changed:
                self._read_at_us.pop(key, None)
            raise
        with self._changed:
            self._results[key] = result
        if self._current[collector_type] == key:
            self._subscribers.tell(collector_type)
        return result

    def _refill_last_rounds(self) -> None:
        """Read the newest rounds after everything that may have been missed, and at every refresh."""

        with self._changed:
            if not self._is_old(self._refilled_at_us):
                return
            self._refilled_at_us = clock.monotonic_us()
        try:
            self._last_rounds.refill(lambda: self._sources.newest_rounds(self._now()))
        except BaseException:
            with self._changed:
                self._refilled_at_us = None
            raise

    def _note(self, trouble: str) -> None:
        if self._stopping:
            return  # a query that stop() ended is no trouble
        now_us = clock.monotonic_us()
        if not trouble:
            if self._trouble:
                log.info("statistics can be read")
            self._logged_trouble = ""
        elif trouble != self._logged_trouble and now_us - (self._well_at_us or now_us) >= self._patience_us:
            log.warning("no fresh statistics: %s", trouble)
            self._logged_trouble = trouble
        if not trouble or self._well_at_us is None:
            self._well_at_us = now_us
        self._trouble = trouble


def _fail(requests: dict[_Key, list[Future[AnyCollectorStats]]], error: Exception) -> None:
    for waiting in requests.values():
        for request in waiting:
            request.set_exception(error)
