"""What happened in a window of time, per bookmaker, exact to the microsecond, without reading `rounds`.

A window is the difference of two prefixes: all rounds before its end less all rounds before its beginning. A prefix
is put together from the running distribution of the day before, the checkpoint before, and the exact rounds of
the few hours between checkpoint and edge. That takes the same few reads for an hour as for a month. Smallest,
largest and sum cannot be subtracted: they come from the days and hours that lie inside.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

import apsw

from data_layer.database.distribution import Bins, from_blob
from data_layer.database.hours import DAY_US, HOUR_US, unpack_hour

_BEGINS = """
SELECT lifetime.bookmaker, day.running, checkpoint.distribution
FROM rollup_lifetime AS lifetime
LEFT JOIN rollup_day AS day ON day.bookmaker = lifetime.bookmaker AND day.day_us =
    (SELECT max(day_us) FROM rollup_day WHERE bookmaker = lifetime.bookmaker AND day_us < :day)
LEFT JOIN rollup_checkpoint AS checkpoint ON checkpoint.bookmaker = lifetime.bookmaker AND checkpoint.hour_us =
    (SELECT max(hour_us) FROM rollup_checkpoint WHERE bookmaker = lifetime.bookmaker AND hour_us BETWEEN :day AND :at)
"""
_EDGES = """
SELECT hour.bookmaker, hour.hour_us, hour.count, hour.crashes
FROM rollup_lifetime AS lifetime CROSS JOIN rollup_hour AS hour
WHERE hour.bookmaker = lifetime.bookmaker AND hour.hour_us <= :at AND hour.hour_us >= ifnull(
    (SELECT max(hour_us) FROM rollup_checkpoint WHERE bookmaker = lifetime.bookmaker AND hour_us BETWEEN :day AND :at),
    :day)
"""
_TIMED = """
SELECT bookmaker, iif(count = timed, distribution,
    (SELECT running FROM rollup_day AS day WHERE day.bookmaker = lifetime.bookmaker ORDER BY day_us DESC LIMIT 1))
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

    __slots__ = ("_added", "_below", "_bins", "_taken", "total")

    def __init__(self, bins: Bins, window: Window) -> None:
        self._bins = bins
        self._below = bins.below(window.packed)
        self._added = window.added
        self._taken = window.taken
        self.total = self._below[-1] + sum(map(len, self._added)) - sum(map(len, self._taken))

    def at_or_above(self) -> list[int]:
        """Return how many rounds reach each threshold of the bins."""
        return [
            self.total - self._count(index) if limit > 100 else self.total
            for index, limit in self._bins.threshold_limits
        ]

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
        low, high = 0, len(self._bins.limits) - 1
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
        for name, packed in _begins(connection, end_us):
            found[name] = Window(packed=packed)
        _add_end(connection, found, start_us, end_us)
    for name, packed in _begins(connection, start_us):
        found[name].packed -= packed
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


def _begins(connection: apsw.Connection, at_us: int) -> Iterable[tuple[str, int]]:
    """Yield every bookmaker with the distribution of its rounds up to the last checkpoint before a moment."""
    for name, running, checkpoint in connection.execute(
        _BEGINS, {"day": at_us // DAY_US * DAY_US, "at": at_us}
    ):
        yield name, from_blob(running) + from_blob(checkpoint)


def _take_start(
    connection: apsw.Connection, found: dict[str, Window], start_us: int, end_us: int | None
) -> None:
    """Take out what lies between the checkpoint and the beginning, and count in the rest of that hour."""
    for name, hour_us, count, blob in connection.execute(
        _EDGES, {"day": start_us // DAY_US * DAY_US, "at": start_us}
    ):
        offsets, crashes = unpack_hour(blob, count)
        if start_us - hour_us >= HOUR_US:
            outside = len(crashes)
        else:
            outside = bisect_left(offsets, start_us - hour_us)
            inside_end = count if end_us is None else bisect_left(offsets, end_us - hour_us)
            if start_us > hour_us and outside < inside_end:
                rest = crashes[outside:inside_end]
                found[name].include(sum(rest), min(rest), max(rest))
        if outside:
            found[name].taken.append(sorted(crashes[:outside]))


def _add_end(connection: apsw.Connection, found: dict[str, Window], start_us: int, end_us: int) -> None:
    """Add what lies between the checkpoint and the end, and count in the last, unfinished hour."""
    for name, hour_us, count, blob in connection.execute(
        _EDGES, {"day": end_us // DAY_US * DAY_US, "at": end_us}
    ):
        offsets, crashes = unpack_hour(blob, count)
        inside = count if end_us - hour_us >= HOUR_US else bisect_left(offsets, end_us - hour_us)
        if inside:
            found[name].added.append(sorted(crashes[:inside]))
            if end_us - hour_us < HOUR_US and start_us <= hour_us:
                part = crashes[:inside]
                found[name].include(sum(part), min(part), max(part))


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
