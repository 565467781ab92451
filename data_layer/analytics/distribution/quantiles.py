"""Quantiles of crash points: observed values, without interpolation."""

from math import floor, sqrt

from data_layer.analytics.distribution.tally import Tally
from data_layer.analytics.proportions import Z_95
from data_layer.analytics.questions import Quantile

PERMILLES = (10, 50, 100, 250, 500, 750, 900, 950, 990, 999)
LEAST_FOR_MEDIAN_INTERVAL = 6  # rounds; the smallest and largest of fewer enclose the median less often
_MEDIAN = 500


def quantiles(tally: Tally) -> tuple[Quantile, ...]:
    """Return the quantiles at `PERMILLES`; nothing where there are no rounds."""
    if not tally.total:
        return ()
    return tuple(
        Quantile(probability=permille / 1000, value_centi=quantile(tally, permille)) for permille in PERMILLES
    )


def quantile(tally: Tally, permille: int) -> int:
    """Return the value below which so many rounds of a thousand lie; there is at least one round.

    Definition 2 of R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", The American
    Statistician 50 (1996): an observed value, or, where two are equally right, the middle of both, halves up.
    """
    rank, rest = divmod(tally.total * permille, 1000)
    upper = min(rank, tally.total - 1)
    if rest or not rank:
        return tally.value_at(upper)
    return (tally.value_at(rank - 1) + tally.value_at(upper) + 1) // 2


def median(tally: Tally) -> int:
    """Return the median; there is at least one round."""
    return quantile(tally, _MEDIAN)


def median_interval(tally: Tally) -> tuple[int, int] | None:
    """Return the interval of the median at 95 %, or a little more; None where there are too few rounds.

    By order statistics: from the r-th smallest to the r-th largest value, r the greatest with
    P(Bin(n, 1/2) < r) <= 0.025; W. J. Conover, "Practical Nonparametric Statistics" (1999), 3.2. It makes no
    assumption on the distribution; in a discrete one it encloses the median more often still.
    """
    rounds = tally.total
    if rounds < LEAST_FOR_MEDIAN_INTERVAL:
        return None
    rank = _lower_rank(rounds)
    return tally.value_at(rank - 1), tally.value_at(rounds - rank)


def _lower_rank(rounds: int) -> int:
    """Return the greatest r with P(Bin(rounds, 1/2) <= r - 1) <= 0.025."""
    from scipy.special import bdtr

    rank = max(1, floor((rounds - Z_95 * sqrt(rounds)) / 2))  # near it by the normal distribution
    while rank > 1 and float(bdtr(rank - 1, rounds, 0.5)) > 0.025:
        rank -= 1
    while float(bdtr(rank, rounds, 0.5)) <= 0.025:
        rank += 1
    return rank
