"""The least that storing rounds can cost: the yardstick of the writer and of imports.

Rows that are ready in memory, a bare executemany of the same library into a table with the columns, keys and
indexes of `rounds`, in batches of 1,000 with `synchronous=FULL`: no parsing, no validation, no rollups.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import apsw

from data_layer.database.writer import BatchDatabaseWriter

BATCH_ROWS = 1_000
WORDS = f"bare executemany of the same rows and keys, batches of {BATCH_ROWS:,}, synchronous=FULL"

Row = tuple[str | int | None, ...]


def bare_insert_s(directory: Path, rows: Sequence[Row]) -> float:
    """Return the seconds it takes; a row has what follows the id in `rounds`, in the order of its columns."""
    with tempfile.TemporaryDirectory(dir=directory) as named:
        columns, indexes = _shape_of_rounds(Path(named) / "model.db")
        connection = apsw.Connection(str(Path(named) / "bare.db"))
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        declared = ", ".join(f"{name} {kind}" for name, kind in columns)
        connection.execute(
            f"CREATE TABLE rounds (id INTEGER PRIMARY KEY, {declared}, UNIQUE (bookmaker, round_id))"
        )
        for index in indexes:
            connection.execute(index)
        names = ", ".join(name for name, _ in columns)
        insert = f"INSERT INTO rounds ({names}) VALUES ({', '.join('?' * len(columns))})"
        began = time.perf_counter()
        for first in range(0, len(rows), BATCH_ROWS):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(insert, rows[first : first + BATCH_ROWS])
            connection.execute("COMMIT")
        seconds = time.perf_counter() - began
        connection.close()
    return seconds


def _shape_of_rounds(model: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """Return name and type of each column but the id, and the statements that make the indexes."""
    BatchDatabaseWriter(model).close()
    connection = apsw.Connection(str(model))
    columns = connection.execute("SELECT name, type FROM pragma_table_info('rounds') WHERE pk = 0").fetchall()
    indexes = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'rounds' AND sql IS NOT NULL"
    ).fetchall()
    connection.close()
    return [(str(name), str(kind)) for name, kind in columns], [str(sql) for (sql,) in indexes]
