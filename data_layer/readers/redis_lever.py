"""Switches Redis on and off for everything in this process, while it runs."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from config.redis_target import RedisTarget
from data_layer.engine import RedisStatus
from data_layer.readers.centralized_stats_reader import CentralizedStatsReader
from data_layer.readers.merged_event_feed import MergedEventFeed
from utils.attended_thread import AttendedThread

if TYPE_CHECKING:
    from data_layer.cache.cache_manager import CacheManager
    from data_layer.readers.analyst.question_server import Asked, QuestionServer
    from data_layer.readers.redis_stats import RedisStats

log = logging.getLogger(__name__)


class RedisLever(AttendedThread):
    """Implements `RedisSwitch`. Loading `redis` and ending connections take a while: a thread does it."""

    def __init__(
        self,
        target: RedisTarget,
        *,
        enabled: bool,
        reader: CentralizedStatsReader,
        feed: MergedEventFeed,
        cache: "Callable[[], CacheManager]",
        telling: bool = True,
        others: Callable[[RedisTarget | None], None] = lambda _: None,
    ) -> None:
        """`others` is told of every switch but the one that `start` makes: they began with it.

        `telling`: the log hears of outages, because no writer in this instance tells of them.
        """
        super().__init__("redis-lever")
        self._target = target
        self._reader = reader
        self._feed = feed
        self._cache = cache
        self._telling = telling
        self._others = others
        self._enabled_at_start = self._wanted = enabled
        self._order_due = False
        self._stats: RedisStats | None = None
        self.analyst: Asked | None = None  # who answers questions of other machines; to be set before `start`
        self._server: QuestionServer | None = None

    def status(self) -> RedisStatus:
        """See `RedisSwitch`."""
        stats = self._stats
        connected = stats is not None and stats.available
        return RedisStatus(
            address=self._target.address,
            enabled=self._wanted,
            connected=self._wanted and connected,
            trouble=stats.trouble if self._wanted and stats is not None else "",
            remark=stats.remark if self._wanted and stats is not None else "",
        )

    def switch(self, *, on: bool) -> None:
        """See `RedisSwitch`."""
        with self._changed:
            self._wanted = on
            self._changed.notify_all()

    def compute_metrics(self) -> None:
        """See `RedisSwitch`."""
        with self._changed:
            self._order_due = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Leave Redis. Before or after reader and feed are stopped."""
        self._end()

    def _run(self) -> None:
        known = self._enabled_at_start  # to the others
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._stopping or self._order_due or self._is_unlike_wanted
                    )
                    on = self._wanted
                    ordered, self._order_due = self._order_due, False
                    if self._stopping:
                        return
                if self._is_unlike_wanted:
                    self._use(on=on)
                if ordered:
                    self._order_metrics()
                if on is not known:
                    log.info("Redis is switched %s", "on" if on else "off")
                    self._others(self._target if on else None)
                    known = on
        finally:
            self._use(on=False)

    @property
    def _is_unlike_wanted(self) -> bool:
        return self._wanted is not (self._stats is not None)

    def _order_metrics(self) -> None:
        stats = self._stats
        if stats is None:
            log.warning("the metrics are computed for Redis, and Redis is switched off")
        elif not stats.order_metrics():
            log.warning("Redis did not take the order to compute the metrics anew: %s", stats.trouble)

    def _use(self, *, on: bool) -> None:
        old, new = self._stats, None
        feed = None
        if on:
            from data_layer.readers.redis_event_feed import RedisEventFeed
            from data_layer.readers.redis_stats import RedisStats

            feed = RedisEventFeed(self._target)
            new = RedisStats(self._target, telling=self._telling)
        self._stats = new
        self._reader.use_redis(new)
        self._cache().use(new.cache if new is not None else None)
        self._feed.listen_to(feed)
        self._serve(on=on)
        if old is not None:
            old.close()

    def _serve(self, *, on: bool) -> None:
        """Answer questions of windows without a database, or do not any more."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        analyst = self.analyst
        if on and analyst is not None:
            from data_layer.readers.analyst.question_server import QuestionServer

            self._server = QuestionServer(self._target, lambda: analyst)
            self._server.start()
