"""Import: a recording of a million rounds, from the file to committed rows with their rollups and streaks.

The yardstick is the bare insert of the same rows (`bare_insert.py`).
"""

import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import bare_insert
from benchmarks.bare_insert import Row
from benchmarks.harness import Figure, ratio_at_least
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin
from data_layer.recordings.importer import DirectSink, import_file
from data_layer.recordings.recording import Recording

ROUNDS, QUICK_ROUNDS = 1_000_000, 50_000
TARGET = 0.5  # of the yardstick
REPEATS = 2  # the best of each is compared

_BOOKMAKER = "Site"


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
        rows += [(_BOOKMAKER, *values[1:], None, 1, 0, int(Origin.IMPORT)) for values in columns.by_row()]
    recording.close()
    return rows


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
            inserts.append(bare_insert.bare_insert_s(Path(named), rows))
            with tempfile.TemporaryDirectory(dir=named) as directory:
                imports.append(whole_import(Path(directory), path, rounds))
    value, yardstick = rounds / min(imports), rounds / min(inserts)
    return [
        Figure(
            name=f"import of {rounds:,} rounds from CSV",
            value=value,
            unit="rounds/s",
            yardstick=bare_insert.WORDS,
            yardstick_value=yardstick,
            target=ratio_at_least(TARGET),
        )
    ]
