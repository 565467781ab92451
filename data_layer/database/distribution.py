"""How crash points are distributed, as counts that can be added and subtracted whole.

A distribution is a row of cumulative counts: the n-th says how many rounds crashed below the n-th limit.
Packed as 32-bit numbers into one big integer, two distributions add (or subtract) in one operation at the
speed of C, without numpy, which neither the writer nor a worker may load. Cumulative counts answer a
threshold with one look and a median with one binary search.

Limits stand at every hundredth up to 3.00x, so a median below 3.00x is exact. Above, a bin is at most 2 %
wide up to 10x, 10 % up to 1,000x and 50 % beyond, and a median there is the middle of its bin: off by at
most 1 %, 5 % and 25 %. (A fair game's median is near 1.98x.) Every counted threshold is a limit too, so its
count is exact.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from data_layer.database.schema import MAX_CRASH_CENTI

EXACT_BELOW_CENTI = 300
_GROWTH = ((1_000, 1.02), (100_000, 1.1), (MAX_CRASH_CENTI, 1.5))  # up to a value, the ratio of limits
_TABLE_CENTI = 2_000  # crash points below it, 95 of 100, find their bin in a table
_LITTLE_ENDIAN = sys.byteorder == "little"


class Bins:
    """The limits that all distributions of one database share."""

    __slots__ = ("_table", "_top_shift", "limits", "size_bytes", "threshold_limits", "thresholds_centi")

    def __init__(self, thresholds_centi: Iterable[int]) -> None:
        self.thresholds_centi = tuple(sorted(set(thresholds_centi)))
        self.limits = _limits(self.thresholds_centi)
        self.size_bytes = 4 * len(self.limits)
        # Per threshold the index of its limit, and the threshold.
        self.threshold_limits = tuple(
            (min(bisect_left(self.limits, value), len(self.limits) - 1), value)
            for value in self.thresholds_centi
        )
        self._table = [bisect_right(self.limits, value) for value in range(_TABLE_CENTI)]
        self._top_shift = 32 * (len(self.limits) - 1)

    def indexes(self, values_centi: Iterable[int]) -> list[int]:
        """Return the bin of each value."""
        table, limits = self._table, self.limits
        return [
            table[value] if value < _TABLE_CENTI else bisect_right(limits, value) for value in values_centi
        ]

    def pack(self, indexes: Iterable[int]) -> int:
        """Return the distribution of values, given the bin of each."""
        counts = [0] * len(self.limits)
        for index in indexes:
            counts[index] += 1
        packed = array("I", accumulate(counts))
        if not _LITTLE_ENDIAN:
            packed.byteswap()
        return int.from_bytes(packed, "little")

    def count(self, packed: int) -> int:
        """Return how many rounds a distribution holds."""
        return packed >> self._top_shift

    def to_blob(self, packed: int) -> bytes:
        """Return `packed` as it is stored: little-endian, whatever the machine."""
        return packed.to_bytes(self.size_bytes, "little")

    def below(self, packed: int) -> Sequence[int]:
        """Return the cumulative counts: the n-th is that of rounds below `limits[n]`."""
        if _LITTLE_ENDIAN:
            return memoryview(packed.to_bytes(self.size_bytes, "little")).cast("I")
        counts = array("I", packed.to_bytes(self.size_bytes, "little"))
        counts.byteswap()
        return counts

    def at_or_above(self, packed: int) -> list[int]:
        """Return how many rounds of a distribution reach each threshold, exactly."""
        below = self.below(packed)
        total = below[-1]
        return [total - below[index] for index, _ in self.threshold_limits]

    def value_of(self, index: int) -> int:
        """Return the crash point that stands for bin `index`: the one that is in it, or its middle."""
        low = self.limits[index - 1] if index else 100
        return (low + self.limits[index] - 1) // 2


def from_blob(blob: bytes | None) -> int:
    """Return a stored distribution; nothing stored is an empty one."""
    return int.from_bytes(blob, "little") if blob else 0


def _limits(thresholds_centi: Iterable[int]) -> tuple[int, ...]:
    limits = set(range(101, EXACT_BELOW_CENTI + 1))
    limits.update(threshold for threshold in thresholds_centi if threshold <= MAX_CRASH_CENTI)
    last = EXACT_BELOW_CENTI
    for up_to, ratio in _GROWTH:
        while last < up_to:
            last = min(int(last * ratio), up_to)
            limits.add(last)
    limits.add(MAX_CRASH_CENTI + 1)
    return tuple(sorted(limits))
