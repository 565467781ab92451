"""A database whose files are deleted or replaced while the writer has them open."""

import logging
import shutil
import sys
from pathlib import Path

import apsw
import pytest

from data_layer.database import open_files, writer
from data_layer.database.backup import backup
from data_layer.database.connection import open_writer
from data_layer.database.distribution import Bins
from data_layer.database.flushing import CommitFailedError
from data_layer.database.rebuild import rebuild_if_needed
from data_layer.errors import DatabaseBlockedError
from tests.data_layer.database.written import Database, rounds

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: open files can be deleted")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = Database(tmp_path / "aviator.db")
    found.store(*rounds(1, 20))
    return found


def part(database: Database, suffix: str) -> Path:
    return database.path.with_name(f"aviator.db{suffix}")


def stored(path: Path) -> list[int]:
    reader = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [int(number) for (number,) in reader.execute("SELECT round_id FROM rounds ORDER BY id")]
    finally:
        reader.close()


@pytest.mark.parametrize("gone", [("",), ("-wal",), ("-shm",), ("", "-wal", "-shm")], ids="+".join)
def test_what_was_deleted_is_put_back_whole_before_the_next_commit(
    database: Database, gone: tuple[str, ...], expected_errors: list[logging.LogRecord]
) -> None:
    for suffix in gone:
        part(database, suffix).unlink()
    assert database.outcome(database.store(*rounds(18, 30))) == (10, 0, 0)
    [told] = expected_errors
    assert "all of it was put back" in told.getMessage()
    database.store(*rounds(31, 40))
    database.check()
    database.writer.close()
    assert [path.name for path in database.path.parent.iterdir()] == ["aviator.db"]
    assert stored(database.path) == list(range(1, 41))


def test_a_database_that_is_deleted_last_of_all_is_put_back_by_closing(
    database: Database, expected_errors: list[logging.LogRecord]
) -> None:
    database.path.unlink()
    database.writer.close()
    assert stored(database.path) == list(range(1, 21))


def test_whether_a_commit_will_copy_everything_is_known_before_it(
    database: Database, expected_errors: list[logging.LogRecord]
) -> None:
    found = [database.writer.in_place]
    database.path.unlink()
    assert not database.writer.prune()  # nothing is copied for that
    assert not database.path.exists()
    found.append(database.writer.in_place)
    database.store(*rounds(21, 30))
    assert [*found, database.writer.in_place] == [True, False, True]


@pytest.mark.parametrize("gone", ["-wal", "-shm"])
def test_without_its_log_the_database_is_whole_before_the_copy_is(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    """As it is when the writer is killed, or the disk full, in the middle of putting it back."""

    def fail(*_: object) -> None:
        raise OSError("no space left")

    part(database, gone).unlink()
    monkeypatch.setattr(open_files, "_copy", fail)
    database.writer.add("key", "Admiral", "s", rounds(21, 30))
    with pytest.raises(CommitFailedError):
        database.writer.flush()
    alone = tmp_path / "alone.db"
    shutil.copy(database.path, alone)
    assert stored(alone) == list(range(1, 21))


def test_a_database_that_is_deleted_while_its_rollups_are_made_anew_is_put_back(
    database: Database, monkeypatch: pytest.MonkeyPatch, expected_errors: list[logging.LogRecord]
) -> None:
    database.writer.close()

    def delete(connection: apsw.Connection, bins: Bins) -> None:
        rebuild_if_needed(connection, bins)
        database.path.unlink()

    with monkeypatch.context() as patched:
        patched.setattr(writer, "rebuild_if_needed", delete)
        again = Database(database.path)
    again.store(*rounds(21, 30))
    again.writer.close()
    assert stored(database.path) == list(range(1, 31))


def test_a_database_that_is_gone_before_it_is_looked_at_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_and_delete(path: Path) -> apsw.Connection:
        connection = open_writer(path)
        path.unlink()
        return connection

    monkeypatch.setattr(writer, "open_writer", open_and_delete)
    with pytest.raises(DatabaseBlockedError):
        Database(tmp_path / "aviator.db")


def test_closing_leaves_the_log_of_what_took_its_place(
    database: Database, expected_errors: list[logging.LogRecord]
) -> None:
    for suffix in ("", "-wal", "-shm"):
        part(database, suffix).unlink()
    other = apsw.Connection(str(database.path))
    other.execute("PRAGMA journal_mode=WAL; PRAGMA user_version=999; CREATE TABLE theirs (id)").fetchall()
    database.writer.close()
    assert part(database, "-wal").exists()
    other.close()


def test_another_database_in_its_place_is_worked_with_and_the_old_one_is_kept(
    database: Database, tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    older = tmp_path / "older.db"
    backup(database.path, older)
    database.store(*rounds(21, 30))
    shutil.move(older, database.path)  # the log of the old database still lies there
    database.store(*rounds(31, 40))
    [told] = expected_errors
    assert "replaced by another file" in told.getMessage()
    database.check()
    database.writer.close()
    [kept] = tmp_path.glob("aviator.db.replaced-*")
    assert stored(kept) == list(range(1, 31))
    assert stored(database.path) == [*range(1, 21), *range(31, 41)]


def test_while_what_took_its_place_is_no_database_nothing_is_acknowledged_and_it_is_kept_once(
    database: Database, tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"no database at all " * 300)
    other.replace(database.path)
    database.writer.add("key", "Admiral", "s", rounds(21, 30))
    for _ in range(2):
        with pytest.raises(CommitFailedError, match="not a database"):
            database.writer.flush()
    assert len(list(tmp_path.glob("aviator.db.replaced-*"))) == 1
    database.path.unlink()
    assert database.outcome(database.writer.flush()) == (10, 0, 0)
    assert database.value("SELECT count(*) FROM rounds") == 30


def test_a_directory_that_is_gone_fails_every_commit_until_it_is_back(
    database: Database, tmp_path: Path
) -> None:
    directory, away = tmp_path, tmp_path.with_name(f"{tmp_path.name} away")
    directory.rename(away)
    database.writer.add("key", "Admiral", "s", rounds(21, 30))
    with pytest.raises(CommitFailedError):
        database.writer.flush()
    away.rename(directory)
    assert database.outcome(database.writer.flush()) == (10, 0, 0)
