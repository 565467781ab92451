"""Verdicts on stored rounds: marked once, counted without a look at the rounds, undone by nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.database import schema
from data_layer.database.connection import open_reader, open_writer
from data_layer.database.verdicts import failed_rounds, verification_counts
from data_layer.messages import Verified
from tests.data_layer.database.written import Database, a_round, rounds

HASH = "ab" * 32


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "aviator.db")
    yield made
    made.writer.close()


def verdict(number: int, verified: bool, hash_: str | None = None, **changes: Any) -> Verified:
    return Verified(
        **{"bookmaker": "Admiral", "round_id": str(number), "verified": verified, "hash": hash_, **changes}
    )


def counts(database: Database) -> dict[str, tuple[int, int]]:
    reader = open_reader(database.path)
    try:
        return verification_counts(reader)
    finally:
        reader.close()


def recounted(database: Database) -> dict[str, tuple[int, int]]:
    rows = database.read(
        "SELECT bookmaker, ifnull(sum(verified = 1), 0), ifnull(sum(verified = 0), 0) FROM rounds"
        " GROUP BY bookmaker"
    )
    return {name: (yes, no) for name, yes, no in rows}


def test_a_verdict_marks_its_round_and_brings_a_missing_hash(database: Database) -> None:
    database.store(*rounds(1, 3))
    before = database.writer.version
    flushed = database.store(verdict(1, True, HASH), verdict(2, False))
    assert flushed.event.version == database.writer.version == before + 1
    assert database.read("SELECT round_id, verified, hash, flags FROM rounds ORDER BY id") == [
        ("1", 1, HASH, 0),
        ("2", 0, None, 0),
        ("3", None, None, 0),
    ]
    assert counts(database) == {"Admiral": (1, 1)}
    assert database.outcome(flushed) == (0, 0, 0)
    database.check()


def test_a_verdict_told_again_changes_nothing(database: Database) -> None:
    database.store(a_round(1, hash=HASH), a_round(2))
    verdicts = [verdict(1, True, HASH), verdict(2, False, HASH), verdict(1, True)]
    database.store(*verdicts)
    version, stored = database.writer.version, database.read("SELECT * FROM rounds")
    database.store(*verdicts)
    database.store(verdict(2, False, "cd" * 32))
    assert database.writer.version == version
    assert database.read("SELECT * FROM rounds") == stored
    assert database.read("SELECT * FROM quarantine") == []


def test_the_latest_verdict_stands_and_is_counted_once(database: Database) -> None:
    database.store(*rounds(1, 2))
    database.store(verdict(1, False), verdict(2, False))
    database.store(verdict(1, True))
    assert counts(database) == {"Admiral": (1, 1)}
    reader = open_reader(database.path)
    assert failed_rounds(reader, "Admiral") == ("2",)
    reader.close()
    database.check()


def test_a_verdict_on_a_round_that_is_not_there_changes_nothing(database: Database) -> None:
    database.store(a_round(1))
    version = database.writer.version
    database.store(verdict(7, True))
    database.store(verdict(1, True, bookmaker="Other"), bookmaker="Other")
    assert database.writer.version == version
    assert counts(database) == {"Admiral": (0, 0)}


def test_a_round_and_its_verdict_may_come_in_one_delivery(database: Database) -> None:
    database.store(verdict(1, True), a_round(1))
    assert counts(database) == {"Admiral": (1, 0)}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"verified": None}, "verified: verified is missing, not a yes or no"),
        ({"verified": 1}, "verified: verified is of type int, not a yes or no"),
        ({"round_id": ""}, "verified: round_id is empty"),
        ({"hash": "x" * 1001}, "verified: hash has more than 1000 characters"),
        ({"bookmaker": "Other"}, "bookmaker is not the one of its connection"),
    ],
)
def test_a_bad_verdict_is_quarantined_alone(database: Database, changes: dict[str, Any], reason: str) -> None:
    database.store(a_round(1), a_round(2))
    flushed = database.store(verdict(1, **{"verified": True, **changes}), verdict(2, True))
    assert database.outcome(flushed) == (0, 0, 1)
    assert database.value("SELECT reason FROM quarantine") == reason
    assert counts(database) == {"Admiral": (1, 0)}


def test_a_duplicate_brings_its_verdict_only_to_the_hash_it_is_about(database: Database) -> None:
    database.store(a_round(1, position=0), a_round(2, position=0, hash=HASH))
    other = {"position": 0, "hash": "cd" * 32, "verified": True}
    database.store(a_round(1, **other), a_round(2, **other))
    assert database.read("SELECT hash, verified FROM rounds ORDER BY id") == [("cd" * 32, 1), (HASH, None)]
    assert counts(database) == {"Admiral": (1, 0)}


operations = st.lists(
    st.tuples(
        st.sampled_from(["round", "verdict"]),
        st.integers(1, 8),
        st.sampled_from([True, False, None]),
        st.sampled_from([HASH, "cd" * 32, None]),
        st.sampled_from(["Admiral", "Mozzart"]),
    ),
    max_size=25,
)


@settings(max_examples=50)
@given(operations, st.integers(1, 5))
def test_counts_equal_a_recount_after_any_history(
    tmp_path_factory: pytest.TempPathFactory, history: list[Any], batch: int
) -> None:
    path = tmp_path_factory.mktemp("verdicts") / "aviator.db"
    database = Database(path)
    for start in range(0, len(history), batch):
        for kind, number, verified, hash_, name in history[start : start + batch]:
            record: Any = a_round(number, position=0, bookmaker=name, hash=hash_, verified=verified)
            if kind == "verdict":
                record = verdict(number, bool(verified), hash_, bookmaker=name)
            database.writer.add("key", name, "s", [record])
        before, stored = database.writer.version, _state(database)
        database.writer.flush()
        if _state(database) != stored:
            assert database.writer.version > before
    assert counts(database) == recounted(database)
    database.check()
    database.writer.close()


def _state(database: Database) -> list[Any]:
    return database.read("SELECT bookmaker, round_id, verified FROM rounds ORDER BY id")


def test_counts_survive_a_rebuild(tmp_path: Path) -> None:
    database = Database(tmp_path / "aviator.db")
    database.store(a_round(1, verified=True), a_round(2, verified=False), a_round(3))
    database.writer.close()
    connection = apsw.Connection(str(database.path))
    connection.execute("UPDATE state SET thresholds = '[150]'")
    connection.close()
    database = Database(tmp_path / "aviator.db")
    assert counts(database) == {"Admiral": (1, 1)}
    database.writer.close()


def test_a_database_of_the_first_version_is_counted_when_it_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "aviator.db"
    old = apsw.Connection(str(path))
    schema.migrate(old, schema.MIGRATIONS[:1])
    for number, name, verified in ((1, "A", 1), (2, "A", 0), (3, "A", None), (4, "B", 1), (5, "C", None)):
        old.execute(
            "INSERT INTO rounds (bookmaker, round_id, crash_centi, verified, received_at_us, flags, origin)"
            " VALUES (?, ?, 200, ?, 0, 0, 0)",
            (name, str(number), verified),
        )
        old.execute("INSERT OR IGNORE INTO rollup_lifetime (bookmaker) VALUES (?)", (name,))
    old.close()
    open_writer(path).close()
    reader = open_reader(path)
    assert verification_counts(reader) == {"A": (1, 1), "B": (1, 0), "C": (0, 0)}
    assert failed_rounds(reader, "A") == ("2",)
    reader.close()


def test_neither_counts_nor_failures_walk_through_the_rounds(database: Database) -> None:
    database.store(*rounds(1, 50))
    reader = open_reader(database.path)
    statements: list[tuple[str, Any]] = []

    def note(_cursor: apsw.Cursor, sql: str, bindings: Any) -> bool:
        statements.append((sql, bindings))
        return True

    reader.exec_trace = note
    verification_counts(reader)
    failed_rounds(reader, "Admiral")
    reader.exec_trace = None
    plans = [
        str(row[3])
        for sql, bindings in statements
        for row in reader.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)
    ]
    reader.close()
    about_rounds = [plan for plan in plans if re.search(r"\brounds\b", plan)]
    assert about_rounds == ["SEARCH rounds USING INDEX rounds_failed (bookmaker=?)"]
