"""Looking at a database file without changing a byte of it or of the files beside it.

An ordinary connection, even a read-only one, writes into the `-shm` file and may create it. This one takes
no locks and keeps the index of the WAL in memory, so what it reads while another process writes may be
torn: a fault that it finds while the database may be in use is looked at again with locks.
"""

import os
import time
from array import array
from pathlib import Path
from urllib.parse import quote

import apsw

from data_layer.database import schema
from data_layer.errors import DatabaseUnusableError

_MAGIC = b"SQLite format 3\0"
_INTEGRITY_S = 0.1  # spent at a start, while the window is being loaded; `diagnose` takes longer
_STEPS_BETWEEN_LOOKS = 1_000  # of SQLite's virtual machine
_FAULTS_SHOWN = 1
_READ_ONLY_FLAGS = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


def check_file(path: Path) -> None:
    """Raise `DatabaseUnusableError` when an existing database must not or cannot be worked with.

    It is refused when it is read-only, no SQLite database, one of another program, written by a newer
    version, or corrupt as far as a tenth of a second of checking can tell.
    """
    if not path.is_file():
        raise DatabaseUnusableError(f"{path}: it is not a file; move it away")
    for part in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if part.exists() and not writable(part):
            raise DatabaseUnusableError(
                f"{part}: it is read-only; make it writable, or choose another directory"
            )
    with path.open("rb") as file:
        begin = file.read(len(_MAGIC))
    if not begin:
        return  # as SQLite leaves it when it was closed before anything was written
    if begin != _MAGIC:
        raise DatabaseUnusableError(f"{path}: it is no SQLite database{_REPLACE_IT}")
    damage = _damage(path, locked=False)
    if damage is not None and path.with_name(path.name + "-wal").exists():
        damage = _damage(path, locked=True)
    if damage is not None:
        raise DatabaseUnusableError(f"{path}: {damage}")


def refuse_newer(path: Path) -> None:
    """Raise `DatabaseUnusableError` for a database that a newer version wrote; find nothing else wrong.

    For a command, before its first connection: closing a file takes away all locks that this process has on
    it, so no other connection to it may be open here.
    """
    if not path.is_file():
        return
    try:
        connection = _open(path, locked=False)
    except apsw.Error:
        return
    try:
        found = int(connection.pragma("user_version"))
    except apsw.Error:
        return
    finally:
        connection.close()
    if found > schema.SCHEMA_VERSION:
        raise DatabaseUnusableError(f"{path}: {schema.future_schema(found)}")


def leave_log(connection: apsw.Connection) -> None:
    """Have `connection` not delete the log beside its database when it is closed, be it the last or not.

    It would go by the name, and by locks that are not everybody's: the log may be another connection's.
    """
    yes = array("i", [1])
    connection.file_control("main", apsw.SQLITE_FCNTL_PERSIST_WAL, yes.buffer_info()[0])


def writable(path: Path) -> bool:
    """Whether a file or directory may be written; one without any write permission not even by root."""
    return bool(path.stat().st_mode & 0o222) and os.access(path, os.W_OK)


_REPLACE_IT = "; restore a backup, or move the file away to begin a new one"


def _damage(path: Path, *, locked: bool) -> str | None:
    """Return what damage a look at the file finds; without locks another process's writing may look like it.

    Raises `DatabaseUnusableError` for a sound database that is not for this program.
    """
    connection = None
    try:
        connection = _open(path, locked=locked)
        found = int(connection.pragma("user_version"))
        if found > schema.SCHEMA_VERSION:
            raise DatabaseUnusableError(f"{path}: {schema.future_schema(found)}")
        if found == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").get:
            raise DatabaseUnusableError(f"{path}: {schema.FOREIGN}")
        finding = _first_finding(connection)
        return None if finding is None else f"it is corrupt ({finding}){_REPLACE_IT}"
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError) as error:
        return f"it is corrupt ({error}){_REPLACE_IT}"
    except (apsw.BusyError, apsw.LockedError):
        return None  # in use by somebody who could open it
    except apsw.Error as error:
        return f"it cannot be read ({error}); check the file and the disk"
    finally:
        if connection is not None:
            connection.close()


def _open(path: Path, *, locked: bool) -> apsw.Connection:
    uri = f"file:{quote(path.absolute().as_posix())}?mode=ro"
    if locked:
        return apsw.Connection(uri, flags=_READ_ONLY_FLAGS)
    vfs = next(name for name in apsw.vfs_names() if name.endswith("-none"))
    has_log = path.with_name(f"{path.name}-wal").exists()  # else this connection makes one, and removes it
    connection = apsw.Connection(uri, flags=_READ_ONLY_FLAGS, vfs=vfs)
    if has_log:
        leave_log(connection)
    connection.pragma("locking_mode", "exclusive")  # the index of the WAL in memory, no -shm file
    return connection


def _first_finding(connection: apsw.Connection) -> str | None:
    """Return the first damage found within the time limit."""
    deadline = time.monotonic() + _INTEGRITY_S
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
    try:
        for (finding,) in connection.execute(f"PRAGMA quick_check({_FAULTS_SHOWN})"):
            if finding != "ok":
                return " ".join(str(finding).split())
    except apsw.InterruptError:
        pass  # nothing found in the time there is
    finally:
        connection.set_progress_handler(None)
    return None
