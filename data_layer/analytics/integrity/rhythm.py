"""When rounds come: gaps that do not fit their multipliers, and stalls against a feed's own rhythm.

A round lasts as long as its multiplier takes to climb, so where times are true the gap between two rounds
follows the multiplier: at one bookmaker with a rank correlation of 0.994. Times or multipliers that were made
up or changed do not keep to it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.integrity.feed import Checked, Feed, long
from data_layer.analytics.integrity.ngrams import Integers
from data_layer.analytics.questions import IntegrityFinding
from data_layer.analytics.rounds import UNTIMED
from utils.plurals import counted

BLOCK = 64  # rounds over which a rank correlation is taken
LEAST_GAPS = 2 * BLOCK
FITS = 0.9  # correlation from which on gaps follow multipliers
UNLIKE = 0.5  # and under which they do not; by chance a block of a feed that fits never comes near it
_TRIED = 256  # blocks that tell which round a gap follows
_LEVELS = 64  # rounds a level of multipliers has at least, whose usual gap is taken
_MOST_LEVELS = 256
_SPREADS = 8  # how many times the usual deviation a gap may be off
_TOO_SOON = 0.25  # share of the usual gap that must be missing, too
_LOST = 3  # usual gaps without a round that make a stall, above what the multiplier explains
_LOST_UNEXPLAINED = 10  # the same where gaps do not follow multipliers

Floats = NDArray[np.float64]


class Rhythm(NamedTuple):
    """The gaps of a feed, in microseconds, and how they follow the multipliers."""

    gaps: Integers
    crashes: Integers  # that each gap follows: of the round that ends it, or of the one before
    offset: int  # place of the round that ends the first gap
    correlation: float  # Spearman's, over all
    blocks: Floats  # the same over each `BLOCK` gaps; NaN where it cannot be told
    follows: bool


def rhythm(feed: Feed) -> Rhythm | None:
    """Return the rhythm of the rounds that have a time; None where they are too few or have no distance.

    The time of a round may be that of its crash or of its beginning: gaps are held against the multiplier
    that explains them better, that of the round which ends the gap or of the one before.
    """
    times_us = feed.part.part_times_us
    untimed = int(np.count_nonzero(times_us == UNTIMED))  # they come first
    gaps = np.diff(times_us[untimed:])
    if len(gaps) < LEAST_GAPS or np.median(gaps) <= 0:
        return None
    crashes = feed.part.part[untimed:]
    ended, before = (_block_correlations(gaps, some, at_most=_TRIED) for some in (crashes[1:], crashes[:-1]))
    chosen = crashes[:-1] if _usual(before) > _usual(ended) else crashes[1:]
    blocks = _block_correlations(gaps, chosen)
    return Rhythm(
        gaps=gaps,
        crashes=chosen,
        offset=untimed + 1,
        correlation=float(_correlations(gaps[None], chosen[None])[0]),
        blocks=blocks,
        follows=_usual(blocks) >= FITS,
    )


def check_gaps(feed: Feed, found: Rhythm | None) -> Checked:
    """Look for gaps that do not fit their multipliers, where they usually do."""
    if found is None:
        return Checked("gaps against multipliers not looked for: n too small, or no times")
    if not found.follows:
        return Checked(
            f"gaps against multipliers: they do not follow them (rank correlation {found.correlation:.3f})"
        )
    findings = [*_unlike_stretches(feed, found), *_too_soon(feed, found)]
    return Checked("gaps against multipliers", findings)


def check_stalls(feed: Feed, found: Rhythm | None) -> Checked:
    """Look for gaps far longer than usual: three rounds could have been in them, or ten where gaps vary."""
    if found is None:
        return Checked("stalls not looked for: n too small, or no times")
    usual = float(np.median(found.gaps))
    if found.follows:
        _, upper, spread = _expected(found)
        places = np.flatnonzero(found.gaps > upper + max(_LOST * usual, _SPREADS * spread))
    else:
        places = np.flatnonzero(found.gaps > _LOST_UNEXPLAINED * usual)
    if not len(places):
        return Checked("stalls")
    longest = int(places[np.argmax(found.gaps[places])])
    known = sum(_is_known(feed, place) for place in (places + found.offset).tolist())
    text = (
        f"{counted(len(places), 'stall')} where a round usually comes every {long(usual)}; the longest, "
        f"{long(float(found.gaps[longest]))}, ended with {feed.since(longest + found.offset)}"
    )
    text += f"; the worker told of {known:,} of them" if known else ""
    severity = "info" if known == len(places) else "warning"
    first = int(places[0]) + found.offset
    return Checked("stalls", (feed.finding("stall", severity, len(places), text, first=first),))


def _is_known(feed: Feed, place: int) -> bool:
    """Whether the worker told of a gap that touches the time before this round."""
    before_us, at_us = feed.part.part_times_us[place - 1 : place + 1]
    return any(
        gap.started_at_us <= at_us and before_us <= (gap.ended_at_us or gap.started_at_us)
        for gap in feed.facts.gaps
    )


def _unlike_stretches(feed: Feed, found: Rhythm) -> list[IntegrityFinding]:
    unlike = np.flatnonzero(found.blocks < UNLIKE)
    if not len(unlike):
        return []
    first = int(unlike[0]) * BLOCK + found.offset
    usual = float(np.nanmedian(found.blocks[found.blocks >= UNLIKE]))
    text = (
        f"in {len(unlike):,} of {len(found.blocks):,} stretches of {BLOCK} rounds "
        f"the gap before a round does not fit its multiplier "
        f"(rank correlation {found.blocks[unlike[0]]:.2f}, else {usual:.3f}), "
        f"first from {feed.since(first)} on: times or multipliers there are not the game's own"
    )
    return [feed.finding("gap unlike multiplier", "critical", len(unlike) * BLOCK, text, first=first)]


def _too_soon(feed: Feed, found: Rhythm) -> list[IntegrityFinding]:
    lower, _, spread = _expected(found)
    limits = lower - np.maximum(_TOO_SOON * lower, _SPREADS * spread)
    places = np.flatnonzero((found.gaps < limits) & _fitting(found))  # an unlike stretch was told whole
    if not len(places):
        return []
    first = int(places[0])
    text = (
        f"{counted(len(places), 'round')} came sooner than the multiplier takes; the first is "
        f"{feed.since(first + found.offset)}: {long(float(found.gaps[first]))} for "
        f"{found.crashes[first] / 100:.2f}x, usually at least {long(float(lower[first]))}"
    )
    return [feed.finding("gap unlike multiplier", "warning", len(places), text, first=first + found.offset)]


def _expected(found: Rhythm) -> tuple[Floats, Floats, float]:
    """Return between what a gap usually lies for its multiplier, and the usual deviation from that.

    The rounds of stretches that fit are put in order of their multiplier and cut into levels of equal
    number; a level's median is its usual gap, and a gap usually lies between those of the levels below and
    above its own. Above the highest level it grows with the logarithm of the multiplier, as the flight does.
    """
    fitting = _fitting(found)
    gaps, crashes = found.gaps[fitting], found.crashes[fitting]
    levels = min(max(len(gaps) // _LEVELS, 2), _MOST_LEVELS)
    parts = np.array_split(np.argsort(crashes, kind="stable"), levels)
    usual = np.maximum.accumulate([float(np.median(gaps[part])) for part in parts])
    begins = [int(crashes[part[0]]) for part in parts]
    level = np.searchsorted(begins[1:], found.crashes, side="right")
    deviations = np.abs(found.gaps - usual[level])[fitting]
    spread = max(1.4826 * float(np.median(deviations)), 0.02 * float(np.median(gaps)))
    lower = usual[np.maximum(level - 1, 0)]
    upper = usual[np.minimum(level + 1, levels - 1)]
    highest = level == levels - 1
    middle = max(float(np.median(crashes[parts[-1]])), 101.0)
    growth = np.log(np.maximum(found.crashes[highest], 101) / 100) / np.log(middle / 100)
    upper[highest] *= np.maximum(1.0, growth)
    return lower, upper, spread


def _fitting(found: Rhythm) -> NDArray[np.bool_]:
    """Return which gaps are not in a stretch that is unlike the others."""
    inside = np.repeat(~(found.blocks < UNLIKE), BLOCK)
    return np.append(inside, np.ones(len(found.gaps) - len(inside), np.bool_))


def _block_correlations(gaps: Integers, crashes: Integers, at_most: int | None = None) -> Floats:
    """Return the correlation within each whole block, or within about `at_most` of them, evenly chosen."""
    blocks = len(gaps) // BLOCK
    step = 1 if at_most is None else max(1, blocks // at_most)
    whole = blocks * BLOCK
    return _correlations(gaps[:whole].reshape(-1, BLOCK)[::step], crashes[:whole].reshape(-1, BLOCK)[::step])


def _correlations(first: Integers, second: Integers) -> Floats:
    """Return Spearman's rank correlation (1904) of each pair of rows, ties at their mean rank."""
    from scipy.stats import rankdata

    one, other = (rankdata(values, axis=1) - (values.shape[1] + 1) / 2 for values in (first, second))
    sizes = np.sqrt(np.sum(one**2, axis=1) * np.sum(other**2, axis=1))
    with np.errstate(invalid="ignore"):  # a row of equal values has no correlation
        found: Floats = np.sum(one * other, axis=1) / sizes
    return found


def _usual(blocks: Floats) -> float:
    """Return what three quarters of the blocks stay under: a fault in most of them does not hide the rest."""
    known = blocks[~np.isnan(blocks)]
    return float(np.quantile(known, 0.75)) if len(known) else 0.0
