"""Rounds made for the tests of the analytics."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.questions import Sample, Scope, Span
from data_layer.analytics.rounds import UNTIMED, Rounds

SAMPLE = Sample(scope=Scope(), span=Span(name="all"), rounds=0)


def fair_crashes(count: int, rtp: float = 0.99, seed: int = 1) -> NDArray[np.int64]:
    """Return independent crash points of a game that pays back `rtp`, in hundredths."""
    uniform = 1 - np.random.default_rng(seed).random(count)
    return np.maximum(100, np.floor(100 * rtp / uniform)).astype(np.int64)


def rounds_of(
    crashes: Sequence[int] | NDArray[np.int64],
    bookmaker: str = "A",
    times_us: Sequence[int] | NDArray[np.int64] | None = None,
    start: int = 0,
) -> Rounds:
    """Return a bookmaker's rounds, all asked about from `start` on."""
    count = len(crashes)
    times = np.full(count, UNTIMED) if times_us is None else times_us
    return Rounds(
        bookmaker, np.asarray(times, dtype=np.int64), np.asarray(crashes, dtype=np.int64), start, count
    )
