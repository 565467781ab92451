"""What happened in a window of time, per bookmaker, exact to the microsecond, without reading `rounds`.

A window is the difference of two prefixes: all rounds before its end less all rounds before its beginning.
A prefix is put together from the running distribution of the day before, that of the day up to an hour, and
the exact rounds from there to the edge. That takes the same few reads for an hour as for a month. Smallest,
largest and sum cannot be subtracted: they come from the days and hours that lie inside.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

import apsw

from data_layer.database.distribution import Bins, from_blob
from data_layer.database.hours import DAY_US, HOUR_US, unpack_hour

_DAYS_BEFORE = """
SELECT bookmaker, (SELECT running FROM rollup_day AS day
                   WHERE day.bookmaker = lifetime.bookmaker AND day.day_us < ?
                   ORDER BY day.day_us DESC LIMIT 1)
FROM rollup_lifetime AS lifetime
"""
# The hours from the last one that knows what came before it in its day up to the one with the edge in it.
_EDGE_HOURS = """
SELECT hour.bookmaker, hour.hour_us, hour.count, hour.crashes, hour.before
FROM rollup_lifetime AS lifetime CROSS JOIN rollup_hour AS hour
WHERE hour.bookmaker = lifetime.bookmaker AND hour.hour_us <= :at AND hour.hour_us >= ifnull(
    (SELECT max(hour_us) FROM rollup_hour WHERE bookmaker = lifetime.bookmaker
     AND hour_us BETWEEN :day AND :at AND before IS NOT NULL), :day)
ORDER BY hour.bookmaker, hour.hour_us
"""
_TIMED = """
SELECT bookmaker, iif(count = timed, distribution,
                      (SELECT running FROM rollup_day AS day WHERE day.bookmaker = lifetime.bookmaker
                       ORDER BY day_us DESC LIMIT 1))
FROM rollup_lifetime AS lifetime
"""
_INSIDE = """
SELECT lifetime.bookmaker, sum(inside.sum_centi), min(inside.min_centi), max(inside.max_centi)
FROM rollup_lifetime AS lifetime CROSS JOIN {table} AS inside
WHERE inside.bookmaker = lifetime.bookmaker AND inside.{column} >= ? AND inside.{column} < ?
GROUP BY lifetime.bookmaker
"""
_DAYS_INSIDE = _INSIDE.format(table="rollup_day", column="day_us")
_HOURS_INSIDE = _INSIDE.format(table="rollup_hour", column="hour_us")
_END_OF_TIME_US = 2**62


@dataclass(slots=True)
class Window:
    """The rounds of one bookmaker, or of several, in a window of time."""

    sum_centi: int = 0
    min_centi: int | None = None
    max_centi: int | None = None
    packed: int = 0  # distribution, to which the loose values below are still to be added or taken from
    added: list[list[int]] = field(default_factory=list)  # each sorted
    taken: list[list[int]] = field(default_factory=list)

    def include(self, sum_centi: int, min_centi: int | None, max_centi: int | None) -> None:
        """Widen sum, smallest and largest by a part of the window."""
        self.sum_centi += sum_centi
        if min_centi is not None and (self.min_centi is None or min_centi < self.min_centi):
            self.min_centi = min_centi
        if max_centi is not None and (self.max_centi is None or max_centi > self.max_centi):
            self.max_centi = max_centi

    def counts(self, bins: Bins) -> "Counts":
        """Return the distribution for reading."""
        return Counts(bins, self)


class Counts:
    """Reads counts and medians out of a window."""

    __slots__ = ("_added", "_below", "_bins", "_loose_added", "_loose_taken", "_taken", "total")

    def __init__(self, bins: Bins, window: Window) -> None:
        self._bins = bins
        self._below = bins.below(window.packed)
        self._added = window.added
        self._taken = window.taken
        self._loose_added = sum(map(len, window.added))
        self._loose_taken = sum(map(len, window.taken))
        self.total = self._below[-1] + self._loose_added - self._loose_taken

    def at_or_above(self) -> list[int]:
        """Return how many rounds reach each threshold of the bins."""
        below, total = self._below, self.total
        reached = [total - below[index] for index, _ in self._bins.threshold_limits]
        for values in self._taken:
            reached = [
                count + bisect_left(values, limit)
                for count, (_, limit) in zip(reached, self._bins.threshold_limits, strict=True)
            ]
        for values in self._added:
            reached = [
                count - bisect_left(values, limit)
                for count, (_, limit) in zip(reached, self._bins.threshold_limits, strict=True)
            ]
        return reached

    def median(self) -> int | None:
        """Return the median in hundredths; of an even count the middle of the two in the middle, halves up.

        Exact below 3.00x; see `distribution` for how far it may be off above.
        """
        if self.total <= 0:
            return None
        lower_rank, upper_rank = (self.total - 1) // 2, self.total // 2
        lower = self._bin_of(lower_rank)
        upper = lower if self._count(lower) > upper_rank else self._bin_of(upper_rank)
        return (self._bins.value_of(lower) + self._bins.value_of(upper) + 1) // 2

    def _count(self, index: int) -> int:
        """Return how many rounds are below a limit."""
        count = self._below[index]
        limit = self._bins.limits[index]
        for values in self._added:
            count += bisect_left(values, limit)
        for values in self._taken:
            count -= bisect_left(values, limit)
        return count

    def _bin_of(self, rank: int) -> int:
        """Return the bin that the round of a rank (from 0, by crash point) lies in."""
        low = bisect_right(self._below, rank - self._loose_added)
        high = min(bisect_right(self._below, rank + self._loose_taken, low), len(self._below) - 1)
        while low < high:
            middle = (low + high) // 2
            if self._count(middle) > rank:
                high = middle
            else:
                low = middle + 1
        return low


def windows(connection: apsw.Connection, start_us: int, end_us: int | None) -> dict[str, Window]:
    """Return the window from `start_us` up to, not including, `end_us` (None: open) of every bookmaker.

    The caller holds a read transaction, so that all parts are of one moment.
    """
    found: dict[str, Window] = {}
    if end_us is None:
        for name, blob in connection.execute(_TIMED):
            found[name] = Window(packed=from_blob(blob))
    else:
        for name, blob in connection.execute(_DAYS_BEFORE, (end_us // DAY_US * DAY_US,)):
            found[name] = Window(packed=from_blob(blob))
        _add_end(connection, found, start_us, end_us)
    for name, blob in connection.execute(_DAYS_BEFORE, (start_us // DAY_US * DAY_US,)):
        found[name].packed -= from_blob(blob)
    _take_start(connection, found, start_us, end_us)
    first_hour_us = -(-start_us // HOUR_US) * HOUR_US
    last_hour_us = _END_OF_TIME_US if end_us is None else end_us // HOUR_US * HOUR_US
    _add_inside(connection, found, first_hour_us, last_hour_us)
    return found


def merged(parts: Iterable[Window]) -> Window:
    """Return several windows as one."""
    total = Window()
    for part in parts:
        total.include(part.sum_centi, part.min_centi, part.max_centi)
        total.packed += part.packed
        total.added += part.added
        total.taken += part.taken
    return total


def _take_start(
    connection: apsw.Connection, found: dict[str, Window], start_us: int, end_us: int | None
) -> None:
    """Take out what of its first day lies before the window, and count in the rest of its first hour."""
    before_start: dict[str, list[int]] = {}
    for name, hour_us, count, blob, before in _edge_hours(connection, start_us):
        window = found[name]
        outside = before_start.get(name)
        if outside is None:
            window.packed -= from_blob(before)
            outside = before_start[name] = []
        offset_us = start_us - hour_us
        offsets, crashes = unpack_hour(blob, count)
        if offset_us >= HOUR_US:
            outside += crashes
        elif offset_us > 0:
            begin = bisect_left(offsets, offset_us)
            end = count if end_us is None else bisect_left(offsets, end_us - hour_us)
            outside += crashes[:begin]
            if begin < end:
                rest = crashes[begin:end]
                window.include(sum(rest), min(rest), max(rest))
    for name, outside in before_start.items():
        if outside:
            outside.sort()
            found[name].taken.append(outside)


def _add_end(connection: apsw.Connection, found: dict[str, Window], start_us: int, end_us: int) -> None:
    """Add the part of the last day that lies before the end, and count in its last, unfinished hour."""
    before_end: dict[str, list[int]] = {}
    for name, hour_us, count, blob, before in _edge_hours(connection, end_us):
        window = found[name]
        inside = before_end.get(name)
        if inside is None:
            window.packed += from_blob(before)
            inside = before_end[name] = []
        offset_us = end_us - hour_us
        offsets, crashes = unpack_hour(blob, count)
        if offset_us >= HOUR_US:
            inside += crashes
        elif part := crashes[: bisect_left(offsets, offset_us)]:
            inside += part
            if start_us <= hour_us:
                window.include(sum(part), min(part), max(part))
    for name, inside in before_end.items():
        if inside:
            inside.sort()
            found[name].added.append(inside)


def _edge_hours(connection: apsw.Connection, at_us: int) -> apsw.Cursor:
    return connection.execute(_EDGE_HOURS, {"day": at_us // DAY_US * DAY_US, "at": at_us})


def _add_inside(
    connection: apsw.Connection, found: dict[str, Window], first_hour_us: int, last_hour_us: int
) -> None:
    """Count in the whole days and hours of a window."""
    first_day_us = -(-first_hour_us // DAY_US) * DAY_US
    last_day_us = last_hour_us // DAY_US * DAY_US
    if last_hour_us == _END_OF_TIME_US:
        parts = [
            (_HOURS_INSIDE, first_hour_us, first_day_us),
            (_DAYS_INSIDE, first_day_us, _END_OF_TIME_US),
        ]
    elif first_day_us < last_day_us:
        parts = [
            (_HOURS_INSIDE, first_hour_us, first_day_us),
            (_DAYS_INSIDE, first_day_us, last_day_us),
            (_HOURS_INSIDE, last_day_us, last_hour_us),
        ]
    else:
        parts = [(_HOURS_INSIDE, first_hour_us, last_hour_us)]
    for statement, begin_us, end_us in parts:
        if begin_us < end_us:
            for name, sum_centi, lowest, highest in connection.execute(statement, (begin_us, end_us)):
                found[name].include(sum_centi, lowest, highest)
