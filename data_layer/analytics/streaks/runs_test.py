"""The Wald-Wolfowitz test: do rounds below and at or above a threshold follow each other by chance?"""

from collections.abc import Sequence
from math import erfc, sqrt

from data_layer.analytics.questions import RunsTest
from data_layer.analytics.streaks.runs import Runs

LEAST_OF_EACH = 10  # rounds on each side of the threshold from which the normal approximation is good


def runs_test(parts: Sequence[Runs]) -> RunsTest:
    """Test the order of the rounds of each part, given how many are on each side; the parts together.

    A. Wald and J. Wolfowitz, "On a test whether two samples are from the same population", Annals of
    Mathematical Statistics 11 (1940): with a at or above, b below and n = a + b the number of runs of either
    kind has the mean 1 + 2ab/n and the variance 2ab(2ab - n) / (n^2 (n - 1)) and is close to normal. Parts
    are independent of each other, so means and variances add. Here runs are cut at the edges of the part:
    the test is about the n rounds of the part alone. `p_value` is two-sided.
    """
    counted = [part for part in parts if part.rounds.count]
    runs = sum(_runs(part) for part in counted)
    above = sum(len(part.hits) for part in counted)
    below = sum(part.rounds.count for part in counted) - above
    expected = sum(_mean(len(part.hits), part.rounds.count) for part in counted)
    variance = sum(_variance(len(part.hits), part.rounds.count) for part in counted)
    fewer = min(above, below)
    if fewer < LEAST_OF_EACH or variance <= 0:
        side = "at or above" if above <= below else "below"
        note = f"n too small ({fewer} {side}, at least {LEAST_OF_EACH} needed)"
        return RunsTest(runs=runs, expected=expected, z=None, p_value=None, note=note)
    z = (runs - expected) / sqrt(variance)
    return RunsTest(runs=runs, expected=expected, z=z, p_value=erfc(abs(z) / sqrt(2)))


def _runs(part: Runs) -> int:
    """Return the number of runs of either kind within the part."""
    if not len(part.hits):
        return 1
    inner = int((part.ended[1:] > 0).sum())
    leads = int(part.hits[0] > 0)
    trails = int(part.hits[-1] < part.rounds.count - 1)
    return 1 + 2 * inner + leads + trails


def _mean(above: int, rounds: int) -> float:
    return 1 + 2 * above * (rounds - above) / rounds


def _variance(above: int, rounds: int) -> float:
    if rounds < 2:
        return 0.0
    doubled = 2 * above * (rounds - above)
    return doubled * (doubled - rounds) / (rounds * rounds * (rounds - 1))
