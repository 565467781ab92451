"""How crash points are distributed: exact counts, quantiles, survival, return, edge, and what changed."""

from collections.abc import Iterable, Sequence

from data_layer.analytics.claims import Claims, Expected
from data_layer.analytics.distribution.comparison import share_change
from data_layer.analytics.distribution.edge import cashout_for_edge, edge_estimate, threshold_share
from data_layer.analytics.distribution.quantiles import (
    LEAST_FOR_MEDIAN_INTERVAL,
    median,
    median_interval,
    quantiles,
)
from data_layer.analytics.distribution.survival import log_spaced, survival
from data_layer.analytics.distribution.tally import GRID_CENTI, Tally, grid_counts, tally
from data_layer.analytics.questions import Distribution, DistributionQuestion, Sample
from data_layer.analytics.rounds import Rounds

_ONE_CENTI = 100


def distribution(
    parts: Sequence[Rounds],
    before: Sequence[Rounds] | None,
    sample: Sample,
    question: DistributionQuestion,
    claims: Claims,
) -> Distribution:
    """Return the distribution of the crash points of `parts`.

    `before` are the rounds of the span before, as long as this one, to compare with; None: there is none.
    Every count is exact. Shares and returns take the rounds as one sample of independent ones.
    """
    found = tally_of(parts)
    earlier = None if before is None else tally_of(before)
    changes = (
        ()
        if earlier is None
        else tuple(share_change(found, earlier, centi) for centi in question.thresholds_centi)
    )
    rounds_before = None if earlier is None else earlier.total
    if not found.total:
        thresholds = tuple(threshold_share(found, centi, None) for centi in question.thresholds_centi)
        return Distribution(
            sample=sample,
            thresholds=thresholds,
            rounds_before=rounds_before,
            changes=changes,
            note="n too small (no rounds in this span)",
        )
    expected = Expected(parts, claims)
    highest = found.value_at(found.total - 1)
    points = log_spaced(highest)
    cashout = cashout_for_edge(question.thresholds_centi)
    return Distribution(
        sample=sample,
        thresholds=tuple(
            threshold_share(found, centi, expected.share(centi)) for centi in question.thresholds_centi
        ),
        quantiles=quantiles(found),
        median_centi=median(found),
        median_interval_centi=median_interval(found),
        mean_centi=found.sum_centi() / found.total,
        mean_note=mean_note(found),
        lowest_centi=found.value_at(0),
        highest_centi=highest,
        ones=found.below(_ONE_CENTI + 1),
        survival=survival(found, points, [expected.share(centi) for centi in points]),
        edge=edge_estimate(found, cashout, expected.share(cashout)),
        rounds_before=rounds_before,
        changes=changes,
        note=_note(found.total),
    )


def tally_of(parts: Iterable[Rounds]) -> Tally:
    """Return the crash points of all parts together, in order of size."""
    counts, tails = [], []
    for part in parts:
        if part.index is not None:
            counts.append(part.index.counts(part.start, part.stop))
            tails.append(part.index.tail(part.start, part.stop))
        else:
            counts.append(grid_counts(part.part))
            tails.append(part.part[part.part >= GRID_CENTI])
    return tally(counts, tails)


def mean_note(found: Tally) -> str:
    """Return why the mean of crash points says little; there is at least one round.

    Where P(X >= m) falls like 1 / m the distribution has no mean: the observed one grows with the logarithm
    of the number of rounds and hangs on the few highest (tail exponent 1; W. Feller, "An Introduction to
    Probability Theory and Its Applications" 2 (1971), VII.7).
    """
    highest = found.value_at(found.total - 1)
    share = highest / found.sum_centi()
    return (
        "the mean does not settle, however many rounds there are: where P(X >= m) falls like 1/m a few rounds"
        f" decide it; the highest of these {found.total:,} alone is {100 * share:.1f} % of their sum."
        " Use the median"
    )


def _note(rounds: int) -> str:
    if rounds >= LEAST_FOR_MEDIAN_INTERVAL:
        return ""
    unit = "round" if rounds == 1 else "rounds"
    return f"n too small ({rounds} {unit}): the median has no interval"
