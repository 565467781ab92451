"""The statistics of every bookmaker as they are stored in Redis, read from the database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import apsw

from data_layer.cache.payloads import BookmakerStats
from data_layer.database import queries
from data_layer.database.connection import snapshot
from data_layer.messages import RoundBrief
from data_layer.readers.collector_stats import total_betting, total_rgb
from data_layer.statistics import BettingStats, RgbStats

NEWEST_ROUNDS = 32  # of each bookmaker, as many as a commit names

Computed = tuple[BookmakerStats, list[BookmakerStats]]  # the total, and one of each bookmaker


def compute_stats(connection: apsw.Connection, range_name: str, now_us: int) -> Computed:
    """Return everything a wall of bookmakers shows: rounds of `range_name`, bets, colours, newest rounds."""
    with snapshot(connection):
        bets = {one.bookmaker: one for one in queries.betting_stats(connection)}
        colours: dict[str, list[RgbStats]] = defaultdict(list)
        for one in queries.rgb_stats(connection):
            colours[one.bookmaker].append(one)
        newest = queries.newest_rounds(connection, NEWEST_ROUNDS)
        return _put_together(connection, range_name, now_us, bets, colours, newest)


def compute_metrics(connection: apsw.Connection, range_name: str, now_us: int) -> Computed:
    """Return the rounds of one range alone."""
    with snapshot(connection):
        return _put_together(connection, range_name, now_us, {}, {}, {})


def _put_together(
    connection: apsw.Connection,
    range_name: str,
    now_us: int,
    bets: Mapping[str, BettingStats],
    colours: Mapping[str, Sequence[RgbStats]],
    newest: Mapping[str, Sequence[RoundBrief]],
) -> Computed:
    version = queries.version(connection)
    rounds, rows = queries.round_stats_with_total(connection, range_name, now_us)
    samples = [one for region in colours.values() for one in region]
    total = BookmakerStats(
        version=version,
        computed_at_us=now_us,
        rounds=rounds,
        betting=total_betting(list(bets.values())) if bets else None,
        rgb=(total_rgb(samples),) if samples else (),
        bookmakers=tuple(row.bookmaker for row in rows),
    )
    return total, [
        BookmakerStats(
            version=version,
            computed_at_us=now_us,
            rounds=row,
            betting=bets.get(row.bookmaker),
            rgb=tuple(colours.get(row.bookmaker, ())),
            newest=tuple(newest.get(row.bookmaker, ())),
        )
        for row in rows
    ]
