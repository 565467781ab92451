"""Storing what is not a round: paper bets, colour samples, gaps, quarantined input, and how far a stream
came.

Bets and samples have no position in a stream; their keys keep a redelivered one from counting twice.
"""

from collections.abc import Sequence

import apsw

from data_layer.messages import Bet, Gap, RgbSample

_BET = (
    "INSERT INTO bets (bookmaker, round_id, strategy, placed_at_us, stake_minor, cashout_centi, payout_minor,"
    " bankroll_minor, currency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_BET_ROLLUP = (
    "INSERT INTO rollup_bets (bookmaker, bets, won, staked_minor, paid_out_minor, bankroll_minor, currency,"
    " newest_at_us, strategy, first_at_us, peak_minor, drawdown_minor, losing, longest_losing)"
    " VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?7, max(?5, ?5 - ?4 + ?3), max(0, ?3 - ?4), 1 - ?2, 1 - ?2)"
    " ON CONFLICT (bookmaker) DO UPDATE SET"
    " bets = bets + 1, won = won + ?2, staked_minor = staked_minor + ?3,"
    " paid_out_minor = paid_out_minor + ?4, bankroll_minor = iif(?7 >= newest_at_us, ?5, bankroll_minor),"
    " currency = iif(?7 >= newest_at_us, ?6, currency), strategy = iif(?7 >= newest_at_us, ?8, strategy),"
    " newest_at_us = max(newest_at_us, ?7), first_at_us = min(first_at_us, ?7),"
    " peak_minor = max(peak_minor, ?5), drawdown_minor = max(drawdown_minor, peak_minor - ?5),"
    " losing = iif(?2, 0, losing + 1), longest_losing = max(longest_losing, iif(?2, 0, losing + 1))"
)
_SAMPLE = (
    "INSERT INTO rgb_samples (bookmaker, region, sampled_at_us, phase, mean_r, mean_g, mean_b, spread_r,"
    " spread_g, spread_b) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE ?3 >= ?11 OR NOT EXISTS"
    " (SELECT 1 FROM rollup_rgb WHERE bookmaker = ?1 AND region = ?2 AND newest_at_us >= ?3)"
    " ON CONFLICT DO NOTHING"
)
_SAMPLE_ROLLUP = (
    "INSERT INTO rollup_rgb VALUES (?1, ?2, 1, ?3, ?4) ON CONFLICT (bookmaker, region) DO UPDATE SET"
    " samples = samples + 1, newest_id = iif(?4 >= newest_at_us, ?3, newest_id),"
    " newest_at_us = max(newest_at_us, ?4)"
)
_GAP = (
    "INSERT INTO gaps (bookmaker, started_at_us, ended_at_us, reason, missing) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (bookmaker, started_at_us) DO UPDATE SET"
    " ended_at_us = coalesce(excluded.ended_at_us, ended_at_us),"
    " missing = coalesce(excluded.missing, missing)"
)
_QUARANTINE = (
    "INSERT INTO quarantine (bookmaker, stream, reason, place, raw, received_at_us) VALUES (?, ?, ?, ?, ?, ?)"
)
_DELIVERED = (
    "INSERT INTO deliveries VALUES (?1, ?2, ?3) ON CONFLICT (bookmaker, stream) DO UPDATE SET"
    " last_position = max(last_position, ?3)"
)

QuarantineRow = tuple[str, str, str, str, str, int]  # the columns of `quarantine` after its id


def store_bets(connection: apsw.Connection, bets: Sequence[Bet]) -> int:
    """Store paper bets and their rollup; return how many were new."""
    new = 0
    for bet in bets:
        connection.execute(
            _BET,
            (
                bet.bookmaker,
                bet.round_id,
                bet.strategy,
                bet.placed_at_us,
                bet.stake_minor,
                bet.cashout_centi,
                bet.payout_minor,
                bet.bankroll_minor,
                bet.currency,
            ),
        )
        if connection.changes():
            new += 1
            connection.execute(
                _BET_ROLLUP,
                (
                    bet.bookmaker,
                    bet.payout_minor > 0,
                    bet.stake_minor,
                    bet.payout_minor,
                    bet.bankroll_minor,
                    bet.currency,
                    bet.placed_at_us,
                    bet.strategy,
                ),
            )
    return new


def store_samples(connection: apsw.Connection, samples: Sequence[RgbSample], kept_from_us: int = 0) -> int:
    """Store colour samples and their rollup; return how many were new.

    One from before `kept_from_us` that is not newer than the newest of its region comes again: it was counted
    and may be deleted since.
    """
    new = 0
    for sample in samples:
        connection.execute(
            _SAMPLE,
            (
                sample.bookmaker,
                sample.region,
                sample.sampled_at_us,
                sample.phase.value,
                sample.mean_r,
                sample.mean_g,
                sample.mean_b,
                sample.spread_r,
                sample.spread_g,
                sample.spread_b,
                kept_from_us,
            ),
        )
        if connection.changes():
            new += 1
            connection.execute(
                _SAMPLE_ROLLUP,
                (sample.bookmaker, sample.region, connection.last_insert_rowid(), sample.sampled_at_us),
            )
    return new


def store_gaps(connection: apsw.Connection, gaps: Sequence[Gap]) -> None:
    """Store gaps. One that is told again, now with its end, is completed."""
    connection.executemany(
        _GAP,
        [(gap.bookmaker, gap.started_at_us, gap.ended_at_us, gap.reason, gap.missing) for gap in gaps],
    )


def store_quarantine(connection: apsw.Connection, rows: Sequence[QuarantineRow]) -> None:
    """Store inputs that could not be used, with their reasons."""
    connection.executemany(_QUARANTINE, rows)


def last_position(connection: apsw.Connection, bookmaker: str, stream: str) -> int:
    """Return the position up to which a stream is stored, 0 for a new one."""
    row = connection.execute(
        "SELECT last_position FROM deliveries WHERE bookmaker = ? AND stream = ?", (bookmaker, stream)
    ).fetchone()
    return row[0] if row is not None else 0


def store_position(connection: apsw.Connection, bookmaker: str, stream: str, position: int) -> None:
    """Note that a stream is stored up to `position`."""
    connection.execute(_DELIVERED, (bookmaker, stream, position))


def paper_profit(connection: apsw.Connection, bookmaker: str) -> int:
    """Return what all paper bets of a bookmaker paid out, less what was staked."""
    row = connection.execute(
        "SELECT paid_out_minor - staked_minor FROM rollup_bets WHERE bookmaker = ?", (bookmaker,)
    ).fetchone()
    return row[0] if row is not None else 0
