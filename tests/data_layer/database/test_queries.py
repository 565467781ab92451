"""What the statistics say of rounds whose answers can be worked out by hand."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from data_layer.database import queries
from data_layer.database.connection import open_reader
from data_layer.database.queries import Counters
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin, Rejected, Round
from data_layer.statistics import RoundStats, ThresholdCount

NOW_US = 1_750_000_000_000_000
SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US


def a_round(
    bookmaker: str, number: int, crash_centi: int, seconds_ago: float | None, origin: Origin = Origin.LIVE
) -> Round:
    return Round(
        bookmaker=bookmaker,
        round_id=str(number),
        crash_centi=crash_centi,
        crashed_at_us=None if seconds_ago is None else NOW_US - int(seconds_ago * SECOND_US),
        duration_ms=number * 1_000,
        received_at_us=NOW_US,
        origin=origin,
    )


def round_stats(reader: apsw.Connection, range_name: str, now_us: int) -> list[RoundStats]:
    return queries.round_stats_with_total(reader, range_name, now_us)[1]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[apsw.Connection]:
    writer = BatchDatabaseWriter(tmp_path / "aviator.db", thresholds_centi=(150, 200))
    admiral = [
        a_round("Admiral", 1, 1_000, None, Origin.IMPORT),
        a_round("Admiral", 2, 101, 7_200),
        a_round("Admiral", 3, 200, 3_600),
        a_round("Admiral", 4, 150, 1_800),
        a_round("Admiral", 5, 120, 60),
    ]
    mozzart = [a_round("Mozzart", 1, 199, 1_000, Origin.SIMULATOR), a_round("Mozzart", 2, 100, 10)]
    rejected = Rejected(bookmaker="Soccer", reason="NaN", place="row 7", raw="x", received_at_us=1)
    writer.add("", "Mozzart", "s", mozzart)
    writer.add("", "Admiral", "s", [*admiral, admiral[0]])
    writer.add("", "Soccer", "s", [rejected, rejected])
    writer.flush()
    writer.close()
    connection = open_reader(tmp_path / "aviator.db")
    yield connection
    connection.close()


def test_an_hour_of_every_bookmaker_by_name(reader: apsw.Connection) -> None:
    admiral, mozzart, soccer = round_stats(reader, "1h", NOW_US)
    assert (admiral.bookmaker, admiral.range, admiral.count) == ("Admiral", "1h", 3)
    assert (admiral.sum_centi, admiral.min_centi, admiral.max_centi, admiral.median_centi) == (
        470,
        120,
        200,
        150,
    )
    assert admiral.at_or_above == (
        ThresholdCount(threshold_centi=150, count=2),
        ThresholdCount(threshold_centi=200, count=1),
    )
    assert admiral.per_hour == 3.0
    assert (admiral.current_below_2x, admiral.longest_below_2x) == (2, 2)
    assert admiral.newest_at_us == NOW_US - 60 * SECOND_US
    assert admiral.origins == (Origin.LIVE, Origin.IMPORT)
    assert (mozzart.count, mozzart.median_centi) == (2, 150)
    assert mozzart.per_hour == pytest.approx(2 / (1_000 / 3_600))
    assert (soccer.count, soccer.median_centi, soccer.per_hour, soccer.min_centi) == (0, None, None, None)


def test_the_total_is_of_all_rounds_and_not_of_the_bookmakers_results(reader: apsw.Connection) -> None:
    total, rows = queries.round_stats_with_total(reader, "24h", NOW_US)
    assert total.bookmaker == ""
    assert total.count == sum(row.count for row in rows) == 6
    assert total.median_centi == 135  # of 100 101 120 150 199 200
    assert (total.min_centi, total.max_centi, total.sum_centi) == (100, 200, 870)
    # Each bookmaker's rate is over its own time: one of long ago does not thin out the others.
    assert total.per_hour == sum(row.per_hour for row in rows if row.per_hour is not None)
    assert total.newest_at_us == NOW_US - 10 * SECOND_US
    assert total.origins == (Origin.LIVE, Origin.SIMULATOR, Origin.IMPORT)
    assert total.current_below_2x == 2


def test_all_time_counts_rounds_without_a_time_too(reader: apsw.Connection) -> None:
    admiral = round_stats(reader, "all", NOW_US)[0]
    assert (admiral.count, admiral.max_centi, admiral.median_centi) == (5, 1_000, 150)
    # Three intervals between the four that have a time, however long ago that was.
    assert admiral.per_hour == pytest.approx(3 / (7_140 / 3_600))
    assert round_stats(reader, "all", NOW_US + 999 * HOUR_US)[0].per_hour == admiral.per_hour


def test_a_few_minutes_make_no_hourly_rate(tmp_path: Path) -> None:
    writer = BatchDatabaseWriter(tmp_path / "aviator.db")
    writer.add("", "Admiral", "s", [a_round("Admiral", number, 200, 60 - number * 20) for number in (1, 2)])
    writer.flush()
    writer.close()
    reader = open_reader(tmp_path / "aviator.db")
    for name in queries.RANGES:
        total, rows = queries.round_stats_with_total(reader, name, NOW_US)
        assert [total.per_hour, rows[0].per_hour] == [None, None]
    assert round_stats(reader, "24h", NOW_US + HOUR_US)[0].per_hour == pytest.approx(2, rel=0.02)
    reader.close()


def test_a_range_ends_with_its_last_microsecond(reader: apsw.Connection) -> None:
    assert round_stats(reader, "1h", NOW_US - 60 * SECOND_US)[0].count == 3
    assert round_stats(reader, "1h", NOW_US - 60 * SECOND_US - 1)[0].count == 2
    assert round_stats(reader, "1h", NOW_US + 1)[0].count == 2


def test_a_window_excludes_its_end_and_may_be_empty(reader: apsw.Connection) -> None:
    start_us, end_us = NOW_US - 3_600 * SECOND_US, NOW_US - 60 * SECOND_US
    total, rows = queries.window_stats(reader, start_us, end_us)
    assert [row.count for row in rows] == [2, 1, 0]
    assert total.count == 3
    assert queries.window_stats(reader, start_us, start_us)[0].count == 0
    assert queries.window_stats(reader, end_us, start_us)[0].count == 0


def test_an_unknown_range_is_refused(reader: apsw.Connection) -> None:
    with pytest.raises(KeyError):
        round_stats(reader, "5m", NOW_US)


def test_the_newest_rounds_stand_in_their_order(reader: apsw.Connection) -> None:
    newest = queries.newest_rounds(reader, 4)
    assert [brief.round_id for brief in newest["Admiral"]] == ["2", "3", "4", "5"]
    assert [brief.round_id for brief in queries.newest_rounds(reader, 9)["Admiral"]] == [
        "1",
        "2",
        "3",
        "4",
        "5",
    ]
    assert (newest["Mozzart"][1].crash_centi, newest["Mozzart"][1].duration_ms) == (100, 2_000)
    assert newest["Soccer"] == []


def test_counters_and_reasons_tell_what_became_of_the_input(reader: apsw.Connection) -> None:
    assert queries.counters(reader) == {
        "Admiral": Counters(5, 1, 0),
        "Mozzart": Counters(2, 0, 0),
        "Soccer": Counters(0, 0, 2),
    }
    assert queries.quarantine_reasons(reader) == [("Soccer", "NaN", 2, "row 7")]
    assert queries.version(reader) == 1


def test_an_empty_database_answers_everything(tmp_path: Path) -> None:
    BatchDatabaseWriter(tmp_path / "aviator.db").close()
    reader = open_reader(tmp_path / "aviator.db")
    for name in queries.RANGES:
        total, rows = queries.round_stats_with_total(reader, name, NOW_US)
        assert (total.count, total.median_centi, rows) == (0, None, [])
    assert queries.newest_rounds(reader, 5) == {}
    assert queries.betting_stats(reader) == []
    assert queries.rgb_stats(reader) == []
    reader.close()
