"""Recordings as a table (or view) of an SQLite database, opened read-only."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from data_layer.errors import SourceError
from data_layer.recordings.raw import SAMPLE_ROWS, RawBatch, RawFile, Row

_BATCH_ROWS = 5_000
_AS_BYTES = "CASE typeof({0}) WHEN 'text' THEN CAST({0} AS BLOB) WHEN 'blob' THEN NULL ELSE {0} END"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def open_database(path: Path) -> apsw.Connection:
    """Return a read-only connection. Raises `SourceError` for what is no readable SQLite database."""
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    address = f"file:{quote(path.absolute().as_posix())}"
    try:
        connection = apsw.Connection(f"{address}?mode=ro", flags=flags)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except (apsw.CantOpenError, apsw.ReadOnlyError):
            # A database in WAL mode in a directory that is not ours to write: nobody else writes it either.
            connection.close()
            connection = apsw.Connection(f"{address}?immutable=1", flags=flags)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except apsw.Error as error:
        raise SourceError(f"{path}: {error}") from error
    return connection


def table_names(connection: apsw.Connection) -> list[str]:
    """Return the tables and views that a user made."""
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
    return [str(name) for (name,) in names if not str(name).startswith("sqlite_")]


class SqliteTable(RawFile):
    """One table. Its rows are numbered by rowid, or in the order of reading where there is none."""

    kind = "SQLite"
    place_word = "row"

    def __init__(self, path: Path, connection: apsw.Connection, table: str) -> None:
        self._path = path
        self._connection = connection
        self.table = table
        try:
            columns = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({_quoted(table)})")]
            self._has_rowid = self._rowid_exists()
            self._selected = list(map(_quoted, columns))
            self.columns = tuple(columns)
            self.width = len(columns)
            self._encoding = str(connection.execute("PRAGMA encoding").get)
            self._sample: list[Row] = list(islice(self._rows(), SAMPLE_ROWS))
        except apsw.Error as error:
            raise SourceError(f"{path}, table {table}: {error}") from error
        if not self._sample:
            raise SourceError(f"{path}, table {table}: no rows in it")

    def sample(self) -> list[Row]:
        """Return the first rows."""
        return self._sample

    def batches(self, backwards: bool) -> Iterator[RawBatch]:
        """Yield the rows by rowid; those of a view, held in memory, in the order it gives them."""
        try:
            if self._has_rowid:
                yield from self._by_rowid(backwards)
            else:
                yield from self._as_given(backwards)
        except apsw.Error as error:
            raise SourceError(f"{self._path}, table {self.table}: {error}") from error

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _rowid_exists(self) -> bool:
        """Tell whether rows are numbered: not in a view, nor in a table WITHOUT ROWID."""
        try:
            numbers = self._connection.execute(f"SELECT rowid FROM {_quoted(self.table)} LIMIT 1").fetchall()
        except apsw.SQLError:
            return False
        return bool(numbers) and numbers[0][0] is not None

    def _by_rowid(self, backwards: bool) -> Iterator[RawBatch]:
        order = "DESC" if backwards else "ASC"
        chosen = self._rows(", rowid", f" ORDER BY rowid {order}")
        while rows := list(islice(chosen, _BATCH_ROWS)):
            yield RawBatch([row[-1] for row in rows], rows=rows)

    def _as_given(self, backwards: bool) -> Iterator[RawBatch]:
        rows = list(self._rows())
        numbers = range(1, len(rows) + 1)
        if backwards:
            rows, numbers = rows[::-1], numbers[::-1]
        for start in range(0, len(rows), _BATCH_ROWS):
            part = slice(start, start + _BATCH_ROWS)
            yield RawBatch(numbers[part], rows=rows[part])

    def _rows(self, more: str = "", order: str = "") -> Iterator[tuple[Any, ...]]:
        """Yield the rows with the columns `more`; text that is none in its encoding shows as \\xNN."""
        told = 0
        source = f"FROM {_quoted(self.table)}{order}"
        try:
            for row in self._connection.execute(f"SELECT {', '.join(self._selected)}{more} {source}"):
                yield row
                told += 1
        except UnicodeDecodeError:
            as_bytes = ", ".join(map(_AS_BYTES.format, self._selected))
            rest = f"SELECT {as_bytes}{more} {source} LIMIT -1 OFFSET {told}"
            for row in self._connection.execute(rest):
                yield tuple(map(self._decoded, row))

    def _decoded(self, cell: object) -> object:
        return cell.decode(self._encoding, "backslashreplace") if isinstance(cell, bytes) else cell
