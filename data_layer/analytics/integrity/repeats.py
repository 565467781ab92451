"""Stretches of rounds that a feed has shown before."""

from math import exp, log
from typing import NamedTuple

import numpy as np

from data_layer.analytics.integrity.feed import Checked, Feed
from data_layer.analytics.integrity.ngrams import Integers, window_hashes
from utils.plurals import counted

LENGTH = 20  # rounds of a window
_CHANCE = 1e-6  # repeats that independent rounds show more often than this are none


class Repeats(NamedTuple):
    """What is repeated among some rounds; places count from 0."""

    windows: int  # that equal an earlier one
    stretches: int  # of such windows that follow each other, with one lag
    first: int  # round of the first repeating window
    longest: int  # rounds of the longest stretch
    longest_at: int
    longest_of: int  # where that was shown before
    chance: float  # that independent rounds repeat any window


def repeats(crashes: Integers) -> Repeats | None:
    """Return the windows of `LENGTH` rounds that were there before; None where there are none."""
    hashes = window_hashes(crashes, LENGTH)
    order = np.argsort(hashes, kind="stable")  # equal ones in the order they came in
    equal = hashes[order][1:] == hashes[order][:-1]
    if not equal.any():
        return None
    later, earlier = order[1:][equal], order[:-1][equal]
    by_place = np.argsort(later)
    later, earlier = later[by_place], earlier[by_place]
    begins = np.flatnonzero(np.append(True, (np.diff(later) != 1) | (np.diff(earlier) != 1)))
    lengths = np.diff(np.append(begins, len(later)))
    longest = int(np.argmax(lengths))
    return Repeats(
        windows=len(later),
        stretches=len(begins),
        first=int(later[0]),
        longest=int(lengths[longest]) + LENGTH - 1,
        longest_at=int(later[begins[longest]]),
        longest_of=int(earlier[begins[longest]]),
        chance=chance_of_a_repeat(crashes),
    )


def chance_of_a_repeat(crashes: Integers) -> float:
    """Return an upper bound of the chance that independent rounds like these repeat a window of `LENGTH`.

    Two windows that do not overlap are equal with probability c^L, c the sum of the squared shares of the
    crash points; one that overlaps its repeat with at most p^L, p the largest share, because each of its
    rounds must equal an earlier one. The sum over all pairs of windows (Boole's inequality) is the bound.
    """
    count = len(crashes)
    shares = np.unique(crashes, return_counts=True)[1] / count
    apart = 2 * log(count) - log(2) + LENGTH * log(float(np.sum(shares**2)))
    overlapping = log(count * LENGTH) + LENGTH * log(float(shares.max()))
    return min(1.0, exp(min(apart, 0)) + exp(min(overlapping, 0)))


def check(feed: Feed) -> Checked:
    """Look for repeated stretches among the asked rounds."""
    if feed.part.count <= LENGTH:
        return Checked(f"repeated stretches not looked for: n too small ({LENGTH} rounds or fewer)")
    remark = f"repeated stretches of {LENGTH} rounds"
    found = repeats(feed.part.part)
    if found is None:
        return Checked(remark)
    if found.chance > _CHANCE:
        return Checked(f"{remark}: told nothing, so few different crash points repeat by chance")
    text = (
        f"{counted(found.windows, 'window')} of {LENGTH} rounds shown before, "
        f"in {counted(found.stretches, 'piece')}; "
        f"the longest has {found.longest:,} rounds, from {feed.since(found.longest_at)} on, "
        f"which were there from {feed.since(found.longest_of)} on; "
        f"independent rounds would repeat any with a chance below {max(found.chance, 1e-99):.0e}"
    )
    critical = feed.finding(
        "repeated stretch", "critical", found.windows, text, first=found.first, p_value=found.chance
    )
    return Checked(remark, (critical,))
