"""What the built-in strategies stake on many rounds at once.

The stakes of a ladder depend on nothing but the order of won and lost rounds, so that they are computed
without knowing the bankroll; Kelly's depend on it and are computed one by one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.backtest.course import Course, Ints, Stretch
from data_layer.analytics.claims import Claim
from data_layer.strategies.kelly import Kelly
from data_layer.strategies.ladders import Ladder


class Bets(NamedTuple):
    """Stake and payout of every step of a ladder, and the average profit where there is a claim."""

    stakes: Ints
    payouts: Ints
    expected: NDArray[np.float64] | None


def play_ladder(ladder: Ladder, crashes: Ints, course: Course, claim: Claim | None) -> None:
    """Play `crashes` on a ladder of stakes into `course`."""
    bets = bets_of(ladder, claim)
    for part in course.stretches():
        won = crashes[part] >= ladder.cashout_centi
        steps = next_steps(ladder, won)
        expected = None if bets.expected is None else bets.expected[steps]
        course.add(Stretch(bets.stakes[steps], bets.payouts[steps], won, expected))


def bets_of(ladder: Ladder, claim: Claim | None) -> Bets:
    """Return what a ladder bets at each of its steps."""
    stakes = np.array(ladder.stakes_minor, dtype=np.int64)
    payouts = stakes * ladder.cashout_centi // 100
    return Bets(stakes, payouts, average_profits(stakes, payouts, ladder.cashout_centi, claim))


def average_profits(
    stakes: Ints, payouts: Ints, cashout_centi: int, claim: Claim | None
) -> NDArray[np.float64] | None:
    """Return what each bet brings on average under the claim: payout times P(won), less its stake."""
    if claim is None:
        return None
    chance = claim.survival(cashout_centi)
    return payouts.astype(np.float64) * chance - stakes.astype(np.float64)


def next_steps(ladder: Ladder, won: NDArray[np.bool_]) -> Ints:
    """Return the ladder's step at each of some rounds, and leave it at the step of the round after them."""
    if len(ladder.stakes_minor) == 1:
        return np.zeros(len(won), dtype=np.int64)
    if not any(ladder.after_won):
        row = _row_before(~won, ladder.step)
        steps = np.minimum(row, len(ladder.stakes_minor) - 1)
    elif not any(ladder.after_lost):
        steps = _row_before(won, ladder.step) % len(ladder.stakes_minor)
    else:
        steps = _one_by_one(ladder, won)
    ladder.step = int((ladder.after_won if won[-1] else ladder.after_lost)[steps[-1]])
    return steps


def _row_before(hits: NDArray[np.bool_], row: int) -> Ints:
    """Return how many hits in a row there were right before each place, `row` of them before the first."""
    places = np.arange(len(hits), dtype=np.int64)
    misses = np.where(hits, -1 - row, places)
    newest = np.maximum.accumulate(misses)
    found = np.empty_like(places)
    found[0] = row
    found[1:] = places[1:] - newest[:-1] - 1
    return found


def _one_by_one(ladder: Ladder, won: NDArray[np.bool_]) -> Ints:
    moves = (ladder.after_lost, ladder.after_won)
    step = ladder.step
    steps = [step := moves[hit][step] for hit in won[:-1].tobytes()]
    return np.array([ladder.step, *steps], dtype=np.int64)


def play_kelly(kelly: Kelly, crashes: Ints, course: Course, claim: Claim | None) -> None:
    """Play `crashes` with shares of the bankroll into `course`."""
    for part in course.stretches():
        won = crashes[part] >= kelly.cashout_centi
        stakes = np.array(_shares(kelly, won, course.bankroll), dtype=np.int64)
        payouts = stakes * kelly.cashout_centi // 100
        expected = average_profits(stakes, payouts, kelly.cashout_centi, claim)
        course.add(Stretch(stakes, payouts, won, expected))


def _shares(kelly: Kelly, won: NDArray[np.bool_], bankroll: int) -> list[int]:
    """Return the stake of every round; from ruin on the least stake, which there is no money for."""
    if kelly.share_ppm <= 0:
        return [0] * len(won)
    share, least, most, cashout = kelly.share_ppm, kelly.stake_minor, kelly.limit_minor, kelly.cashout_centi
    stakes = []
    for hit in won.tobytes():
        stake = bankroll * share // 1_000_000
        stake = least if stake < least else min(stake, most)
        stakes.append(stake)
        if stake > bankroll:
            return stakes + [stake] * (len(won) - len(stakes))
        bankroll += (stake * cashout // 100 if hit else 0) - stake
    return stakes
