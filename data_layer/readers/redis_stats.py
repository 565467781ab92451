"""Reads statistics and last rounds from Redis, as far as they are there, ours, whole and current."""

from collections.abc import Iterable, Sequence

from config.redis_target import RedisTarget
from data_layer.cache.metrics_orders import MetricsOrders
from data_layer.cache.payloads import BookmakerStats
from data_layer.cache.redis_cache import RedisCache, Wall
from data_layer.readers import collector_stats
from data_layer.readers.collector_stats import AnyCollectorStats, CollectorStats
from data_layer.readers.last_round_filler import Reading
from data_layer.statistics import BettingStats, RgbStats

FRESH_US = 1_000_000  # the writer publishes a moment after it commits: results of so young an age are current


class RedisStats:
    """One Redis as a source of results. A whole wall of bookmakers costs one round trip. For one thread.

    Nothing here raises for what Redis does: a result that cannot be had is None.
    """

    def __init__(self, target: RedisTarget, *, telling: bool = True) -> None:
        """`telling`: the log hears of outages, because no writer in this instance tells of them."""
        self.cache = self._cache = RedisCache(target=target, telling=telling)  # others may share it
        self._names: tuple[str, ...] = ()  # of the bookmakers in the last total
        self._wall: Wall | None = None

    @property
    def available(self) -> bool:
        """Whether Redis is tried at the moment. May be asked on any thread."""
        return self._cache.available

    @property
    def trouble(self) -> str:
        """Why Redis is not used, for the operator; empty while it is. May be asked on any thread."""
        return self._cache.trouble

    @property
    def remark(self) -> str:
        """What Redis holds or refuses that it should not, for the operator. May be asked on any thread."""
        return self._cache.counts.remark()

    def order_metrics(self) -> bool:
        """Have the writer compute the metrics of every range anew; tell whether Redis took the order."""
        return bool(MetricsOrders(self._cache.link, self._cache.keys).give())

    def close(self) -> None:
        """End all connections; nothing is found from now on. May be called on any thread."""
        self._cache.close()

    def version(self) -> int | None:
        """Return the version of the newest commit that Redis knows; None without one, or without Redis."""
        return self._cache.get_version() if self._cache.available else None

    def forget(self) -> None:
        """Ask Redis again for the next result."""
        self._wall = None

    def collect(
        self, collector_type: str, range_name: str, version: int | None, now_us: int
    ) -> AnyCollectorStats | None:
        """Return one result that is of `version` (None: of any) or was computed just now, else None."""
        found = self._current(version, now_us)
        if collector_type == collector_stats.BETTING_AGENT:
            return None if found is None else _betting(*found)
        if collector_type == collector_stats.RGB_COLLECTOR:
            return None if found is None else _rgb(*found)
        if found is None and version is not None:
            return None  # a server without current stats is not trusted with the rest either
        if found is not None and found[0].rounds.range == range_name:
            return _rounds(*found)
        total, rows = self._cache.get_metrics(range_name, self._names)
        if total is not None and total.bookmakers != self._names:
            total, rows = self._cache.get_metrics(range_name, total.bookmakers)
        if total is None or set(rows) != set(total.bookmakers) or not _is_current(total, version, now_us):
            return None
        return _rounds(total, [rows[name] for name in total.bookmakers])

    def newest_rounds(self, version: int | None, now_us: int) -> Reading | None:
        """Return version and newest rounds of every bookmaker, oldest first."""
        found = self._current(version, now_us)
        if found is None:
            return None
        newest = self._cache.get_newest_rounds(found[0].bookmakers)
        if len(newest) < len(found[1]):
            return None
        return found[0].version, {name: list(rounds) for name, rounds in newest.items()}

    def _current(
        self, version: int | None, now_us: int
    ) -> tuple[BookmakerStats, list[BookmakerStats]] | None:
        wall = self._read_wall()
        if wall is None or wall.total is None or wall.total.version != wall.version:
            return None
        names = wall.total.bookmakers
        rows = [wall.stats[name] for name in names if name in wall.stats]
        if len(rows) < len(names) or any(row.version != wall.version for row in rows):
            return None
        return (wall.total, rows) if _is_current(wall.total, version, now_us) else None

    def _read_wall(self) -> Wall | None:
        if self._wall is None and self._cache.available:
            wall = self._cache.get_wall()
            if wall is not None and wall.total is not None:
                self._names = wall.total.bookmakers
            self._wall = wall
        return self._wall


def _is_current(stats: BookmakerStats, version: int | None, now_us: int) -> bool:
    return version in (None, stats.version) or now_us - stats.computed_at_us < FRESH_US


def _rounds(total: BookmakerStats, rows: Sequence[BookmakerStats]) -> AnyCollectorStats:
    return CollectorStats(
        collector_type=collector_stats.DATA_COLLECTOR,
        computed_at_us=total.computed_at_us,
        version=total.version,
        range=total.rounds.range,
        total=total.rounds,
        rows=tuple(row.rounds for row in rows),
    )


def _betting(total: BookmakerStats, rows: Iterable[BookmakerStats]) -> AnyCollectorStats:
    return CollectorStats(
        collector_type=collector_stats.BETTING_AGENT,
        computed_at_us=total.computed_at_us,
        version=total.version,
        range="all",
        total=total.betting or BettingStats(bookmaker=""),
        rows=tuple(row.betting for row in rows if row.betting is not None),
    )


def _rgb(total: BookmakerStats, rows: Iterable[BookmakerStats]) -> AnyCollectorStats:
    return CollectorStats(
        collector_type=collector_stats.RGB_COLLECTOR,
        computed_at_us=total.computed_at_us,
        version=total.version,
        range="all",
        total=total.rgb[0] if total.rgb else RgbStats(bookmaker=""),
        rows=tuple(one for row in rows for one in row.rgb),
    )
