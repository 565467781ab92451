"""What the rollups must say, worked out the slow way from the rounds themselves."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import apsw

from data_layer.database.distribution import Bins, from_blob
from data_layer.database.hours import DAY_US, HOUR_US, unpack_hour
from data_layer.database.rollups import CHECKPOINT_ROUNDS


@dataclass(frozen=True)
class Stored:
    """A row of `rounds`."""

    id: int
    bookmaker: str
    round_id: str
    crash_centi: int
    crashed_at_us: int | None
    flags: int
    origin: int

    @property
    def place(self) -> tuple[int, int]:
        """Where the round stands in the order of rounds."""
        return (-1 if self.crashed_at_us is None else self.crashed_at_us, self.id)


@dataclass
class Runs:
    """The streaks below a threshold."""

    current: int = 0
    longest: int = 0
    ended: Counter[int] = field(default_factory=Counter)


def stored_rounds(connection: apsw.Connection, bookmaker: str) -> list[Stored]:
    """Return a bookmaker's rounds in their order."""
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT id, bookmaker, round_id, crash_centi, crashed_at_us, flags, origin FROM rounds"
        " WHERE bookmaker = ?",
        (bookmaker,),
    ).fetchall()
    return sorted((Stored(*row) for row in rows), key=lambda row: row.place)


def runs_below(values: list[int], threshold: int) -> Runs:
    """Return the runs of consecutive values below a threshold."""
    runs = Runs()
    for value in values:
        if value < threshold:
            runs.current += 1
            runs.longest = max(runs.longest, runs.current)
        else:
            if runs.current:
                runs.ended[runs.current] += 1
            runs.current = 0
    return runs


def plain(values: list[int], thresholds: tuple[int, ...]) -> tuple[int, int, int, int, str]:
    """Return count, sum, smallest, largest and the counts per threshold as they are stored."""
    reached = [sum(value >= threshold for value in values) for threshold in thresholds]
    return len(values), sum(values), min(values), max(values), str(reached)


def median(values: list[int]) -> int | None:
    """Return the median, of an even count the middle of the two in the middle, halves up."""
    if not values:
        return None
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2] + 1) // 2


def assert_rollups_are_right(connection: apsw.Connection, bins: Bins) -> None:
    """Compare every rollup and streak with what the rounds say."""
    names = {name for (name,) in connection.execute("SELECT DISTINCT bookmaker FROM rounds")}
    for table in ("rollup_day", "rollup_hour", "rollup_lifetime", "streaks"):
        rolled: list[tuple[Any, ...]] = connection.execute(
            f"SELECT DISTINCT bookmaker FROM {table}"
        ).fetchall()
        extra = {name for (name,) in rolled} - names
        assert not extra or table == "rollup_lifetime"
    for name in names:
        rows = stored_rounds(connection, name)
        _assert_lifetime(connection, bins, name, rows)
        _assert_days(connection, bins, name, rows)
        _assert_hours(connection, bins, name, rows)
        _assert_streaks(connection, name, rows)


def _assert_lifetime(connection: apsw.Connection, bins: Bins, name: str, rows: list[Stored]) -> None:
    found: tuple[Any, ...] | None = connection.execute(
        "SELECT count, sum_centi, min_centi, max_centi, at_or_above, timed, first_at_us, newest_at_us,"
        " origins, distribution FROM rollup_lifetime WHERE bookmaker = ?",
        (name,),
    ).fetchone()
    assert found is not None
    values = [row.crash_centi for row in rows]
    times = [row.crashed_at_us for row in rows if row.crashed_at_us is not None]
    origins = sum(1 << origin for origin in {row.origin for row in rows})
    assert found[:5] == plain(values, bins.thresholds_centi)
    assert found[5:9] == (len(times), min(times, default=None), max(times, default=None), origins)
    assert from_blob(found[9]) == _packed(bins, values)
    verdicts: list[tuple[Any, ...]] = connection.execute(
        "SELECT verified, count(*) FROM rounds WHERE bookmaker = ? GROUP BY verified", (name,)
    ).fetchall()
    by_verdict = {verified: count for verified, count in verdicts}
    counted = connection.execute(
        "SELECT verified_yes, verified_no FROM rollup_lifetime WHERE bookmaker = ?", (name,)
    ).fetchone()
    assert counted == (by_verdict.get(1, 0), by_verdict.get(0, 0))


def _assert_days(connection: apsw.Connection, bins: Bins, name: str, rows: list[Stored]) -> None:
    timed = [(row.crashed_at_us, row.crash_centi) for row in rows if row.crashed_at_us is not None]
    found: list[tuple[Any, ...]] = connection.execute(
        "SELECT count, sum_centi, min_centi, max_centi, at_or_above, day_us, running"
        " FROM rollup_day WHERE bookmaker = ? ORDER BY day_us",
        (name,),
    ).fetchall()
    assert [row[5] for row in found] == sorted({at_us // DAY_US * DAY_US for at_us, _ in timed})
    for *sums, day_us, running in found:
        inside = [value for at_us, value in timed if day_us <= at_us < day_us + DAY_US]
        assert tuple(sums) == plain(inside, bins.thresholds_centi)
        assert from_blob(running) == _packed(
            bins, [value for at_us, value in timed if at_us < day_us + DAY_US]
        )


def _assert_hours(connection: apsw.Connection, bins: Bins, name: str, rows: list[Stored]) -> None:
    timed = [(row.crashed_at_us, row.crash_centi) for row in rows if row.crashed_at_us is not None]
    found: list[tuple[Any, ...]] = connection.execute(
        "SELECT count, sum_centi, min_centi, max_centi, at_or_above, hour_us, crashes, before"
        " FROM rollup_hour WHERE bookmaker = ? ORDER BY hour_us",
        (name,),
    ).fetchall()
    assert [row[5] for row in found] == sorted({at_us // HOUR_US * HOUR_US for at_us, _ in timed})
    for *sums, hour_us, crashes, before in found:
        inside = [(at_us - hour_us, value) for at_us, value in timed if hour_us <= at_us < hour_us + HOUR_US]
        assert tuple(sums) == plain([value for _, value in inside], bins.thresholds_centi)
        offsets, values = unpack_hour(crashes, sums[0])
        assert list(zip(offsets, values, strict=True)) == inside
        before_us = [at_us for at_us, _ in timed if hour_us // DAY_US * DAY_US <= at_us < hour_us]
        last_hour = max(before_us, default=0) // HOUR_US
        since_last = [at_us for at_us in before_us if at_us // HOUR_US == last_hour]
        reached = len(before_us) // CHECKPOINT_ROUNDS
        assert (before is not None) == (reached > (len(before_us) - len(since_last)) // CHECKPOINT_ROUNDS)
        if before is not None:
            earlier = [value for at_us, value in timed if hour_us // DAY_US * DAY_US <= at_us < hour_us]
            assert from_blob(before) == _packed(bins, earlier)


def _packed(bins: Bins, values: list[int]) -> int:
    return bins.pack(bins.indexes(values))


def _assert_streaks(connection: apsw.Connection, name: str, rows: list[Stored]) -> None:
    values = [row.crash_centi for row in rows]
    found: list[tuple[Any, ...]] = connection.execute(
        "SELECT threshold_centi, current, longest, ended FROM streaks WHERE bookmaker = ?", (name,)
    ).fetchall()
    assert found
    for threshold, current, longest, ended in found:
        expected = runs_below(values, threshold)
        lengths: list[tuple[Any, ...]] = connection.execute(
            "SELECT key, value FROM json_each(?)", (ended,)
        ).fetchall()
        assert (current, longest) == (expected.current, expected.longest)
        assert {int(length): runs for length, runs in lengths} == dict(expected.ended)
