"""How long runs are, how long independent rounds would make them, and what followed so many below."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import ConditionalShare, RunCount
from data_layer.analytics.streaks.runs import Runs

_LEAST_EXPECTED = 0.5  # a length of which no run was seen is listed from here on
_SPARSE = 8  # from so many times as long as there are runs on, lengths are sorted instead of counted


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many runs were ended at each length, shortest first."""

    lengths: NDArray[np.int64]
    runs: NDArray[np.int64]


def lengths_of(ended: NDArray[np.int64]) -> Lengths:
    """Count the lengths of ended runs; 0 stands for a round at or above that ended none."""
    if not len(ended):
        return Lengths(np.empty(0, np.int64), np.empty(0, np.int64))
    if int(ended.max()) > _SPARSE * len(ended) + 1_000:
        lengths, runs = np.unique(ended, return_counts=True)
        return Lengths(lengths, runs)
    runs = np.bincount(ended)
    lengths = np.flatnonzero(runs)
    return Lengths(lengths, runs[lengths])


def run_counts(parts: Sequence[Runs], lengths: Sequence[Lengths], share: float) -> tuple[RunCount, ...]:
    """Return how many runs of each length were ended, beside what independent rounds would give.

    Listed is every length that was seen or of which at least half a run would be expected.

    A run of length k ends with a given round when that round is at or above, the k before it are below and
    the one before those is at or above (or is not there, at the beginning of the history): share^2 * q^k, or
    share * q^k, and expectations add. A. M. Mood, "The distribution theory of runs", Annals of Mathematical
    Statistics 11 (1940), section 3, with the history's beginning and an open end told apart.
    """
    seen: dict[int, int] = {}
    for found in lengths:
        for length, runs in zip(found.lengths.tolist(), found.runs.tolist(), strict=True):
            seen[length] = seen.get(length, 0) + runs
    seen.pop(0, None)
    expectable = np.arange(1, _longest_expected(parts, share) + 1)
    expected = _expected(parts, expectable, share)
    listed = sorted({*seen, *expectable[expected >= _LEAST_EXPECTED].tolist()})
    expected = _expected(parts, np.array(listed, np.int64), share)
    return tuple(
        RunCount(length=length, runs=seen.get(length, 0), expected=value)
        for length, value in zip(listed, expected.tolist(), strict=True)
    )


def _longest_expected(parts: Sequence[Runs], share: float) -> int:
    """Return a length above which fewer than `_LEAST_EXPECTED` runs are expected."""
    rounds = sum(part.rounds.count for part in parts)
    most = share * (share * rounds + len(parts))  # of it times q^k, see `_expected`
    if most <= _LEAST_EXPECTED or share >= 1:
        return 0
    return min(rounds, int(log(_LEAST_EXPECTED / most) / log1p(-share)) + 1)


def _expected(parts: Sequence[Runs], lengths: NDArray[np.int64], share: float) -> NDArray[np.float64]:
    total = np.zeros(len(lengths))
    for part in parts:
        start, stop = part.rounds.start, part.rounds.stop
        total += share * np.maximum(0, stop - np.maximum(start, lengths + 1))
        total += (lengths >= start) & (lengths < stop)
    result: NDArray[np.float64] = share * (1 - share) ** lengths * total
    return result


def conditional_shares(
    parts: Sequence[Runs], lengths: Sequence[Lengths], most: int = 10
) -> tuple[ConditionalShare, ...]:
    """Return the share at or above among rounds with k rounds below right before them, k from 1 to `most`.

    Of independent rounds it is the same for every k. The k rounds may have been before the asked part; the
    one that is counted is in it.
    """
    return tuple(_conditional(parts, lengths, k) for k in range(1, most + 1))


def _conditional(parts: Sequence[Runs], lengths: Sequence[Lengths], k: int) -> ConditionalShare:
    rounds = reached = 0
    for part, found in zip(parts, lengths, strict=True):
        long_enough = found.lengths >= k
        runs = found.runs[long_enough]
        reached += int(runs.sum())
        # The round after the first k of a run, and each one up to that which ended it.
        rounds += int(((found.lengths[long_enough] - k + 1) * runs).sum())
        rounds += max(0, part.tail - k) - _before(part, k)
    return ConditionalShare(
        k=k,
        rounds=rounds,
        reached=reached,
        share=reached / rounds if rounds else None,
        wilson=wilson(reached, rounds),
    )


def _before(part: Runs, k: int) -> int:
    """Return how many of the rounds with k below before them were played before the part began."""
    return max(0, part.rounds.start - 1 - part.previous - k)
