"""Is a feed what it says it is? All checks of all feeds, put together."""

from collections.abc import Mapping, Sequence

import numpy as np

from data_layer.analytics.claims import Claims
from data_layer.analytics.integrity import repeats, rhythm, round_ids
from data_layer.analytics.integrity.feed import Checked, Feed
from data_layer.analytics.integrity.feed_facts import FeedFacts
from data_layer.analytics.integrity.same_feed import same_feeds
from data_layer.analytics.questions import Integrity, IntegrityFinding, Sample
from data_layer.analytics.rounds import Rounds
from utils.plurals import counted

_SURE = 1e-6  # chance of so few 1.00s below which they are too few; strict, because one looks often
_LEAST_ONES = 5  # expected, to tell anything
_SEVERITIES = ("critical", "warning", "info")
_OFF_GRID = ("off the 0.01 grid", "below 1.00", "is negative", "crash_centi is below", "not finite", "is NaN")


def integrity(
    parts: Sequence[Rounds],
    facts: Mapping[str, FeedFacts],
    sample: Sample,
    claims: Claims | None = None,
) -> Integrity:
    """Return the faults of every feed, the gravest first, and which bookmakers show one sequence.

    `parts` are the asked rounds of all bookmakers of the scope, `facts` what the database knows beside them,
    by bookmaker. Without `claims` too few 1.00s cannot be told.
    """
    known = claims or Claims({})
    feeds = [Feed(part, facts.get(part.bookmaker, FeedFacts()), known.of(part.bookmaker)) for part in parts]
    findings: list[IntegrityFinding] = []
    remarks: dict[str, list[str]] = {}
    for feed in feeds:
        for checked in _checks(feed):
            remarks.setdefault(checked.remark, []).append(feed.part.bookmaker)
            findings += checked.findings
    return Integrity(
        sample=sample,
        findings=tuple(sorted(findings, key=lambda finding: _SEVERITIES.index(finding.severity))),
        feeds=same_feeds(parts),
        checked=tuple(
            remark if len(names) == len(feeds) else f"{remark} ({', '.join(names)})"
            for remark, names in remarks.items()
        ),
        note="" if parts else "n too small (no bookmaker)",
    )


def _checks(feed: Feed) -> list[Checked]:
    beat = rhythm.rhythm(feed)
    return [
        round_ids.check_gaps(feed),
        repeats.check(feed),
        round_ids.check_duplicates(feed),
        _off_grid(feed),
        _too_few_ones(feed),
        rhythm.check_gaps(feed, beat),
        rhythm.check_stalls(feed, beat),
    ]


def _off_grid(feed: Feed) -> Checked:
    """Tell of crash points that are none: they were quarantined."""
    wrong = {
        reason: refusals
        for reason, refusals in feed.facts.refused.items()
        if any(words in reason for words in _OFF_GRID) and reason.startswith("crash")
    }
    remark = "values off the 0.01 grid or under 1.00"
    if not wrong:
        return Checked(remark)
    count = sum(refusals.count for refusals in wrong.values())
    told = ", ".join(f"{reason} ({refusals.count:,})" for reason, refusals in wrong.items())
    first_at_us = min(refusals.first_at_us for refusals in wrong.values())
    text = f"{counted(count, 'input')} without a possible crash point, quarantined: {told}"
    return Checked(remark, (feed.finding("off grid", "warning", count, text, first_at_us=first_at_us),))


def _too_few_ones(feed: Feed) -> Checked:
    """Hold the rounds of exactly 1.00x, which nobody wins, against the claim (binomial test, one-sided).

    A feed with too few of them leaves rounds out, or its crash points are not those that were played.
    """
    remark = "too few 1.00s"
    if feed.claim is None:
        return Checked(f"{remark} not looked for: no claimed return")
    count = feed.part.count
    probability = feed.claim.probability_of_one
    expected = count * probability
    if expected < _LEAST_ONES:
        return Checked(f"{remark} not looked for: n too small (under {_LEAST_ONES} expected)")
    from scipy.special import bdtr

    ones = int(np.count_nonzero(feed.part.part == 100))
    p_value = float(bdtr(ones, count, probability))
    if p_value > _SURE:
        return Checked(remark)
    text = (
        f"{counted(ones, 'round')} of 1.00x where a claimed return of {feed.claim.rtp:g} "
        f"means {expected:,.0f}: rounds are left out or changed, or the claim is wrong "
        f"(chance {max(p_value, 1e-99):.0e})"
    )
    return Checked(remark, (feed.finding("too few 1.00", "warning", ones, text, p_value=p_value),))
