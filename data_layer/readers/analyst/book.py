"""The rounds of one bookmaker, held as columns that grow as rounds come in."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.distribution.tally import TallyIndex
from data_layer.analytics.rounds import UNTIMED, Rounds
from data_layer.readers.analyst.growing import GrowingColumn

Integers = NDArray[np.int64]


class Sums(NamedTuple):
    """What tells whether two sets of rounds are the same one, as `rollup_lifetime` has it."""

    rounds: int
    timed: int
    sum_centi: int
    min_centi: int | None
    max_centi: int | None
    first_at_us: int | None
    newest_at_us: int | None


class Book:
    """One bookmaker's rounds in the order they were played: by time, then as stored, untimed ones first."""

    __slots__ = ("_crash_centi", "_highest", "_index", "_lowest", "_sum_centi", "_times_us", "bookmaker")

    def __init__(self, bookmaker: str, times_us: Integers, crash_centi: Integers) -> None:
        self.bookmaker = bookmaker
        self._times_us = GrowingColumn(times_us)
        self._crash_centi = GrowingColumn(crash_centi)
        self._sum_centi = 0
        self._lowest: int | None = None
        self._highest: int | None = None
        self._sum_up(crash_centi)
        self._index = TallyIndex(self._crash_centi.view)

    def add(self, times_us: Integers, crash_centi: Integers) -> None:
        """Put new rounds, given in the order they were stored, where they belong. At least one."""
        order = np.argsort(times_us, kind="stable")
        times_us, crash_centi = times_us[order], crash_centi[order]
        there = self._times_us.view
        same = len(there)
        if same and times_us[0] < there[-1]:
            places = np.searchsorted(there, times_us, "right")
            same = int(places[0])
            self._times_us.insert(places, times_us)
            self._crash_centi.insert(places, crash_centi)
        else:
            self._times_us.append(times_us)
            self._crash_centi.append(crash_centi)
        self._sum_up(crash_centi)
        self._index = self._index.extended(self._crash_centi.view, same)

    def rounds(self) -> Rounds:
        """Return all rounds; later ones do not change what was returned."""
        times_us, crash_centi = self._times_us.view, self._crash_centi.view
        return Rounds(self.bookmaker, times_us, crash_centi, 0, len(times_us), self._index)

    def sums(self) -> Sums:
        """Return the sums of all rounds."""
        times_us, count = self._times_us.view, len(self._times_us.view)
        timed = count - int(np.searchsorted(times_us, UNTIMED, "right"))
        return Sums(
            rounds=count,
            timed=timed,
            sum_centi=self._sum_centi,
            min_centi=self._lowest,
            max_centi=self._highest,
            first_at_us=int(times_us[count - timed]) if timed else None,
            newest_at_us=int(times_us[-1]) if timed else None,
        )

    def _sum_up(self, crash_centi: Integers) -> None:
        if not len(crash_centi):
            return
        lowest, highest = int(crash_centi.min()), int(crash_centi.max())
        self._sum_centi += int(crash_centi.sum())
        self._lowest = lowest if self._lowest is None else min(self._lowest, lowest)
        self._highest = highest if self._highest is None else max(self._highest, highest)
