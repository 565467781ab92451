"""The database: what the writer costs, and what the questions of the views cost with ten million rounds.

Writing: a million rounds of one bookmaker through `BatchDatabaseWriter` in batches of 1,000, with
validation, rollups and streaks, against a bare insert of the same rows (`bare_insert.py`); and what a round
of one of 50 bookmakers costs when they share a batch.

Reading: 50 bookmakers, simulated crash points, the end of the range a second after the newest round; the
median of repeated questions on one open connection, so the pages are in memory. Two pairs of databases,
because at a round every 25 s a hundred thousand rounds are just 14 hours: a day or a month has no beginning
in them, and asking for one there says little.

- A round every 25 s, as bookmakers play: the milliseconds that a question may take are measured here.
- A round every 22.5 minutes in both databases, so that a month of 96,000 rounds lies inside the small one
  too: here the same question has an answer of the same size in both, and the ratio tells what the longer
  history costs.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import apsw
from msgspec.structs import astuple

from benchmarks import bare_insert
from benchmarks.bare_insert import BATCH_ROWS, Row
from benchmarks.harness import Figure, at_most, ratio_at_least, ratio_at_most
from data_layer.database import queries
from data_layer.database.connection import open_reader
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin, Round

BOOKMAKERS = 50
ROUNDS, QUICK_ROUNDS = 10_000_000, 100_000
SMALL_ROUNDS, QUICK_SMALL_ROUNDS = 100_000, 20_000
WRITTEN, QUICK_WRITTEN = 1_000_000, 50_000
DENSE_US = 25_000_000
SPARSE_US = 1_350_000_000
WRITER_TARGET = 0.6  # of the bare insert: with the parsing of a file on top, an import still reaches 0.5
UPDATE_TARGET_US = 100.0
GROWTH_TARGET = 1.3
REPEATS = 40

_NEWEST_US = 1_760_000_000_000_000
_STORED_FIELDS = 17

Question = Callable[[apsw.Connection], object]
_NOW_US = _NEWEST_US + 1_000_000
QUESTIONS: dict[str, tuple[Question, float]] = {  # and the milliseconds each may take
    "24 h statistics": (lambda reader: queries.round_stats_with_total(reader, "24h", _NOW_US), 3.0),
    "30 d statistics": (lambda reader: queries.round_stats_with_total(reader, "30d", _NOW_US), 5.0),
    "lifetime statistics": (lambda reader: queries.round_stats_with_total(reader, "all", _NOW_US), 1.0),
    "newest 200 rounds": (lambda reader: queries.newest_rounds(reader, 200), 20.0),
}


def rounds_of(bookmaker: str, first: int, count: int, start_us: int, rhythm_us: int) -> list[Round]:
    """Return rounds of a fair game, the same for the same arguments."""
    chance = random.Random(f"{bookmaker} {first}").random
    found = []
    for number in range(first, first + count):
        crashed_at_us = start_us + (number + 1) * rhythm_us - int(chance() * 5_000_000)
        duration_ms = int(chance() * 15_000)
        found.append(
            Round(
                bookmaker=bookmaker,
                round_id=str(1_000_000 + number),
                crash_centi=min(max(100, int(99 / (1 - chance()))), 10**8),
                started_at_us=crashed_at_us - duration_ms * 1_000,
                crashed_at_us=crashed_at_us,
                duration_ms=duration_ms,
                players_total=200,
                players_cashed_out=90,
                stake_minor=250_000,
                payout_minor=240_000,
                currency="EUR",
                received_at_us=crashed_at_us + 1_000,
                origin=Origin.SIMULATOR,
                position=number + 1,
            )
        )
    return found


def fill(path: Path, rounds: int, rhythm_us: int) -> None:
    """Write a database of 50 bookmakers, all of whose newest rounds end at the same time."""
    each = rounds // BOOKMAKERS
    start_us = _NEWEST_US - each * rhythm_us
    writer = BatchDatabaseWriter(path)
    for first in range(0, each, BATCH_ROWS):
        for index in range(BOOKMAKERS):
            name = f"Bookmaker {index:02}"
            batch = rounds_of(name, first, min(BATCH_ROWS, each - first), start_us, rhythm_us)
            writer.add(name, name, "benchmark", batch)
            writer.flush()
    writer.close()


def asked_ms(path: Path) -> dict[str, float]:
    """Return the median milliseconds of each question."""
    reader = open_reader(path)
    found = {}
    for name, (question, _) in QUESTIONS.items():
        question(reader)
        times = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            question(reader)
            times.append(time.perf_counter() - began)
        found[name] = statistics.median(times) * 1_000
    reader.close()
    return found


def reading(directory: Path, rounds: int, small_rounds: int) -> list[Figure]:
    """Measure the questions on both pairs of databases."""
    figures = []
    for rhythm_us, about in ((DENSE_US, "a round every 25 s"), (SPARSE_US, "a round every 22.5 min")):
        small, large = directory / "small.db", directory / "large.db"
        fill(small, small_rounds, rhythm_us)
        fill(large, rounds, rhythm_us)
        yardstick, measured = asked_ms(small), asked_ms(large)
        for name, (_, limit_ms) in QUESTIONS.items():
            growth = rhythm_us == SPARSE_US
            figures.append(
                Figure(
                    name=f"{name}, {rounds:,} rounds, {about}",
                    value=measured[name],
                    unit="ms",
                    yardstick=f"the same with {small_rounds:,} rounds",
                    yardstick_value=yardstick[name],
                    target=ratio_at_most(GROWTH_TARGET) if growth else at_most(limit_ms),
                )
            )
        small.unlink()
        large.unlink()
    return figures


def _rows(rounds: list[Round]) -> list[Row]:
    return [astuple(record)[:_STORED_FIELDS] for record in rounds]


def written_s(path: Path, rounds: list[Round]) -> float:
    """Return the seconds that the writer takes for the same rounds."""
    writer = BatchDatabaseWriter(path)
    began = time.perf_counter()
    for first in range(0, len(rounds), BATCH_ROWS):
        writer.add("", rounds[0].bookmaker, "benchmark", rounds[first : first + BATCH_ROWS])
        writer.flush()
    seconds = time.perf_counter() - began
    writer.close()
    return seconds


def writing(directory: Path, count: int) -> Figure:
    """Measure the writer and its yardstick by turns."""
    rounds = rounds_of("Bookmaker", 0, count, _NEWEST_US - count * DENSE_US, DENSE_US)
    bare, written = [], []
    for _ in range(2):
        with tempfile.TemporaryDirectory(dir=directory) as named:
            bare.append(bare_insert.bare_insert_s(Path(named), _rows(rounds)))
            written.append(written_s(Path(named) / "aviator.db", rounds))
    value, yardstick = count / min(written), count / min(bare)
    return Figure(
        name=f"writing {count:,} rounds with rollups and streaks",
        value=value,
        unit="rounds/s",
        yardstick=bare_insert.WORDS,
        yardstick_value=yardstick,
        target=ratio_at_least(WRITER_TARGET),
    )


def updating(path: Path, batches: int) -> Figure:
    """Measure what a new round updates, with the thousand rounds of a batch spread over 50 bookmakers."""
    each = BATCH_ROWS // BOOKMAKERS
    start_us = _NEWEST_US - batches * each * DENSE_US
    writer = BatchDatabaseWriter(path)
    times = []
    rounds: list[Round] = []
    for batch in range(batches):
        deliveries = {
            f"Bookmaker {index:02}": rounds_of(
                f"Bookmaker {index:02}", batch * each, each, start_us, DENSE_US
            )
            for index in range(BOOKMAKERS)
        }
        began = time.perf_counter()
        for name, found in deliveries.items():
            writer.add(name, name, "benchmark", found)
        writer.flush()
        times.append((time.perf_counter() - began) / BATCH_ROWS)
        rounds += [one for found in deliveries.values() for one in found]
    writer.close()
    bare_s = bare_insert.bare_insert_s(path.parent, _rows(rounds)) / len(rounds)
    return Figure(
        name=f"a new round, all it touches, {BOOKMAKERS} bookmakers in a batch of {BATCH_ROWS:,}",
        value=statistics.median(times) * 1e6,
        unit="us a round",
        yardstick=bare_insert.WORDS,
        yardstick_value=bare_s * 1e6,
        target=at_most(UPDATE_TARGET_US),
    )


def run(quick: bool) -> list[Figure]:
    """Measure writing and reading. In full it takes some minutes and five gigabytes of temporary disk."""
    with tempfile.TemporaryDirectory() as named:
        directory = Path(named)
        written = QUICK_WRITTEN if quick else WRITTEN
        large, small = (QUICK_ROUNDS, QUICK_SMALL_ROUNDS) if quick else (ROUNDS, SMALL_ROUNDS)
        with tempfile.TemporaryDirectory(dir=directory) as spread:
            update = updating(Path(spread) / "aviator.db", written // 10 // BATCH_ROWS)
        return [writing(directory, written), update, *reading(directory, large, small)]
