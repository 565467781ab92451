"""What cashing out at a multiplier pays back, and the house edge that shows in it."""

from collections.abc import Sequence
from math import sqrt

from data_layer.analytics.distribution.tally import Tally
from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import EdgeEstimate, Interval, ThresholdShare

LEAST_CASHOUT_CENTI = 101  # at 1.00 every stake comes back, whatever the edge
_USUAL_CASHOUT_CENTI = 200


def threshold_share(tally: Tally, threshold_centi: int, expected: float | None) -> ThresholdShare:
    """Return the rounds about one threshold and what cashing out there paid back.

    A stake of 1 cashed out at m brings m with probability S(m), else nothing: the return is m * S(m), its
    standard error m * sqrt(S (1 - S) / n) of the binomial distribution, its interval m times Wilson's of S
    (1927). `expected` is the claimed share.
    """
    rounds = tally.total
    below = tally.below(threshold_centi)
    at_or_below = tally.below(threshold_centi + 1)
    reached = rounds - below
    share = reached / rounds if rounds else None
    interval = wilson(reached, rounds)
    multiplier = threshold_centi / 100
    return ThresholdShare(
        threshold_centi=threshold_centi,
        at_or_above=reached,
        above=rounds - at_or_below,
        at_or_below=at_or_below,
        below=below,
        share=share,
        wilson=interval,
        expected=expected,
        payback=None if share is None else multiplier * share,
        payback_error=None if share is None else multiplier * sqrt(share * (1 - share) / rounds),
        payback_interval=None if interval is None else _scaled(interval, multiplier),
    )


def cashout_for_edge(thresholds_centi: Sequence[int]) -> int:
    """Return the cash-out at which the edge is measured: the lowest one asked about, else 2.00x.

    Where P(X >= m) = r / m every cash-out has the same edge 1 - r, and the error of its estimate,
    sqrt(r (m - r) / n), is smallest at the lowest. The choice must not depend on the rounds themselves, or
    the interval would not hold.
    """
    return min(
        (centi for centi in thresholds_centi if centi >= LEAST_CASHOUT_CENTI), default=_USUAL_CASHOUT_CENTI
    )


def edge_estimate(tally: Tally, cashout_centi: int, expected: float | None) -> EdgeEstimate | None:
    """Return the house edge 1 - m * S(m) at a cash-out with its interval; None without rounds.

    The interval is that of the return there, turned round. `expected` is the claimed share at the cash-out.
    """
    found = threshold_share(tally, cashout_centi, expected)
    if found.payback is None or found.payback_interval is None:
        return None
    return EdgeEstimate(
        edge=1 - found.payback,
        interval=Interval(1 - found.payback_interval.high, 1 - found.payback_interval.low),
        threshold_centi=cashout_centi,
        claimed=None if expected is None else 1 - cashout_centi / 100 * expected,
    )


def _scaled(interval: Interval, factor: float) -> Interval:
    return Interval(interval.low * factor, interval.high * factor)
