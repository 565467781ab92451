"""Do all crash points of a bookmaker fit the claimed distribution?

Two tests, because each sees what the other does not: chi-square over fixed bins, and the randomised
probability integral transform with a Kolmogorov-Smirnov statistic. Crash points are discrete, with an atom
at 1.00, so a plain Kolmogorov-Smirnov test would be wrong. Both are for one look: watched after every round,
their p-values fall below any limit some day (for that there is `sequential.py`).
"""

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.claims import Claim
from data_layer.analytics.questions import Goodness
from data_layer.analytics.rounds import Rounds

LEAST_ROUNDS = 30
LEAST_EXPECTED = 5  # rounds in a bin (Cochran 1952): fewer, and chi-square is not its distribution
# Where bins begin, in hundredths; the first is 1.00 alone.
BIN_EDGES = (
    100, 101, 105, 110, 120, 130, 140, 150, 165, 180, 200, 225, 250, 300, 350, 400, 500, 700,
    1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000,
)  # fmt: skip

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class ChiSquare(NamedTuple):
    """Pearson's statistic over bins that were fixed before the rounds were seen."""

    bins: int
    statistic: float | None
    degrees: int
    p_value: float | None


class PitTest(NamedTuple):
    """Kolmogorov-Smirnov over randomised probability integral transforms."""

    statistic: float | None  # the greatest distance to the uniform distribution
    p_value: float | None


def goodness(part: Rounds, claim: Claim | None) -> Goodness:
    """Return how well the asked rounds of one bookmaker fit its claim; figures are None where they cannot."""
    crashes = part.part
    ones = int(np.count_nonzero(crashes == 100))
    if claim is None or part.count < LEAST_ROUNDS:
        note = "no claimed return" if claim is None else f"n too small ({part.count} rounds)"
        chi, pit = ChiSquare(0, None, 0, None), PitTest(None, None)
    else:
        chi = chi_square(crashes, claim)
        pit = randomised_pit(crashes, claim, part.bookmaker, part.start)
        note = "" if chi.statistic is not None else f"n too small for bins ({part.count} rounds)"
    return Goodness(
        bookmaker=part.bookmaker,
        rounds=part.count,
        bins=chi.bins,
        chi_square=chi.statistic,
        degrees=chi.degrees,
        chi_square_p=chi.p_value,
        pit_statistic=pit.statistic,
        pit_p=pit.p_value,
        ones=ones,
        ones_expected=None if claim is None else part.count * claim.probability_of_one,
        note=note,
    )


def chi_square(crashes: Integers, claim: Claim) -> ChiSquare:
    """Return Pearson's chi-square (1900) of the crash points against the claim.

    Neighbouring bins are merged, from the lowest up, until each expects `LEAST_EXPECTED` rounds. Nothing is
    estimated from the rounds, so the degrees of freedom are the bins less one. None where only one is left.
    """
    from scipy.special import chdtrc

    edges = np.array(BIN_EDGES, dtype=np.int64)
    expected = len(crashes) * -np.diff(np.append(survival(edges, claim), 0.0))
    observed = np.histogram(crashes, bins=np.append(edges, np.iinfo(np.int64).max))[0]
    starts = _merged(expected)
    if len(starts) < 2:
        return ChiSquare(len(starts), None, 0, None)
    expected, observed = np.add.reduceat(expected, starts), np.add.reduceat(observed, starts)
    statistic = float(np.sum((observed - expected) ** 2 / expected))
    degrees = len(starts) - 1
    return ChiSquare(len(starts), statistic, degrees, float(chdtrc(degrees, statistic)))


def randomised_pit(crashes: Integers, claim: Claim, bookmaker: str, start: int) -> PitTest:
    """Return the test of the randomised probability integral transforms of the crash points.

    Of a discrete crash point x, P(X > x) + v P(X = x) with v uniform is uniform where the claim is true
    (Brockwell 2007, Statistics and Probability Letters 77; Czado, Gneiting and Held 2009, Biometrics 65).
    v is drawn from the bookmaker's name and the round's place in its history (`start` is the first one's),
    so the same rounds give the same answer and one round more changes it by one round. The p-value is
    Kolmogorov's limit with the correction of Stephens (1970, Journal of the Royal Statistical Society B 32).
    """
    from scipy.special import kolmogorov

    count = len(crashes)
    above = survival(crashes + 1, claim)
    transforms = np.sort(above + _draws(bookmaker, start, count) * (survival(crashes, claim) - above))
    steps = np.arange(count + 1) / count
    statistic = float(max(np.max(steps[1:] - transforms), np.max(transforms - steps[:-1])))
    root = np.sqrt(count)
    return PitTest(statistic, float(kolmogorov((root + 0.12 + 0.11 / root) * statistic)))


def survival(crashes: Integers, claim: Claim) -> Floats:
    """Return `Claim.survival` of each of many thresholds."""
    shares: Floats = np.minimum(1.0, claim.scale / np.maximum(crashes - claim.offset, 1))
    return np.where(crashes <= 100, 1.0, shares)


def _merged(expected: Floats) -> list[int]:
    """Return where merged bins start, so that each expects enough; the last takes what is left over."""
    starts = [0]
    collected = 0.0
    for index, count in enumerate(expected):
        if collected >= LEAST_EXPECTED:
            starts.append(index)
            collected = 0.0
        collected += float(count)
    if collected < LEAST_EXPECTED and len(starts) > 1:
        starts.pop()
    return starts


def _draws(bookmaker: str, start: int, count: int) -> Floats:
    seed = int.from_bytes(hashlib.blake2b(bookmaker.encode(), digest_size=16).digest(), "big")
    bits = np.random.PCG64(seed)
    bits.advance(start)  # each draw takes one step
    return np.random.Generator(bits).random(count)
