"""What is news in the database, and what is history."""

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from config.alert_specs import AlertKind, Rule, usual
from data_layer.database.connection import DATABASE_NAME
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Gap, Origin, Record, Round, Verified
from orchestration.alerts import news as alert_database
from orchestration.alerts.news import AlertDatabase
from tests.data_layer.stored_rounds import START_US, a_round

RULES: list[Rule] = [
    replace(usual(AlertKind.MULTIPLIER), limit=10.0),
    replace(usual(AlertKind.STREAK), threshold=2.0),
]


class Stored:
    """A database that is written and looked at."""

    def __init__(self, path: Path) -> None:
        self.writer = BatchDatabaseWriter(path)
        self.alerts = AlertDatabase(path)
        self.now_us = START_US

    def store(self, *records: Record, bookmaker: str = "Admiral") -> None:
        """Commit records."""
        self.writer.add("", bookmaker, "s", records)
        self.writer.flush()

    def look(self, rules: list[Rule] = RULES) -> alert_database.DatabaseFacts:
        """Look once."""
        return self.alerts.look(rules, self.now_us)


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    made = Stored(tmp_path / DATABASE_NAME)
    yield made
    made.alerts.close()
    made.writer.close()


def high(number: int, centi: int = 5_000, **changes: object) -> Round:
    """Return a round that is news."""
    return msgspec.structs.replace(a_round(number, crash_centi=centi), **changes)


def test_what_was_there_before_is_no_news(stored: Stored) -> None:
    stored.store(high(1), Gap(bookmaker="Admiral", started_at_us=START_US, reason="before"))

    first = stored.look()

    assert (first.rounds, first.gaps, first.failed) == ((), (), ())


def test_a_round_is_news_once(stored: Stored) -> None:
    stored.look()
    stored.store(high(1), high(2, 999), high(3, 1_000))

    assert [one.round_id for one in stored.look().rounds] == ["1", "3"]
    assert stored.look().rounds == ()
    stored.store(high(4))
    assert [(one.round_id, one.crash_centi) for one in stored.look().rounds] == [("4", 5_000)]


def test_old_and_imported_rounds_are_history(stored: Stored) -> None:
    stored.look()
    stored.now_us = START_US + 2_000_000_000
    stored.store(
        high(0),  # half an hour ago
        high(90),
        high(91, origin=Origin.IMPORT),
        high(92, started_at_us=None, crashed_at_us=None),  # of now, for it has no time but its reception's
    )

    assert [one.round_id for one in stored.look().rounds] == ["90", "92"]


def test_a_source_that_races_is_not_read_in_full(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_database, "_MOST_ROUNDS", 3)
    stored.look()
    stored.store(*(high(number) for number in range(10)))

    assert [one.round_id for one in stored.look().rounds] == ["7", "8", "9"]


def test_gaps_are_news_with_what_is_missing(stored: Stored) -> None:
    stored.look()
    stored.now_us = START_US + 7_200_000_000
    stored.store(
        Gap(bookmaker="Admiral", started_at_us=START_US, reason="long ago"),
        Gap(bookmaker="Admiral", started_at_us=stored.now_us - 1, reason="reconnected", missing=3),
    )

    [gap] = stored.look().gaps

    assert (gap.bookmaker, gap.reason, gap.missing) == ("Admiral", "reconnected", 3)
    assert stored.look().gaps == ()


def test_rounds_that_fail_are_news_when_they_are_found_out(stored: Stored) -> None:
    stored.store(high(1, verified=False), high(2), high(3))
    assert stored.look().failed == ()

    stored.store(high(4, verified=False))
    stored.store(Verified(bookmaker="Admiral", round_id="2", verified=False))
    [failed] = stored.look().failed

    assert (failed.bookmaker, failed.count, failed.round_id) == ("Admiral", 2, "4")
    assert stored.look().failed == ()


def test_streaks_are_those_of_the_thresholds_that_are_asked_for(stored: Stored) -> None:
    stored.store(high(1), high(2, 150), high(3, 150))

    assert stored.look().streaks == {("Admiral", 200): 2}
    stored.store(high(4, 150))
    assert stored.look().streaks == {("Admiral", 200): 3}
    asked = [replace(usual(AlertKind.STREAK), threshold=1.5)]
    assert stored.look(asked).streaks == {("Admiral", 150): 0}


def test_without_a_database_nothing_is_known_until_there_is_one(tmp_path: Path) -> None:
    alerts = AlertDatabase(tmp_path / DATABASE_NAME)

    assert alerts.look(RULES, START_US).streaks is None
    assert "no database yet" in alerts.trouble
    assert alerts.history(5) is None
    BatchDatabaseWriter(tmp_path / DATABASE_NAME).close()
    assert alerts.look(RULES, START_US).streaks == {}
    assert alerts.trouble == ""
    assert alerts.history(5) == ([], [])
    alerts.close()


def test_a_database_that_breaks_is_known_again_when_it_is_mended(stored: Stored, tmp_path: Path) -> None:
    stored.store(high(1, 150))
    stored.look()
    path = tmp_path / DATABASE_NAME
    stored.alerts.close()
    stored.writer.close()
    content = path.read_bytes()

    path.write_bytes(b"nonsense" * 1_000)
    assert stored.look().streaks is None
    assert stored.alerts.trouble
    path.write_bytes(content)
    assert stored.look().streaks == {("Admiral", 200): 1}


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: open files can be deleted")
def test_a_database_that_was_put_back_is_read_on(
    stored: Stored, tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    stored.store(high(1))
    stored.look()
    (tmp_path / DATABASE_NAME).unlink()
    stored.store(high(2))

    assert [one.round_id for one in stored.look().rounds] == ["2"]
