"""Shares of counted rounds and how well so many rounds can show them."""

from math import sqrt

from data_layer.analytics.questions import Interval

Z_95 = 1.959963984540054  # the standard normal's quantile at 0.975


def wilson(reached: int, rounds: int, z: float = Z_95) -> Interval | None:
    """Return the score interval of a share, at 95 % unless `z` is another quantile; None without rounds.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927). Unlike the textbook interval it stays within 0 and 1 and
    holds for few rounds and for shares near 0 or 1.
    """
    if rounds <= 0:
        return None
    share = reached / rounds
    squared = z * z / rounds
    middle = share + squared / 2
    half = z * sqrt(share * (1 - share) / rounds + squared / (4 * rounds))
    low = 0.0 if reached == 0 else max(0.0, (middle - half) / (1 + squared))
    high = 1.0 if reached == rounds else min(1.0, (middle + half) / (1 + squared))
    return Interval(low, high)
