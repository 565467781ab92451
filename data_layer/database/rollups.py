"""Rollups of rounds by day and hour, kept in the transaction that stores the rounds.

Each stored structure exists so that a window of time costs the same however long the history is:

- `rollup_hour.crashes` holds the hour's rounds exactly, for the edges of a window;
- `rollup_day.running` is the distribution of everything up to the end of the day, so that a window is the
  difference of two of them;
- `rollup_hour.before` does the same inside a day. An hour has it when since the hour before it the count of
  the day's rounds reached another multiple of `CHECKPOINT_ROUNDS`, so sparse hours do not pay for it.

A late round changes the running distributions of the days after its own: one addition of two integers each.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import repeat
from operator import itemgetter, sub
from typing import Any

import apsw
import msgspec

from data_layer.database.distribution import Bins, from_blob
from data_layer.database.hours import DAY_US, HOUR_US, pack_hour, unpack_hour
from data_layer.database.lifetime import Lifetime

CHECKPOINT_ROUNDS = 60

_TWO_DAYS = (
    "SELECT day_us, count, sum_centi, min_centi, max_centi, at_or_above, running FROM rollup_day"
    " WHERE bookmaker = ? AND day_us <= ? ORDER BY day_us DESC LIMIT 2"
)
_SET_DAY = (
    "INSERT INTO rollup_day VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (bookmaker, day_us) DO UPDATE"
    " SET count = ?3, sum_centi = ?4, min_centi = ?5, max_centi = ?6, at_or_above = ?7, running = ?8"
)
_LATER_DAYS = "SELECT rowid, running FROM rollup_day WHERE bookmaker = ? AND day_us > ?"
_SET_RUNNING = "UPDATE rollup_day SET running = ? WHERE rowid = ?"
_HOUR = (
    "SELECT count, sum_centi, min_centi, max_centi, at_or_above, crashes FROM rollup_hour"
    " WHERE bookmaker = ? AND hour_us = ?"
)
_LAST_HOUR = (
    "SELECT count FROM rollup_hour WHERE bookmaker = ? AND hour_us >= ? AND hour_us < ?"
    " ORDER BY hour_us DESC LIMIT 1"
)
_NEW_HOUR = "INSERT INTO rollup_hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CHANGE_HOUR = (
    "UPDATE rollup_hour SET count = ?3, sum_centi = ?4, min_centi = ?5, max_centi = ?6, at_or_above = ?7,"
    " crashes = ?8 WHERE bookmaker = ?1 AND hour_us = ?2"
)
_LAST_BEFORE = (
    "SELECT hour_us, before FROM rollup_hour WHERE bookmaker = ? AND hour_us BETWEEN ? AND ?"
    " AND before IS NOT NULL ORDER BY hour_us DESC LIMIT 1"
)
_HOURS_FROM = (
    "SELECT rowid, hour_us, count, crashes, before IS NOT NULL FROM rollup_hour"
    " WHERE bookmaker = ? AND hour_us >= ? AND hour_us < ? ORDER BY hour_us"
)
_SET_BEFORE = "UPDATE rollup_hour SET before = ? WHERE rowid = ?"

_counts = msgspec.json.Decoder(list[int])


class Rollups:
    """Adds new rounds to the rollups. The caller owns the transaction."""

    def __init__(self, connection: apsw.Connection, bins: Bins) -> None:
        self._execute = connection.execute
        self._bins = bins

    def add(self, lifetime: Lifetime, times_us: Sequence[int | None], values_centi: Sequence[int]) -> None:
        """Count new rounds of one bookmaker in, in any order; `lifetime` is changed, but not saved."""
        lifetime.add_values(values_centi)
        times, values, untimed = _in_order_of_time(times_us, values_centi)
        if untimed:
            lifetime.distribution += self._bins.pack(self._bins.indexes(untimed))
        if not times:
            return
        newest_us = lifetime.newest_at_us
        end, count = 0, len(times)
        while end < count:
            day_us = times[end] // DAY_US * DAY_US
            begin, end = end, bisect_left(times, day_us + DAY_US, end)
            day = _Day(lifetime.bookmaker, day_us, times[begin:end], values[begin:end])
            late = newest_us is not None and day.times[0] < newest_us
            lifetime.distribution += self._add_day(day, newest_us, late=late)
        lifetime.add_times(count, times[0], times[-1])

    def _add_day(self, day: "_Day", newest_us: int | None, *, late: bool) -> int:
        """Add the rounds of one day to all that is kept of it; return their distribution."""
        rows: list[tuple[Any, ...]] = self._execute(_TWO_DAYS, (day.bookmaker, day.day_us)).fetchall()
        today: tuple[Any, ...] | None = rows[0] if rows and rows[0][0] == day.day_us else None
        earlier = rows[1:] if today is not None else rows[:1]
        before = from_blob(earlier[0][6]) if earlier else 0
        running = from_blob(today[6]) if today is not None else before
        first_hour_us = day.times[0] // HOUR_US * HOUR_US
        first_is_new = newest_us is None or newest_us < first_hour_us
        if late:
            added = self._add_hours(day, None, first_is_new=False)
            self._mark_hours(day.bookmaker, day.day_us, first_hour_us)
        else:
            added = self._add_hours(day, running - before, first_is_new=first_is_new)
        sums = _sums(day.values, self._bins.at_or_above(added), today[1:6] if today is not None else None)
        self._execute(_SET_DAY, (day.bookmaker, day.day_us, *sums, self._bins.to_blob(running + added)))
        if newest_us is not None and newest_us >= day.day_us + DAY_US:
            later: list[tuple[Any, ...]] = self._execute(_LATER_DAYS, (day.bookmaker, day.day_us)).fetchall()
            for key, blob in later:
                self._execute(_SET_RUNNING, (self._bins.to_blob(from_blob(blob) + added), key))
        return added

    def _add_hours(self, day: "_Day", so_far: int | None, *, first_is_new: bool) -> int:
        """Add the rounds of a day to their hours; return their distribution.

        `so_far` is that of the day's earlier rounds, None when some of them come after these; then the
        hours are left without `before`.
        """
        bins = self._bins
        added = 0
        times = day.times
        indexes = bins.indexes(day.values)
        end, count = 0, len(times)
        last_count = self._last_count(day) if so_far and first_is_new else 0
        while end < count:
            hour_us = times[end] // HOUR_US * HOUR_US
            begin, end = end, bisect_left(times, hour_us + HOUR_US, end)
            packed = bins.pack(indexes[begin:end])
            offsets = list(map(sub, times[begin:end], repeat(hour_us)))
            values = day.values[begin:end]
            stored = None
            if so_far is None or (begin == 0 and not first_is_new):
                stored = self._execute(_HOUR, (day.bookmaker, hour_us)).fetchone()
            sums = _sums(values, bins.at_or_above(packed), stored[:5] if stored is not None else None)
            if stored is not None:
                crashes = _merged(stored[5], stored[0], offsets, values, sums[3])
                self._execute(_CHANGE_HOUR, (day.bookmaker, hour_us, *sums, crashes))
            else:
                crashes = pack_hour(offsets, values, sums[3])
                mark = None
                if so_far is not None and _is_marked(bins.count(so_far + added), last_count):
                    mark = bins.to_blob(so_far + added)
                self._execute(_NEW_HOUR, (day.bookmaker, hour_us, *sums, crashes, mark))
            last_count = sums[0]
            added += packed
        return added

    def _last_count(self, day: "_Day") -> int:
        """Return the count of the day's last hour before the new rounds' first."""
        first_hour_us = day.times[0] // HOUR_US * HOUR_US
        row = self._execute(_LAST_HOUR, (day.bookmaker, day.day_us, first_hour_us)).fetchone()
        return int(row[0]) if row is not None else 0

    def _mark_hours(self, bookmaker: str, day_us: int, changed_hour_us: int) -> None:
        """Set `before` of the hours of a day anew, given the first hour that changed."""
        bins = self._bins
        row = self._execute(_LAST_BEFORE, (bookmaker, day_us, changed_hour_us)).fetchone()
        begin_us, so_far = (row[0], from_blob(row[1])) if row is not None else (day_us, 0)
        hours: list[tuple[Any, ...]] = self._execute(
            _HOURS_FROM, (bookmaker, begin_us, day_us + DAY_US)
        ).fetchall()
        last_count = 0
        for key, hour_us, count, crashes, is_marked in hours:
            if hour_us > begin_us and _is_marked(bins.count(so_far), last_count):
                self._execute(_SET_BEFORE, (bins.to_blob(so_far), key))
            elif hour_us > begin_us and is_marked:
                self._execute(_SET_BEFORE, (None, key))
            so_far += bins.pack(bins.indexes(unpack_hour(crashes, count)[1]))
            last_count = count


class _Day:
    """New rounds of one bookmaker within one day, in order of time."""

    __slots__ = ("bookmaker", "day_us", "times", "values")

    def __init__(self, bookmaker: str, day_us: int, times: Sequence[int], values: Sequence[int]) -> None:
        self.bookmaker = bookmaker
        self.day_us = day_us
        self.times = times
        self.values = values


def _is_marked(count_before: int, last_hour_count: int) -> bool:
    """Whether an hour is to know what came before it, given that count and the one of the hour before it."""
    return count_before // CHECKPOINT_ROUNDS > (count_before - last_hour_count) // CHECKPOINT_ROUNDS


def _sums(
    values: Sequence[int], reached: list[int], stored: tuple[Any, ...] | None
) -> tuple[int, int, int, int, str]:
    """Return count, sum, smallest, largest and the counts per threshold of new values and those stored."""
    count, total, lowest, highest = len(values), sum(values), min(values), max(values)
    if stored is not None:
        count += stored[0]
        total += stored[1]
        lowest = min(lowest, stored[2])
        highest = max(highest, stored[3])
        reached = [old + new for old, new in zip(_counts.decode(stored[4]), reached, strict=True)]
    return count, total, lowest, highest, str(reached)


def _merged(blob: bytes, count: int, offsets: list[int], values: Sequence[int], largest: int) -> bytes:
    """Return the blob of an hour with new rounds among those it holds."""
    stored_offsets, stored_values = unpack_hour(blob, count)
    all_offsets, all_values = [*stored_offsets, *offsets], [*stored_values, *values]
    if stored_offsets[-1] > offsets[0]:
        all_offsets, all_values = _sorted_pairs(all_offsets, all_values)
    return pack_hour(all_offsets, all_values, largest)


def _in_order_of_time(
    times_us: Sequence[int | None], values_centi: Sequence[int]
) -> tuple[Sequence[int], Sequence[int], list[int]]:
    """Return times and values in order of time, and the values that have no time."""
    untimed: list[int] = []
    values: Sequence[int] = values_centi
    times = [at_us for at_us in times_us if at_us is not None]
    if len(times) < len(times_us):
        pairs = list(zip(times_us, values_centi, strict=True))
        untimed = [value for at_us, value in pairs if at_us is None]
        values = [value for at_us, value in pairs if at_us is not None]
    if times != sorted(times):
        times, values = _sorted_pairs(times, values)
    return times, values, untimed


def _sorted_pairs(keys: Sequence[int], values: Sequence[int]) -> tuple[list[int], list[int]]:
    """Sort both by key; equal keys keep their order, the order in which the rounds were stored."""
    pairs = sorted(zip(keys, values, strict=True), key=itemgetter(0))
    return [key for key, _ in pairs], [value for _, value in pairs]
