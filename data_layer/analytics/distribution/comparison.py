"""Is a share another one than before? The difference of two proportions, for samples of any size."""

from math import comb, erfc, sqrt
from typing import TYPE_CHECKING

from data_layer.analytics.distribution.tally import Tally
from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import Interval, ShareChange

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ALPHA = 0.05
_TIE = 1 + 1e-7  # how much more probable a table may be, for rounding, and still count as equally so
_SURELY_ENOUGH = 10  # rounds on both sides: some result of theirs is always told from chance


def share_change(now: Tally, before: Tally, threshold_centi: int) -> ShareChange:
    """Return the change of the share at or above one threshold between two spans, in percentage points."""
    rounds, rounds_before = now.total, before.total
    reached, reached_before = (
        rounds - now.below(threshold_centi),
        rounds_before - before.below(threshold_centi),
    )
    share = reached / rounds if rounds else None
    share_before = reached_before / rounds_before if rounds_before else None
    if share is None or share_before is None:
        which = "this span" if share is None else "the span before"
        return ShareChange(
            threshold_centi=threshold_centi,
            now=share,
            before=share_before,
            difference_points=None,
            interval_points=None,
            p_value=None,
            note=f"n too small (no rounds in {which})",
        )
    interval = newcombe(reached, rounds, reached_before, rounds_before)
    enough = _may_tell(rounds, rounds_before)
    return ShareChange(
        threshold_centi=threshold_centi,
        now=share,
        before=share_before,
        difference_points=100 * (share - share_before),
        interval_points=Interval(100 * interval.low, 100 * interval.high),
        p_value=p_value(reached, rounds, reached_before, rounds_before) if enough else None,
        note="" if enough else f"n too small ({rounds} and {rounds_before} rounds)",
    )


def newcombe(reached: int, rounds: int, other_reached: int, other_rounds: int) -> Interval:
    """Return the 95 % interval of the difference of two shares; both have rounds.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions:
    comparison of eleven methods", Statistics in Medicine 17 (1998): Wilson's intervals of both, combined. It
    holds for few rounds and for shares near 0 or 1, and stays within -1 and 1.
    """
    share, other = reached / rounds, other_reached / other_rounds
    own, others = wilson(reached, rounds), wilson(other_reached, other_rounds)
    assert own is not None  # both have rounds
    assert others is not None
    difference = share - other
    return Interval(
        difference - sqrt((share - own.low) ** 2 + (others.high - other) ** 2),
        difference + sqrt((own.high - share) ** 2 + (other - others.low) ** 2),
    )


def p_value(reached: int, rounds: int, other_reached: int, other_rounds: int) -> float:
    """Return how often chance alone makes two shares differ at least so much, two-sided.

    The "N - 1" chi-squared test where every expected count is at least 1, else the Fisher-Irwin test by
    Irwin's rule: I. Campbell, "Chi-squared and Fisher-Irwin tests of two-by-two tables with small sample
    recommendations", Statistics in Medicine 26 (2007).
    """
    total = rounds + other_rounds
    hits = reached + other_reached
    misses = total - hits
    if not hits or not misses:
        return 1.0
    if min(hits, misses) * min(rounds, other_rounds) < total:
        return _fisher_irwin(reached, hits, rounds, total)
    cross = reached * (other_rounds - other_reached) - other_reached * (rounds - reached)
    chi_square = cross * cross * (total - 1) / (rounds * other_rounds * hits * misses)
    return erfc(sqrt(chi_square / 2))


def _fisher_irwin(reached: int, hits: int, rounds: int, total: int) -> float:
    """Return the probability of all tables that are no more probable than this one, its margins given."""
    import numpy as np
    from scipy.special import gammaln

    def log_choose(n: int, k: "NDArray[np.float64]") -> "NDArray[np.float64]":
        found: NDArray[np.float64] = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        return found

    least = max(0, hits - (total - rounds))
    possible = np.arange(least, min(hits, rounds) + 1, dtype=np.float64)
    logs = log_choose(rounds, possible) + log_choose(total - rounds, hits - possible)
    chances = np.exp(logs - logs.max())
    return float(chances[chances <= chances[reached - least] * _TIE].sum() / chances.sum())


def _may_tell(rounds: int, other_rounds: int) -> bool:
    """Tell whether even the greatest difference of so many rounds could not be put down to chance."""
    if min(rounds, other_rounds) >= _SURELY_ENOUGH:
        return True
    sides = 2 if rounds == other_rounds else 1
    return sides / comb(rounds + other_rounds, min(rounds, other_rounds)) <= _ALPHA
