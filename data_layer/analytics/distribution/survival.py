"""How many rounds reach a multiplier: the survival function of crash points, with its bands."""

from collections.abc import Sequence
from math import log, log10, sqrt

from data_layer.analytics.distribution.tally import Tally
from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import Interval, SurvivalPoint

POINTS_A_DECADE = 30
_ONE_CENTI = 100
_ROUND_CENTI = (100, 120, 150, 200, 300, 500)  # and ten, a hundred, ... times them


def log_spaced(highest_centi: int) -> tuple[int, ...]:
    """Return multipliers from 1.00 to the highest, evenly spaced on a logarithmic axis, and round ones."""
    steps = max(1, round(POINTS_A_DECADE * log10(highest_centi / _ONE_CENTI)))
    found = {round(_ONE_CENTI * (highest_centi / _ONE_CENTI) ** (step / steps)) for step in range(steps + 1)}
    decade = 1
    while _ONE_CENTI * decade <= highest_centi:
        found.update(decade * centi for centi in _ROUND_CENTI if decade * centi <= highest_centi)
        decade *= 10
    return tuple(sorted(found | {highest_centi}))


def dkw_half_width(rounds: int, alpha: float = 0.05) -> float:
    """Return how far the whole observed survival function may be from the true one, at 1 - alpha.

    sup |F_n - F| <= sqrt(ln(2 / alpha) / (2 n)) with that probability: A. Dvoretzky, J. Kiefer, J. Wolfowitz
    (1956) with the constant of P. Massart, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality",
    Annals of Probability 18 (1990). It holds for discrete distributions too. `rounds` is at least 1.
    """
    return sqrt(log(2 / alpha) / (2 * rounds))


def survival(
    tally: Tally, multipliers_centi: Sequence[int], expected: Sequence[float | None]
) -> tuple[SurvivalPoint, ...]:
    """Return the share of rounds at or above each multiplier; nothing where there are no rounds.

    The Wilson interval holds for each point alone, the Dvoretzky-Kiefer-Wolfowitz band for all at once.
    `expected` are the claimed shares of the same multipliers.
    """
    rounds = tally.total
    if not rounds:
        return ()
    half = dkw_half_width(rounds)
    points = []
    for multiplier_centi, claimed in zip(multipliers_centi, expected, strict=True):
        reached = rounds - tally.below(multiplier_centi)
        share = reached / rounds
        interval = wilson(reached, rounds)
        assert interval is not None  # there are rounds
        points.append(
            SurvivalPoint(
                multiplier_centi=multiplier_centi,
                share=share,
                wilson=interval,
                dkw=Interval(max(0.0, share - half), min(1.0, share + half)),
                expected=claimed,
            )
        )
    return tuple(points)
