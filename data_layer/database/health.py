"""What can be said of a database file without changing it."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import apsw

from data_layer.database import connection, file_check, queries, schema
from data_layer.errors import AviatorError

_STEPS_BETWEEN_LOOKS = 10_000  # of SQLite's virtual machine
_LARGE_WAL_BYTES = 256 * 1024 * 1024  # a log is emptied at a few MiB unless somebody keeps reading

Integrity = Literal["sound", "damaged", "not checked", "not finished"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseHealth:
    """One look at a database. Without `faults` it can be worked with; `remarks` are worth knowing."""

    path: Path
    exists: bool
    library_version: str  # of the SQLite in use
    newest_schema_version: int  # that this program knows
    schema_version: int | None = None
    integrity: Integrity = "not checked"
    size_bytes: int = 0
    wal_bytes: int = 0
    version: int | None = None  # rises with every commit
    rounds: int | None = None
    bookmakers: int | None = None
    duplicates: int | None = None
    quarantined: int | None = None
    refusals: tuple[queries.QuarantineReason, ...] = ()  # what stands in quarantine, the most frequent first
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def state(self) -> Literal["healthy", "degraded", "broken"]:
        """Return the one word for all of it."""
        return "broken" if self.faults else "degraded" if self.remarks else "healthy"


def look_at(path: Path, *, time_limit_s: float = 5.0, alone: bool = False) -> DatabaseHealth:
    """Check the database at `path`, spending at most about `time_limit_s` on its integrity.

    Never raises for a fault of the database: `faults` says what is wrong and `integrity` how far the check
    came. A database that is not there yet is healthy. May take all of the time limit: not for the window's
    thread. A process without any connection to the database says that it is `alone`: then not even the files
    beside one of a newer version are touched.
    """
    look = _Look(path)
    look.at_library()
    if path.exists():
        try:
            look.at_file()
            if alone:
                file_check.refuse_newer(path)
            with contextlib.closing(connection.open_reader(path)) as conn:
                look.at_schema(conn)
                look.at_integrity(conn, time_limit_s)
                look.at_counts(conn)
        except (apsw.Error, AviatorError, OSError) as error:
            look.fault(str(error))
    return look.result()


class _Look:
    """Gathers a `DatabaseHealth` piece by piece, so that what was found before a fault is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, Any] = {}
        self._faults: list[str] = []
        self._remarks: list[str] = []

    def fault(self, text: str) -> None:
        self._faults.append(text)

    def at_library(self) -> None:
        try:
            connection.refuse_unsafe_library()
        except AviatorError as error:
            self.fault(str(error))

    def at_file(self) -> None:
        wal = self._path.with_name(self._path.name + "-wal")
        self._found["size_bytes"] = self._path.stat().st_size
        self._found["wal_bytes"] = wal_bytes = wal.stat().st_size if wal.exists() else 0
        if wal_bytes > _LARGE_WAL_BYTES:
            self._remarks.append(
                f"the log has grown to {wal_bytes >> 20} MiB: a reader holds on to it, or a writer was killed"
            )

    def at_schema(self, conn: apsw.Connection) -> None:
        self._found["schema_version"] = int(conn.pragma("user_version"))

    def at_integrity(self, conn: apsw.Connection, time_limit_s: float) -> None:
        deadline = time.monotonic() + time_limit_s
        conn.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
        try:
            faults = [str(row[0]) for row in conn.execute("PRAGMA quick_check(5)")]
        except apsw.InterruptError:
            self._found["integrity"] = "not finished"
            return
        except apsw.CorruptError as error:  # so much that the check itself cannot go on
            faults = [str(error)]
        finally:
            conn.set_progress_handler(None)
        self._found["integrity"] = "sound" if faults == ["ok"] else "damaged"
        if faults != ["ok"]:
            self._faults.extend(faults)

    def at_counts(self, conn: apsw.Connection) -> None:
        counters = queries.counters(conn)
        self._found["version"] = queries.version(conn)
        self._found["bookmakers"] = len(counters)
        self._found["rounds"] = sum(counter.committed for counter in counters.values())
        self._found["duplicates"] = sum(counter.duplicates for counter in counters.values())
        quarantined = sum(counter.quarantined for counter in counters.values())
        self._found["quarantined"] = quarantined + queries.quarantined_of_nobody(conn)
        self._found["refusals"] = tuple(queries.quarantine_reasons(conn))

    def result(self) -> DatabaseHealth:
        return DatabaseHealth(
            path=self._path,
            exists=self._path.exists(),
            library_version=apsw.sqlite_lib_version(),
            newest_schema_version=schema.SCHEMA_VERSION,
            faults=tuple(self._faults),
            remarks=tuple(self._remarks),
            **self._found,
        )
