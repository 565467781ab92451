"""The history of alerts in the database, and how a database of version 1 gets it."""

from pathlib import Path

import apsw
import msgspec
import pytest

from data_layer.alerts.model import Alert, AlertKind, Severity
from data_layer.database import alert_rows, backup, schema
from data_layer.database.connection import DATABASE_NAME, open_reader
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import AlertState
from tests.data_layer.stored_rounds import a_round


def an_alert(uid: str = "run-1", **changes: object) -> Alert:
    """Return an active alert of one bookmaker."""
    values: dict[str, object] = {
        "uid": uid,
        "rule": "stall",
        "kind": AlertKind.STALL,
        "severity": Severity.WARNING,
        "title": "Admiral: no data",
        "detail": "silent for 20 s",
        "bookmakers": ("Admiral",),
        "consequences": ("2 bookmakers: rounds wait",),
        "since_us": 1_000,
        "raised_at_us": 2_000,
        "count": 3,
    }
    return Alert(**(values | changes))  # type: ignore[arg-type]


def store(path: Path, *alerts: Alert) -> int:
    """Commit alerts as the main process delivers them; return how many were quarantined."""
    writer = BatchDatabaseWriter(path)
    writer.add("key", alert_rows.SENDER, alert_rows.SENDER, [alert_rows.record_of(alert) for alert in alerts])
    outcome = writer.flush().outcomes.get("key")
    writer.close()
    return outcome.quarantined if outcome else 0


def stored(path: Path) -> list[Alert]:
    """Return the history."""
    reader = open_reader(path)
    try:
        return alert_rows.newest(reader, 100)
    finally:
        reader.close()


def test_an_alert_is_read_as_it_was_stored(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    engine = an_alert("run-2", bookmakers=(), title="Writer: gone", raised_at_us=3_000, muted=True)

    assert store(path, an_alert(), engine) == 0

    assert stored(path) == [engine, an_alert()]


def test_an_alert_that_is_told_again_is_brought_up_to_date_until_it_has_ended(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    joined = an_alert(bookmakers=("Admiral", "MaxBet"), title="2 bookmakers: no data", count=4)
    ended = an_alert(bookmakers=("Admiral", "MaxBet"), ended_at_us=9_000, end_reason="over")

    store(path, an_alert())
    store(path, joined)
    assert stored(path) == [joined]
    store(path, ended, ended)  # as after an acknowledgement that was lost
    store(path, an_alert())

    assert stored(path) == [ended]
    reader = open_reader(path)
    assert alert_rows.open_alerts(reader) == []
    assert reader.execute("SELECT bookmaker FROM alerts").get == ""  # of several
    reader.close()


def test_alerts_are_no_statistic_and_no_bookmaker(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    writer = BatchDatabaseWriter(path)
    version = writer.version
    writer.add("key", alert_rows.SENDER, alert_rows.SENDER, [alert_rows.record_of(an_alert())])
    flushed = writer.flush()
    writer.close()

    assert flushed.event.version == version
    assert flushed.event.rounds == ()
    reader = open_reader(path)
    assert reader.execute("SELECT count(*) FROM rollup_lifetime").get == 0
    assert reader.execute("SELECT count(*) FROM deliveries").get == 0
    reader.close()


def test_texts_that_no_table_takes_are_mended(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    broken = an_alert(title="half \ud83d of it \0", bookmakers=("A\ud83d",), detail="x" * 5_000)

    assert store(path, broken) == 0

    [kept] = stored(path)
    assert kept.title == "half \\ud83d of it \\0"
    assert len(kept.detail) == schema.MAX_TEXT_CHARACTERS


def test_a_record_that_is_no_alert_is_quarantined_beside_good_ones(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    writer = BatchDatabaseWriter(path)
    good = alert_rows.record_of(an_alert())
    bad = AlertState(
        bookmaker=alert_rows.SENDER,
        uid="",
        rule="r",
        kind="stall",
        severity="info",
        title="t",
        since_us=1,
        raised_at_us=1,
    )
    writer.add("key", alert_rows.SENDER, alert_rows.SENDER, [good, bad])
    assert writer.flush().outcomes["key"].quarantined == 1
    writer.close()
    assert len(stored(path)) == 1


def test_an_alert_of_another_release_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    store(path, an_alert())
    database = apsw.Connection(str(path))
    database.execute("UPDATE alerts SET kind = 'weather'")
    database.close()

    assert stored(path) == []


def test_a_row_of_no_sense_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    for uid in ("a", "b", "c"):
        store(path, an_alert(uid=uid))
    database = apsw.Connection(str(path))
    database.execute("UPDATE alerts SET bookmakers = 'no JSON' WHERE uid = 'a'")
    database.execute("UPDATE alerts SET consequences = '{}' WHERE uid = 'b'")
    database.close()

    assert [one.uid for one in stored(path)] == ["c"]


# From version 1.


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    """A database of version 1 with rounds, verdicts and an alert."""
    path = tmp_path / DATABASE_NAME
    writer = BatchDatabaseWriter(path)  # the newest version, brought back to the first below
    rounds = [
        msgspec.structs.replace(a_round(number), verified=(None, True, False)[number % 3])
        for number in range(300)
    ]
    writer.add("", "Admiral", "s", rounds)
    writer.flush()
    writer.close()
    newest = apsw.Connection(str(path))
    old = apsw.Connection(str(tmp_path / "old.db"))
    schema.migrate(old, schema.MIGRATIONS[:1])
    tables = [
        name
        for (name,) in old.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
    ]
    for table in tables:
        columns = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
        listed = ", ".join(columns)
        old.execute(f"DELETE FROM {table}")
        for row in newest.execute(f"SELECT {listed} FROM {table}").fetchall():
            old.execute(f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(columns))})", row)
    old.execute("INSERT INTO alerts VALUES (1, 'stall', 'Admiral', 'warning', 'Admiral: no data', 5, 6)")
    old.execute("INSERT INTO alerts VALUES (2, 'disk', '', 'critical', 'Disk: full', 7, NULL)")
    newest.close()
    old.close()
    for left in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        left.unlink(missing_ok=True)
    (tmp_path / "old.db").rename(path)
    return path


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, as far as version 1 has their columns."""
    database = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    old = apsw.Connection(":memory:")
    schema.migrate(old, schema.MIGRATIONS[:1])
    found: dict[str, list[tuple[object, ...]]] = {}
    for (table,) in old.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        listed = ", ".join(row[1] for row in old.execute(f"PRAGMA table_info({table})"))
        found[str(table)] = sorted(database.execute(f"SELECT {listed} FROM {table}").fetchall(), key=repr)
    database.close()
    return found


def test_a_database_of_version_1_keeps_every_row(version_1: Path) -> None:
    before = contents(version_1)
    assert len(before["rounds"]) == 300

    BatchDatabaseWriter(version_1).close()

    assert contents(version_1) == before
    reader = open_reader(version_1)
    assert reader.pragma("user_version") == 2
    assert reader.execute("SELECT verified_yes, verified_no FROM rollup_lifetime").fetchall() == [(100, 100)]
    assert reader.pragma("integrity_check") == "ok"
    reader.close()
    assert [(one.uid, one.bookmakers, one.ended_at_us) for one in stored(version_1)] == [
        ("row 2", (), None),
        ("row 1", ("Admiral",), 6),
    ]


def test_new_alerts_stand_beside_those_of_version_1(version_1: Path) -> None:
    store(version_1, an_alert(raised_at_us=9))

    assert [one.uid for one in stored(version_1)] == ["run-1", "row 2", "row 1"]


def test_a_backup_of_version_1_is_restored_and_brought_forward(version_1: Path, tmp_path: Path) -> None:
    before = contents(version_1)
    copy, target = tmp_path / "copy.db", tmp_path / "elsewhere" / DATABASE_NAME
    target.parent.mkdir()
    version_1.rename(copy)  # a single file, as `backup` makes them

    report = backup.restore(copy, target)

    assert report.schema_version == 1
    BatchDatabaseWriter(target).close()
    assert contents(target) == before
