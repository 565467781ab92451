"""Local time over a stretch of time, for many moments at once.

`zoneinfo` is the library; it reads the system's zones, and on Windows those of `tzdata` (requirements.txt).
It does not tell when clocks change, so the offset is looked at once a day and each change is then found to
the second: since 1970 no zone has changed its clocks twice within five days.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The offsets of a zone from UTC during a stretch of time."""

    changes_us: NDArray[np.int64]  # UTC moments from which each offset holds; the first is where it begins
    offsets_us: NDArray[np.int64]  # local time less UTC
    end_us: int

    def offsets_at(self, times_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the offset at each of some moments of the stretch."""
        return self.offsets_us[np.searchsorted(self.changes_us, times_us, "right") - 1]

    def days(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return when each local day began (UTC) and its number, 1 January 1970 being 0.

        A day begins at the first moment with its date: at a change of the clocks where midnight is skipped,
        and once only where the clocks are put back over midnight. A date that was skipped is absent. The
        first day is the one that the stretch begins in, cut where it begins.
        """
        starts_us, locals_us = self._starts_of(DAY_US)
        numbers = locals_us // DAY_US
        first = np.concatenate(([True], numbers[1:] > np.maximum.accumulate(numbers)[:-1]))
        return starts_us[first], numbers[first]

    def hours(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return when each local hour began (UTC), and the local time then; one that is there twice is so
        here too."""
        return self._starts_of(HOUR_US)

    def _starts_of(self, unit_us: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return each moment at which a local unit of time, or another offset, begins."""
        ends_us = np.append(self.changes_us[1:], self.end_us)
        found = [
            np.append(
                change_us,
                np.arange((change_us + offset_us) // unit_us + 1, -(-(end_us + offset_us) // unit_us))
                * unit_us
                - offset_us,
            )
            for change_us, offset_us, end_us in zip(
                self.changes_us.tolist(), self.offsets_us.tolist(), ends_us.tolist(), strict=True
            )
        ]
        starts_us = np.concatenate(found).astype(np.int64)
        return starts_us, starts_us + self.offsets_at(starts_us)


def local_time(zone: tzinfo, start_us: int, end_us: int) -> LocalTime:
    """Return the offsets of `zone` from `start_us` up to, not including, `end_us`, both within the years 1
    to 9999."""
    start_s, end_s = start_us // SECOND_US, -(-end_us // SECOND_US)
    changes, offsets = [start_us], [_offset_s(zone, start_s)]
    day_s = DAY_US // SECOND_US
    for looked_s in range(start_s + day_s, end_s + day_s, day_s):
        offset = _offset_s(zone, min(looked_s, end_s))
        if offset != offsets[-1]:
            changes.append(_change(zone, looked_s - day_s, min(looked_s, end_s)) * SECOND_US)
            offsets.append(offset)
    return LocalTime(np.array(changes, np.int64), np.array(offsets, np.int64) * SECOND_US, end_us)


def _offset_s(zone: tzinfo, at_s: int) -> int:
    offset = (_EPOCH + timedelta(seconds=at_s)).astimezone(zone).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


def _change(zone: tzinfo, before_s: int, after_s: int) -> int:
    """Return the first second with another offset than `before_s`."""
    old = _offset_s(zone, before_s)
    while after_s - before_s > 1:
        middle = (before_s + after_s) // 2
        if _offset_s(zone, middle) == old:
            before_s = middle
        else:
            after_s = middle
    return after_s
