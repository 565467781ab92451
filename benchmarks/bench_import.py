"""Import: a recording of a million rounds, from the file to committed rows with their rollups and streaks.

The yardstick takes the same rows, ready in memory, with a bare executemany of the same library into a table
with the same columns and keys, in batches of 1,000 with `synchronous=FULL`: no parsing, no validation, no
rollups.
"""

import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw

from benchmarks.harness import Figure, ratio_at_least
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.recordings.importer import DirectSink, import_file
from data_layer.recordings.recording import Recording

ROUNDS, QUICK_ROUNDS = 1_000_000, 50_000
TARGET = 0.5  # of the yardstick
REPEATS = 2  # the best of each is compared

_BATCH_ROWS = 1_000
_BOOKMAKER = "Site"
_ORIGIN_IMPORT = 4

Row = tuple[str | int | None, ...]


def write_recording(path: Path, rounds: int) -> None:
    """Write a CSV as a site might export it: id, crash point, time, stake and payout, oldest first."""
    chance = random.Random(1)
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("round_id,crash_point,timestamp,stake,payout\n")
        for number in range(1, rounds + 1):
            moment += timedelta(seconds=24.5)
            crash = max(100, int(99 / (1 - chance.random()))) / 100
            stake = int(chance.random() * 100_000)
            payout = int(chance.random() * 100_000)
            file.write(f"{number},{crash:.2f},{moment:%Y-%m-%d %H:%M:%S},{stake},{payout}\n")


def read_rows(path: Path) -> list[Row]:
    """Return the rows that an import of the file stores, in the order of the columns of `rounds`."""
    recording = Recording(path)
    rows: list[Row] = []
    for columns, _ in recording.batches():
        rows += [(_BOOKMAKER, *values[1:], None, 1, 0, _ORIGIN_IMPORT) for values in columns.by_row()]
    recording.close()
    return rows


def bare_insert(directory: Path, rows: list[Row]) -> float:
    """Return the seconds that the yardstick takes."""
    model = directory / "model.db"
    BatchDatabaseWriter(model).close()
    connection = apsw.Connection(str(model))
    columns = [str(row[1]) for row in connection.execute("PRAGMA table_info(rounds)")][1:]
    types = [str(row[2]) for row in connection.execute("PRAGMA table_info(rounds)")][1:]
    indexes = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'rounds' AND sql IS NOT NULL"
    ).fetchall()
    connection.close()
    connection = apsw.Connection(str(directory / "bare.db"))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    declared = ", ".join(f"{name} {kind}" for name, kind in zip(columns, types, strict=True))
    key = "UNIQUE (bookmaker, round_id)"
    connection.execute(f"CREATE TABLE rounds (id INTEGER PRIMARY KEY, {declared}, {key})")
    for (sql,) in indexes:
        connection.execute(str(sql))
    insert = f"INSERT INTO rounds ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    began = time.perf_counter()
    for start in range(0, len(rows), _BATCH_ROWS):
        with connection:
            connection.executemany(insert, rows[start : start + _BATCH_ROWS])
    took = time.perf_counter() - began
    connection.close()
    return took


def whole_import(directory: Path, path: Path, rounds: int) -> float:
    """Return the seconds from opening the file to the last commit, the database closed."""
    began = time.perf_counter()
    writer = BatchDatabaseWriter(directory / "aviator.db")
    report = import_file(path, _BOOKMAKER, DirectSink(writer))
    writer.close()
    took = time.perf_counter() - began
    if report.committed != rounds:
        raise RuntimeError(f"{report.committed} of {rounds} rounds were committed")
    return took


def run(quick: bool) -> list[Figure]:
    """Measure both, by turns."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    imports, inserts = [], []
    with tempfile.TemporaryDirectory() as named:
        path = Path(named) / "recording.csv"
        write_recording(path, rounds)
        rows = read_rows(path)
        for _ in range(REPEATS):
            with tempfile.TemporaryDirectory(dir=named) as directory:
                inserts.append(bare_insert(Path(directory), rows))
            with tempfile.TemporaryDirectory(dir=named) as directory:
                imports.append(whole_import(Path(directory), path, rounds))
    value, yardstick = rounds / min(imports), rounds / min(inserts)
    return [
        Figure(
            name=f"import of {rounds:,} rounds from CSV",
            value=value,
            unit="rounds/s",
            yardstick="bare executemany of the same rows and keys, batches of 1,000, synchronous=FULL",
            yardstick_value=yardstick,
            target=ratio_at_least(TARGET),
        )
    ]
