"""The questions that views and commands ask, answered from the rollups: none of them scans `rounds`.

Every function takes a connection of `open_reader` and reads one consistent moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import apsw
import msgspec

from data_layer.database.connection import snapshot
from data_layer.database.distribution import Bins, from_blob
from data_layer.database.streaks import ALWAYS_CENTI
from data_layer.database.windows import Window, merged, windows
from data_layer.messages import Origin, Phase, RgbSample, RoundBrief
from data_layer.ranges import RANGES as RANGES
from data_layer.statistics import BettingStats, RgbStats, RoundStats, ThresholdCount

_HOUR_US = 3_600_000_000
_SHORTEST_RATED_US = 600_000_000  # below it, rounds per hour would be a guess from a handful
_WINDOW = "window"
_BOOKMAKERS = """
SELECT lifetime.bookmaker, lifetime.count, lifetime.timed, lifetime.sum_centi, lifetime.min_centi,
       lifetime.max_centi, lifetime.first_at_us, lifetime.newest_at_us, lifetime.origins,
       ifnull(streaks.current, 0), ifnull(streaks.longest, 0)
FROM rollup_lifetime AS lifetime
LEFT JOIN streaks ON streaks.bookmaker = lifetime.bookmaker AND streaks.threshold_centi = ?
ORDER BY lifetime.bookmaker
"""
_NEWEST = """
SELECT round_id, crash_centi, crashed_at_us, duration_ms FROM rounds
WHERE bookmaker = ? ORDER BY crashed_at_us DESC, id DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Counters:
    """Lifetime counts of a bookmaker; what a run did is the difference of two readings."""

    committed: int = 0
    duplicates: int = 0
    quarantined: int = 0


class QuarantineReason(NamedTuple):
    """One kind of fault in one bookmaker's input."""

    bookmaker: str
    reason: str
    inputs: int
    first_place: str


@dataclass(slots=True)
class _Bookmaker:
    """What every statistic of a bookmaker (or of all) needs beside its window."""

    name: str
    count: int = 0
    timed: int = 0
    sum_centi: int = 0
    min_centi: int | None = None
    max_centi: int | None = None
    first_at_us: int | None = None
    newest_at_us: int | None = None
    origins: int = 0
    current_below_2x: int = 0
    longest_below_2x: int = 0


def round_stats_with_total(
    connection: apsw.Connection, range_name: str, now_us: int
) -> tuple[RoundStats, list[RoundStats]]:
    """Return the statistics of all rounds together, under an empty name, and those of every bookmaker.

    Streaks of all together are the longest of any bookmaker. Raises `KeyError` for a range not in `RANGES`.
    """
    seconds = RANGES[range_name]
    with snapshot(connection):
        bookmakers = _bookmakers(connection)
        if seconds is None:
            found = _lifetime_windows(connection, bookmakers)
            return _all_stats(connection, range_name, bookmakers, found, None, now_us)
        start_us, end_us = now_us - seconds * 1_000_000, now_us + 1
        return _all_stats(
            connection,
            range_name,
            bookmakers,
            _windows(connection, bookmakers, start_us, end_us),
            start_us,
            now_us,
        )


def window_stats(
    connection: apsw.Connection, start_us: int, end_us: int
) -> tuple[RoundStats, list[RoundStats]]:
    """Return the statistics of all rounds together and of each bookmaker, `end_us` itself excluded."""
    with snapshot(connection):
        bookmakers = _bookmakers(connection)
        end_us = max(start_us, end_us)
        found = _windows(connection, bookmakers, start_us, end_us)
        return _all_stats(connection, _WINDOW, bookmakers, found, start_us, end_us)


def newest_rounds(connection: apsw.Connection, limit: int) -> dict[str, list[RoundBrief]]:
    """Return the newest `limit` rounds of every bookmaker, oldest first; those without a time come first."""
    with snapshot(connection):
        names = [
            name for (name,) in connection.execute("SELECT bookmaker FROM rollup_lifetime ORDER BY bookmaker")
        ]
        newest: dict[str, list[RoundBrief]] = {}
        for name in names:
            briefs = [
                RoundBrief(round_id=round_id, crash_centi=crash, crashed_at_us=at_us, duration_ms=duration_ms)
                for round_id, crash, at_us, duration_ms in connection.execute(_NEWEST, (name, limit))
            ]
            briefs.reverse()
            newest[name] = briefs
        return newest


def betting_stats(connection: apsw.Connection) -> list[BettingStats]:
    """Return the paper bets of every bookmaker that has any, by name."""
    return [
        BettingStats(
            bookmaker=name,
            bets=bets,
            won=won,
            staked_minor=staked,
            paid_out_minor=paid_out,
            bankroll_minor=bankroll,
            currency=currency,
            newest_at_us=newest_at_us,
            strategy=strategy,
            per_hour_minor=_rate(paid_out - staked, newest_at_us - first_at_us),
            drawdown_minor=drawdown,
            longest_losing=longest_losing,
        )
        for (
            name,
            bets,
            won,
            staked,
            paid_out,
            bankroll,
            currency,
            newest_at_us,
            strategy,
            first_at_us,
            drawdown,
            longest_losing,
        ) in connection.execute(
            "SELECT bookmaker, bets, won, staked_minor, paid_out_minor, bankroll_minor, currency,"
            " newest_at_us, strategy, first_at_us, drawdown_minor, longest_losing"
            " FROM rollup_bets ORDER BY bookmaker"
        )
    ]


def rgb_stats(connection: apsw.Connection) -> list[RgbStats]:
    """Return, for every region of every bookmaker, how many colour samples there are, and the newest."""
    return [
        RgbStats(
            bookmaker=name,
            samples=samples,
            newest=RgbSample(
                bookmaker=name,
                region=region,
                sampled_at_us=at_us,
                phase=Phase(phase),
                mean_r=colour[0],
                mean_g=colour[1],
                mean_b=colour[2],
                spread_r=colour[3],
                spread_g=colour[4],
                spread_b=colour[5],
            ),
        )
        for name, samples, region, at_us, phase, *colour in connection.execute(
            "SELECT rollup.bookmaker, rollup.samples, rollup.region, sample.sampled_at_us, sample.phase,"
            " sample.mean_r, sample.mean_g, sample.mean_b, sample.spread_r, sample.spread_g, sample.spread_b"
            " FROM rollup_rgb AS rollup CROSS JOIN rgb_samples AS sample ON sample.id = rollup.newest_id"
            " ORDER BY rollup.bookmaker, rollup.region"
        )
    ]


def version(connection: apsw.Connection) -> int:
    """Return the number that rises with every commit that changed a statistic."""
    return int(connection.execute("SELECT version FROM state").get)


def counters(connection: apsw.Connection) -> dict[str, Counters]:
    """Return the lifetime counts of every bookmaker."""
    return {
        name: Counters(committed, duplicates, quarantined)
        for name, committed, duplicates, quarantined in connection.execute(
            "SELECT bookmaker, count, duplicates, quarantined FROM rollup_lifetime ORDER BY bookmaker"
        )
    }


def quarantined_of_nobody(connection: apsw.Connection) -> int:
    """Return how many quarantined inputs belong to no bookmaker, and so are in no counter of one."""
    return int(connection.execute("SELECT count(*) FROM quarantine WHERE bookmaker = ''").get)


def quarantine_reasons(connection: apsw.Connection) -> list[QuarantineReason]:
    """Return the kinds of fault in all quarantined input, the most frequent first."""
    return [
        QuarantineReason(*row)
        for row in connection.execute(
            "SELECT bookmaker, reason, count, (SELECT place FROM quarantine WHERE id = first_id) FROM"
            " (SELECT bookmaker, reason, count(*) AS count, min(id) AS first_id FROM quarantine"
            " GROUP BY bookmaker, reason) ORDER BY count DESC, bookmaker, reason"
        )
    ]


def _bookmakers(connection: apsw.Connection) -> list[_Bookmaker]:
    return [_Bookmaker(*row) for row in connection.execute(_BOOKMAKERS, (ALWAYS_CENTI,))]


def _windows(
    connection: apsw.Connection, bookmakers: Iterable[_Bookmaker], start_us: int, end_us: int
) -> dict[str, Window]:
    newest_us = max((bookmaker.newest_at_us or 0 for bookmaker in bookmakers), default=0)
    return windows(connection, start_us, end_us if newest_us >= end_us else None)


def _lifetime_windows(connection: apsw.Connection, bookmakers: Iterable[_Bookmaker]) -> dict[str, Window]:
    blobs = dict(connection.execute("SELECT bookmaker, distribution FROM rollup_lifetime"))
    return {
        bookmaker.name: Window(
            bookmaker.sum_centi, bookmaker.min_centi, bookmaker.max_centi, from_blob(blobs[bookmaker.name])
        )
        for bookmaker in bookmakers
    }


def _all_stats(
    connection: apsw.Connection,
    range_name: str,
    bookmakers: list[_Bookmaker],
    found: dict[str, Window],
    start_us: int | None,
    end_us: int,
) -> tuple[RoundStats, list[RoundStats]]:
    bins = _bins(connection.execute("SELECT thresholds FROM state").get)
    rows = [
        _stats(bins, range_name, bookmaker, found[bookmaker.name], start_us, end_us)
        for bookmaker in bookmakers
    ]
    total = _stats(bins, range_name, _together(bookmakers), merged(found.values()), start_us, end_us)
    if start_us is not None:  # one of long ago must not stretch the time that the others are measured over
        rates = [row.per_hour for row in rows if row.count and row.per_hour is not None]
        total = msgspec.structs.replace(total, per_hour=sum(rates) if rates else None)
    return total, rows


def _stats(
    bins: Bins, range_name: str, bookmaker: _Bookmaker, window: Window, start_us: int | None, end_us: int
) -> RoundStats:
    counts = window.counts(bins)
    median = counts.median()
    if median is not None and window.min_centi is not None and window.max_centi is not None:
        median = min(max(median, window.min_centi), window.max_centi)
    return RoundStats(
        bookmaker=bookmaker.name,
        range=range_name,
        count=counts.total,
        per_hour=_per_hour(bookmaker, counts.total, start_us, end_us),
        sum_centi=window.sum_centi,
        min_centi=window.min_centi,
        max_centi=window.max_centi,
        median_centi=median,
        at_or_above=tuple(
            ThresholdCount(threshold_centi=threshold, count=count)
            for threshold, count in zip(bins.thresholds_centi, counts.at_or_above(), strict=True)
        ),
        current_below_2x=bookmaker.current_below_2x,
        longest_below_2x=bookmaker.longest_below_2x,
        newest_at_us=bookmaker.newest_at_us,
        origins=_origins(bookmaker.origins),
    )


def _per_hour(bookmaker: _Bookmaker, count: int, start_us: int | None, end_us: int) -> float | None:
    """Return rounds per hour over the range, from the first round on where that is later.

    Of all time it is the pace between the first round and the newest, whenever that was. A stretch of a few
    minutes has no hourly rate yet.
    """
    first_us, newest_us = bookmaker.first_at_us, bookmaker.newest_at_us
    if first_us is None or newest_us is None:
        return None
    if start_us is None:
        count, length_us = bookmaker.timed - 1, newest_us - first_us
    else:
        length_us = end_us - max(start_us, first_us)
    return _rate(count, length_us)


def _rate(amount: int, length_us: int) -> float | None:
    """Return an amount per hour; a stretch of a few minutes has no hourly rate yet."""
    return amount * _HOUR_US / length_us if length_us >= _SHORTEST_RATED_US else None


def _together(bookmakers: list[_Bookmaker]) -> _Bookmaker:
    total = _Bookmaker("")
    for one in bookmakers:
        total.count += one.count
        total.timed += one.timed
        total.origins |= one.origins
        total.current_below_2x = max(total.current_below_2x, one.current_below_2x)
        total.longest_below_2x = max(total.longest_below_2x, one.longest_below_2x)
    firsts = [one.first_at_us for one in bookmakers if one.first_at_us is not None]
    newest = [one.newest_at_us for one in bookmakers if one.newest_at_us is not None]
    total.first_at_us = min(firsts, default=None)
    total.newest_at_us = max(newest, default=None)
    return total


@lru_cache(maxsize=4)
def _bins(thresholds_json: str) -> Bins:
    return Bins(msgspec.json.decode(thresholds_json, type=list[int]))


@lru_cache(maxsize=64)
def _origins(bits: int) -> tuple[Origin, ...]:
    return tuple(origin for origin in Origin if bits >> origin & 1)
