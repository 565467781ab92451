"""Whatever was written, and whenever it was read: the history holds the rounds as the database has them."""

import shutil
from pathlib import Path

import apsw
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.distribution import tally as tallies
from data_layer.analytics.rounds import UNTIMED
from data_layer.database.connection import open_reader, snapshot
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin, Round
from data_layer.readers.analyst import round_history
from data_layer.readers.analyst.round_history import RoundHistory, Snapshot
from tests.data_layer.database.brute_force import stored_rounds
from tests.data_layer.random_histories import NAMES, T0, histories, times, write


def _read(history: RoundHistory, path: Path, file: object = None) -> Snapshot:
    reader = open_reader(path)
    try:
        with snapshot(reader):
            return history.refresh(reader, file)
    finally:
        reader.close()


def _assert_holds(found: Snapshot, path: Path) -> None:
    """Compare with the rows of `rounds`, and what is kept for counting with the columns."""
    reader = open_reader(path)
    assert list(found.books) == sorted({*found.books})
    for name in NAMES:
        rows = stored_rounds(reader, name)
        book = found.part(name, None, None)
        times_us = [UNTIMED if row.crashed_at_us is None else row.crashed_at_us for row in rows]
        assert book.times_us.tolist() == times_us
        assert book.crash_centi.tolist() == [row.crash_centi for row in rows]
        assert (book.start, book.stop) == (0, len(rows))
        assert set(found.origins.get(name, ())) == {Origin(row.origin) for row in rows}
        if book.index is not None:
            _assert_counts(book.index, book.crash_centi)
    reader.close()


def _assert_counts(
    index: tallies.TallyIndex, crash_centi: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> None:
    count = len(crash_centi)
    for start, stop in (
        (0, count),
        (count // 3, count),
        (0, count // 2),
        (count // 3, count // 3 + count // 2),
    ):
        part = crash_centi[start:stop]
        assert np.array_equal(index.counts(start, stop), tallies.grid_counts(part))
        assert index.tail(start, stop).tolist() == [value for value in part.tolist() if value >= 10_000]


@settings(max_examples=60)
@given(history=histories, restart=st.booleans(), whole=st.booleans())
def test_a_refreshed_history_equals_a_new_one_and_the_rounds_after_any_history(
    tmp_path_factory: pytest.TempPathFactory, history: list[list[Round]], restart: bool, whole: bool
) -> None:
    path = tmp_path_factory.mktemp("history") / "aviator.db"
    writer = BatchDatabaseWriter(path)
    refreshed = RoundHistory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallies, "BLOCK_ROUNDS", 8)  # so that short histories have several blocks
        if whole:
            patch.setattr(round_history, "_READ_SINGLY", 3)  # and bookmakers are read anew as after an import
        try:
            for batch in history:
                write(writer, batch)
                if restart:
                    writer.close()
                    writer = BatchDatabaseWriter(path)
                found, new = _read(refreshed, path), _read(RoundHistory(), path)
                _assert_holds(found, path)
                _assert_holds(new, path)
                assert found.fingerprint == new.fingerprint
        finally:
            writer.close()


@settings(max_examples=60)
@given(history=histories, start_us=st.one_of(st.none(), times), length_us=st.one_of(st.none(), times))
def test_a_part_holds_exactly_the_rounds_of_its_span(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[list[Round]],
    start_us: int | None,
    length_us: int | None,
) -> None:
    path = tmp_path_factory.mktemp("part") / "aviator.db"
    writer = BatchDatabaseWriter(path)
    for batch in history:
        write(writer, batch)
    writer.close()
    end_us = None if length_us is None else (start_us or 0) + length_us % (10 * 24 * 3_600_000_000)
    found = _read(RoundHistory(), path)
    reader = open_reader(path)
    for name in NAMES:
        wanted = [
            row.crash_centi
            for row in stored_rounds(reader, name)
            if (start_us is None and end_us is None)
            or (
                row.crashed_at_us is not None
                and (start_us is None or row.crashed_at_us >= start_us)
                and (end_us is None or row.crashed_at_us < end_us)
            )
        ]
        assert found.part(name, start_us, end_us).part.tolist() == wanted
    reader.close()


def _rounds(first: int, last: int, *, shift: int = 0) -> list[Round]:
    return [
        Round(
            bookmaker="Admiral",
            round_id=str(number),
            crash_centi=100 + (number * 37 + shift) % 400,
            crashed_at_us=T0 + number * 20_000_000,
            received_at_us=T0,
            origin=Origin.LIVE,
        )
        for number in range(first, last)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aviator.db"


def _stored(path: Path, rounds: list[Round]) -> None:
    writer = BatchDatabaseWriter(path)
    write(writer, rounds)
    writer.close()


def test_what_was_handed_out_stays_as_it_was(path: Path) -> None:
    history = RoundHistory()
    _stored(path, _rounds(10, 30))
    early = _read(history, path)
    before = early.part("Admiral", None, None)
    times_us, crashes = before.times_us.tolist(), before.crash_centi.tolist()
    _stored(path, _rounds(30, 3_000))
    _stored(path, _rounds(0, 10))  # late ones
    _read(history, path)
    assert before.times_us.tolist() == times_us
    assert before.crash_centi.tolist() == crashes
    with pytest.raises(ValueError, match="read-only"):
        before.crash_centi[0] = 1


def test_only_new_rounds_are_read_when_some_came(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = RoundHistory()
    _stored(path, _rounds(0, 50))
    _read(history, path)
    monkeypatch.delattr(round_history, "read_history")
    _stored(path, _rounds(60, 80))
    _stored(path, _rounds(50, 60))
    _assert_holds(_read(history, path), path)


def test_a_restored_database_is_read_whole_even_with_equal_sums(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    _stored(path, _rounds(0, 50))
    swapped = _rounds(0, 50)
    first, second = swapped[10], swapped[20]
    swapped[10] = Round(
        bookmaker="Admiral",
        round_id=first.round_id,
        crash_centi=second.crash_centi,
        crashed_at_us=first.crashed_at_us,
        received_at_us=T0,
        origin=Origin.LIVE,
    )
    swapped[20] = Round(
        bookmaker="Admiral",
        round_id=second.round_id,
        crash_centi=first.crash_centi,
        crashed_at_us=second.crashed_at_us,
        received_at_us=T0,
        origin=Origin.LIVE,
    )
    _stored(other, swapped)
    history = RoundHistory()
    _read(history, path, "first file")
    shutil.copy(other, path)
    _assert_holds(_read(history, path, "second file"), path)


def test_an_older_copy_in_the_same_place_is_read_whole(path: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    history = RoundHistory()
    _stored(path, _rounds(0, 50))
    shutil.copy(path, backup)
    _stored(path, _rounds(50, 90))
    _read(history, path)
    shutil.copy(backup, path)
    _stored(path, _rounds(50, 60, shift=5))
    _assert_holds(_read(history, path), path)


def test_a_copy_that_has_grown_beyond_what_was_seen_is_told_by_its_sums(path: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    history = RoundHistory()
    _stored(path, _rounds(0, 50))
    shutil.copy(path, backup)
    _stored(path, _rounds(50, 60))
    _read(history, path)
    shutil.copy(backup, path)
    _stored(path, _rounds(50, 70, shift=5))  # other rounds under the ids that were seen
    _stored(path, _rounds(70, 80))
    _assert_holds(_read(history, path), path)


def test_rounds_count_where_the_rollups_do_not_agree(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _stored(path, _rounds(0, 50))
    meddling = apsw.Connection(str(path))
    meddling.execute("DELETE FROM rollup_hour")
    meddling.close()
    _assert_holds(_read(RoundHistory(), path), path)
    assert "do not agree" in caplog.text


def test_a_reading_that_was_broken_off_leaves_nothing_half_taken(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = RoundHistory()
    _stored(path, _rounds(0, 50))
    _read(history, path)
    _stored(path, _rounds(50, 60))

    def interrupted(*_: object) -> None:
        raise apsw.InterruptError

    with monkeypatch.context() as patch:
        patch.setattr(RoundHistory, "_read_what_differs", interrupted)
        with pytest.raises(apsw.InterruptError):
            _read(history, path)
    _assert_holds(_read(history, path), path)
