"""A test that may be looked at after every round: do rounds reach a threshold as often as is claimed?

The evidence against the claimed share p0 is an *e-process*: a bet against the claim that starts with 1, is
fair as long as the claim is true, and so reaches 1/alpha with probability at most alpha, however often and
however long one looks (Ville 1939). Mixtures over the unknown true share are due to Robbins (1970, Annals of
Mathematical Statistics 41) and were developed by Howard, Ramdas, McAuliffe and Sekhon (2021, Annals of
Statistics 49). An average of e-processes is one again, so this one spreads its stake over what may happen:

- The share is another from the first round on: three *beta-binomial* mixtures,
  B(a + k, b + n - k) / B(a, b) / (p0^k (1 - p0)^(n - k)) after k of n rounds. One is centred 5 % under the
  claim, where a quietly lowered return lies; one 5 % above it; a wide one at the claim is for anything else.
- The share changes some day: bets on a few fixed shares, each divided among all possible beginnings, as
  in Shiryaev (1963) but with weights c / ((t + c)(t + c + 1)) that sum to 1, so that it stays an e-process
  that starts with 1. The weights fall slowly: after 100,000 fair rounds a change is found in about a third
  of the rounds that the first part alone would need.

How quick this is beside tests that know more or less is measured by `benchmarks/bench_drift.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK = 32  # a change may begin at every so many rounds
_CHUNK = 2_048 * BLOCK  # rounds worked on at once, so that the columns stay in the processor's cache
_USUAL_CHANGE = 20_000  # c of the weights, in rounds: half of the weight is on a change before that

Floats = NDArray[np.float64]


class _Constant(NamedTuple):
    """A beta-binomial mixture, in terms of the claimed share."""

    weight: float
    factor: float  # mean of the beta distribution over p0
    spread: float  # its standard deviation over p0


class _Change(NamedTuple):
    """A fixed share that may set in at any time."""

    weight: float
    factor: float  # over p0


# The weights sum to 1. Found by simulation for shifts of 2 to 10 % at shares between 0.05 and 0.7.
_CONSTANT = (_Constant(0.46, 0.95, 0.033), _Constant(0.08, 1.05, 0.033), _Constant(0.06, 1.0, 0.25))
_CHANGES = (_Change(0.24, 0.95), _Change(0.06, 0.85), _Change(0.04, 0.6), _Change(0.06, 1.08))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The e-process over a sequence of rounds; logarithms are natural ones."""

    rounds: int
    reached: int
    log_e: float  # after the last round
    highest_log_e: float  # of all moments, the beginning included
    first_over: int | None  # the round, counted from 1, after which it was first at or over the limit


def evidence(reached: NDArray[np.bool_], p0: float, limit_log_e: float) -> Evidence:
    """Return the evidence in a sequence of rounds against the claim that each reaches with chance `p0`.

    `reached` has one entry a round, oldest first. `limit_log_e` is ln(1/alpha), ln(M/alpha) for M tests.
    Raises `ValueError` for a `p0` that is not between 0 and 1, where there is nothing to test.
    """
    if not 0 < p0 < 1:
        raise ValueError(f"a claimed share of {p0} leaves nothing to test")
    process = _Process(p0)
    highest, first, log_e = 0.0, None, 0.0
    for start in range(0, len(reached), _CHUNK):
        moments = process.extend(reached[start : start + _CHUNK])
        log_e = float(moments[-1])
        highest = max(highest, float(moments.max()))
        if first is None and highest >= limit_log_e:
            first = start + int(np.argmax(moments >= limit_log_e)) + 1
    return Evidence(
        rounds=len(reached),
        reached=process.reached,
        log_e=log_e,
        highest_log_e=highest,
        first_over=first,
    )


def log_e_values(reached: NDArray[np.bool_], p0: float) -> Floats:
    """Return the natural logarithm of the e-value after each round. `p0` as in `evidence`."""
    process = _Process(p0)
    parts = [process.extend(reached[start : start + _CHUNK]) for start in range(0, len(reached), _CHUNK)]
    return np.concatenate(parts) if parts else np.empty(0)


def e_bh(log_e: Sequence[float], alpha: float) -> tuple[frozenset[int], float]:
    """Return which of several e-values are discoveries, and the logarithm they had to reach.

    e-BH (Wang and Ramdas 2022, Journal of the Royal Statistical Society B 84): of M e-values, those of the k
    largest for the greatest k whose k-th largest is at least M / (k alpha). However they depend on each
    other, the expected share of false ones among the discoveries is at most alpha.
    """
    tests = len(log_e)
    order = sorted(range(tests), key=lambda index: -log_e[index])
    for k in range(tests, 0, -1):
        limit = float(np.log(tests / (k * alpha)))
        if log_e[order[k - 1]] >= limit:
            return frozenset(order[:k]), limit
    return frozenset(), float(np.log(max(tests, 1) / alpha))


class _Process:
    """The e-process, fed with one chunk of rounds after another; all but the last of `_CHUNK` rounds."""

    def __init__(self, p0: float) -> None:
        self._p0 = p0
        self.rounds = 0
        self.reached = 0
        self._constant = [_BetaBinomial(p0, *shape) for shape in _CONSTANT]
        self._changes = [_FixedShare(p0, *change) for change in _CHANGES]

    def extend(self, reached: NDArray[np.bool_]) -> Floats:
        """Return ln(e) after each of the rounds."""
        count = len(reached)
        hits = np.cumsum(reached, dtype=np.int64)
        trials = np.arange(1, count + 1)
        lost = trials - hits
        null = hits * np.log(self._p0) + lost * np.log1p(-self._p0)
        terms = np.empty((len(self._constant) + len(self._changes) + 1, count))
        for row, mixture in enumerate(self._constant):
            terms[row] = mixture.extend(reached, hits, lost, null)
        begins = np.arange(self.rounds, self.rounds + count + BLOCK, BLOCK)
        for row, change in enumerate(self._changes, len(self._constant)):
            terms[row] = change.extend(hits, lost, begins)
        # What is staked on changes that have not begun is still there.
        waiting = _weight_from(begins[1:])[: -(-count // BLOCK)] * sum(change.weight for change in _CHANGES)
        terms[-1] = np.repeat(np.log(waiting), BLOCK)[:count]
        self.rounds += count
        self.reached += int(hits[-1])
        top = terms.max(axis=0)
        terms -= top
        total: Floats = top + np.log(np.exp(terms, out=terms).sum(axis=0))
        return total


class _BetaBinomial:
    """ln of the weighted beta-binomial mixture: the product of what it predicted, over the claim's."""

    def __init__(self, p0: float, weight: float, factor: float, spread: float) -> None:
        mean = min(p0 * factor, (1 + p0) / 2)  # a share above 1 there is not
        size = max(mean * (1 - mean) / (p0 * spread) ** 2 - 1, 2.0)
        self._for, self._against = mean * size, (1 - mean) * size  # what it has seen, as if before the first
        self._log = float(np.log(weight))

    def extend(
        self,
        reached: NDArray[np.bool_],
        hits: NDArray[np.int64],
        lost: NDArray[np.int64],
        null: Floats,
    ) -> Floats:
        """Return it after each round of a chunk, of which `null` is ln of the claimed probability."""
        before_for = hits - reached + self._for
        before_against = lost - ~reached + self._against
        steps = np.log(np.where(reached, before_for, before_against) / (before_for + before_against))
        result: Floats = np.cumsum(steps) - null + self._log
        self._for += int(hits[-1])
        self._against += int(lost[-1])
        self._log = float(result[-1])
        return result


class _FixedShare:
    """ln of the weighted likelihood ratios of one share that sets in at any multiple of `BLOCK`."""

    def __init__(self, p0: float, weight: float, factor: float) -> None:
        share = min(p0 * factor, (1 + p0) / 2)
        self._log_weight = float(np.log(weight))
        self._hit, self._miss = float(np.log(share / p0)), float(np.log((1 - share) / (1 - p0)))
        self._log = -np.inf

    def extend(self, hits: NDArray[np.int64], lost: NDArray[np.int64], begins: NDArray[np.int64]) -> Floats:
        """Return it after each round of a chunk whose blocks begin at the rounds `begins` of all."""
        ratio = hits * self._hit + lost * self._miss  # of the whole chunk so far
        blocks = -(-len(hits) // BLOCK)
        at_begin = np.concatenate(([0.0], ratio[BLOCK - 1 :: BLOCK]))[:blocks]
        weights = np.log(_weight_from(begins[:blocks]) - _weight_from(begins[:blocks] + BLOCK))
        opened = weights + self._log_weight - at_begin
        opened[0] = np.logaddexp(opened[0], self._log)
        result: Floats = ratio + np.repeat(np.logaddexp.accumulate(opened), BLOCK)[: len(hits)]
        self._log = float(result[-1])
        return result


def _weight_from(rounds: NDArray[np.int64]) -> Floats:
    """Return the weight of all changes that begin after so many rounds, or later."""
    return _USUAL_CHANGE / (_USUAL_CHANGE + rounds)
