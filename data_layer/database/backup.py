"""Copies of the database: made while it is written, and put back."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import apsw

from data_layer.database import connection, schema
from data_layer.errors import AviatorError, UsageError
from utils import clock
from utils.replacing import beside, replacing
from utils.syncing import sync, sync_directory

_PAGES_PER_STEP = 2_560  # 10 MiB: well under 50 ms on any disk in use
_LOGS = ("-wal", "-journal")  # beside a database they belong to it


class BackupError(AviatorError):
    """A copy could not be made, or is none. The text says why; database and older copies are as before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyReport:
    """A checked copy."""

    path: Path
    size_bytes: int
    rows: dict[str, int]  # by table
    schema_version: int
    duration_s: float
    kept: Path | None = None  # by a restore: where the replaced database is now


def backup(
    db: Path, out: Path, *, overwrite: bool = False, progress: Callable[[float], None] | None = None
) -> CopyReport:
    """Copy the database at `db` to `out` while it may be read and written, check the copy, and name it `out`.

    The copy is of one moment: the start. It is taken in steps under one read transaction, because steps
    without one begin anew after every commit and would never end beside a busy writer; that writer is not
    held up, but its log grows while this runs. `progress` receives the share done, 0 to 1. The copy is a
    single file without a log of its own. Raises `UsageError` when `out` exists and `overwrite` is not set,
    `BackupError` when the copy cannot be made or does not check.
    """
    started = time.monotonic()
    _refuse_target(db, out, overwrite)
    try:
        with replacing(out) as partial:
            with contextlib.closing(connection.open_reader(db)) as source:
                rows = _copy(source, partial, progress)
            version = _check(partial, rows)
            _refuse_target(db, out, overwrite)
            # A log left beside an older copy would be taken for this one's and applied to it.
            _remove_side_files(out)
        size = out.stat().st_size
    except (apsw.Error, OSError) as error:
        why = "the disk is full" if isinstance(error, apsw.FullError) else error  # SQLite has no words for it
        raise BackupError(f"no backup of {db} could be written to {out}: {why}") from error
    return CopyReport(
        path=out,
        size_bytes=size,
        rows=rows,
        schema_version=version,
        duration_s=time.monotonic() - started,
    )


def restore(file: Path, db: Path, *, now: Callable[[], int] = clock.now_us) -> CopyReport:
    """Put a checked copy of `file` in the place of the database at `db`; nothing may have that open.

    The caller holds the lock of the data directory. `file` is only read. The replaced database stays beside
    as `<name>.before-restore-<UTC time>`, with its log, whole at every moment, also when the power is cut.
    Raises `BackupError` when `file` is no usable copy; `db` is untouched then.
    """
    started = time.monotonic()
    if not file.is_file():
        raise BackupError(f"{file} is no file; nothing was restored")
    if db.exists() and file.samefile(db):
        raise UsageError(f"{file} is the database itself")
    try:
        with beside(db) as partial:
            with contextlib.closing(_open_untouched(file)) as source:
                rows = _copy(source, partial, None)
            version = _check(partial, rows)
            sync(partial)
            kept = _keep(db, now()) if db.exists() else None
            _put_in_place(partial, db, kept)
        size = db.stat().st_size
    except (apsw.Error, OSError) as error:
        raise BackupError(f"{file} could not be restored: {error}; {db} is as it was") from error
    return CopyReport(
        path=db,
        size_bytes=size,
        rows=rows,
        schema_version=version,
        duration_s=time.monotonic() - started,
        kept=kept,
    )


def _refuse_target(db: Path, out: Path, overwrite: bool) -> None:
    if not out.exists():
        return
    if db.exists() and out.samefile(db):
        raise UsageError(f"{out} is the database itself")
    if not overwrite:
        raise UsageError(f"{out} exists; choose another name, or remove it first")


def _open_untouched(file: Path) -> apsw.Connection:
    """Open a copy so that nothing is created beside it, unless a log of its own has to be read with it."""
    beside = any(_side_file(file, suffix).exists() for suffix in _LOGS)
    uri = file.resolve().as_uri() + ("?mode=ro" if beside else "?immutable=1")
    conn = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    try:
        _usable_version(conn, file)
    except BaseException:
        conn.close()
        raise
    return conn


def _usable_version(conn: apsw.Connection, file: Path) -> int:
    version = int(conn.pragma("user_version"))
    if version > schema.SCHEMA_VERSION:
        raise BackupError(f"{file}: {schema.future_schema(version)}")
    if version < 1 or conn.pragma("application_id") != schema.APPLICATION_ID:
        raise BackupError(f"{file} is a database, but not one of this program")
    return version


def _copy(source: apsw.Connection, partial: Path, progress: Callable[[float], None] | None) -> dict[str, int]:
    """Copy page by page in one read transaction, and count the rows of the same moment."""
    with contextlib.closing(apsw.Connection(str(partial))) as target:
        target.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")  # a torn copy is thrown away
        source.execute("BEGIN")
        try:
            rows = _count_rows(source)
            with target.backup("main", source, "main") as copying:
                while not copying.done:
                    copying.step(_PAGES_PER_STEP)
                    if progress is not None and copying.page_count:
                        progress(1 - copying.remaining / copying.page_count)
        finally:
            source.execute("ROLLBACK")
    return rows


def _check(partial: Path, rows: dict[str, int]) -> int:
    """Check the copy, make it a single file, return its schema version. Raises `BackupError`."""
    try:
        with contextlib.closing(apsw.Connection(str(partial), flags=apsw.SQLITE_OPEN_READWRITE)) as copy:
            version = _usable_version(copy, partial)
            copy.pragma("journal_mode", "delete")
            faults = [str(row[0]) for row in copy.execute("PRAGMA quick_check(3)")]
            if faults != ["ok"]:
                raise BackupError("the database is damaged, so would be the copy: " + "; ".join(faults))
            counted = _count_rows(copy)
            if counted != rows:
                raise BackupError(f"the copy has {counted} rows where the database has {rows}")
    finally:
        _remove_side_files(partial)
    return version


def _tables(conn: apsw.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    return [str(row[0]) for row in conn.execute(query)]


def _count_rows(conn: apsw.Connection) -> dict[str, int]:
    return {table: int(next(conn.execute(f'SELECT count(*) FROM "{table}"'))[0]) for table in _tables(conn)}


def _keep(db: Path, now_us: int) -> Path:
    """Give the database and its log a second name each."""
    stamp = datetime.fromtimestamp(now_us / 1e6, UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = db.with_name(f"{db.name}.before-restore-{stamp}")
    if kept.exists():
        raise BackupError(f"{kept} exists; try again in a second")
    for suffix in (*_LOGS, ""):
        if _side_file(db, suffix).exists():
            _name_twice(_side_file(db, suffix), _side_file(kept, suffix))
    sync_directory(db.parent)
    return kept


def _name_twice(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # no hard links on this file system
        shutil.copy2(old, new)
        sync(new)


def _put_in_place(partial: Path, db: Path, kept: Path | None) -> None:
    # The old log goes before the new database comes: with it in place SQLite would apply it to that.
    _remove_side_files(db)
    try:
        sync_directory(db.parent)
        os.replace(partial, db)
    except OSError:
        for suffix in _LOGS:
            if kept is not None and _side_file(kept, suffix).exists():
                _name_twice(_side_file(kept, suffix), _side_file(db, suffix))
        raise
    sync_directory(db.parent)


def _side_file(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _remove_side_files(path: Path) -> None:
    for suffix in (*_LOGS, "-shm"):
        _side_file(path, suffix).unlink(missing_ok=True)
