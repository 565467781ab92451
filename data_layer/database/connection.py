"""Opening `aviator.db`: one connection that writes, and readers that cannot."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from data_layer.database import file_check, schema
from data_layer.errors import (
    DatabaseBlockedError,
    DatabaseUnusableError,
    DataDirectoryError,
    OlderSchemaError,
)

DATABASE_NAME = "aviator.db"
SAFE_LIBRARY = (3, 51, 3)  # SQLite before it can lose committed rows in WAL mode (the WAL-reset bug)

_MAY_PASS = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.FullError,
    apsw.IOError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    apsw.PermissionsError,
    apsw.ProtocolError,
)
_WRITER_BUSY_MS = 1_000
_READER_BUSY_MS = 200
_CACHE_KIB = 32_768
_WAL_LIMIT_BYTES = 64 * 1024 * 1024  # a WAL that grew under a long reader is cut back to this


def check_usable(data_dir: Path) -> None:
    """Make sure that the data directory and the database in it can be worked with, before anything starts.

    Creates the directory when it is not there; changes nothing else, not even the files that SQLite keeps
    beside a database. Raises `DataDirectoryError` or `DatabaseUnusableError`, whose text says what to do.
    """
    refuse_unsafe_library()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not file_check.writable(data_dir):
            raise PermissionError("no permission to write")
        with tempfile.TemporaryFile(dir=data_dir):
            pass
        path = data_dir / DATABASE_NAME
        if path.exists():
            file_check.check_file(path)
    except OSError as error:
        raise DataDirectoryError(
            f"{data_dir}: the data directory cannot be used ({error.strerror or error}); "
            "make it writable, or choose another with --data-dir"
        ) from error


def open_writer(path: Path) -> apsw.Connection:
    """Open the one writing connection, creating the file or bringing its schema up to date.

    Every commit is synced to disk before it returns. Raises `DatabaseUnusableError` when this library must
    not write, the file is no database of ours, is corrupt or was written by a newer version, and
    `DatabaseBlockedError` when it is locked, read-only or on a full disk.
    """
    refuse_unsafe_library()
    try:
        connection = apsw.Connection(str(path))
    except apsw.Error as error:
        raise unusable(path, error) from error
    try:
        connection.set_busy_timeout(_WRITER_BUSY_MS)
        if connection.readonly("main"):
            raise DatabaseBlockedError("it is read-only; make it writable")
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        for pragma in ("fullfsync", "checkpoint_fullfsync"):  # macOS: sync the drive's cache too
            connection.pragma(pragma, True)
        connection.pragma("foreign_keys", False)
        connection.pragma("cache_size", -_CACHE_KIB)
        connection.pragma("journal_size_limit", _WAL_LIMIT_BYTES)
        schema.migrate(connection)
    except DatabaseUnusableError as error:
        connection.close()
        raise type(error)(f"{path}: {error}") from error
    except apsw.Error as error:
        connection.close()
        raise unusable(path, error) from error
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """Open a connection that can only read, for one thread at a time.

    Raises `DatabaseUnusableError` when there is no database yet or its schema is another one than ours.
    """
    if not path.exists():
        raise DatabaseUnusableError(
            f"{path}: there is no database yet; it appears with the first run or import"
        )
    connection = None
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(_READER_BUSY_MS)
        connection.pragma("query_only", True)
        connection.pragma("cache_size", -_CACHE_KIB)
        found = int(connection.pragma("user_version"))
    except apsw.Error as error:
        if connection is not None:
            connection.close()
        raise unusable(path, error) from error
    if found != schema.SCHEMA_VERSION:
        connection.close()
        if found > schema.SCHEMA_VERSION:
            raise DatabaseUnusableError(f"{path}: {schema.future_schema(found)}")
        raise OlderSchemaError(
            f"{path}: its schema is version {found}; the next start brings it to {schema.SCHEMA_VERSION}"
        )
    return connection


def migrate_older(path: Path) -> None:
    """Bring a database of an older schema to ours; any other file stays as it is. For the only writer.

    Raises `DatabaseUnusableError` for a file that cannot be used.
    """
    if not path.exists() or not path.stat().st_size:
        return
    try:
        open_reader(path).close()
    except OlderSchemaError:
        open_writer(path).close()


@contextmanager
def snapshot(connection: apsw.Connection) -> Iterator[None]:
    """Let all reads in the block see one and the same moment. Keep it short: the WAL grows meanwhile."""
    if connection.in_transaction:  # the caller's moment
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def refuse_unsafe_library() -> None:
    """Raise `DatabaseUnusableError` when the SQLite that apsw brings may lose rows."""
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split(".")[:3])
    if version < SAFE_LIBRARY:
        wanted = ".".join(map(str, SAFE_LIBRARY))
        raise DatabaseUnusableError(
            f"SQLite {apsw.sqlite_lib_version()} can lose committed rows; {wanted} or newer is needed: "
            "upgrade apsw"
        )


def unusable(path: Path, error: apsw.Error) -> DatabaseUnusableError:
    """Return `error` in the operator's words, with what to do."""
    advice = "check the file and the disk"
    if isinstance(error, apsw.NotADBError | apsw.CorruptError):
        advice = "restore a backup, or move the file away to begin a new one"
    elif isinstance(error, apsw.ReadOnlyError | apsw.CantOpenError | apsw.PermissionsError):
        advice = "make the file and its directory writable"
    elif isinstance(error, apsw.BusyError | apsw.LockedError):
        advice = "another program holds it; close that program"
    elif isinstance(error, apsw.FullError):
        advice = "free some disk space"
    kind = DatabaseBlockedError if isinstance(error, _MAY_PASS) else DatabaseUnusableError
    return kind(f"{path}: {error}; {advice}")
