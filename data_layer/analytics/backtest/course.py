"""The course of a paper bankroll over many rounds, taken in stretch by stretch.

Money is in integer minor units. What the edge alone would have left on average is the bankroll at the start
plus, for every bet, its payout times the claimed probability of winning it, less its stake.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.questions import CurvePoint
from data_layer.analytics.rounds import UNTIMED
from data_layer.strategies.base import StrategyError

MOST_POINTS = 2_000  # of a curve
_BUCKETS = (MOST_POINTS - 1) // 2  # each gives its lowest and its highest point; the last round comes on top
_MOST_MINOR = 9 * 10**18  # what an integer of 64 bits holds, and room for the error of a floating sum
_STRETCH_ROUNDS = 1 << 18  # fits the caches of common processors

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bets on some rounds in a row; all arrays have one entry a round."""

    stakes: Ints  # 0: no bet
    payouts: Ints  # what would be paid if it were won
    won: NDArray[np.bool_]
    expected: NDArray[np.float64] | None  # profit on average; None: no claim


class Course:
    """What became of a bankroll. After `ruined_at_round` nothing is taken in any more."""

    def __init__(self, bankroll_minor: int, rounds: int) -> None:
        """`rounds` is how many there will be at most; it decides how finely the curve is drawn."""
        self.bankroll = bankroll_minor
        self.bets = 0
        self.won = 0
        self.staked = 0
        self.paid_out = 0
        self.rounds = 0  # taken in
        self.expected = 0.0  # profit on average so far
        self.drawdown = 0
        self.longest_losing = 0
        self.ruined_at_round: int | None = None
        self.short_of = 0  # the stake that could not be paid any more
        self._losing = 0
        self._peak = bankroll_minor
        self._bucket = 1 if rounds < MOST_POINTS else -(-rounds // _BUCKETS)
        self._points: list[tuple[Ints, Ints, NDArray[np.float64] | None]] = []
        self._total = rounds

    def stretches(self) -> Iterator[slice]:
        """Yield the parts in which the rounds are to be taken in, until there is no money left."""
        length = max(1, _STRETCH_ROUNDS // self._bucket) * self._bucket
        for start in range(0, self._total, length):
            if self.ruined_at_round is not None:
                return
            yield slice(start, min(start + length, self._total))

    def add(self, part: Stretch) -> None:
        """Take in the next rounds. Raises `StrategyError` for money beyond an integer of 64 bits."""
        self._refuse_too_much(part)
        profits = np.where(part.won, part.payouts, 0) - part.stakes
        after = np.cumsum(profits)
        after += self.bankroll
        before = after - profits
        short = part.stakes > before
        count = len(after)
        if short.any():
            count = int(short.argmax())
            self.ruined_at_round = self.rounds + count + 1
            self.short_of = int(part.stakes[count])
        if count:
            self._take(part, after[:count], count)

    def _refuse_too_much(self, part: Stretch) -> None:
        if self.bankroll + int(part.payouts.max()) * len(part.payouts) <= _MOST_MINOR:
            return
        if self.bankroll + float(part.payouts[part.won].sum(dtype=np.float64)) > _MOST_MINOR:
            raise StrategyError("it wins more paper money than can be counted; choose a smaller stake")

    def curve(self, times_us: Ints, bankroll_minor: int, *, claimed: bool) -> tuple[CurvePoint, ...]:
        """Return at most `MOST_POINTS` points, the lowest and the highest of every stretch among them."""
        found = []
        for rounds, bankrolls, expected in (*self._points, *self._end()):
            at_us = times_us[rounds]
            averages = expected.tolist() if claimed and expected is not None else [None] * len(rounds)
            for number, when, bankroll, average in zip(
                rounds.tolist(), at_us.tolist(), bankrolls.tolist(), averages, strict=True
            ):
                found.append(
                    CurvePoint(
                        round=number + 1,
                        at_us=None if when == UNTIMED else when,
                        bankroll_minor=bankroll,
                        expected_minor=None if average is None else bankroll_minor + average,
                    )
                )
        return tuple(found)

    def _take(self, part: Stretch, after: Ints, count: int) -> None:
        stakes, won = part.stakes[:count], part.won[:count]
        placed = stakes > 0
        won_bets = won & placed
        self.bets += int(np.count_nonzero(placed))
        self.won += int(np.count_nonzero(won_bets))
        self.staked += int(stakes.sum())
        self.paid_out += int(part.payouts[:count][won_bets].sum())
        peaks = np.maximum.accumulate(np.maximum(after, self._peak))
        self.drawdown = max(self.drawdown, int((peaks - after).max()))
        self._peak = int(peaks[-1])
        self._count_losing(won_bets if placed.all() else won_bets[placed])
        expected = None
        if part.expected is not None:
            expected = np.cumsum(part.expected[:count])
            expected += self.expected
            self.expected = float(expected[-1])
        self._draw(after, expected)
        self.rounds += count
        self.bankroll = int(after[-1])

    def _count_losing(self, won: NDArray[np.bool_]) -> None:
        """Take in the outcomes of placed bets, for the longest row of lost ones."""
        wins = np.flatnonzero(won)
        if not len(wins):
            self._losing += len(won)
            self.longest_losing = max(self.longest_losing, self._losing)
            return
        inside = int(np.diff(wins).max() - 1) if len(wins) > 1 else 0
        self.longest_losing = max(self.longest_losing, self._losing + int(wins[0]), inside)
        self._losing = len(won) - 1 - int(wins[-1])
        self.longest_losing = max(self.longest_losing, self._losing)

    def _end(self) -> list[tuple[Ints, Ints, NDArray[np.float64] | None]]:
        """Return the last round, where it is not among the points yet."""
        if not self._points or self._points[-1][0][-1] == self.rounds - 1:
            return []
        return [(np.array([self.rounds - 1]), np.array([self.bankroll]), np.array([self.expected]))]

    def _draw(self, after: Ints, expected: NDArray[np.float64] | None) -> None:
        if self._bucket == 1:
            chosen = np.arange(len(after))
        else:
            whole = len(after) // self._bucket * self._bucket
            by_bucket = after[:whole].reshape(-1, self._bucket)
            starts = np.arange(0, whole, self._bucket)
            picked = [starts + by_bucket.argmin(axis=1), starts + by_bucket.argmax(axis=1)]
            if whole < len(after):
                picked.append(np.array([whole + after[whole:].argmin(), whole + after[whole:].argmax()]))
            chosen = np.unique(np.concatenate(picked))
        averages = None if expected is None else expected[chosen]
        self._points.append((chosen + self.rounds, after[chosen], averages))
