"""The reader's one connection: opened when there is a database, opened again when its file was replaced."""

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from data_layer.database import connection
from data_layer.errors import AviatorError, DatabaseUnusableError

log = logging.getLogger(__name__)

_STEPS_BETWEEN_LOOKS = 20_000  # of SQLite's virtual machine, well under a millisecond

ResultT = TypeVar("ResultT")


class DatabaseUnreadableError(AviatorError):
    """The database cannot be read now; the text says why. Trying again later may help."""


class StatsDatabase:
    """Reads from the database at `path`, on one thread, in transactions that last as long as one reading.

    `cancelled` is asked while a query runs: once it returns True the query fails.
    """

    def __init__(self, path: Path, cancelled: Callable[[], bool]) -> None:
        self._path = path
        self._cancelled = cancelled
        self._conn: apsw.Connection | None = None
        self._file: tuple[int, int] | None = None

    @property
    def file(self) -> tuple[int, int] | None:
        """What tells the file that is or was open from one that took its place."""
        return self._file

    def ensure_open(self) -> bool:
        """Open the database unless it is open; return True when it was opened, for the first time or anew.

        Raises `DatabaseUnreadableError` when there is none or it cannot be opened.
        """
        try:
            status = self._path.stat()
        except OSError as error:
            self.close()
            missing = "there is no database yet" if self._file is None else "the database is gone"
            why = (
                missing
                if isinstance(error, FileNotFoundError)
                else f"no access to the database ({error.strerror})"
            )
            raise DatabaseUnreadableError(f"{why}: {self._path}") from error
        file = (status.st_dev, status.st_ino)
        if self._conn is not None:
            if file == self._file:
                return False
            log.info("the database was replaced; reading the new one")
            self.close()
        try:
            conn = connection.open_reader(self._path)
        except DatabaseUnusableError as error:
            raise DatabaseUnreadableError(str(error)) from error
        except (apsw.Error, OSError) as error:
            raise self._unreadable(error) from error
        conn.set_progress_handler(self._cancelled, _STEPS_BETWEEN_LOOKS)
        self._conn, self._file = conn, file
        return True

    def read(self, work: Callable[[apsw.Connection], ResultT]) -> ResultT:
        """Return what `work` reads, all of it from one state of the database, in a transaction of its own.

        Raises `DatabaseUnreadableError` for every fault of the database.
        """
        conn = self._conn
        if conn is None:
            raise DatabaseUnreadableError(f"the database is not open: {self._path}")
        try:
            conn.execute("BEGIN")
            try:
                return work(conn)
            finally:
                # Ends a read transaction as well as COMMIT does, and also after an error.
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
        except (apsw.BusyError, apsw.LockedError, apsw.InterruptError) as error:
            raise self._unreadable(error) from error
        except apsw.Error as error:
            self.close()
            raise self._unreadable(error) from error

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._conn is not None:
            with contextlib.suppress(apsw.Error):
                self._conn.close()
            self._conn = None

    def _unreadable(self, error: Exception) -> DatabaseUnreadableError:
        return DatabaseUnreadableError(f"the database cannot be read: {error}")
