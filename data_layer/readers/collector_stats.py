"""What the reader computes for each collector: the result, and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import apsw

from data_layer.database import queries
from data_layer.statistics import BettingStats, RgbStats, RoundStats

DATA_COLLECTOR = "data_collector"
BETTING_AGENT = "betting_agent"
RGB_COLLECTOR = "rgb_collector"
COLLECTOR_TYPES = (DATA_COLLECTOR, BETTING_AGENT, RGB_COLLECTOR)

RowT = TypeVar("RowT", covariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectorStats(Generic[RowT]):
    """One result of the reader: of one moment and one version of the database."""

    collector_type: str
    computed_at_us: int  # wall clock, before the reading began
    version: int  # of the database that was read
    range: str  # a name of `queries.RANGES`
    total: RowT  # over all bookmakers, with an empty name
    rows: tuple[RowT, ...]  # one per bookmaker, of rgb_collector one per bookmaker and region; by name


AnyCollectorStats = CollectorStats[RoundStats] | CollectorStats[BettingStats] | CollectorStats[RgbStats]


def collect(conn: apsw.Connection, collector_type: str, range_name: str, now_us: int) -> AnyCollectorStats:
    """Read one result; the caller holds one read transaction around it.

    Bets and colour samples are counted over all time: their range is "all" whatever is asked for.
    """
    if collector_type == DATA_COLLECTOR:
        return collect_rounds(conn, range_name, now_us)
    version = queries.version(conn)
    if collector_type == BETTING_AGENT:
        bets = queries.betting_stats(conn)
        return CollectorStats(
            collector_type=collector_type,
            computed_at_us=now_us,
            version=version,
            range="all",
            total=total_betting(bets),
            rows=tuple(bets),
        )
    samples = queries.rgb_stats(conn)
    return CollectorStats(
        collector_type=collector_type,
        computed_at_us=now_us,
        version=version,
        range="all",
        total=total_rgb(samples),
        rows=tuple(samples),
    )


def collect_rounds(conn: apsw.Connection, range_name: str, now_us: int) -> CollectorStats[RoundStats]:
    """Read the rounds of one range; the caller holds one read transaction around it."""
    version = queries.version(conn)
    total, rows = queries.round_stats_with_total(conn, range_name, now_us)
    return CollectorStats(
        collector_type=DATA_COLLECTOR,
        computed_at_us=now_us,
        version=version,
        range=range_name,
        total=total,
        rows=tuple(rows),
    )


def total_betting(rows: Sequence[BettingStats]) -> BettingStats:
    """Add up the bets of all bookmakers.

    Money of different currencies has no sum: then the total has an empty currency, no bankroll, and zeros.
    """
    currencies = {row.currency for row in rows if row.bets}
    money = rows if len(currencies) == 1 else ()
    rates = [row.per_hour_minor for row in money if row.per_hour_minor is not None]
    bankrolls = [row.bankroll_minor for row in money if row.bankroll_minor is not None]
    return BettingStats(
        bookmaker="",
        bets=sum(row.bets for row in rows),
        won=sum(row.won for row in rows),
        staked_minor=sum(row.staked_minor for row in money),
        paid_out_minor=sum(row.paid_out_minor for row in money),
        bankroll_minor=sum(bankrolls) if bankrolls else None,
        currency=next(iter(currencies)) if len(currencies) == 1 else "",
        newest_at_us=max((row.newest_at_us for row in rows if row.newest_at_us is not None), default=None),
        per_hour_minor=sum(rates) if rates else None,
        longest_losing=max((row.longest_losing for row in rows), default=0),
    )


def total_rgb(rows: Sequence[RgbStats]) -> RgbStats:
    """Count the samples of all bookmakers and regions; the newest one stands for all."""
    newest = [row.newest for row in rows if row.newest is not None]
    return RgbStats(
        bookmaker="",
        samples=sum(row.samples for row in rows),
        newest=max(newest, key=lambda sample: sample.sampled_at_us, default=None),
    )
