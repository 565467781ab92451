"""Rollups of rounds by day and hour, kept in the transaction that stores the rounds.

Each stored structure exists so that a window of time costs the same however long the history is:

- `rollup_hour` holds the hour's rounds exactly, for the edges of a window;
- `rollup_day.running` is the distribution of everything up to the end of the day, so that a window is the
  difference of two of them;
- `rollup_hour.before` does the same inside a day, for hours before which `CHECKPOINT_ROUNDS` have come together.

A late round changes the running distributions of the days after its own: one addition of two integers each.
"""

from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import apsw
import msgspec

from data_layer.database.distribution import Bins, at_or_above, from_blob
from data_layer.database.hours import DAY_US, HOUR_US, pack_hour, unpack_hour
from data_layer.database.lifetime import Lifetime

CHECKPOINT_ROUNDS = 60

_SET_HOUR = (
    "INSERT INTO rollup_hour VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL) ON CONFLICT (bookmaker, hour_us) DO UPDATE"
    " SET count = ?3, sum_centi = ?4, min_centi = ?5, max_centi = ?6, at_or_above = ?7, crashes = ?8"
)
_SET_BEFORE = "UPDATE rollup_hour SET before = ? WHERE bookmaker = ? AND hour_us = ?"

_counts = msgspec.json.Decoder(list[int])


class Rollups:
    """Adds new rounds to the rollups. The caller owns the transaction."""

    def __init__(self, connection: apsw.Connection, bins: Bins) -> None:
        self._execute = connection.execute
        self._bins = bins

    def add(self, lifetime: Lifetime, times_us: Sequence[int | None], values_centi: list[int]) -> None:
        """Count new rounds of one bookmaker in, in any order; `lifetime` is changed, but not saved."""
        lifetime.add_values(values_centi)
        times, values, untimed = _in_order_of_time(times_us, values_centi)
        if untimed:
            lifetime.distribution += self._bins.pack(untimed)
        newest_before = lifetime.newest_at_us
        end, count = 0, len(times)
        while end < count:
            day_us = times[end] // DAY_US * DAY_US
            begin, end = end, bisect_left(times, day_us + DAY_US, end)
            lifetime.distribution += self._add_day(
                lifetime.bookmaker, day_us, times[begin:end], values[begin:end], newest_before
            )
        if count:
            lifetime.add_times(count, times[0], times[-1])

    def _add_day(
        self, bookmaker: str, day_us: int, times: list[int], values: list[int], newest_before: int | None
    ) -> int:
        """Add the rounds of one day to all that is kept of it; return their distribution."""
        added = self._bins.pack(values)
        self._add_to_day(bookmaker, day_us, values, added)
        if newest_before is not None and newest_before >= day_us + DAY_US:
            self._add_to_later_days(bookmaker, day_us, added)
        first_hour = times[0] // HOUR_US * HOUR_US
        new_hours = False
        end, count = 0, len(times)
        while end < count:
            hour_us = times[end] // HOUR_US * HOUR_US
            begin, end = end, bisect_left(times, hour_us + HOUR_US, end)
            offsets = [time - hour_us for time in times[begin:end]]
            new_hours |= self._add_to_hour(bookmaker, hour_us, offsets, values[begin:end])
        later_hours = newest_before is not None and newest_before >= first_hour + HOUR_US
        if new_hours or later_hours:
            self._set_checkpoints(bookmaker, day_us, first_hour)
        return added

    def _add_to_day(self, bookmaker: str, day_us: int, values: list[int], added: int) -> None:
        execute, bins = self._execute, self._bins
        count, total, lowest, highest = len(values), sum(values), min(values), max(values)
        reached = bins.at_or_above(added)
        row: tuple[Any, ...] | None = execute(
            "SELECT day_us, count, sum_centi, min_centi, max_centi, at_or_above, running FROM rollup_day"
            " WHERE bookmaker = ? AND day_us <= ? ORDER BY day_us DESC LIMIT 1",
            (bookmaker, day_us),
        ).fetchone()
        running = added
        if row is not None:
            running += from_blob(row[6])
            if row[0] == day_us:
                count += row[1]
                total += row[2]
                lowest = min(lowest, row[3])
                highest = max(highest, row[4])
                reached = [old + new for old, new in zip(_counts.decode(row[5]), reached, strict=True)]
        execute(
            "INSERT OR REPLACE INTO rollup_day VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (bookmaker, day_us, count, total, lowest, highest, str(reached), bins.to_blob(running)),
        )

    def _add_to_later_days(self, bookmaker: str, day_us: int, added: int) -> None:
        later: list[tuple[Any, ...]] = self._execute(
            "SELECT day_us, running FROM rollup_day WHERE bookmaker = ? AND day_us > ?", (bookmaker, day_us)
        ).fetchall()
        for other_us, running in later:
            self._execute(
                "UPDATE rollup_day SET running = ? WHERE bookmaker = ? AND day_us = ?",
                (self._bins.to_blob(from_blob(running) + added), bookmaker, other_us),
            )

    def _add_to_hour(self, bookmaker: str, hour_us: int, offsets: list[int], values: list[int]) -> bool:
        """Add rounds to their hour; return whether they are its first."""
        row: tuple[int, bytes] | None = self._execute(
            "SELECT count, crashes FROM rollup_hour WHERE bookmaker = ? AND hour_us = ?", (bookmaker, hour_us)
        ).fetchone()
        if row is not None:
            stored_offsets, stored_values = unpack_hour(row[1], row[0])
            in_order = stored_offsets[-1] <= offsets[0]
            offsets = [*stored_offsets, *offsets]
            values = [*stored_values, *values]
            if not in_order:
                offsets, values = _sorted_pairs(offsets, values)
        self._execute(
            _SET_HOUR,
            (
                bookmaker,
                hour_us,
                len(values),
                sum(values),
                min(values),
                max(values),
                str(at_or_above(values, self._bins.thresholds_centi)),
                pack_hour(offsets, values),
            ),
        )
        return row is None

    def _set_checkpoints(self, bookmaker: str, day_us: int, changed_hour_us: int) -> None:
        """Set `before` of the hours of a day anew, given the first hour that changed."""
        row: tuple[int, bytes] | None = self._execute(
            "SELECT hour_us, before FROM rollup_hour WHERE bookmaker = ? AND hour_us BETWEEN ? AND ?"
            " AND before IS NOT NULL ORDER BY hour_us DESC LIMIT 1",
            (bookmaker, day_us, changed_hour_us),
        ).fetchone()
        begin_us, packed = (row[0], from_blob(row[1])) if row is not None else (day_us, 0)
        hours: list[tuple[Any, ...]] = self._execute(
            "SELECT hour_us, count, crashes, before IS NOT NULL FROM rollup_hour"
            " WHERE bookmaker = ? AND hour_us >= ? AND hour_us < ? ORDER BY hour_us",
            (bookmaker, begin_us, day_us + DAY_US),
        ).fetchall()
        since: list[int] = []
        for hour_us, count, crashes, is_set in hours:
            if len(since) >= CHECKPOINT_ROUNDS:
                packed += self._bins.pack(since)
                since.clear()
                self._execute(_SET_BEFORE, (self._bins.to_blob(packed), bookmaker, hour_us))
            elif is_set and hour_us > begin_us:
                self._execute(_SET_BEFORE, (None, bookmaker, hour_us))
            since += unpack_hour(crashes, count)[1]


def _in_order_of_time(
    times_us: Sequence[int | None], values_centi: list[int]
) -> tuple[list[int], list[int], list[int]]:
    """Return times and values in order of time, and the values that have no time."""
    untimed: list[int] = []
    times: list[int] = []
    if None in times_us:
        values = []
        for time, value in zip(times_us, values_centi, strict=True):
            if time is None:
                untimed.append(value)
            else:
                times.append(time)
                values.append(value)
    else:
        times, values = list(times_us), values_centi  # type: ignore[arg-type]
    if times != sorted(times):
        times, values = _sorted_pairs(times, values)
    return times, values, untimed


def _sorted_pairs(keys: list[int], values: list[int]) -> tuple[list[int], list[int]]:
    """Sort both by key; equal keys keep their order, the order in which the rounds were stored."""
    pairs = sorted(zip(keys, values, strict=True), key=itemgetter(0))
    return [key for key, _ in pairs], [value for _, value in pairs]
