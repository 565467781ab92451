"""What the writer promises: every round once, duplicates told apart, all or nothing on disk."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace

from data_layer.database import queries
from data_layer.database.connection import open_reader
from data_layer.database.flushing import CommitFailedError
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.errors import DatabaseUnusableError
from data_layer.messages import Crossing, Flag, Gap, Origin, Rejected
from tests.data_layer.database.written import (
    STEP_US,
    T0,
    THRESHOLDS,
    Database,
    a_bet,
    a_round,
    a_sample,
    rounds,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(tmp_path / "aviator.db")
    yield found
    found.writer.close()


def test_a_round_is_stored_with_every_field(database: Database) -> None:
    full = a_round(
        1,
        crash_centi=1234,
        duration_ms=41_862,
        players_total=300,
        players_cashed_out=120,
        stake_minor=1_000_000,
        payout_minor=900_000,
        currency="EUR",
        hash="ab" * 32,
        seed="cd",
        verified=True,
        flags=int(Flag.GAP_BEFORE),
        origin=Origin.CHAIN,
        crossings=(
            Crossing(
                threshold_centi=150, actual_centi=151, crossed_at_us=T0, players_left=9, stake_left_minor=8
            ),
            Crossing(threshold_centi=200, actual_centi=203),
        ),
    )
    database.store(full)
    row = database.read("SELECT * FROM rounds")[0]
    assert row[1:] == (
        *("Admiral", "1", 1234, T0 + STEP_US - 8_000_000, T0 + STEP_US, 41_862, 300, 120, 1_000_000, 900_000),
        *("EUR", "ab" * 32, "cd", 1, T0 + STEP_US + 1_000, 2, 2),
    )
    assert database.read("SELECT * FROM threshold_crossings") == [
        ("Admiral", "1", 150, 151, T0, 9, 8),
        ("Admiral", "1", 200, 203, None, None, None),
    ]


def test_the_round_log_speaks_plainly(database: Database) -> None:
    database.store(a_round(0, crash_centi=137, verified=False, origin=Origin.SIMULATOR, currency="EUR"))
    database.store(a_round(1, started_at_us=None, crashed_at_us=None))
    found = database.read(
        "SELECT bookmaker, round_id, started_at, crashed_at, crash_point, origin, verified"
        " FROM round_log ORDER BY id"
    )
    assert found == [
        ("Admiral", "0", "2025-06-15 15:06:32.000000", "2025-06-15 15:06:40.000000", 1.37, "simulator", "no"),
        ("Admiral", "1", None, None, 1.37, "live", "unknown"),
    ]


def test_a_redelivered_stretch_is_skipped_and_counted_nowhere(database: Database) -> None:
    database.store(*rounds(1, 10))
    flushed = database.store(*rounds(6, 12))
    assert database.outcome(flushed) == (2, 0, 0)
    assert database.value("SELECT count(*) FROM rounds") == 12
    assert database.value("SELECT duplicates FROM rollup_lifetime") == 0
    assert database.writer.welcome("Admiral", "s").last_position == 12


def test_redelivery_is_known_within_one_commit_too(database: Database) -> None:
    database.writer.add("old connection", "Admiral", "s", rounds(1, 5))
    database.writer.add("new connection", "Admiral", "s", rounds(1, 7))
    flushed = database.writer.flush()
    assert database.outcome(flushed, "old connection") == (5, 0, 0)
    assert database.outcome(flushed, "new connection") == (2, 0, 0)


def test_positions_of_other_streams_and_bookmakers_are_their_own(database: Database) -> None:
    database.store(*rounds(1, 5))
    database.store(*(replace(one, bookmaker="Mozzart") for one in rounds(1, 3)), bookmaker="Mozzart")
    assert database.outcome(database.store(a_round(9, position=1), stream="other")) == (1, 0, 0)
    assert database.writer.welcome("Admiral", "s").last_position == 5
    assert database.writer.welcome("Admiral", "other").last_position == 1
    assert database.writer.welcome("Mozzart", "s").last_position == 3
    assert database.writer.welcome("Soccer", "s").last_position == 0


def test_a_delivery_of_nothing_new_still_gets_its_answer(database: Database) -> None:
    database.store(*rounds(1, 3))
    version = database.writer.version
    flushed = database.store(*rounds(1, 3), key="again")
    assert database.outcome(flushed, "again") == (0, 0, 0)
    assert flushed.event.version == version
    database.writer.add("empty", "Admiral", "s", [])
    assert database.outcome(database.writer.flush(), "empty") == (0, 0, 0)


def test_the_same_round_told_again_is_a_duplicate_and_changes_no_statistic(database: Database) -> None:
    database.store(*rounds(1, 40))
    before = database.read("SELECT * FROM streaks ORDER BY threshold_centi")
    flushed = database.store(*(replace(one, position=0) for one in rounds(30, 45)))
    assert database.outcome(flushed) == (5, 11, 0)
    assert database.value("SELECT duplicates FROM rollup_lifetime") == 11
    assert database.value("SELECT count(*) FROM rounds") == 45
    assert before != database.read("SELECT * FROM streaks ORDER BY threshold_centi")
    database.check()


def test_a_round_twice_in_one_batch_counts_once(database: Database) -> None:
    one = a_round(1, position=0)
    assert database.outcome(database.store(one, a_round(2, position=0), one, one)) == (2, 2, 0)
    database.check()


def test_a_duplicate_completes_what_the_stored_round_did_not_say(database: Database) -> None:
    database.store(a_round(1, position=0, stake_minor=5))
    database.store(a_round(1, position=0, stake_minor=7, hash="ff", verified=True, currency="EUR"))
    row = database.read("SELECT stake_minor, hash, verified, currency, flags FROM rounds")[0]
    assert row == (5, "ff", 1, "EUR", int(Flag.CORRECTED))
    database.store(a_round(1, position=0))
    assert database.value("SELECT flags FROM rounds") == int(Flag.CORRECTED)


def test_a_duplicate_that_says_nothing_more_leaves_no_mark(database: Database) -> None:
    database.store(a_round(1, position=0))
    database.store(a_round(1, position=0))
    assert database.value("SELECT flags FROM rounds") == 0


def test_a_late_time_does_not_move_a_round_that_was_stored_without_one(database: Database) -> None:
    database.store(a_round(1, position=0, started_at_us=None, crashed_at_us=None), a_round(2, position=0))
    database.store(a_round(1, position=0))
    assert database.read("SELECT crashed_at_us FROM rounds WHERE round_id = '1'") == [(None,)]
    database.check()


def test_another_crash_point_for_a_stored_round_is_quarantined(database: Database) -> None:
    database.store(a_round(1, crash_centi=200, position=0))
    flushed = database.store(a_round(1, crash_centi=201, position=0), a_round(2, position=0))
    assert database.outcome(flushed) == (1, 0, 1)
    assert database.value("SELECT crash_centi FROM rounds WHERE round_id = '1'") == 200
    assert "differs" in database.value("SELECT reason FROM quarantine")
    database.check()


def test_late_rounds_are_marked_and_spliced_in(database: Database) -> None:
    database.store(*(one for one in rounds(1, 30) if int(one.round_id) not in (7, 8, 20)))
    database.store(*(a_round(number, position=0) for number in (20, 31, 8, 7)))
    late = database.read("SELECT round_id FROM rounds WHERE flags & 1 ORDER BY id")
    assert late == [("20",), ("8",), ("7",)]
    database.check()


def test_rejected_input_is_stored_whatever_is_in_it(database: Database) -> None:
    ugly = Rejected(
        bookmaker="Admiral",
        reason="joined \u2028 numbers \ud800",
        place="row 6281",
        raw="\0" + "x" * 10_000,
        received_at_us=2**70,
        position=3,
    )
    assert database.outcome(database.store(a_round(2), ugly, a_round(4))) == (2, 0, 1)
    reason, place, raw = database.read("SELECT reason, place, raw FROM quarantine")[0]
    assert (reason, place, len(raw)) == ("joined \u2028 numbers \\ud800", "row 6281", 4096)
    assert database.outcome(database.store(ugly)) == (0, 0, 0)  # delivered again
    assert database.writer.welcome("Admiral", "s").last_position == 4


def test_a_gap_is_closed_when_its_end_is_told(database: Database) -> None:
    gap = Gap(bookmaker="Admiral", started_at_us=T0, reason="no connection")
    database.store(gap)
    database.store(replace(gap, ended_at_us=T0 + 5, missing=3), gap)
    assert database.read("SELECT started_at_us, ended_at_us, reason, missing FROM gaps") == [
        (T0, T0 + 5, "no connection", 3)
    ]


def test_bets_count_once_and_the_newest_names_the_bankroll(database: Database) -> None:
    flushed = database.store(a_bet(1), a_bet(3), a_bet(2))
    assert flushed.event.bets == 3
    again = database.store(a_bet(2), a_bet(3))
    assert (again.event.bets, again.event.version) == (0, flushed.event.version)
    reader = open_reader(database.path)
    (stats,) = queries.betting_stats(reader)
    reader.close()
    assert (stats.bets, stats.won, stats.staked_minor, stats.paid_out_minor) == (3, 2, 300, 400)
    assert (stats.bankroll_minor, stats.newest_at_us, stats.currency) == (3_000, T0 + 3, "EUR")
    assert database.writer.welcome("Admiral", "s").paper_profit_minor == 100
    assert database.writer.welcome("Mozzart", "s").paper_profit_minor == 0


def test_colour_samples_count_once_and_the_newest_is_known(database: Database) -> None:
    database.store(a_sample(1), a_sample(3), a_sample(2), a_sample(1, region="multiplier"))
    database.store(a_sample(2), a_sample(3))
    reader = open_reader(database.path)
    found = queries.rgb_stats(reader)
    reader.close()
    assert [(stats.samples, stats.newest) for stats in found] == [
        (3, a_sample(3)),
        (1, a_sample(1, region="multiplier")),
    ]


def test_the_event_tells_the_newest_rounds_oldest_first(database: Database) -> None:
    flushed = database.store(*rounds(1, 100))
    (share,) = flushed.event.rounds
    assert (share.bookmaker, share.count) == ("Admiral", 100)
    assert [brief.round_id for brief in share.newest] == [str(number) for number in range(69, 101)]
    late = database.store(*(a_round(number, position=0) for number in (104, 102, 103, 104)))
    assert [brief.round_id for brief in late.event.rounds[0].newest] == ["102", "103", "104"]
    assert late.event.version == flushed.event.version + 1


def test_what_one_commit_brings_of_several_is_told_apart(database: Database) -> None:
    writer = database.writer
    writer.add("a", "Admiral", "s", rounds(1, 4))
    writer.add("b", "Mozzart", "s", [a_round(1, bookmaker="Mozzart")])
    writer.add(
        "c", "Admiral", "t", [a_round(4, position=1), a_round(5, position=2), a_round(6, crash_centi=5)]
    )
    flushed = writer.flush()
    assert database.outcome(flushed, "a") == (4, 0, 0)
    assert database.outcome(flushed, "b") == (1, 0, 0)
    assert database.outcome(flushed, "c") == (1, 1, 1)
    assert [(share.bookmaker, share.count) for share in flushed.event.rounds] == [
        ("Admiral", 5),
        ("Mozzart", 1),
    ]
    database.check()


def test_nothing_is_lost_while_another_program_holds_the_database(database: Database) -> None:
    database.store(*rounds(1, 5))
    other = apsw.Connection(str(database.path))
    other.execute("BEGIN IMMEDIATE")
    database.writer.add("key", "Admiral", "s", rounds(6, 8))
    with pytest.raises(CommitFailedError, match=r"aviator\.db"):
        database.writer.flush()
    assert database.writer.pending == 3
    other.execute("ROLLBACK")
    other.close()
    assert database.outcome(database.writer.flush()) == (3, 0, 0)
    assert database.value("SELECT count(*) FROM rounds") == 8
    database.check()


def test_nothing_is_lost_or_half_stored_on_a_full_disk(database: Database) -> None:
    database.store(*rounds(1, 50))
    connection = database.writer._connection
    connection.pragma("max_page_count", int(connection.pragma("page_count")) + 2)
    database.writer.add("key", "Admiral", "s", rounds(51, 3_000))
    for _ in range(2):
        with pytest.raises(CommitFailedError, match="full"):
            database.writer.flush()
        assert database.writer.pending == 2_950
        assert database.value("SELECT count(*) FROM rounds") == 50
        assert database.writer.welcome("Admiral", "s").last_position == 50
        database.check()
    connection.pragma("max_page_count", 1_000_000)
    database.writer.add("key", "Admiral", "s", rounds(3_001, 3_010))
    assert database.outcome(database.writer.flush()) == (2_960, 0, 0)
    database.check()


def test_the_version_survives_and_rises_only_with_a_statistic(database: Database) -> None:
    first = database.store(a_round(1)).event.version
    assert database.store(Gap(bookmaker="Admiral", started_at_us=1, reason="r")).event.version == first
    second = database.store(a_round(2)).event.version
    assert second == first + 1
    database.writer.close()
    database.writer = BatchDatabaseWriter(database.path, thresholds_centi=THRESHOLDS)
    assert database.writer.version == second
    assert database.value("SELECT version FROM state") == second


def test_thresholds_that_cannot_be_counted_anew_leave_the_old_counts(database: Database) -> None:
    database.store(*rounds(1, 100))
    other = apsw.Connection(str(database.path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnusableError, match="another program holds it"):
        BatchDatabaseWriter(database.path, thresholds_centi=(123,))
    other.execute("ROLLBACK")
    other.close()
    database.check()
