"""What the writer promises: every round once, duplicates told apart, bad rows set aside, all or nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from msgspec.structs import replace

from data_layer.database import queries
from data_layer.database.connection import open_reader
from data_layer.database.distribution import Bins
from data_layer.database.writer import BatchDatabaseWriter, CommitFailedError, Flushed
from data_layer.messages import Bet, Crossing, Flag, Gap, Origin, Phase, Record, Rejected, RgbSample, Round
from tests.data_layer.database.brute_force import assert_rollups_are_right

THRESHOLDS = (150, 200, 1000)
T0 = 1_750_000_000_000_000
STEP_US = 20_000_000


def a_round(number: int, **changes: Any) -> Round:
    at_us = T0 + number * STEP_US
    plain = Round(
        bookmaker="Admiral",
        round_id=str(number),
        crash_centi=100 + (number * 37) % 400,
        started_at_us=at_us - 8_000_000,
        crashed_at_us=at_us,
        received_at_us=at_us + 1_000,
        origin=Origin.LIVE,
        position=number,
    )
    return replace(plain, **changes)


def rounds(first: int, last: int) -> list[Round]:
    return [a_round(number) for number in range(first, last + 1)]


class Database:
    """A writer on a file, and what the file holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now_us = T0 + 10**12
        self.writer = BatchDatabaseWriter(path, thresholds_centi=THRESHOLDS, now=lambda: self.now_us)

    def store(
        self, *records: Any, key: str = "key", bookmaker: str = "Admiral", stream: str = "s"
    ) -> Flushed:
        self.writer.add(key, bookmaker, stream, list(records))
        return self.writer.flush()

    def read(self, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        reader = open_reader(self.path)
        try:
            return reader.execute(sql, bindings).fetchall()
        finally:
            reader.close()

    def value(self, sql: str, *bindings: Any) -> Any:
        return self.read(sql, *bindings)[0][0]

    def outcome(self, flushed: Flushed, key: str = "key") -> tuple[int, int, int]:
        found = flushed.outcomes[key]
        return found.committed, found.duplicates, found.quarantined

    def check(self) -> None:
        reader = open_reader(self.path)
        assert_rollups_are_right(reader, Bins(THRESHOLDS))
        reader.close()


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


BAD: dict[str, dict[str, Any]] = {
    "crash point NaN": {"crash_centi": float("nan")},
    "crash point infinite": {"crash_centi": float("inf")},
    "crash point a float": {"crash_centi": 150.0},
    "crash point a fraction": {"crash_centi": 150.5},
    "crash point missing": {"crash_centi": None},
    "crash point text": {"crash_centi": "150"},
    "crash point true": {"crash_centi": True},
    "crash point below 1.00x": {"crash_centi": 99},
    "crash point negative": {"crash_centi": -150},
    "crash point beyond 64 bits": {"crash_centi": 2**63},
    "crash point far beyond 64 bits": {"crash_centi": 2**200},
    "crash point absurd": {"crash_centi": 10**12},
    "round id empty": {"round_id": ""},
    "round id missing": {"round_id": None},
    "round id a number": {"round_id": 7},
    "round id bytes": {"round_id": b"7"},
    "round id too long": {"round_id": "7" * 201},
    "round id half a surrogate": {"round_id": "\ud800"},
    "round id with NUL": {"round_id": "a\0b"},
    "round id nothing but NUL": {"round_id": "\0"},
    "crashed before started": {"started_at_us": T0 + 999 * STEP_US},
    "crash time negative": {"started_at_us": None, "crashed_at_us": -1},
    "crash time NaN": {"crashed_at_us": float("nan")},
    "crash time beyond the calendar": {"crashed_at_us": 2**62},
    "crash time a float": {"crashed_at_us": float(T0)},
    "start NaN": {"started_at_us": float("nan")},
    "stake NaN": {"stake_minor": float("nan")},
    "stake negative": {"stake_minor": -1},
    "stake beyond 64 bits": {"stake_minor": 2**63},
    "payout text": {"payout_minor": "5"},
    "players a fraction": {"players_total": 0.5},
    "players negative": {"players_cashed_out": -3},
    "duration negative": {"duration_ms": -3},
    "duration a list": {"duration_ms": []},
    "currency too long": {"currency": "E" * 17},
    "currency empty": {"currency": ""},
    "hash with NUL": {"hash": "ab\0"},
    "hash half a surrogate": {"hash": "\udfff"},
    "seed oversized": {"seed": "s" * 1_000_000},
    "verified a number": {"verified": 1},
    "received missing": {"received_at_us": None},
    "flags negative": {"flags": -1},
    "origin unknown": {"origin": 9},
    "origin missing": {"origin": None},
    "position negative": {"position": -5},
    "another bookmaker": {"bookmaker": "Mozzart"},
    "bookmaker missing": {"bookmaker": None},
    "crossings not a list": {"crossings": 5},
    "crossing not a crossing": {"crossings": ("x",)},
    "crossing NaN": {"crossings": (Crossing(threshold_centi=200, actual_centi=float("nan")),)},  # type: ignore[arg-type]
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("neighbours", [0, 120])
def test_a_bad_row_is_quarantined_and_its_batch_goes_on(
    database: Database, changes: dict[str, Any], neighbours: int
) -> None:
    good = rounds(1, neighbours)
    bad = a_round(neighbours + 1, **changes)
    flushed = database.store(
        *good[: neighbours // 2], bad, *(replace(one, position=0) for one in good[neighbours // 2 :])
    )
    assert database.outcome(flushed) == (neighbours, 0, 1)
    assert database.value("SELECT count(*) FROM rounds") == neighbours
    reason, place, raw = database.read("SELECT reason, place, raw FROM quarantine")[0]
    assert reason
    assert place
    assert 0 < len(raw) <= 4096
    assert database.value("SELECT quarantined FROM rollup_lifetime") == 1
    database.check()


def test_equal_faults_are_given_equal_words(database: Database) -> None:
    database.store(*(a_round(number, crash_centi=90 + number) for number in range(5)), a_round(8))
    reader = open_reader(database.path)
    found = queries.quarantine_reasons(reader)
    reader.close()
    assert [tuple(reason) for reason in found] == [
        ("Admiral", "crash_centi is below 100", 5, found[0].first_place)
    ]


@pytest.mark.parametrize("nonsense", [None, 5, "round", b"", object()])
def test_what_is_no_record_at_all_is_quarantined(database: Database, nonsense: object) -> None:
    assert database.outcome(database.store(a_round(1), nonsense, a_round(2))) == (2, 0, 1)


@pytest.mark.parametrize("name", ["", "x" * 500, "a\0", "\ud800", None])
def test_a_name_that_no_row_can_carry_is_refused_at_once(database: Database, name: Any) -> None:
    with pytest.raises(ValueError, match="name"):
        database.writer.add("key", name, "s", [a_round(1)])
    with pytest.raises(ValueError, match="name"):
        database.writer.add("key", "Admiral", name, [a_round(1)])
    assert database.writer.pending == 0


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


def a_bet(number: int, **changes: Any) -> Bet:
    plain = Bet(
        bookmaker="Admiral",
        round_id=str(number),
        strategy="flat",
        placed_at_us=T0 + number,
        stake_minor=100,
        cashout_centi=200,
        payout_minor=200 if number % 2 else 0,
        bankroll_minor=1_000 * number,
        currency="EUR",
    )
    return replace(plain, **changes)


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
    assert database.writer.welcome("Admiral", "s").bankroll_minor == 3_000
    assert database.writer.welcome("Mozzart", "s").bankroll_minor is None


def a_sample(number: int, **changes: Any) -> RgbSample:
    plain = RgbSample(
        bookmaker="Admiral",
        region="canvas",
        sampled_at_us=T0 + number,
        phase=Phase.FLYING,
        mean_r=float(number),
        mean_g=2.5,
        mean_b=3.5,
        spread_r=0.0,
        spread_g=0.5,
        spread_b=255.0,
    )
    return replace(plain, **changes)


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


@pytest.mark.parametrize(
    "record",
    [
        a_bet(1, stake_minor=float("nan")),
        a_bet(1, stake_minor=2**63),
        a_bet(1, currency=None),
        a_sample(1, mean_r=float("nan")),
        a_sample(1, mean_r=float("inf")),
        a_sample(1, spread_b=256.0),
        a_sample(1, phase="landing"),
        a_sample(1, region="\ud800"),
        Gap(bookmaker="Admiral", started_at_us=-1, reason=""),
        a_bet(1, bookmaker="Mozzart"),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_bad_bet_sample_or_gap_is_quarantined(database: Database, record: Record) -> None:
    assert database.outcome(database.store(a_round(1), record, a_round(2))) == (2, 0, 1)
    assert database.value("SELECT count(*) FROM bets") == 0
    assert database.value("SELECT count(*) FROM rgb_samples") == 0
    assert database.value("SELECT count(*) FROM gaps") == 0


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


def test_a_flush_is_due_when_enough_is_pending_or_for_long_enough(database: Database) -> None:
    writer = database.writer
    assert not writer.due(database.now_us + 10**9)
    writer.add("key", "Admiral", "s", rounds(1, 10))
    assert writer.pending == 10
    assert not writer.due(database.now_us + 99_999)
    assert writer.due(database.now_us + 100_000)
    assert writer.due(database.now_us - 1)  # the clock was set back
    writer.add("key", "Admiral", "s", rounds(11, 1_000))
    assert writer.due(database.now_us)
    writer.flush()
    assert (writer.pending, writer.due(database.now_us + 10**9)) == (0, False)


def test_nothing_is_lost_while_another_program_holds_the_database(database: Database) -> None:
    database.store(*rounds(1, 5))
    other = apsw.Connection(str(database.path))
    other.execute("BEGIN IMMEDIATE")
    database.writer.add("key", "Admiral", "s", rounds(6, 8))
    with pytest.raises(CommitFailedError, match=r"aviator\.db"):
        database.writer.flush()
    assert database.writer.pending == 3
    assert database.writer.due(database.now_us + 100_000)
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
