"""Opening a database, and refusing to, without touching what is refused."""

import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from data_layer.database import connection, file_check, schema
from data_layer.database.connection import DATABASE_NAME, check_usable, open_reader, open_writer
from data_layer.database.file_check import refuse_newer
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.errors import DatabaseUnusableError, DataDirectoryError
from tests.data_layer.stored_rounds import a_round

_KILLED_WRITER = """
import sys
from pathlib import Path
from data_layer.database.connection import open_writer
connection = open_writer(Path(sys.argv[1]))
connection.execute(sys.argv[2])
print("written", flush=True)
sys.stdin.read()
"""


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def leave_with_wal(path: Path, sql: str) -> None:
    """Run `sql` on the database in a process that is killed, so that the WAL stays behind."""
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED_WRITER, str(path), sql],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline().strip() == b"written"
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert path.with_name(path.name + "-wal").stat().st_size > 0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A data directory with a database that holds a few hundred rounds."""
    writer = BatchDatabaseWriter(tmp_path / DATABASE_NAME)
    writer.add("", "Admiral", "s", [a_round(number) for number in range(600)])
    writer.flush()
    writer.close()
    return tmp_path


def test_a_new_directory_is_made_and_usable(tmp_path: Path) -> None:
    check_usable(tmp_path / "new" / "data")
    assert list((tmp_path / "new" / "data").iterdir()) == []


def test_a_sound_database_is_usable_and_left_as_it_was(directory: Path) -> None:
    before = contents(directory)
    check_usable(directory)
    assert contents(directory) == before


def test_a_database_that_a_killed_writer_left_is_usable_and_left_as_it_was(directory: Path) -> None:
    leave_with_wal(directory / DATABASE_NAME, "UPDATE state SET version = version + 1")
    before = contents(directory)
    check_usable(directory)
    assert contents(directory) == before


def test_a_database_in_use_is_usable(directory: Path) -> None:
    writer = BatchDatabaseWriter(directory / DATABASE_NAME)
    writer.add("", "Admiral", "s", [a_round(number) for number in range(600, 900)])
    writer.flush()
    check_usable(directory)
    writer.close()


def test_a_look_leaves_the_empty_log_of_a_writer_that_has_just_begun(directory: Path) -> None:
    writer = open_writer(directory / DATABASE_NAME)
    names = sorted(contents(directory))
    assert f"{DATABASE_NAME}-wal" in names
    look = "import sys; from pathlib import Path; from data_layer.database import connection, file_check;"
    for call in ("connection.check_usable(path.parent)", "file_check.refuse_newer(path)"):
        words = [
            sys.executable,
            "-c",
            f"{look} path = Path(sys.argv[1]); {call}",
            str(directory / DATABASE_NAME),
        ]
        subprocess.run(words, check=True, cwd=Path(__file__).parents[3])
        assert sorted(contents(directory)) == names
    writer.close()


def test_a_file_that_was_closed_before_anything_was_written_is_usable(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).touch()
    check_usable(tmp_path)
    open_writer(tmp_path / DATABASE_NAME).close()


def test_a_schema_from_the_future_is_refused_with_its_bytes_untouched(directory: Path) -> None:
    database = apsw.Connection(str(directory / DATABASE_NAME))
    database.pragma("user_version", schema.SCHEMA_VERSION + 1)
    database.close()
    before = contents(directory)
    with pytest.raises(DatabaseUnusableError, match=r"schema version .* newer program"):
        check_usable(directory)
    with pytest.raises(DatabaseUnusableError, match="schema version"):
        refuse_newer(directory / DATABASE_NAME)
    assert contents(directory) == before
    with pytest.raises(DatabaseUnusableError, match="schema version"):
        open_writer(directory / DATABASE_NAME)
    with pytest.raises(DatabaseUnusableError, match="schema version"):
        open_reader(directory / DATABASE_NAME)


def test_a_future_schema_that_only_the_wal_knows_is_refused_with_its_bytes_untouched(directory: Path) -> None:
    leave_with_wal(directory / DATABASE_NAME, f"PRAGMA user_version = {schema.SCHEMA_VERSION + 7}")
    before = contents(directory)
    with pytest.raises(DatabaseUnusableError, match=f"schema version {schema.SCHEMA_VERSION + 7}"):
        check_usable(directory)
    with pytest.raises(DatabaseUnusableError, match=f"schema version {schema.SCHEMA_VERSION + 7}"):
        refuse_newer(directory / DATABASE_NAME)
    assert contents(directory) == before


def test_nothing_but_a_newer_schema_is_refused_at_a_glance(directory: Path) -> None:
    refuse_newer(directory / DATABASE_NAME)
    refuse_newer(directory / "missing.db")
    refuse_newer(directory)


def test_a_file_that_is_no_database_is_refused_with_its_bytes_untouched(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"bookmaker;crash\n" * 1_000)
    before = contents(tmp_path)
    with pytest.raises(DatabaseUnusableError, match="no SQLite database; restore a backup"):
        check_usable(tmp_path)
    with pytest.raises(DatabaseUnusableError, match="restore a backup"):
        open_writer(tmp_path / DATABASE_NAME)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("begin", "length"),
    [(100, 60), (4_096, 4_096), (20_000, 30_000)],
    ids=["schema", "a page", "several pages"],
)
@pytest.mark.parametrize("wal", [False, True])
def test_a_corrupt_database_is_refused_with_its_bytes_untouched(
    directory: Path, begin: int, length: int, wal: bool
) -> None:
    path = directory / DATABASE_NAME
    if wal:
        leave_with_wal(
            path,
            "INSERT INTO alerts (kind, bookmaker, severity, text, raised_at_us) VALUES ('', '', 's', 't', 1)",
        )
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(b"\xaa" * length)
    before = contents(directory)
    with pytest.raises(DatabaseUnusableError, match=r"corrupt .*restore a backup"):
        check_usable(directory)
    after = contents(directory)
    assert {name: after[name] for name in after if not name.endswith("-shm")} == {
        name: before[name] for name in before if not name.endswith("-shm")
    }


def test_a_database_that_was_cut_short_is_refused(directory: Path) -> None:
    path = directory / DATABASE_NAME
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(DatabaseUnusableError, match="corrupt"):
        check_usable(directory)


def test_a_database_of_another_program_is_refused_with_its_bytes_untouched(tmp_path: Path) -> None:
    other = apsw.Connection(str(tmp_path / DATABASE_NAME))
    other.execute("CREATE TABLE bookmarks (address TEXT)")
    other.close()
    before = contents(tmp_path)
    with pytest.raises(DatabaseUnusableError, match="another program"):
        check_usable(tmp_path)
    assert contents(tmp_path) == before
    with pytest.raises(DatabaseUnusableError, match="another program"):
        open_writer(tmp_path / DATABASE_NAME)


def test_a_read_only_database_is_refused_even_to_root(directory: Path) -> None:
    path = directory / DATABASE_NAME
    path.chmod(0o444)
    before = contents(directory)
    with pytest.raises(DatabaseUnusableError, match="read-only; make it writable"):
        check_usable(directory)
    assert contents(directory) == before
    path.chmod(0o644)


def test_a_directory_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    with pytest.raises(DataDirectoryError, match="make it writable, or choose another"):
        check_usable(closed)
    closed.chmod(0o755)


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirectoryError, match="data directory"):
        check_usable(tmp_path / "file")
    with pytest.raises(DataDirectoryError, match="data directory"):
        check_usable(tmp_path / "file" / "data")


def test_a_directory_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).mkdir()
    with pytest.raises(DatabaseUnusableError, match="not a file"):
        check_usable(tmp_path)


def test_a_library_that_may_lose_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(DatabaseUnusableError, match=r"3\.51\.2 .* upgrade apsw"):
        check_usable(tmp_path)
    with pytest.raises(DatabaseUnusableError, match=r"3\.51\.2 .* upgrade apsw"):
        open_writer(tmp_path / DATABASE_NAME)
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.100.0")
    check_usable(tmp_path)


def test_the_check_ends_in_time_however_large_the_database(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_check, "_INTEGRITY_S", 0.0)
    monkeypatch.setattr(file_check, "_STEPS_BETWEEN_LOOKS", 1)
    check_usable(directory)


def test_a_writer_syncs_every_commit_and_keeps_a_wal(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / DATABASE_NAME)
    assert writer.pragma("journal_mode") == "wal"
    assert writer.pragma("synchronous") == 2
    assert writer.pragma("fullfsync") == writer.pragma("checkpoint_fullfsync") == 1
    assert writer.pragma("user_version") == schema.SCHEMA_VERSION
    assert writer.pragma("application_id") == schema.APPLICATION_ID
    writer.close()


def test_a_log_that_grew_under_a_long_reader_is_cut_back_when_that_has_gone(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_WAL_LIMIT_BYTES", 100_000)
    path = directory / DATABASE_NAME
    writer, reader = open_writer(path), open_reader(path)
    writer.execute("CREATE TABLE large (x)")
    with connection.snapshot(reader):
        reader.execute("SELECT * FROM state").fetchall()
        for _ in range(3):
            writer.execute("INSERT INTO large VALUES (zeroblob(5000000))")
        grown = path.with_name(f"{DATABASE_NAME}-wal").stat().st_size
    for _ in range(2):  # the first empties the log into the database, the second begins it anew
        writer.execute("INSERT INTO large VALUES (1)")
    assert grown > 15_000_000
    assert path.with_name(f"{DATABASE_NAME}-wal").stat().st_size <= 100_000
    reader.close()
    writer.close()


def test_a_reader_cannot_write(directory: Path) -> None:
    reader = open_reader(directory / DATABASE_NAME)
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("DELETE FROM rounds")
    reader.close()


def test_a_reader_says_that_there_is_no_database_yet(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError, match="no database yet"):
        open_reader(tmp_path / DATABASE_NAME)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_waits_for_the_schema_that_it_knows(tmp_path: Path) -> None:
    old = apsw.Connection(str(tmp_path / DATABASE_NAME))
    old.execute("CREATE TABLE t (x)")
    old.close()
    with pytest.raises(DatabaseUnusableError, match="version 0"):
        open_reader(tmp_path / DATABASE_NAME)


def test_a_snapshot_sees_one_moment(directory: Path) -> None:
    reader = open_reader(directory / DATABASE_NAME)
    writer = open_writer(directory / DATABASE_NAME)
    with connection.snapshot(reader):
        before = reader.execute("SELECT version FROM state").get
        writer.execute("UPDATE state SET version = version + 1")
        with connection.snapshot(reader):
            assert reader.execute("SELECT version FROM state").get == before
    assert reader.execute("SELECT version FROM state").get == before + 1
    reader.close()
    writer.close()


_STEPS = (
    "CREATE TABLE state (version INTEGER); INSERT INTO state VALUES (1);",
    "ALTER TABLE state ADD COLUMN more TEXT; UPDATE state SET more = 'all';",
)


def test_migrations_run_forward_from_where_the_file_is(tmp_path: Path) -> None:
    database = apsw.Connection(str(tmp_path / "old.db"))
    schema.migrate(database, _STEPS[:1])
    schema.migrate(database, _STEPS)
    schema.migrate(database, _STEPS)
    assert database.execute("SELECT version, more FROM state").fetchall() == [(1, "all")]
    assert database.pragma("user_version") == 2
    with pytest.raises(DatabaseUnusableError, match="schema version 2"):
        schema.migrate(database, _STEPS[:1])
    assert database.get_autocommit()
    database.close()


@pytest.mark.parametrize("fault", ["UPDATE nowhere SET x = 1;", "INSERT INTO state VALUES (1, 2, 3, 4);"])
def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "old.db"
    database = apsw.Connection(str(path))
    schema.migrate(database, _STEPS[:1])
    database.close()
    before = path.read_bytes()
    database = apsw.Connection(str(path))
    with pytest.raises(apsw.Error):
        schema.migrate(database, (*_STEPS[:1], _STEPS[1] + fault))
    assert database.pragma("user_version") == 1
    assert database.execute("SELECT name FROM pragma_table_info('state')").fetchall() == [("version",)]
    database.close()
    assert path.read_bytes() == before


def test_a_new_file_whose_first_migration_fails_stays_empty(tmp_path: Path) -> None:
    database = apsw.Connection(str(tmp_path / "new.db"))
    with pytest.raises(apsw.Error):
        schema.migrate(database, (_STEPS[0] + "nonsense;",))
    assert database.execute("SELECT count(*) FROM sqlite_schema").get == 0
    assert (database.pragma("user_version"), database.pragma("application_id")) == (0, 0)
    database.close()
