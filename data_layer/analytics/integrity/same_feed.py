"""Which bookmakers show one and the same sequence of crash points.

Stretches of rounds that two bookmakers have in common are looked for, wherever each of them has them: a
different beginning or a lag does no harm, and a missing round only costs the stretches it would be in. A
stretch counts only if it holds so much information that chance has no part in it.
"""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

import numpy as np

from data_layer.analytics.integrity.ngrams import Hashes, Integers, window_hashes
from data_layer.analytics.questions import SameFeed
from data_layer.analytics.rounds import UNTIMED, Rounds

COMPARED_ROUNDS = 5_000  # the newest of each bookmaker
LENGTH = 10  # rounds of a stretch
LEAST_COMMON = 0.2  # share of the rounds of the one that has fewer
LEAST_ROUNDS = 20
_CHANCE = 1e-9  # bounds the expected number of stretches that only chance made equal
_RARE_CENTI = 4_096  # crash points from here on count as one value, which can only make them less telling


class _Windows(NamedTuple):
    """The telling stretches of one bookmaker, each once, in the order of their hashes."""

    hashes: Hashes
    places: Integers  # of their first rounds


def same_feeds(parts: Sequence[Rounds]) -> tuple[SameFeed, ...]:
    """Return the groups of bookmakers that show one sequence, each with the one that has most rounds first.

    Two bookmakers belong together when the stretches they share cover a fifth of the rounds of the one with
    fewer, and 20 rounds; who belongs to one of a group belongs to all of it. Of the rounds that are asked
    about the newest `COMPARED_ROUNDS` of each are compared.
    """
    newest = [part.part[-COMPARED_ROUNDS:] for part in parts]
    windows = _telling_windows(newest)
    groups: dict[int, list[int]] = {index: [index] for index in range(len(parts))}
    group_of = list(range(len(parts)))
    for first, second in _candidates(windows):
        one, other = group_of[first], group_of[second]
        if one == other or not _is_one_feed(windows[first], windows[second], newest[first], newest[second]):
            continue
        groups[one] += groups.pop(other)
        for member in groups[one]:
            group_of[member] = one
    found = [_same_feed(parts, members, windows) for members in groups.values() if len(members) > 1]
    return tuple(sorted(found, key=lambda feed: feed.bookmakers))


def _telling_windows(newest: Sequence[Integers]) -> list[_Windows]:
    """Return the stretches of each bookmaker that chance does not repeat.

    A stretch of independent rounds equals a given one with chance exp(-I), I the sum of -ln p over its
    rounds. p is the largest share that its crash point has at any bookmaker. Of N stretches in all, those
    with an I of at least ln(N^2 / chance) are expected to have fewer than `_CHANCE` equals by chance.
    """
    shares = np.zeros(_RARE_CENTI + 1)
    clipped = [np.minimum(crashes, _RARE_CENTI) for crashes in newest]
    for crashes in clipped:
        if len(crashes):
            np.maximum(shares, np.bincount(crashes, minlength=_RARE_CENTI + 1) / len(crashes), out=shares)
    information = -np.log(np.maximum(shares, 1e-300))
    stretches = sum(max(0, len(crashes) - LENGTH + 1) for crashes in clipped)
    needed = 2 * log(max(stretches, 1)) - log(_CHANCE)
    found = []
    for crashes, values in zip(newest, clipped, strict=True):
        sums = np.concatenate(([0.0], np.cumsum(information[values])))
        telling = np.flatnonzero(sums[LENGTH:] - sums[:-LENGTH] >= needed)
        hashes = window_hashes(crashes, LENGTH)[telling]
        order = np.argsort(hashes, kind="stable")
        hashes, telling = hashes[order], telling[order]
        first = np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]
        found.append(_Windows(hashes[first], telling[first]))
    return found


def _candidates(windows: Sequence[_Windows]) -> list[tuple[int, int]]:
    """Return the pairs of bookmakers that share stretches, those that share most first.

    Of the bookmakers that have a stretch, each is paired with the next one that has it. That is enough: all
    who share it are joined by a chain of pairs.
    """
    hashes = np.concatenate([own.hashes for own in windows]) if windows else np.empty(0, np.uint64)
    owners = np.repeat(np.arange(len(windows)), [len(own.hashes) for own in windows])
    order = np.argsort(hashes, kind="stable")  # equal ones stay in the order of their bookmakers
    hashes, owners = hashes[order], owners[order]
    linked = hashes[1:] == hashes[:-1]
    codes, counts = np.unique(owners[:-1][linked] * len(windows) + owners[1:][linked], return_counts=True)
    ranked = codes[np.argsort(-counts, kind="stable")]
    return [divmod(int(code), len(windows)) for code in ranked]


def _is_one_feed(one: _Windows, other: _Windows, rounds: Integers, other_rounds: Integers) -> bool:
    places, other_places = _shared(one, other)
    common = min(_covered(places), _covered(other_places))
    return common >= max(LEAST_ROUNDS, LEAST_COMMON * min(len(rounds), len(other_rounds)))


def _shared(one: _Windows, other: _Windows) -> tuple[Integers, Integers]:
    """Return where each of two bookmakers has the stretches that both have."""
    if not len(other.hashes):
        return one.places[:0], other.places
    nearest = np.minimum(np.searchsorted(other.hashes, one.hashes), len(other.hashes) - 1)
    equal = other.hashes[nearest] == one.hashes
    return one.places[equal], other.places[nearest[equal]]


def _covered(places: Integers) -> int:
    """Return how many rounds the stretches that begin at these places cover."""
    if not len(places):
        return 0
    gaps = np.diff(np.sort(places))
    return int(np.minimum(gaps, LENGTH).sum()) + LENGTH


def _same_feed(parts: Sequence[Rounds], members: Sequence[int], windows: Sequence[_Windows]) -> SameFeed:
    first, *others = sorted(members, key=lambda index: (-len(parts[index].crash_centi), index))
    shared = [(other, *_shared(windows[first], windows[other])) for other in others]
    lags = np.concatenate([_lags_us(parts[first], parts[other], *places) for other, *places in shared])
    return SameFeed(
        bookmakers=tuple(parts[index].bookmaker for index in (first, *others)),
        lag_us=int(np.median(lags)) if len(lags) else None,
        matched=min(_covered(at_first) for _, at_first, _ in shared),
    )


def _lags_us(first: Rounds, other: Rounds, at_first: Integers, at_other: Integers) -> Integers:
    """Return how much later `other` shows each stretch that both have; none where times are missing."""
    times = first.part_times_us[-COMPARED_ROUNDS:][at_first]
    later = other.part_times_us[-COMPARED_ROUNDS:][at_other]
    lags: Integers = (later - times)[(times != UNTIMED) & (later != UNTIMED)]
    return lags
