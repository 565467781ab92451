"""What is deleted after some days, and everything that this must not touch."""

from pathlib import Path

import apsw
import pytest

from config.retention import Retention
from data_layer.database import queries, retention
from data_layer.database.connection import open_reader
from data_layer.database.flushing import CommitFailedError
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Rejected, RgbSample
from tests.data_layer.database.written import T0, Database, a_bet, a_sample, rounds

DAY_US = 86_400_000_000
WEEK = Retention(rgb_days=7, quarantine_days=90)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(retention, "CHUNK_ROWS", 10)
    found = Database(tmp_path / "aviator.db", retention=WEEK)
    found.now_us = T0
    return found


def a_refusal(number: int, at_us: int = T0) -> Rejected:
    return Rejected(
        bookmaker="Admiral",
        reason="NaN",
        place=f"row {number}",
        raw="{}",
        received_at_us=at_us,
        position=number,
    )


def samples(first: int, last: int, at_us: int = T0, region: str = "canvas") -> list[RgbSample]:
    return [
        a_sample(number % 256, sampled_at_us=at_us + number, region=region)
        for number in range(first, last + 1)
    ]


def walk(database: Database) -> None:
    """Have everything deleted that is due."""
    while database.writer.prune():
        pass


def everything_shown(path: Path) -> list[object]:
    reader = open_reader(path)
    try:
        return [
            queries.rgb_stats(reader),
            queries.betting_stats(reader),
            queries.counters(reader),
            queries.round_stats_with_total(reader, "all", T0),
            queries.newest_rounds(reader, 100),
            queries.version(reader),
        ]
    finally:
        reader.close()


def test_old_samples_and_refusals_go_and_every_number_and_round_stays(database: Database) -> None:
    database.store(*rounds(1, 50), *samples(1, 45), *(a_bet(number) for number in range(1, 20)))
    database.store(*(a_refusal(number) for number in range(51, 76)), *samples(1, 33, region="button"))
    kept = database.read("SELECT * FROM rounds"), everything_shown(database.path)
    database.now_us = T0 + 91 * DAY_US
    walk(database)
    assert database.read("SELECT region, sampled_at_us - ? FROM rgb_samples ORDER BY id", T0) == [
        ("canvas", 45),
        ("button", 33),
    ]
    assert database.read("SELECT place FROM quarantine") == [("row 75",)]
    assert (database.read("SELECT * FROM rounds"), everything_shown(database.path)) == kept
    assert database.value("SELECT count(*) FROM bets") == 19
    database.check()


def test_a_rebuild_after_a_deletion_gives_the_totals_there_were(database: Database) -> None:
    database.store(*rounds(1, 50), *samples(1, 45), *(a_refusal(number) for number in range(51, 76)))
    before = everything_shown(database.path)
    database.now_us = T0 + 91 * DAY_US
    walk(database)
    database.writer.close()
    other = BatchDatabaseWriter(database.path, thresholds_centi=(300,))
    other.close()
    same = Database(database.path, retention=WEEK)
    assert everything_shown(database.path)[:3] == before[:3]
    same.check()


def test_what_is_younger_stays_and_a_walk_ends_where_it_begins(database: Database) -> None:
    database.store(*samples(1, 25))
    database.now_us = T0 + 6 * DAY_US
    database.store(*samples(1, 200, database.now_us), *(a_refusal(number) for number in range(1, 40)))
    database.now_us = T0 + 8 * DAY_US
    steps = 1
    while database.writer.prune():
        steps += 1
    assert database.value("SELECT min(sampled_at_us) FROM rgb_samples") == T0 + 6 * DAY_US + 1
    assert database.value("SELECT count(*) FROM rgb_samples") == 200
    assert database.value("SELECT count(*) FROM quarantine") == 39
    assert steps == 5  # three with something old, one without, one for the quarantine


def test_rows_dated_ahead_of_the_clock_do_not_end_a_walk(database: Database) -> None:
    database.store(*samples(1, 30, T0 + 400 * DAY_US, "ahead"), *samples(1, 30))
    database.now_us = T0 + 8 * DAY_US
    walk(database)
    assert database.read("SELECT region, count(*) FROM rgb_samples GROUP BY region") == [
        ("ahead", 30),
        ("canvas", 1),
    ]
    database.now_us = T0 + 408 * DAY_US
    walk(database)
    assert database.value("SELECT count(*) FROM rgb_samples") == 2


def test_a_deleted_sample_that_comes_again_is_not_counted_again(database: Database) -> None:
    database.store(*samples(1, 20))
    database.now_us = T0 + 8 * DAY_US
    walk(database)
    database.store(*samples(11, 25))  # an outbox that lay for a week, half of it never stored
    database.store(*samples(18, 25))
    assert database.value("SELECT samples FROM rollup_rgb") == 25
    assert database.value("SELECT max(sampled_at_us) FROM rgb_samples") == T0 + 25


def test_the_id_of_a_deleted_refusal_is_never_given_again(database: Database) -> None:
    database.store(*(a_refusal(number) for number in range(1, 12)))
    database.now_us = T0 + 91 * DAY_US
    walk(database)
    database.store(a_refusal(12, database.now_us))
    assert database.read("SELECT id FROM quarantine") == [(11,), (12,)]


def test_zero_days_keep_everything(tmp_path: Path) -> None:
    database = Database(tmp_path / "aviator.db", retention=Retention(rgb_days=0, quarantine_days=90))
    database.store(*samples(1, 20), a_refusal(1), a_refusal(2))
    database.now_us = T0 + 10_000 * DAY_US
    assert not database.writer.prune()
    assert database.value("SELECT count(*) FROM rgb_samples") == 20
    assert database.value("SELECT count(*) FROM quarantine") == 1


def test_the_space_of_what_is_deleted_is_used_again(database: Database) -> None:
    sizes = []
    for week in range(4):
        at_us = database.now_us = T0 + 8 * week * DAY_US
        walk(database)
        database.store(*samples(1, 300, at_us))
        sizes.append(database.value("PRAGMA page_count"))
    assert sizes[-1] == sizes[1]


def test_a_locked_database_puts_the_deletion_off(database: Database) -> None:
    database.store(*samples(1, 9))
    database.now_us = T0 + 8 * DAY_US
    database.writer._connection.set_busy_timeout(1)
    other = apsw.Connection(str(database.path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CommitFailedError, match="locked"):
        database.writer.prune()
    other.close()
    walk(database)
    assert database.value("SELECT count(*) FROM rgb_samples") == 1


def test_a_walk_searches_ids_and_scans_no_table(database: Database) -> None:
    for table in retention._tables(WEEK):
        for sql in (table.walk, table.delete):
            plan = database.read(f"EXPLAIN QUERY PLAN {sql}", *([1] * sql.count("?")))
            scans = [str(step) for *_, step in plan if str(step).startswith("SCAN")]
            assert [step for step in scans if step != "SCAN rollup_rgb"] == []
            assert any("USING INTEGER PRIMARY KEY" in str(step) for *_, step in plan)
