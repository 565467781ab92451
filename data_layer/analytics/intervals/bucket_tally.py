"""Counts, medians and highest crash points of many buckets of rounds at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.rounds import Rounds


@dataclass(frozen=True, slots=True)
class BucketTally:
    """What is in each bucket, by its place."""

    rounds: NDArray[np.int64]
    reached: NDArray[np.int64]  # at or above the threshold
    median_centi: NDArray[np.int64]  # the middle of two, halves up; of no meaning in an empty bucket
    highest_centi: NDArray[np.int64]  # likewise


def tally_by_time(parts: Sequence[Rounds], edges_us: NDArray[np.int64], threshold_centi: int) -> BucketTally:
    """Tally the rounds of the parts in buckets between `edges_us`, each half-open."""
    timed_us = np.maximum(edges_us, 0)  # rounds without a time are at -1
    bounds = [np.searchsorted(part.part_times_us, timed_us) for part in parts]
    return _tally([part.part for part in parts], bounds, threshold_centi, len(edges_us) - 1)


def tally_by_number(part: Rounds, rounds: int, threshold_centi: int) -> BucketTally:
    """Tally the rounds of a part in buckets of `rounds`; the last may have fewer."""
    buckets = -(-part.count // rounds)
    bounds = np.minimum(np.arange(buckets + 1) * rounds, part.count)
    return _tally([part.part], [bounds], threshold_centi, buckets)


def _tally(
    values: Sequence[NDArray[np.int64]],
    bounds: Sequence[NDArray[np.int64]],
    threshold_centi: int,
    buckets: int,
) -> BucketTally:
    """Tally values of which the n-th bucket has those from `bounds[n]` to `bounds[n + 1]`, for each part.

    Bucket and value are put into one number, and all of these are sorted at once.
    """
    rounds = np.zeros(buckets, np.int64)
    for places in bounds:
        rounds += np.diff(places)
    bits = max((int(some.max()) for some in values if len(some)), default=0).bit_length()
    places_of = np.arange(buckets)
    keys = np.empty(int(rounds.sum()), np.int64)
    filled = 0
    for some, places in zip(values, bounds, strict=True):
        inside = some[places[0] : places[-1]]
        keys[filled : filled + len(inside)] = np.repeat(places_of << bits, np.diff(places))
        keys[filled : filled + len(inside)] |= inside
        filled += len(inside)
    keys.sort()
    ends = np.cumsum(rounds)
    starts = ends - rounds
    reached = ends - np.searchsorted(keys, (places_of << bits) + min(threshold_centi, 1 << bits))
    if not len(keys):
        return BucketTally(rounds, reached, np.zeros_like(rounds), np.zeros_like(rounds))
    mask = (1 << bits) - 1
    last = len(keys) - 1
    lower = keys[np.minimum(starts + np.maximum(rounds - 1, 0) // 2, last)] & mask
    upper = keys[np.minimum(starts + rounds // 2, last)] & mask
    highest = keys[np.maximum(ends - 1, 0)] & mask
    return BucketTally(rounds, reached, (lower + upper + 1) // 2, highest)
