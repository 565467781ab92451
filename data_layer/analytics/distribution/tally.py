"""How often each crash point occurs, exactly and for any stretch of a history, without reading all of it.

Crash points lie on a grid of hundredths and 99 of 100 are below 100.00x: those are counted per hundredth, the
few above are kept one by one. Any count or quantile can be read from that without a rounding error.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRID_CENTI = 10_000  # crash points below it are counted per hundredth
BLOCK_ROUNDS = 32_768  # 40 KB of counts are kept for so many rounds: 1.2 bytes a round

Integers = NDArray[np.int64]
_VALUES: Integers = np.arange(GRID_CENTI, dtype=np.int64)
_NO_COUNTS: NDArray[np.int32] = np.zeros(GRID_CENTI, np.int32)


@dataclass(frozen=True, slots=True)
class Tally:
    """The crash points of a set of rounds, in order of size."""

    cumulative: Integers  # [v]: rounds below v hundredths, for v from 0 to GRID_CENTI
    tail: Integers  # the crash points from GRID_CENTI on, rising

    @property
    def total(self) -> int:
        """How many rounds there are."""
        return int(self.cumulative[-1]) + len(self.tail)

    def below(self, threshold_centi: int) -> int:
        """Return how many rounds are below a threshold."""
        if threshold_centi <= GRID_CENTI:
            return int(self.cumulative[max(0, threshold_centi)])
        return int(self.cumulative[-1]) + int(np.searchsorted(self.tail, threshold_centi, "left"))

    def value_at(self, rank: int) -> int:
        """Return the crash point of the round with a rank, 0 for the smallest. `rank` is below `total`."""
        on_grid = int(self.cumulative[-1])
        if rank < on_grid:
            return int(np.searchsorted(self.cumulative, rank, "right")) - 1
        return int(self.tail[rank - on_grid])

    def sum_centi(self) -> int:
        """Return the sum of all crash points."""
        return int(np.diff(self.cumulative) @ _VALUES) + int(self.tail.sum())


class TallyIndex:
    """One bookmaker's history prepared for tallies of any stretch of it. Never changed in place.

    It keeps the running counts at the end of every block; a stretch is the difference of two of them and the
    rounds between its edges and the nearest ends of blocks.
    """

    __slots__ = ("_crash_centi", "_running", "_tail", "_tail_places")

    def __init__(self, crash_centi: Integers) -> None:
        self._crash_centi = crash_centi
        self._running: tuple[NDArray[np.int32], ...] = (_NO_COUNTS,)
        self._tail_places: Integers = np.empty(0, np.int64)
        self._tail: Integers = np.empty(0, np.int64)
        self._complete(0)

    def extended(self, crash_centi: Integers, same: int) -> "TallyIndex":
        """Return the index of `crash_centi`, of which the first `same` rounds are those of this one."""
        index = TallyIndex.__new__(TallyIndex)
        kept = int(np.searchsorted(self._tail_places, same, "left"))
        index._crash_centi = crash_centi
        index._running = self._running[: same // BLOCK_ROUNDS + 1]
        index._tail_places = self._tail_places[:kept]
        index._tail = self._tail[:kept]
        index._complete(same)
        return index

    @property
    def nbytes(self) -> int:
        """Return the memory it takes beside the crash points themselves."""
        return (
            sum(counts.nbytes for counts in self._running[1:]) + self._tail.nbytes + self._tail_places.nbytes
        )

    def counts(self, start: int, stop: int) -> NDArray[np.int32]:
        """Return how many of the rounds [start:stop] are at each hundredth below `GRID_CENTI`."""
        if stop - start <= BLOCK_ROUNDS:
            return grid_counts(self._crash_centi[start:stop])
        return self._counts_before(stop) - self._counts_before(start)

    def tail(self, start: int, stop: int) -> Integers:
        """Return the crash points from `GRID_CENTI` on among the rounds [start:stop], in order of play."""
        first, last = np.searchsorted(self._tail_places, [start, stop], "left")
        return self._tail[first:last]

    def _complete(self, same: int) -> None:
        crash_centi = self._crash_centi
        running = list(self._running)
        for end in range(len(running) * BLOCK_ROUNDS, len(crash_centi) + 1, BLOCK_ROUNDS):
            running.append(running[-1] + grid_counts(crash_centi[end - BLOCK_ROUNDS : end]))
        self._running = tuple(running)
        places = np.flatnonzero(crash_centi[same:] >= GRID_CENTI) + same
        if len(places):
            self._tail_places = np.concatenate([self._tail_places, places])
            self._tail = np.concatenate([self._tail, crash_centi[places]])

    def _counts_before(self, stop: int) -> NDArray[np.int32]:
        nearest = min((stop + BLOCK_ROUNDS // 2) // BLOCK_ROUNDS, len(self._running) - 1)
        edge = nearest * BLOCK_ROUNDS
        counts = self._running[nearest]
        if edge < stop:
            return counts + grid_counts(self._crash_centi[edge:stop])
        if edge > stop:
            return counts - grid_counts(self._crash_centi[stop:edge])
        return counts


def grid_counts(crash_centi: Integers) -> NDArray[np.int32]:
    """Return how many of `crash_centi` are at each hundredth below `GRID_CENTI`."""
    counts = np.bincount(np.minimum(crash_centi, GRID_CENTI), minlength=GRID_CENTI + 1)
    return counts[:GRID_CENTI].astype(np.int32)


def tally(counts: Iterable[NDArray[np.int32]], tails: Sequence[Integers]) -> Tally:
    """Return several bookmakers' counts and tails as one tally."""
    total: Integers = np.zeros(GRID_CENTI, np.int64)
    for some in counts:
        total += some
    cumulative: Integers = np.zeros(GRID_CENTI + 1, np.int64)
    np.cumsum(total, out=cumulative[1:])
    return Tally(cumulative, np.sort(np.concatenate([np.empty(0, np.int64), *tails])))
