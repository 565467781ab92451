"""How likely a bankroll is used up: it does not suffice for the next stake any more.

A bet is won with one probability, independently of all others; that it comes from the claimed return or
from the observed share is for the caller to say.
"""

from dataclasses import dataclass
from math import gcd, log, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.backtest.staking import bets_of
from data_layer.strategies.kelly import Kelly
from data_layer.strategies.ladders import Ladder

_SEED = 20_417
_PATHS_OF_FLAT = 10_000
_PATHS = 2_000
_MOST_ROUNDS = 20_000  # of a resampled progression: within a second
_BLOCK = 1 << 16  # terms of a sum at once
_CERTAIN = 1 - 1e-12

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ruin:
    """A probability of ruin, and how it was found."""

    probability: float
    rounds: int  # within which
    error: float | None  # standard error of resampling; None: exact
    paths: int = 0


def of_flat(bankroll: int, stake: int, payout: int, chance: float, bets: int) -> Ruin:
    """Return how likely it is that there is no money for one of `bets` equal bets, each won with `chance`.

    Exact where a win brings a whole number of stakes, else resampled.
    """
    gain = payout - stake
    if gain % stake:
        return _leap(bankroll, stake, gain, chance, bets)
    fall = fall_probability(bankroll // stake, gain // stake, chance, bets - 1)  # the last may take all
    return Ruin(fall, bets, None)


def fall_probability(height: int, gain: int, chance: float, steps: int) -> float:
    """Return how likely a walk that goes up by `gain` (0 or more) or down by 1 falls by `height` in `steps`.

    Hitting-time theorem (R. Otter, 1949; for gain 1 the ballot theorem, W. Feller, An Introduction to
    Probability Theory vol. 1, III.7 and XIV.4): such a walk is down by k for the first time at step n with
    probability k/n times that of being there at step n. With j steps up, n = (gain + 1) j + k. Logarithms of
    factorials limit the precision to about eight digits at ten million steps.
    """
    if height <= 0:
        return 1.0
    if steps < height:
        return 0.0
    if chance <= 0:
        return 1.0
    if chance >= 1:
        return 0.0
    from scipy.special import gammaln

    total = 0.0
    most_up = (steps - height) // (gain + 1)
    for first in range(0, most_up + 1, _BLOCK):
        up = np.arange(first, min(first + _BLOCK, most_up + 1), dtype=np.float64)
        moves = (gain + 1) * up + height
        down = moves - up
        terms = gammaln(moves + 1) - gammaln(up + 1) - gammaln(down + 1)
        terms += up * log(chance) + down * log(1 - chance) + log(height) - np.log(moves)
        total += float(np.exp(terms).sum())
        if total >= _CERTAIN:
            return 1.0
    return min(1.0, total)


def _leap(bankroll: int, stake: int, gain: int, chance: float, bets: int) -> Ruin:
    """Resample equal bets, as many at once as surely can be paid: the law of each path is exact."""
    unit = gcd(stake, gain)
    loss, win = stake // unit, gain // unit
    random = np.random.default_rng(_SEED)
    purse = np.full(_PATHS_OF_FLAT, bankroll // unit, dtype=np.int64)
    left = np.full(_PATHS_OF_FLAT, bets, dtype=np.int64)
    ruined = 0
    while len(purse):
        poor = purse < loss
        ruined += int(np.count_nonzero(poor & (left > 0)))
        playing = ~poor & (left > 0)
        purse, left = purse[playing], left[playing]
        steps = np.minimum(purse // loss, left)
        won = random.binomial(steps, chance)
        purse = purse + won * win - (steps - won) * loss
        left = left - steps
    return _resampled(ruined, _PATHS_OF_FLAT, bets)


def of_ladder(ladder: Ladder, bankroll: int, chance: float, bets: int) -> Ruin:
    """Return, by resampling, how likely a progression from its first step uses up the bankroll."""
    return _walk(_Steps(ladder), bankroll, chance, bets)


def of_kelly(kelly: Kelly, bankroll: int, chance: float, bets: int) -> Ruin:
    """Return, by resampling, how likely shares of the bankroll, at least the least stake, use it up."""
    if kelly.share_ppm <= 0:
        return Ruin(0.0, bets, None)
    return _walk(_Shares(kelly), bankroll, chance, bets)


class _Paths(Protocol):
    """What many paths of one strategy stake side by side."""

    def stakes(self, purses: Ints) -> Ints:
        """Return what each path stakes next."""
        ...

    def settle(self, purses: Ints, won: Ints) -> None:
        """Settle a bet on every path, in place."""
        ...

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Forget the other paths."""
        ...


class _Steps:
    def __init__(self, ladder: Ladder) -> None:
        bets = bets_of(ladder, None)
        self._stakes = bets.stakes
        self._after = np.array((ladder.after_lost, ladder.after_won), dtype=np.int64)
        self._profits = np.stack((-bets.stakes, bets.payouts - bets.stakes))
        self._steps = np.zeros(_PATHS, dtype=np.int64)

    def stakes(self, purses: Ints) -> Ints:
        return self._stakes[self._steps]

    def settle(self, purses: Ints, won: Ints) -> None:
        purses += self._profits[won, self._steps]
        self._steps = self._after[won, self._steps]

    def keep(self, which: NDArray[np.bool_]) -> None:
        self._steps = self._steps[which]


class _Shares:
    def __init__(self, kelly: Kelly) -> None:
        self._kelly = kelly

    def stakes(self, purses: Ints) -> Ints:
        kelly = self._kelly
        enough = kelly.limit_minor * 1_000_000 // kelly.share_ppm + 1  # for the limit; more would overflow
        shares = np.minimum(purses, enough) * kelly.share_ppm // 1_000_000
        found: Ints = np.clip(shares, kelly.stake_minor, kelly.limit_minor)
        return found

    def settle(self, purses: Ints, won: Ints) -> None:
        stakes = self.stakes(purses)
        purses += won * (stakes * self._kelly.cashout_centi // 100) - stakes

    def keep(self, which: NDArray[np.bool_]) -> None:
        return


def _walk(paths: _Paths, bankroll: int, chance: float, bets: int) -> Ruin:
    """Play all paths side by side until their bankroll does not suffice for a stake, or the last round."""
    rounds = min(bets, _MOST_ROUNDS)
    random = np.random.default_rng(_SEED)
    purses = np.full(_PATHS, bankroll, dtype=np.int64)
    for played in range(rounds):
        if played:
            paths.settle(purses, (random.random(len(purses)) < chance).astype(np.int64))
        rich = paths.stakes(purses) <= purses
        if not rich.all():
            purses = purses[rich]
            paths.keep(rich)
            if not len(purses):
                break
    return _resampled(_PATHS - len(purses), _PATHS, rounds)


def _resampled(ruined: int, paths: int, rounds: int) -> Ruin:
    share = ruined / paths
    return Ruin(share, rounds, sqrt(share * (1 - share) / paths), paths)
