"""Strategies whose stake depends on nothing but a step on a ladder of stakes, which won and lost bets move.

A ladder is finite: no stake is above the table's limit, and at the highest step a progression stays until it
goes down again. Amounts that a factor makes are rounded up to a whole minor unit, so that every step is
higher than the one before.
"""

from itertools import pairwise

from data_layer.strategies.base import PaperStake, Strategy

MOST_STEPS = 100_000  # of one ladder


class Ladder(Strategy):
    """A bet of `stakes[step]` on every round, always cashed out at the same multiplier.

    `after_won[step]` and `after_lost[step]` are the next step.
    """

    def __init__(
        self,
        stakes_minor: tuple[int, ...],
        cashout_centi: int,
        *,
        after_won: tuple[int, ...],
        after_lost: tuple[int, ...],
    ) -> None:
        self.stakes_minor = stakes_minor
        self.cashout_centi = cashout_centi
        self.after_won = after_won
        self.after_lost = after_lost
        self.step = 0

    def next_bet(self, bankroll_minor: int) -> PaperStake:
        """Return the stake of the step; the bankroll plays no part."""
        return PaperStake(self.stakes_minor[self.step], self.cashout_centi)

    def settle(self, won: bool | None, crash_centi: int) -> None:
        """Go to the next step. A round without a bet changes nothing."""
        if won is not None:
            self.step = (self.after_won if won else self.after_lost)[self.step]


def flat(stake_minor: int, cashout_centi: int) -> Ladder:
    """Return the same stake on every round."""
    return Ladder((stake_minor,), cashout_centi, after_won=(0,), after_lost=(0,))


def martingale(stake_minor: int, cashout_centi: int, factor_centi: int, limit_minor: int) -> Ladder:
    """Return a stake that grows by a factor with every loss and starts again after a win."""
    stakes = _grown(stake_minor, factor_centi, limit_minor, MOST_STEPS)
    return Ladder(stakes, cashout_centi, after_won=(0,) * len(stakes), after_lost=_up(len(stakes)))


def anti_martingale(
    stake_minor: int, cashout_centi: int, factor_centi: int, limit_minor: int, wins: int
) -> Ladder:
    """Return a stake that grows by a factor with every win, and starts again after a loss or `wins` wins.

    A stake that has reached the limit stays there until then.
    """
    grown = _grown(stake_minor, factor_centi, limit_minor, wins)
    stakes = grown + (grown[-1],) * (wins - len(grown))
    return Ladder(stakes, cashout_centi, after_won=(*range(1, wins), 0), after_lost=(0,) * wins)


def dalembert(stake_minor: int, cashout_centi: int, unit_minor: int, limit_minor: int) -> Ladder:
    """Return a stake that is one unit more after a loss and one less after a win, never below the first."""
    whole_steps = min(max(0, limit_minor - stake_minor) // unit_minor, MOST_STEPS - 1)
    stakes = tuple(stake_minor + unit_minor * step for step in range(whole_steps + 1))
    after_won = (0, *range(len(stakes) - 1))
    return Ladder(stakes, cashout_centi, after_won=after_won, after_lost=_up(len(stakes)))


def fibonacci(stake_minor: int, cashout_centi: int, limit_minor: int) -> Ladder:
    """Return stakes of 1, 1, 2, 3, 5, ... times the first: one on after a loss, two back after a win."""
    stakes = [stake_minor]
    last, current = 0, 1
    while stakes[-1] < limit_minor:
        last, current = current, last + current
        stakes.append(min(stake_minor * current, limit_minor))
    after_won = tuple(max(0, step - 2) for step in range(len(stakes)))
    return Ladder(tuple(stakes), cashout_centi, after_won=after_won, after_lost=_up(len(stakes)))


def _up(steps: int) -> tuple[int, ...]:
    return (*range(1, steps), steps - 1)


def _grown(stake_minor: int, factor_centi: int, limit_minor: int, most: int) -> tuple[int, ...]:
    """Return stakes that grow by a factor up to the limit, the limit itself last."""
    stakes = [stake_minor]
    while stakes[-1] < limit_minor and len(stakes) < most:
        stakes.append(min(-(-stakes[-1] * factor_centi // 100), limit_minor))
    assert all(low < high for low, high in pairwise(stakes))
    return tuple(stakes)
