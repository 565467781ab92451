import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from data_layer.database import backup as backup_module
from data_layer.database import schema
from data_layer.database.backup import BackupError, backup, restore
from data_layer.errors import AviatorError, UsageError
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_round

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    directory.mkdir()
    return directory / "aviator.db"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    directory = tmp_path / "copies"
    directory.mkdir()
    return directory / "copy.db"


def store(db: Path, *numbers: int) -> None:
    stored = StoredRounds(db)
    stored.commit([a_round(number) for number in numbers])
    stored.close()


def store_and_be_killed(db: Path, *numbers: int) -> None:
    """Commit rounds in a process that ends without closing: they are in the log alone."""
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tests.data_layer.stored_rounds import StoredRounds, a_round\n"
        "stored = StoredRounds(Path(sys.argv[1]))\n"
        "stored.commit([a_round(int(number)) for number in sys.argv[2:]])\n"
        "os._exit(9)\n"
    )
    command = [sys.executable, "-c", script, str(db), *map(str, numbers)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 9
    assert db.with_name("aviator.db-wal").stat().st_size > 0


def rounds_in(path: Path) -> list[str]:
    conn = apsw.Connection(str(path))
    try:
        return [row[0] for row in conn.execute("SELECT round_id FROM rounds ORDER BY id")]
    finally:
        conn.close()


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def truncated(path: Path) -> None:
    store(path, *range(1, 2001))
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size // 2)


def damage(path: Path) -> None:
    with path.open("rb+") as file:
        size = path.stat().st_size
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 8192)


def damaged(path: Path) -> None:
    store(path, *range(1, 2001))
    damage(path)


def damaged_where_nothing_is_read(path: Path) -> None:
    """Only a check of the structure finds that the list of free pages is shorter than the header says."""
    store(path, 1)
    with path.open("rb+") as file:
        file.seek(36)
        file.write((5).to_bytes(4, "big"))


def of_another_program(path: Path) -> None:
    conn = apsw.Connection(str(path))
    conn.execute("CREATE TABLE rounds (id); PRAGMA user_version = 1")
    conn.close()


def from_the_future(path: Path) -> None:
    store(path, 1)
    conn = apsw.Connection(str(path))
    conn.pragma("user_version", schema.SCHEMA_VERSION + 1)
    conn.close()


def empty(path: Path) -> None:
    path.touch()


def test_a_backup_is_one_file_with_everything_in_it(db: Path, out: Path) -> None:
    store(db, 1, 2, 3)
    report = backup(db, out)
    assert names(out.parent) == {"copy.db"}
    assert rounds_in(out) == ["1", "2", "3"]
    assert names(out.parent) == {"copy.db"}
    assert (report.path, report.size_bytes, report.rows["rounds"]) == (out, out.stat().st_size, 3)
    assert report.schema_version == schema.SCHEMA_VERSION


def test_a_backup_beside_a_busy_writer_is_of_the_moment_it_began(
    db: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_module, "_PAGES_PER_STEP", 4)
    stored = StoredRounds(db)
    stored.commit([a_round(number) for number in range(1, 101)])
    shares: list[float] = []

    def commit_meanwhile(share: float) -> None:
        shares.append(share)
        stored.commit([a_round(1000 + len(shares))])

    report = backup(db, out, progress=commit_meanwhile)
    stored.commit([a_round(5000)])
    stored.close()
    assert report.rows["rounds"] == 100
    assert len(rounds_in(out)) == 100
    assert len(rounds_in(db)) == 100 + len(shares) + 1
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_backup_contains_what_a_killed_writer_left_in_its_log(db: Path, out: Path) -> None:
    store_and_be_killed(db, 1, 2)
    assert backup(db, out).rows["rounds"] == 2
    assert rounds_in(out) == ["1", "2"]


def test_an_existing_file_is_overwritten_only_when_told(db: Path, out: Path) -> None:
    store(db, 1)
    backup(db, out)
    store(db, 2)
    with pytest.raises(UsageError, match="exists"):
        backup(db, out)
    assert rounds_in(out) == ["1"]
    backup(db, out, overwrite=True)
    assert rounds_in(out) == ["1", "2"]


def test_a_log_left_beside_an_older_copy_is_not_applied_to_the_new_one(db: Path, out: Path) -> None:
    store_and_be_killed(db, 1, 2)
    old_copy, old_log = db.read_bytes(), db.with_name("aviator.db-wal").read_bytes()
    out.write_bytes(old_copy)
    out.with_name("copy.db-wal").write_bytes(old_log)
    store(db, 3)
    backup(db, out, overwrite=True)
    assert rounds_in(out) == ["1", "2", "3"]


def test_the_database_is_never_its_own_backup(db: Path) -> None:
    store(db, 1)
    with pytest.raises(UsageError, match="the database itself"):
        backup(db, db, overwrite=True)
    with pytest.raises(UsageError, match="the database itself"):
        restore(db, db)
    assert rounds_in(db) == ["1"]


@pytest.mark.parametrize("make", [damaged, damaged_where_nothing_is_read])
def test_a_damaged_database_gives_no_backup(db: Path, out: Path, make: Callable[[Path], None]) -> None:
    make(db)
    out.write_bytes(b"an older copy")
    with pytest.raises(BackupError):
        backup(db, out, overwrite=True)
    assert contents(out.parent) == {"copy.db": b"an older copy"}


def test_what_cannot_be_read_or_written_is_told(db: Path, out: Path, tmp_path: Path) -> None:
    with pytest.raises(AviatorError, match="there is no database"):
        backup(db, out)
    assert names(out.parent) == set()
    store(db, 1)
    with pytest.raises(BackupError, match="no backup"):
        backup(db, tmp_path / "nowhere" / "copy.db")


def test_restore_puts_the_copy_in_place_and_keeps_the_old_database_whole(db: Path, out: Path) -> None:
    store(db, 1)
    backup(db, out)
    store_and_be_killed(db, 2, 3)
    report = restore(out, db, now=lambda: START_US)
    assert rounds_in(db) == ["1"]
    assert report.rows["rounds"] == 1
    assert report.kept == db.with_name("aviator.db.before-restore-20250615T150640Z")
    assert rounds_in(report.kept) == ["1", "2", "3"]


def test_a_restored_database_is_written_on(db: Path, out: Path) -> None:
    store(db, 1)
    backup(db, out)
    store(db, 2)
    restore(out, db)
    store(db, 3)
    assert rounds_in(db) == ["1", "3"]


def test_restore_works_where_there_is_no_database_yet(db: Path, out: Path, tmp_path: Path) -> None:
    store(db, 1, 2)
    backup(db, out)
    fresh = tmp_path / "aviator.db"
    assert restore(out, fresh).kept is None
    assert rounds_in(fresh) == ["1", "2"]


def test_restore_takes_a_file_copied_together_with_its_log(db: Path, out: Path) -> None:
    store_and_be_killed(db, 1, 2)
    out.write_bytes(db.read_bytes())
    out.with_name("copy.db-wal").write_bytes(db.with_name("aviator.db-wal").read_bytes())
    restore(out, db)
    assert rounds_in(db) == ["1", "2"]


@pytest.mark.parametrize(
    "make",
    [garbage, truncated, damaged, damaged_where_nothing_is_read, of_another_program, from_the_future, empty],
)
def test_restore_of_no_usable_copy_changes_nothing(db: Path, out: Path, make: Callable[[Path], None]) -> None:
    store_and_be_killed(db, 1, 2)
    make(out)
    before, copies_before = contents(db.parent), contents(out.parent)
    with pytest.raises(BackupError):
        restore(out, db)
    assert contents(db.parent) == before
    assert contents(out.parent) == copies_before


def test_restore_of_a_missing_file_changes_nothing(db: Path, out: Path) -> None:
    store(db, 1)
    with pytest.raises(BackupError, match="is no file"):
        restore(out, db)
    assert rounds_in(db) == ["1"]


def test_a_restore_that_fails_at_the_last_step_loses_nothing(
    db: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(db, 1)
    backup(db, out)
    store_and_be_killed(db, 2)

    def refuse(source: object, target: object) -> None:
        raise PermissionError(13, "held by another program")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(BackupError, match="is as it was"):
        restore(out, db)
    monkeypatch.undo()
    assert rounds_in(db) == ["1", "2"]
