"""The runs of one bookmaker's rounds below a threshold, each as long as it was played.

A run is a stretch of rounds below the threshold with a round at or above it, or the end of what was played,
on either side. It belongs to the part of the history that is asked about when the round that ended it does,
and the one that nothing has ended yet when the newest round does. It may have begun before that part.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.questions import Run
from data_layer.analytics.rounds import Rounds

_FIRST_LOOK = 256  # rounds, when looking back for the last one at or above


@dataclass(frozen=True, slots=True)
class Runs:
    """The asked part of one history, seen from one threshold."""

    rounds: Rounds
    previous: int  # place in the history of the last round at or above before the part; -1: none
    hits: NDArray[np.int64]  # places in the part, from its start, of the rounds at or above
    ended: NDArray[np.int64]  # for each of them the length of the run it ended; 0: none
    tail: int  # rounds below between the last one at or above, or the beginning, and the part's end

    @property
    def open(self) -> bool:
        """Whether the rounds below at the end are a run that goes on."""
        return self.tail > 0 and self.rounds.count > 0 and self.rounds.stop == len(self.rounds.crash_centi)

    @property
    def ever_reached(self) -> bool:
        """Whether any round up to the part's end was at or above."""
        return len(self.hits) > 0 or self.previous >= 0

    def open_run(self) -> Run | None:
        """Return the run that nothing has ended yet."""
        if not self.open:
            return None
        started = self.rounds.stop - self.tail
        return Run(
            bookmaker=self.rounds.bookmaker,
            length=self.tail,
            started_at_us=self._time(started),
            ended_at_us=None,
            ended_by_centi=None,
            open=True,
        )

    def longest_ended(self) -> Run | None:
        """Return the longest run that was ended, the newest of equals."""
        if not len(self.ended):
            return None
        place = len(self.ended) - 1 - int(self.ended[::-1].argmax())
        return self._ended_run(place) if self.ended[place] else None

    def newest_ended(self, count: int) -> list[Run]:
        """Return up to `count` runs that were ended, newest first."""
        found: list[int] = []
        stop = len(self.ended)
        while stop and len(found) < count:
            start = max(0, stop - max(_FIRST_LOOK, 4 * count))
            places = start + np.flatnonzero(self.ended[start:stop])
            found += places[::-1].tolist()
            stop = start
        return [self._ended_run(place) for place in found[:count]]

    def _ended_run(self, place: int) -> Run:
        length = int(self.ended[place])
        ended_by = self.rounds.start + int(self.hits[place])
        return Run(
            bookmaker=self.rounds.bookmaker,
            length=length,
            started_at_us=self._time(ended_by - length),
            ended_at_us=self._time(ended_by),
            ended_by_centi=int(self.rounds.crash_centi[ended_by]),
            open=False,
        )

    def _time(self, place: int) -> int | None:
        time_us = int(self.rounds.times_us[place])
        return time_us if time_us >= 0 else None


def runs_below(rounds: Rounds, threshold_centi: int) -> Runs:
    """Return the runs below `threshold_centi` that belong to the asked part of `rounds`."""
    previous = _last_reached(rounds.crash_centi[: rounds.start], threshold_centi)
    hits = np.flatnonzero(rounds.part >= threshold_centi)
    ended = np.empty_like(hits)
    began = previous - rounds.start  # counted from the part's start, as `hits` are
    if len(hits):
        ended[0] = hits[0] - began
        np.subtract(hits[1:], hits[:-1], out=ended[1:])
        ended -= 1
        began = int(hits[-1])
    return Runs(rounds, previous, hits, ended, rounds.count - 1 - began)


def _last_reached(crash_centi: NDArray[np.int64], threshold_centi: int) -> int:
    """Return the place of the last value at or above, -1 when there is none."""
    stop, look = len(crash_centi), _FIRST_LOOK
    while stop:
        start = max(0, stop - look)
        places = np.flatnonzero(crash_centi[start:stop] >= threshold_centi)
        if len(places):
            return start + int(places[-1])
        stop, look = start, look * 4
    return -1
