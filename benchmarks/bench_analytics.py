"""The analytics: what the figures of ten million rounds cost once these are in memory, and what it takes to
have them there.

50 bookmakers with a round every 25 s each (the database of `bench_database`), everything warm: the medians of
repeated questions, without the cache. The yardstick of a figure is the least that numpy could do for it: one
pass over the same rounds.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_database import BOOKMAKERS, DENSE_US, QUICK_ROUNDS, ROUNDS, fill
from benchmarks.harness import Figure, Target, at_most
from data_layer.analytics.claims import Claim, Claims
from data_layer.analytics.distribution.answer import distribution
from data_layer.analytics.intervals.answer import intervals
from data_layer.analytics.questions import (
    DistributionQuestion,
    DriftQuestion,
    IntervalsQuestion,
    Question,
    Sample,
    Scope,
    Span,
    StreaksQuestion,
)
from data_layer.analytics.rounds import Rounds
from data_layer.analytics.streaks.answer import streaks
from data_layer.cache.cache_manager import CacheManager
from data_layer.database.connection import open_reader, snapshot
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin, Round
from data_layer.readers.analyst.analytics_reader import AnalyticsReader
from data_layer.readers.analyst.round_history import RoundHistory, Snapshot

DISTRIBUTION_MS, STREAKS_MS = 50.0, 300.0
LOAD_S = 1.0  # ten million rounds
BYTES_A_ROUND = 20.0
REFRESH_MS = 20.0
LATE_MS = 60.0  # a late round makes its bookmaker's columns anew, here those of all: 160 MB
REPEATS = 9

_DAY_US = 86_400_000_000
_NOW_US = 1_760_000_000_000_000
_SAMPLE = Sample(scope=Scope(), span=Span(), rounds=0)
_HOURS = "SELECT hour_us, count, crashes FROM rollup_hour ORDER BY bookmaker, hour_us"
_QUESTIONS = {
    "8 thresholds": DistributionQuestion(),
    "10 odd thresholds": DistributionQuestion(
        thresholds_centi=(101, 137, 198, 251, 999, 1_234, 9_999, 10_001, 54_321, 1_000_000)
    ),
}


def median_ms(do: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median milliseconds of something, after a first time that does not count."""
    do()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        do()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1_000


def loading(path: Path, rounds: int) -> tuple[RoundHistory, list[Figure]]:
    """Measure the first reading and what it takes in memory."""
    reader = open_reader(path)
    bare_s, load_s = [], []
    history = RoundHistory()
    for _ in range(3):
        began = time.perf_counter()
        reader.execute(_HOURS).fetchall()
        bare_s.append(time.perf_counter() - began)
        history = RoundHistory()
        began = time.perf_counter()
        with snapshot(reader):
            found = history.refresh(reader, path)
        load_s.append(time.perf_counter() - began)
    reader.close()
    held = sum(
        book.times_us.nbytes + book.crash_centi.nbytes + (book.index.nbytes if book.index is not None else 0)
        for book in found.books.values()
    )
    return history, [
        Figure(
            name=f"first reading of {rounds:,} rounds",
            value=statistics.median(load_s),
            unit="s",
            yardstick="fetching the same blobs with bare SQL",
            yardstick_value=statistics.median(bare_s),
            target=at_most(LOAD_S),
        ),
        Figure(
            name="memory a round",
            value=held / found.rounds,
            unit="bytes",
            yardstick="time and crash point, 64 bits each",
            yardstick_value=16.0,
            target=at_most(BYTES_A_ROUND),
        ),
    ]


def refreshing(path: Path, history: RoundHistory) -> list[Figure]:
    """Measure taking one new round of every bookmaker in, in time and late."""
    figures = []
    for name, late in (("one new round each of 50 bookmakers", False), ("one late round each", True)):
        times, bare = [], []
        for turn in range(5):
            _write_one_each(path, history.snapshot, turn, late=late)
            reader = open_reader(path)
            began = time.perf_counter()
            with snapshot(reader):
                reader.execute("SELECT bookmaker, count, sum_centi FROM rollup_lifetime").fetchall()
            bare.append(time.perf_counter() - began)
            began = time.perf_counter()
            with snapshot(reader):
                history.refresh(reader, path)
            times.append(time.perf_counter() - began)
            reader.close()
        figures.append(
            Figure(
                name=f"taking in {name}",
                value=statistics.median(times) * 1_000,
                unit="ms",
                yardstick="reading what the lifetime rollup says of each",
                yardstick_value=statistics.median(bare) * 1_000,
                target=at_most(LATE_MS if late else REFRESH_MS),
            )
        )
    return figures


def _write_one_each(path: Path, found: Snapshot, turn: int, *, late: bool) -> None:
    writer = BatchDatabaseWriter(path)
    for name, book in found.books.items():
        at_us = int(book.times_us[-1]) + (-_DAY_US if late else DENSE_US)
        writer.add(
            name,
            name,
            "analytics",
            [
                Round(
                    bookmaker=name,
                    round_id=f"new {late} {turn}",
                    crash_centi=198,
                    crashed_at_us=at_us,
                    received_at_us=at_us,
                    origin=Origin.SIMULATOR,
                )
            ],
        )
    writer.flush()
    writer.close()


def asking(found: Snapshot, rounds: int) -> list[Figure]:
    """Measure the figures themselves."""
    newest_us = max(int(book.times_us[-1]) for book in found.books.values())
    figures = []
    for label, days in (("24 h", 1), ("7 d", 7), ("20 d", 20), ("all", None)):
        for what, question in _QUESTIONS.items():
            figures.append(
                _distribution(found, f"{label}, {what}, {rounds:,} rounds", newest_us, days, question)
            )
    everything = _parts(found, None, None)
    for threshold_centi in (110, 200, 1_000, 10_000):
        below = StreaksQuestion(threshold_centi=threshold_centi)
        figures.append(
            _figure(
                f"streaks below {threshold_centi / 100:g}x, all, {rounds:,} rounds",
                partial(streaks, everything, _SAMPLE, below),
                "finding the rounds at or above in one pass",
                partial(_places, everything, threshold_centi),
                at_most(STREAKS_MS),
            )
        )
    month = _parts(found, newest_us - 30 * _DAY_US, newest_us)
    hourly = IntervalsQuestion(timezone="Europe/Belgrade")
    figures.append(
        _figure(
            f"intervals of 60 min with heat map, 30 d, {rounds:,} rounds",
            partial(intervals, month, _SAMPLE, hourly, newest_us),
            "sorting the same rounds by size",
            lambda: [np.sort(part.part) for part in month],
            None,
        )
    )
    return figures


def _distribution(
    found: Snapshot, name: str, newest_us: int, days: int | None, question: DistributionQuestion
) -> Figure:
    claims = Claims({bookmaker: Claim(0.99, "bustabit") for bookmaker in found.books})
    before: Sequence[Rounds] | None = None
    parts = _parts(found, None, None)
    if days is not None:
        start_us = newest_us - days * _DAY_US - 12_345
        parts = _parts(found, start_us, newest_us)
        before = _parts(found, start_us - days * _DAY_US, start_us)
    return _figure(
        f"distribution, {name}",
        lambda: distribution(parts, before, _SAMPLE, question, claims),
        "counting one threshold in one pass",
        partial(_count, parts, 200),
        at_most(DISTRIBUTION_MS),
    )


def _count(parts: Sequence[Rounds], threshold_centi: int) -> list[int]:
    return [int(np.count_nonzero(part.part >= threshold_centi)) for part in parts]


def _places(parts: Sequence[Rounds], threshold_centi: int) -> list[NDArray[np.intp]]:
    return [np.flatnonzero(part.crash_centi >= threshold_centi) for part in parts]


def _parts(found: Snapshot, start_us: int | None, end_us: int | None) -> Sequence[Rounds]:
    if start_us is None:
        return list(found.books.values())
    return [found.part(name, start_us, end_us) for name in found.books]


def _figure(
    name: str,
    do: Callable[[], object],
    yardstick: str,
    bare: Callable[[], object],
    target: Target | None,
) -> Figure:
    return Figure(
        name=name,
        value=median_ms(do),
        unit="ms",
        yardstick=yardstick,
        yardstick_value=median_ms(bare),
        target=target,
    )


def beside_a_heavy_question(path: Path) -> Figure:
    """Measure a distribution through the reader while a test for drift runs: why there are two threads."""
    claims = Claims({f"Bookmaker {index:02}": Claim(0.99, "bustabit") for index in range(BOOKMAKERS)})
    reader = AnalyticsReader(path, groups={}, claims=claims, cache=CacheManager(), now=lambda: _NOW_US)
    reader.start()
    try:
        reader.ask(DistributionQuestion()).result()
        alone = _answer_ms(reader, DistributionQuestion(thresholds_centi=(137,)))
        heavy = reader.ask(DriftQuestion())
        beside = []
        for threshold_centi in range(200, 240):
            if heavy.done():
                break
            beside.append(_answer_ms(reader, DistributionQuestion(thresholds_centi=(threshold_centi,))))
        heavy.result()
    finally:
        reader.stop()
    return Figure(
        name="distribution, 24 h, through the reader while a test for drift of everything runs",
        value=statistics.median(beside) if beside else float("nan"),
        unit="ms",
        yardstick="the same while nothing else runs",
        yardstick_value=alone,
        target=at_most(DISTRIBUTION_MS),
    )


def _answer_ms(reader: AnalyticsReader, question: Question) -> float:
    began = time.perf_counter()
    reader.ask(question).result()
    return (time.perf_counter() - began) * 1_000


def run(quick: bool) -> list[Figure]:
    """Measure on 10 million rounds, or quickly on few. In full it takes some minutes and two gigabytes."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    with tempfile.TemporaryDirectory() as named:
        path = Path(named) / "aviator.db"
        fill(path, rounds, DENSE_US)
        history, figures = loading(path, rounds)
        figures += asking(history.snapshot, rounds)
        figures.append(beside_a_heavy_question(path))
        figures += refreshing(path, history)
        return figures
