"""Noticing that the files under the writer's open connection were deleted or replaced, and losing nothing.

SQLite goes on writing into files that have no name any more: every commit would succeed, be acknowledged, and
be gone with the process. But the open files still hold everything. Where the database or its log is missing,
a whole copy of them is put in place. A file that has taken the database's place is what somebody wanted: it
is worked with, and what it replaced is kept beside it.
"""

import contextlib
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import apsw

from utils.replacing import beside
from utils.syncing import sync, sync_directory

_SIDES = ("-wal", "-shm")

_log = logging.getLogger(__name__)

Identity = tuple[int, int] | None  # device and number of a file, None for none


class OpenFiles:
    """The files that a connection has open: the database and what SQLite keeps beside it."""

    def __init__(self, path: Path) -> None:
        """To be made right after the connection. Raises `FileNotFoundError` when the database is gone."""
        path.stat()
        self._path = path
        self._parts = [path, *(path.with_name(path.name + side) for side in _SIDES)]
        self._opened = self._identities()
        self._kept: Identity = None  # what has replaced the database when that was kept

    @property
    def in_place(self) -> bool:
        """Whether all of them are still found under their names."""
        return self._identities() == self._opened

    def rescue(self, connection: apsw.Connection, now_us: int) -> None:
        """Make good what happened to the files of `connection`; then the database is to be opened anew.

        Raises `apsw.Error` or `OSError` when there is no room for a copy; try again then.
        """
        found = _identity(self._path)
        if found == self._opened[0]:  # without its log: whole again at once, whatever becomes of the copy
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        if found is None or found == self._opened[0]:
            self._put_back(connection)
        elif found != self._kept:
            self._keep_replaced(connection, now_us)
            self._kept = found

    def _put_back(self, connection: apsw.Connection) -> None:
        with beside(self._path) as partial:
            _copy(connection, partial)
            for part in self._parts[1:]:  # before the copy comes: SQLite would apply an old log to it
                part.unlink(missing_ok=True)
            os.replace(partial, self._path)
        sync_directory(self._path.parent)
        _log.error(
            "the database or its log was deleted while it was in use; all of it was put back: %s", self._path
        )

    def _keep_replaced(self, connection: apsw.Connection, now_us: int) -> None:
        stamp = datetime.fromtimestamp(now_us / 1e6, UTC).strftime("%Y%m%dT%H%M%SZ")
        kept = self._path.with_name(f"{self._path.name}.replaced-{stamp}")
        with beside(kept) as partial:
            _copy(connection, partial)
            os.replace(partial, kept)
        for part, opened in list(zip(self._parts, self._opened, strict=True))[1:]:
            if _identity(part) == opened:  # of the old database; one that came with the new one stays
                part.unlink(missing_ok=True)
        sync_directory(self._path.parent)
        _log.error(
            "the database was replaced by another file while it was in use; going on with that one: %s;"
            " what it replaced is kept as %s",
            self._path,
            kept.name,
        )

    def _identities(self) -> list[Identity]:
        return [_identity(part) for part in self._parts]


def _copy(source: apsw.Connection, target: Path) -> None:
    """Copy everything that is committed, synced to disk."""
    with contextlib.closing(apsw.Connection(str(target))) as copy:
        copy.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")  # a torn copy is thrown away
        with copy.backup("main", source, "main") as copying:
            copying.step(-1)
    sync(target)


def _identity(path: Path) -> Identity:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
