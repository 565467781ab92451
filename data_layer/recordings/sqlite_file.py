"""Recordings as a table (or view) of an SQLite database, opened read-only."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import apsw

from data_layer.errors import SourceError
from data_layer.recordings.raw import SAMPLE_ROWS, RawBatch, RawFile, Row

_BATCH_ROWS = 5_000


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
            self._selected = ", ".join(map(_quoted, columns))
            query = f"SELECT {self._selected} FROM {_quoted(table)} LIMIT {SAMPLE_ROWS}"
            self._sample: list[Row] = list(connection.execute(query))
        except (apsw.Error, UnicodeDecodeError) as error:
            raise SourceError(f"{path}, table {table}: {error}") from error
        self.columns = tuple(columns)
        self.width = len(columns)

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
        except (apsw.Error, UnicodeDecodeError) as error:
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
        cursor = self._connection.cursor()
        query = f"SELECT {self._selected}, rowid FROM {_quoted(self.table)} ORDER BY rowid {order}"
        chosen = cursor.execute(query)
        while rows := list(islice(chosen, _BATCH_ROWS)):
            yield RawBatch([row[-1] for row in rows], rows=rows)

    def _as_given(self, backwards: bool) -> Iterator[RawBatch]:
        rows: list[Row] = list(
            self._connection.execute(f"SELECT {self._selected} FROM {_quoted(self.table)}")
        )
        numbers = range(1, len(rows) + 1)
        if backwards:
            rows, numbers = rows[::-1], numbers[::-1]
        for start in range(0, len(rows), _BATCH_ROWS):
            part = slice(start, start + _BATCH_ROWS)
            yield RawBatch(numbers[part], rows=rows[part])
