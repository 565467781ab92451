"""What a view reads from: reader, events, last rounds, computed results and the switch of Redis."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from config.redis_target import RedisTarget
from data_layer.readers.centralized_stats_reader import CentralizedStatsReader
from data_layer.readers.collector_stats import DATA_COLLECTOR
from data_layer.readers.event_feed import EventFeed, FeedEvent, Resynchronize
from data_layer.readers.last_round_cache import LastRoundCache
from data_layer.readers.merged_event_feed import MergedEventFeed
from data_layer.readers.redis_lever import RedisLever

if TYPE_CHECKING:
    from data_layer.cache.cache_manager import CacheManager


class Reading:
    """All readers of one process. Started and stopped once."""

    def __init__(
        self,
        database: Path | None,
        writers_feed: EventFeed | None,
        target: RedisTarget,
        *,
        redis_on: bool,
        on_switch: Callable[[RedisTarget | None], None] = lambda _: None,
    ) -> None:
        """Without a database and the feed of its writer, as on another machine, all comes from `target`.

        `on_switch` is told when Redis is switched on or off later.
        """
        self._feed = MergedEventFeed(writers_feed)
        self.last_rounds = LastRoundCache()
        self._cache: CacheManager | None = None
        self._making_cache = threading.Lock()
        self._feed.subscribe(self._on_event)
        self.reader = CentralizedStatsReader(database, self._feed, self.last_rounds)
        self.redis = RedisLever(
            target,
            enabled=redis_on,
            reader=self.reader,
            feed=self._feed,
            cache=lambda: self.cache,
            telling=database is None,
            others=on_switch,
        )

    @property
    def cache(self) -> "CacheManager":
        """Of whatever is computed from the rounds. Made when first used: the first paint does without."""
        with self._making_cache:
            if self._cache is None:
                from data_layer.cache.cache_manager import CacheManager

                self._cache = CacheManager()
            return self._cache

    def bookmakers(self) -> tuple[str, ...]:
        """Return whose rounds there are, as far as they have been read."""
        found = self.reader.peek(DATA_COLLECTOR)
        return tuple(row.bookmaker for row in found.rows) if found is not None else ()

    def start(self) -> None:
        """Begin to read."""
        self._feed.start()
        self.reader.start()
        self.redis.start()

    def stop(self) -> None:
        """End everything within a second or so."""
        self.redis.stop()
        self.reader.stop()
        self._feed.stop()

    def _on_event(self, event: FeedEvent) -> None:
        if not isinstance(event, Resynchronize):
            self.cache.note_version(event.version)
