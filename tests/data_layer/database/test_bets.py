"""The rollup of paper bets against every stored bet, told anew and brought over from the first schema."""

from itertools import groupby
from typing import Any

import apsw
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.database import queries, schema
from data_layer.database.side_records import store_bets
from data_layer.messages import Bet
from data_layer.statistics import BettingStats
from tests.data_layer.database.written import T0

HOUR_US = 3_600_000_000
_INSERT = "INSERT INTO bets VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@st.composite
def bets(draw: st.DrawFn) -> list[Bet]:
    """Draw bets of two bookmakers, some of them twice, some late."""
    found, money = [], {"Admiral": 10_000, "Mozzart": 10_000}
    for number in range(draw(st.integers(0, 25))):
        bookmaker = draw(st.sampled_from(["Admiral", "Mozzart"]))
        stake, payout = draw(st.integers(1, 900)), draw(st.sampled_from([0, 0, 150, 2_000]))
        money[bookmaker] += payout - stake
        found.append(
            Bet(
                bookmaker=bookmaker,
                round_id=str(number),
                strategy=draw(st.sampled_from(["flat", "martingale"])),
                placed_at_us=T0 + number * 600_000_000 - draw(st.sampled_from([0, 0, 0, HOUR_US])),
                stake_minor=stake,
                cashout_centi=200,
                payout_minor=payout,
                bankroll_minor=money[bookmaker],
                currency="EUR",
            )
        )
        if draw(st.booleans()):
            found.append(draw(st.sampled_from(found)))
    return found


def by_hand(name: str, stored: list[Bet]) -> BettingStats:
    """Count again, over bets in the order in which they were stored."""
    first = stored[0]
    peak = first.bankroll_minor - first.payout_minor + first.stake_minor
    drawdown = 0
    for bet in stored:
        peak = max(peak, bet.bankroll_minor)
        drawdown = max(drawdown, peak - bet.bankroll_minor)
    rows = [len(list(row)) for won, row in groupby(bet.payout_minor > 0 for bet in stored) if not won]
    newest = max(reversed(stored), key=lambda bet: bet.placed_at_us)
    staked, paid = sum(bet.stake_minor for bet in stored), sum(bet.payout_minor for bet in stored)
    length_us = newest.placed_at_us - min(bet.placed_at_us for bet in stored)
    return BettingStats(
        bookmaker=name,
        bets=len(stored),
        won=sum(bet.payout_minor > 0 for bet in stored),
        staked_minor=staked,
        paid_out_minor=paid,
        bankroll_minor=newest.bankroll_minor,
        currency="EUR",
        newest_at_us=newest.placed_at_us,
        strategy=newest.strategy,
        per_hour_minor=(paid - staked) * HOUR_US / length_us if length_us >= 600_000_000 else None,
        drawdown_minor=drawdown,
        longest_losing=max(rows, default=0),
    )


def expected(told: list[Bet]) -> list[BettingStats]:
    stored: dict[str, dict[tuple[str, str], Bet]] = {}
    for bet in told:
        stored.setdefault(bet.bookmaker, {}).setdefault((bet.round_id, bet.strategy), bet)
    return [by_hand(name, list(some.values())) for name, some in sorted(stored.items())]


def database(migrations: tuple[str, ...]) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    schema.migrate(connection, migrations)
    return connection


@settings(max_examples=80)
@given(told=bets(), cut=st.integers(0, 50))
def test_the_rollup_is_what_all_stored_bets_say(told: list[Bet], cut: int) -> None:
    connection = database(schema.MIGRATIONS)
    store_bets(connection, told[:cut])
    store_bets(connection, told[cut:])
    assert queries.betting_stats(connection) == expected(told)


@settings(max_examples=80)
@given(told=bets(), cut=st.integers(0, 50))
def test_bets_of_the_first_schema_are_counted_when_it_is_brought_up_to_date(
    told: list[Bet], cut: int
) -> None:
    connection = database(schema.MIGRATIONS[:1])
    for bet in told[:cut]:
        store_as_the_first_schema_did(connection, bet)
    schema.migrate(connection)
    store_bets(connection, told[cut:])
    assert queries.betting_stats(connection) == expected(told)


def store_as_the_first_schema_did(connection: apsw.Connection, bet: Bet) -> None:
    row: tuple[Any, ...] = (
        bet.bookmaker,
        bet.round_id,
        bet.strategy,
        bet.placed_at_us,
        bet.stake_minor,
        bet.cashout_centi,
        bet.payout_minor,
        bet.bankroll_minor,
        bet.currency,
    )
    with_same_key = "SELECT 1 FROM bets WHERE bookmaker = ? AND round_id = ? AND strategy = ?"
    if connection.execute(with_same_key, row[:3]).fetchone():
        return
    connection.execute(_INSERT, row)
    connection.execute(
        "INSERT INTO rollup_bets VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (bookmaker) DO UPDATE SET"
        " bets = bets + 1, won = won + ?2, staked_minor = staked_minor + ?3,"
        " paid_out_minor = paid_out_minor + ?4, bankroll_minor = iif(?7 >= newest_at_us, ?5, bankroll_minor),"
        " currency = iif(?7 >= newest_at_us, ?6, currency), newest_at_us = max(newest_at_us, ?7)",
        (
            bet.bookmaker,
            bet.payout_minor > 0,
            bet.stake_minor,
            bet.payout_minor,
            bet.bankroll_minor,
            bet.currency,
            bet.placed_at_us,
        ),
    )
