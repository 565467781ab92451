"""Whatever comes, in whatever order and however often: every rollup and streak equals a recomputation."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.database import queries
from data_layer.database.connection import open_reader
from data_layer.database.distribution import Bins
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin, Round
from data_layer.statistics import RoundStats
from tests.data_layer.database.brute_force import assert_rollups_are_right, median, stored_rounds
from tests.data_layer.random_histories import HOUR_US, T0, histories, times, write

THRESHOLDS = (150, 200, 333, 1000, 10000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aviator.db"


@settings(max_examples=60)
@given(history=histories, reopen=st.booleans())
def test_rollups_and_streaks_equal_a_recomputation_after_any_history(
    tmp_path_factory: pytest.TempPathFactory, history: list[list[Round]], reopen: bool
) -> None:
    path = tmp_path_factory.mktemp("history") / "aviator.db"
    writer = BatchDatabaseWriter(path, thresholds_centi=THRESHOLDS)
    try:
        for batch in history:
            write(writer, batch)
            if reopen:
                writer.close()
                writer = BatchDatabaseWriter(path, thresholds_centi=THRESHOLDS)
            reader = open_reader(path)
            assert_rollups_are_right(reader, Bins(THRESHOLDS))
            reader.close()
    finally:
        writer.close()


@settings(max_examples=60)
@given(
    history=histories,
    start_us=st.one_of(times, st.integers(0, T0 * 2)),
    length_us=st.one_of(st.integers(0, HOUR_US), st.integers(0, 100 * 24 * HOUR_US)),
)
def test_a_window_is_exact_at_its_edges_wherever_they_are(
    tmp_path_factory: pytest.TempPathFactory, history: list[list[Round]], start_us: int, length_us: int
) -> None:
    path = tmp_path_factory.mktemp("window") / "aviator.db"
    writer = BatchDatabaseWriter(path, thresholds_centi=THRESHOLDS)
    for batch in history:
        write(writer, batch)
    writer.close()
    reader = open_reader(path)
    total, rows = queries.window_stats(reader, start_us, start_us + length_us)
    everything: list[int] = []
    for row in rows:
        values = [
            stored.crash_centi
            for stored in stored_rounds(reader, row.bookmaker)
            if stored.crashed_at_us is not None and start_us <= stored.crashed_at_us < start_us + length_us
        ]
        _assert_stats(row, values)
        everything += values
    _assert_stats(total, everything)
    reader.close()


def _assert_stats(stats: RoundStats, values: list[int]) -> None:
    assert stats.count == len(values)
    assert stats.sum_centi == sum(values)
    assert stats.min_centi == min(values, default=None)
    assert stats.max_centi == max(values, default=None)
    for reached in stats.at_or_above:
        assert reached.count == sum(value >= reached.threshold_centi for value in values)
    expected = median(values)
    if expected is None or stats.median_centi is None:
        assert stats.median_centi is expected
    elif sorted(values)[len(values) // 2] < 300:
        assert stats.median_centi == expected
    else:
        assert abs(stats.median_centi - expected) <= max(1, 0.25 * expected)


def _fill(path: Path, every_us: int, days: int) -> None:
    """Write rounds of three bookmakers, a tenth of them late."""
    chance = random.Random(5)
    writer = BatchDatabaseWriter(path, thresholds_centi=THRESHOLDS)
    for name in ("Admiral", "Mozzart", "Soccer"):
        rounds = [
            Round(
                bookmaker=name,
                round_id=str(number),
                crash_centi=max(100, int(99 / (1 - chance.random()))),
                crashed_at_us=T0 + number * every_us + chance.randrange(15_000_000),
                received_at_us=T0,
                origin=Origin.IMPORT,
            )
            for number in range(days * 24 * HOUR_US // every_us)
        ]
        late = [record for record in rounds if chance.random() < 0.1]
        kept = set(late)
        punctual = [record for record in rounds if record not in kept]
        for begin in range(0, len(punctual), 1000):
            writer.add("", name, "s", punctual[begin : begin + 1000])
            writer.flush()
        chance.shuffle(late)
        for begin in range(0, len(late), 300):
            writer.add("", name, "s", late[begin : begin + 300])
            writer.flush()
    writer.close()


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a round of each bookmaker every 20 s for four days."""
    path = tmp_path_factory.mktemp("busy") / "aviator.db"
    _fill(path, 20_000_000, 4)
    return path


def test_a_busy_history_with_many_late_rounds_is_rolled_up_right(busy: Path) -> None:
    reader = open_reader(busy)
    assert_rollups_are_right(reader, Bins(THRESHOLDS))
    marked = reader.execute("SELECT count(*) FROM rollup_hour WHERE before IS NOT NULL").get
    reader.close()
    assert marked > 3 * 4 * 20  # nearly every hour knows what came before it in its day


@pytest.mark.parametrize("rounds_an_hour", [3, 25, 59])
def test_late_rounds_move_the_hours_that_know_what_came_before(path: Path, rounds_an_hour: int) -> None:
    _fill(path, HOUR_US // rounds_an_hour, 6)
    reader = open_reader(path)
    assert_rollups_are_right(reader, Bins(THRESHOLDS))
    reader.close()


def test_rounds_without_a_time_come_before_all_that_have_one(path: Path) -> None:
    writer = BatchDatabaseWriter(path, thresholds_centi=THRESHOLDS)
    for begin, timed in ((0, True), (50, False), (100, False), (150, True), (200, False)):
        write(
            writer,
            [
                Round(
                    bookmaker="Admiral",
                    round_id=str(number),
                    crash_centi=100 + (number * 61) % 300,
                    crashed_at_us=T0 + number if timed else None,
                    received_at_us=T0,
                    origin=Origin.IMPORT,
                )
                for number in range(begin, begin + 50)
            ],
        )
    writer.close()
    reader = open_reader(path)
    assert_rollups_are_right(reader, Bins(THRESHOLDS))
    reader.close()


@pytest.mark.parametrize("range_name", [name for name, seconds in queries.RANGES.items() if seconds])
@pytest.mark.parametrize("shift_us", [0, 1, HOUR_US // 3, 7 * HOUR_US, 90 * HOUR_US])
def test_a_range_that_ends_now_holds_exactly_its_rounds(busy: Path, range_name: str, shift_us: int) -> None:
    reader = open_reader(busy)
    newest_us = reader.execute("SELECT max(newest_at_us) FROM rollup_lifetime").get
    now_us = newest_us + 1_000_000 - shift_us
    seconds = queries.RANGES[range_name]
    assert seconds is not None
    total, rows = queries.round_stats_with_total(reader, range_name, now_us)
    everything: list[int] = []
    for row in rows:
        values = [
            stored.crash_centi
            for stored in stored_rounds(reader, row.bookmaker)
            if stored.crashed_at_us is not None
            and now_us - seconds * 1_000_000 <= stored.crashed_at_us <= now_us
        ]
        _assert_stats(row, values)
        everything += values
    _assert_stats(total, everything)
    reader.close()


@settings(max_examples=20)
@given(history=histories)
def test_other_thresholds_are_counted_from_what_is_stored(
    tmp_path_factory: pytest.TempPathFactory, history: list[list[Round]]
) -> None:
    path = tmp_path_factory.mktemp("thresholds") / "aviator.db"
    writer = BatchDatabaseWriter(path, thresholds_centi=THRESHOLDS)
    for batch in history:
        write(writer, batch)
    version = writer.version
    writer.close()
    others = (120, 457, 5_001)
    writer = BatchDatabaseWriter(path, thresholds_centi=others)
    assert writer.version > version or not any(history)
    reader = open_reader(path)
    assert_rollups_are_right(reader, Bins(others))
    for row in queries.round_stats_with_total(reader, "all", T0)[1]:
        _assert_stats(row, [stored.crash_centi for stored in stored_rounds(reader, row.bookmaker)])
        assert [reached.threshold_centi for reached in row.at_or_above] == list(others)
    reader.close()
    writer.close()


def test_the_minute_view_agrees_with_the_rounds(path: Path) -> None:
    writer = BatchDatabaseWriter(path, thresholds_centi=(150, 200))
    rounds = [
        Round(
            bookmaker="Admiral",
            round_id=str(number),
            crash_centi=100 + 30 * number,
            crashed_at_us=T0 // 60_000_000 * 60_000_000 + number * 20_000_000,
            received_at_us=T0,
            origin=Origin.LIVE,
        )
        for number in range(6)
    ]
    write(writer, rounds)
    write(writer, [replace_time(rounds[0])])
    writer.close()
    reader = open_reader(path)
    found = reader.execute(
        "SELECT count, sum_centi, min_centi, max_centi, crashes, at_or_above FROM rollup_minute"
        " ORDER BY minute_us"
    ).fetchall()
    reader.close()
    assert found == [
        (3, 390, 100, 160, "[100,130,160]", "[1,0]"),
        (3, 660, 190, 250, "[190,220,250]", "[3,2]"),
    ]


def replace_time(record: Round) -> Round:
    """Return another round without a time, which no minute counts."""
    return Round(
        bookmaker=record.bookmaker,
        round_id="untimed",
        crash_centi=999,
        received_at_us=record.received_at_us,
        origin=record.origin,
    )
