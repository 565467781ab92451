"""Where the reader takes its results from: Redis while it has current ones, else the database."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import apsw

from data_layer.database import queries
from data_layer.readers import collector_stats
from data_layer.readers.collector_stats import AnyCollectorStats
from data_layer.readers.last_round_filler import BRIEFS_PER_COMMIT, Reading
from data_layer.readers.stats_database import DatabaseUnreadableError, StatsDatabase

if TYPE_CHECKING:
    from data_layer.readers.redis_stats import RedisStats

ResultT = TypeVar("ResultT")

log = logging.getLogger(__name__)


class StatsSources:
    """The database at `path` and, while it is used, one Redis. For the reader's thread.

    With the database at hand a result from Redis has to be of its version, or of this very moment. Without
    it, on another machine, whatever stands in Redis is taken: it says itself of when it is.
    """

    def __init__(self, path: Path | None, cancelled: Callable[[], bool]) -> None:
        self._database = None if path is None else StatsDatabase(path, cancelled)
        self._fault = DatabaseUnreadableError("there is no database on this machine")
        self._database_works = False
        self._database_version: int | None = None
        self.redis: RedisStats | None = None  # may be exchanged at any time, on any thread
        self._from_redis = self._from_database = 0  # results of this pass
        self.on_redis = False  # whether all results of the last pass came from there
        self._told_on_redis = False

    def begin(self) -> bool:
        """Begin a pass; return True when the database was opened, for the first time or anew.

        Raises `DatabaseUnreadableError` when there is neither a database nor a Redis.
        """
        redis = self.redis
        if redis is not None:
            redis.forget()
        opened, self._database_works, self._database_version = False, False, None
        self._from_redis = self._from_database = 0
        if self._database is not None:
            try:
                opened = self._database.ensure_open()
                self._database_works = True
                if redis is not None:
                    self._database_version = self._database.read(queries.version)
            except DatabaseUnreadableError as error:
                self._fault = error
        if not self._database_works and (redis is None or not redis.available):
            raise self._no_source(redis)
        return opened

    def end(self) -> None:
        """End a pass: from now on it counts where its results came from."""
        if not self._from_redis and not self._from_database:
            return
        self.on_redis = not self._from_database
        if self.redis is None or self.on_redis is self._told_on_redis:
            return
        # Between a commit and its publication the database is ahead for a moment: that is no news.
        if self.on_redis or not self.redis.available:
            log.info("statistics come from %s", "Redis" if self.on_redis else "the database")
            self._told_on_redis = self.on_redis

    def collect(self, collector_type: str, range_name: str, now_us: int) -> AnyCollectorStats:
        """Return one result. Raises `DatabaseUnreadableError` when it is to be had nowhere."""
        redis = self.redis
        if redis is not None and redis.available:
            found = redis.collect(collector_type, range_name, self._database_version, now_us)
            if found is not None:
                self._from_redis += 1
                return found
        return self._read(
            lambda conn: collector_stats.collect(conn, collector_type, range_name, now_us), redis
        )

    def newest_rounds(self, now_us: int) -> Reading:
        """Return version and newest rounds. Raises `DatabaseUnreadableError` when they are nowhere."""
        redis = self.redis
        if redis is not None and redis.available:
            found = redis.newest_rounds(self._database_version, now_us)
            if found is not None:
                self._from_redis += 1
                return found
        return self._read(
            lambda conn: (queries.version(conn), queries.newest_rounds(conn, BRIEFS_PER_COMMIT)), redis
        )

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()

    def _read(self, work: Callable[[apsw.Connection], ResultT], redis: "RedisStats | None") -> ResultT:
        if self._database is None or not self._database_works:
            raise self._no_source(redis)
        self._from_database += 1
        return self._database.read(work)

    def _no_source(self, redis: "RedisStats | None") -> DatabaseUnreadableError:
        if redis is None:
            return self._fault
        why = f"Redis {redis.trouble}" if redis.trouble else "Redis has no current results"
        return DatabaseUnreadableError(why if self._database is None else f"{self._fault}; {why}")
