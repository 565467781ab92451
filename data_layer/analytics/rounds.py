"""The rounds that the analytics work on, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.distribution.tally import TallyIndex

UNTIMED = -1


@dataclass(frozen=True, slots=True)
class Rounds:
    """One bookmaker's whole history in the order it was played, and which part of it is asked about.

    The history is there whole because a run of rounds may have begun before the part that is asked about.
    Nothing here is ever changed in place.
    """

    bookmaker: str
    times_us: NDArray[np.int64]  # of the crash, rising; rounds without a time are UNTIMED and come first
    crash_centi: NDArray[np.int64]
    start: int  # the part is [start:stop]
    stop: int
    index: TallyIndex | None = None  # of the whole history, where it is kept: counts without reading it all

    @property
    def count(self) -> int:
        """How many rounds are asked about."""
        return self.stop - self.start

    @property
    def part(self) -> NDArray[np.int64]:
        """The crash points that are asked about."""
        return self.crash_centi[self.start : self.stop]

    @property
    def part_times_us(self) -> NDArray[np.int64]:
        """When they crashed."""
        return self.times_us[self.start : self.stop]
