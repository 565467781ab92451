"""Is there a multiplier above which a bookmaker never shows anything?

A cap costs the player exactly the high multipliers, which are too rare for a test at a fixed threshold to
notice soon. But how many rounds should have been above the highest one is known.
"""

from math import floor, log, pi

import numpy as np

from data_layer.analytics.claims import Claim
from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import TailCap
from data_layer.analytics.rounds import Rounds

LEAST_ROUNDS = 100  # to take the tail from the rounds themselves
_MIDDLE_CENTI = 200  # where it is taken from
_Z_SURE = 3.2905  # the standard normal's quantile for 99.9 %, two-sided
_EPOCH = 1.25  # r: where a stretch of rounds ends over where it begins, for looking again and again


def tail_cap(part: Rounds, claim: Claim | None, alpha: float) -> TailCap:
    """Return whether the asked rounds of one bookmaker are capped.

    The p-value is that of no round above the highest, (1 - S)^n with S the claimed share above it: uniform
    where the claim is true. Without a claim S is taken from the share at 2.00x, as S(m) = 2 S(2) / m, and the
    p-value from the lower end of its interval. `alpha` bounds the chance of ever calling a fair feed capped,
    however often one looks: see `limit`.
    """
    crashes = part.part
    if not part.count:
        return _unknown(part, None, "n too small (no rounds)")
    highest = int(crashes.max())
    note = ""
    if claim is not None:
        share = surest = claim.survival(highest + 1)
    else:
        reached = int(np.count_nonzero(crashes >= _MIDDLE_CENTI))
        interval = wilson(reached, part.count, _Z_SURE)
        if part.count < LEAST_ROUNDS or interval is None:
            return _unknown(part, highest, f"n too small ({part.count} rounds) without a claimed return")
        tail = _MIDDLE_CENTI / (highest + 1)
        share = min(1.0, reached / part.count * tail)
        surest = min(1.0, interval.low * tail)
        note = f"no claimed return: the share at {_MIDDLE_CENTI / 100:.2f}x says what to expect"
    p_value = (1 - surest) ** part.count
    capped = p_value < limit(alpha, part.count)
    if capped:
        found = f"none above {highest / 100:.2f}x, although {part.count * share:,.0f} were to be expected"
        note = f"{found}; {note}" if note else found
    return TailCap(
        bookmaker=part.bookmaker,
        rounds=part.count,
        highest_centi=highest,
        expected_above=part.count * share,
        p_value=p_value,
        capped=capped,
        note=note,
    )


def limit(alpha: float, rounds: int) -> float:
    """Return how small the p-value after so many rounds has to be, for a false alarm at most `alpha` ever.

    Time is cut into epochs that end 1.25 times as late as they begin. While n grows from N to less than r N,
    p(n) is at least p(N)^r, because the highest can only rise; so in the k-th epoch p falls below q^r with
    probability at most q, and the q of all epochs, 6 / (pi (k + 1))^2 of alpha, sum up to alpha.
    """
    epoch = floor(log(rounds) / log(_EPOCH))
    return float((alpha * 6 / (pi * (epoch + 1)) ** 2) ** _EPOCH)


def _unknown(part: Rounds, highest: int | None, note: str) -> TailCap:
    return TailCap(
        bookmaker=part.bookmaker,
        rounds=part.count,
        highest_centi=highest,
        expected_above=None,
        p_value=None,
        note=note,
    )
