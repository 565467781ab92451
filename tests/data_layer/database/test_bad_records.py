"""A record that cannot be right is set aside with its reason; what came with it is stored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from data_layer.database import health, queries
from data_layer.database.connection import open_reader
from data_layer.database.validation import NOBODY
from data_layer.messages import Crossing, Gap, Record, Rejected
from tests.data_layer.database.written import STEP_US, T0, Database, a_bet, a_round, a_sample, rounds


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(tmp_path / "aviator.db")
    yield found
    found.writer.close()


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
    "crossing NaN": {"crossings": (Crossing(threshold_centi=200, actual_centi=float("nan")),)},  # type: ignore[arg-type]  # that is the test
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


def test_an_input_of_nobody_is_kept_and_counted_but_is_no_bookmakers(database: Database) -> None:
    database.store(a_round(1))
    version = database.value("SELECT version FROM state")
    foreign = Rejected(bookmaker=NOBODY, reason="odd", place="entry 1", raw="x", received_at_us=1)
    database.writer.add("peer", NOBODY, "rounds:stream", [foreign, a_round(2, bookmaker=NOBODY)])
    assert database.writer.flush().outcomes["peer"].quarantined == 2
    reader = open_reader(database.path)
    assert list(queries.counters(reader)) == ["Admiral"]
    assert queries.quarantined_of_nobody(reader) == 2
    reader.close()
    assert health.look_at(database.path, time_limit_s=1.0).quarantined == 2
    assert database.value("SELECT version FROM state") == version
    assert database.value("SELECT count(*) FROM rounds") == 1
    database.check()


@pytest.mark.parametrize("nonsense", [None, 5, "round", b"", object()])
def test_what_is_no_record_at_all_is_quarantined(database: Database, nonsense: object) -> None:
    assert database.outcome(database.store(a_round(1), nonsense, a_round(2))) == (2, 0, 1)


@pytest.mark.parametrize("name", ["", "x" * 500, "a\0", "\ud800", None])
def test_a_name_that_no_row_can_carry_is_refused_at_once(database: Database, name: Any) -> None:
    if name != NOBODY:
        with pytest.raises(ValueError, match="name"):
            database.writer.add("key", name, "s", [a_round(1)])
    with pytest.raises(ValueError, match="name"):
        database.writer.add("key", "Admiral", name, [a_round(1)])
    assert database.writer.pending == 0


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
