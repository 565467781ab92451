"""Rounds at given times, and questions about their intervals."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from data_layer.analytics.intervals.answer import intervals
from data_layer.analytics.questions import Intervals, IntervalsQuestion, Sample, Scope, Span
from data_layer.analytics.rounds import Rounds

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


def us(zone: str, *fields: int, fold: int = 0) -> int:
    """Return a local time as UTC microseconds."""
    year, month, day, hour, minute = (*fields, 0, 0)[:5]
    at = datetime(year, month, day, hour, minute, fold=fold, tzinfo=ZoneInfo(zone))
    return round(at.timestamp()) * 1_000_000


def part(times_us: Sequence[int], values: Sequence[int] | None = None, *, name: str = "A") -> Rounds:
    crashes = np.full(len(times_us), 200) if values is None else np.array(values)
    times = np.array(times_us, np.int64)
    return Rounds(name, times, crashes.astype(np.int64), 0, len(times_us))


def ask(
    *parts: Rounds,
    now_us: int,
    start_us: int | None = None,
    end_us: int | None = None,
    minutes: int | None = 60,
    rounds: int | None = None,
    timezone: str = "UTC",
    threshold_centi: int = 200,
) -> Intervals:
    chosen = []
    for some in parts:
        first = 0 if start_us is None else int(np.searchsorted(some.times_us, start_us))
        last = len(some.times_us) if end_us is None else int(np.searchsorted(some.times_us, end_us))
        chosen.append(Rounds(some.bookmaker, some.times_us, some.crash_centi, first, last))
    count = sum(some.count for some in chosen)
    sample = Sample(scope=Scope(), span=Span(), rounds=count, start_us=start_us, end_us=end_us)
    question = IntervalsQuestion(
        minutes=minutes, rounds=rounds, timezone=timezone, threshold_centi=threshold_centi
    )
    return intervals(chosen, sample, question, now_us)
