"""Publishes what the writer commits: statistics, version and news, on a thread that nobody waits for.

`redis` is loaded on that thread, so that switching Redis on holds nothing up.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import msgspec

from config.redis_target import RedisTarget
from data_layer.cache.merged_commits import merged
from data_layer.errors import AviatorError
from data_layer.messages import Committed, RedisHealth
from utils import clock
from utils.attended_thread import AttendedThread

if TYPE_CHECKING:
    from data_layer.cache.initializer import MetricsInitializer
    from data_layer.cache.redis_cache import RedisCache
    from data_layer.database.open_files import OpenFiles

RANGE = "24h"  # of `stats:*`
COALESCE_S = 0.25  # between two publications
LOOK_S = 0.5  # how often it is looked whether Redis still has the version, or is back
_LONGEST_TEXT = 160  # bytes; the slot on the live board has little room
MEND_S = 2.0  # how often it is looked whether other programs have spoilt what workers write
REFRESH_S = 20.0  # without any commit: what is in Redis lives for a minute

log = logging.getLogger(__name__)


class StatsPublisher(AttendedThread):
    """The writer's end of the fast path. `committed` is called on the writer's loop, the rest anywhere."""

    def __init__(
        self,
        database: Path,
        target: RedisTarget,
        *,
        metrics_life_s: float,
        metrics_refresh_s: float,
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        super().__init__("redis-stats")
        self._database = database
        self._target = target
        self._metrics_life_s = metrics_life_s
        self._metrics_refresh_s = metrics_refresh_s
        self._now = now
        self._news: Committed | None = None  # not published yet
        self._health = RedisHealth()
        self._published_at = self._mended_at = 0.0
        self._reading: apsw.Connection | None = None
        self._files: OpenFiles | None = None  # under that connection

    @property
    def health(self) -> RedisHealth:
        """How it gets on, for the live board."""
        return self._health

    def committed(self, event: Committed) -> None:
        """Take note of a commit; returns at once."""
        with self._changed:
            self._news = merged(self._news, event)
            self._changed.notify_all()

    def stop(self, timeout_s: float = 0.0) -> None:
        """End; waits at most `timeout_s` for it."""
        self._end(timeout_s)

    def _run(self) -> None:
        from data_layer.cache.initializer import MetricsInitializer
        from data_layer.cache.redis_cache import RedisCache

        cache = RedisCache(target=self._target, now=self._now)
        metrics = MetricsInitializer(
            self._database,
            cache,
            life_s=self._metrics_life_s,
            refresh_s=self._metrics_refresh_s,
            now=self._now,
        )
        metrics.start()
        try:
            while self._wait():
                self._pass(cache, metrics)
        finally:
            metrics.stop()
            metrics.join(1.0)
            cache.close()
            self._close_reading()

    def _wait(self) -> bool:
        """Return True when it is time to look or to publish, False at the end."""
        with self._changed:
            if self._news is None and not self._stopping:
                self._changed.wait(LOOK_S)
            since_s = time.monotonic() - self._published_at
            if since_s < COALESCE_S and not self._stopping:
                self._changed.wait_for(lambda: self._stopping, COALESCE_S - since_s)
            return not self._stopping

    def _pass(self, cache: "RedisCache", metrics: "MetricsInitializer") -> None:
        trouble = ""
        if not cache.available:
            trouble = f"Redis {cache.trouble}"
        else:
            try:
                metrics.look_for_order()
                if time.monotonic() - self._mended_at > MEND_S:
                    self._mended_at = time.monotonic()
                    cache.mend()
                if self._is_due(cache, metrics):
                    trouble = self._publish(cache, metrics)
            except (AviatorError, apsw.Error, OSError) as error:
                trouble = f"the database cannot be read: {error}"
                self._close_reading()
            except Exception as error:
                log.exception("publishing statistics failed")
                trouble = f"publishing failed: {error!r}"
        if trouble:
            self._published_at = time.monotonic()  # not more often than anything else
        remark = cache.counts.remark()
        self._show(connected=not trouble, trouble=trouble or metrics.trouble, metrics=metrics, remark=remark)

    def _is_due(self, cache: "RedisCache", metrics: "MetricsInitializer") -> bool:
        """Tell whether to publish: commits, results growing old, or a server that lost what it had."""
        if not self._health.version or time.monotonic() - self._published_at > REFRESH_S:
            return True
        if self._news is not None:
            return True
        version = cache.get_version()
        if version == self._health.version or not cache.available:
            return False
        log.info("Redis lost what was published; publishing everything again")
        metrics.start_over()
        return True

    def _publish(self, cache: "RedisCache", metrics: "MetricsInitializer") -> str:
        """Compute and store; return why that failed, empty when it did not."""
        from data_layer.cache.computed_stats import compute_stats
        from data_layer.database import connection
        from data_layer.database.open_files import OpenFiles

        with self._changed:
            news, self._news = self._news, None
        stored = False
        try:
            if self._files is not None and not self._files.in_place:
                self._close_reading()
            if self._reading is None:
                self._reading = connection.open_reader(self._database)
                self._files = OpenFiles(self._database)
            now_us = self._now()
            total, rows = compute_stats(self._reading, RANGE, now_us)
            current = Committed(version=total.version, committed_at_us=now_us)
            new_era = not self._health.version and (cache.get_version() or 0) > total.version
            stored = cache.cache_stats(rows, total, news=merged(news, current), new_era=new_era)
        finally:
            if not stored and news is not None:
                with self._changed:
                    self._news = news if self._news is None else merged(news, self._news)
        if not stored:
            return f"Redis {cache.trouble or cache.counts.last_refused}"
        self._published_at = time.monotonic()
        if news is not None and news.rounds:
            metrics.note_new_rounds()
        self._health = msgspec.structs.replace(
            self._health, published=self._health.published + 1, version=total.version
        )
        return ""

    def _show(self, *, connected: bool, trouble: str, metrics: "MetricsInitializer", remark: str) -> None:
        self._health = msgspec.structs.replace(
            self._health,
            connected=connected,
            trouble=_short(trouble),
            ranges_ready=metrics.ranges_ready,
            ranges=metrics.ranges,
            remark=_short(remark),
        )

    def _close_reading(self) -> None:
        self._files = None
        if self._reading is not None:
            self._reading.close()
            self._reading = None


def _short(text: str) -> str:
    """Return what the live board has room for."""
    return text.encode("ascii", "backslashreplace")[:_LONGEST_TEXT].decode()
