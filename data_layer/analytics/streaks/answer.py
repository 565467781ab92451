"""Runs of rounds below a threshold: which there were, and how likely independent rounds make them."""

from collections.abc import Iterable, Sequence
from math import expm1, log1p

from data_layer.analytics.questions import Run, Sample, Streaks, StreaksQuestion
from data_layer.analytics.rounds import Rounds
from data_layer.analytics.streaks.run_lengths import conditional_shares, lengths_of, run_counts
from data_layer.analytics.streaks.run_probability import probability_of_run
from data_layer.analytics.streaks.runs import Runs, runs_below
from data_layer.analytics.streaks.runs_test import runs_test


def streaks(parts: Sequence[Rounds], sample: Sample, question: StreaksQuestion) -> Streaks:
    """Return the runs that belong to the asked parts, of several bookmakers together, never across them.

    Expectations and probabilities are those of independent rounds that are at or above the threshold as
    often as the asked rounds of all parts together were. `probability_of_current` and `_of_longest` are of
    such a run in any of the parts, however many bookmakers there are. `since_last` is the longest wait among
    the bookmakers that ever had a round at or above, as of the end of what is asked about.
    """
    found = [runs_below(part, question.threshold_centi) for part in parts if part.count]
    rounds = sum(runs.rounds.count for runs in found)
    if not rounds:
        return Streaks(sample=sample, threshold_centi=question.threshold_centi, note="no rounds")
    share = sum(len(runs.hits) for runs in found) / rounds
    lengths = [lengths_of(runs.ended) for runs in found]
    open_runs = sorted(filter(None, (runs.open_run() for runs in found)), key=_newness, reverse=True)
    current = max(open_runs, key=lambda run: run.length, default=None)
    longest = max(
        (*filter(None, (runs.longest_ended() for runs in found)), *open_runs), key=_size, default=None
    )
    return Streaks(
        sample=sample,
        threshold_centi=question.threshold_centi,
        share=share,
        current=current,
        longest=longest,
        newest=_newest(found, open_runs, question.newest),
        counts=run_counts(found, lengths, share),
        since_last=max((runs.tail for runs in found if runs.ever_reached), default=None),
        probability_of_current=_probability(found, current, share),
        probability_of_longest=_probability(found, longest, share),
        conditional=conditional_shares(found, lengths),
        runs_test=runs_test(found),
    )


def _newest(found: Iterable[Runs], open_runs: Sequence[Run], count: int) -> tuple[Run, ...]:
    ended = sorted((run for runs in found for run in runs.newest_ended(count)), key=_newness, reverse=True)
    return (*open_runs, *ended)[:count]


def _newness(run: Run) -> int:
    """Return when the run ended or, of one that is open, began; runs without a time before all others."""
    at_us = run.started_at_us if run.open else run.ended_at_us
    return -1 if at_us is None else at_us


def _size(run: Run) -> tuple[int, bool, int]:
    return run.length, run.open, _newness(run)


def _probability(found: Iterable[Runs], run: Run | None, share: float) -> float | None:
    """Return how likely a run at least as long as `run` belongs to any of the parts.

    It is that of so many rounds below in a row that reach into the part: they may have begun up to that
    length before it, so that these rounds count as tried as well. A run that goes on past the end of a part
    is among them, although it belongs to what came after: for a long part that makes no difference.
    """
    if run is None:
        return None
    tried = [runs.rounds.count + min(runs.rounds.start, run.length) for runs in found]
    chances = dict(zip(tried, probability_of_run(run.length, tried, share), strict=True))
    if max(chances.values()) >= 1:
        return 1.0
    return -expm1(sum(log1p(-chances[count]) for count in tried))
