"""The questions of the page: what each asks, and how its answer becomes what the panels show.

Answers are made ready on the thread that computed them, so nothing here may touch a widget.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data_layer.analytics.questions import (
    Answer,
    Distribution,
    Drift,
    Integrity,
    Intervals,
    Question,
    Streaks,
)
from gui.view_models.analytics import change, distribution, drift, integrity, intervals, streaks
from gui.view_models.analytics.choices import Choices


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One question; `make(answer, choices, now_us)` returns one view for each of `panels`."""

    name: str
    panels: tuple[str, ...]
    question: Callable[[Choices], Question]
    make: Callable[[Answer, Choices, int], tuple[Any, ...]]


def _distribution(answer: Answer, choices: Choices, now_us: int) -> tuple[Any, ...]:
    assert isinstance(answer, Distribution)
    threshold = choices.threshold_centi
    return distribution.view(answer, threshold), change.view(answer, threshold)


def _streaks(answer: Answer, choices: Choices, now_us: int) -> tuple[Any, ...]:
    assert isinstance(answer, Streaks)
    return (streaks.view(answer, choices.timezone, now_us),)


def _intervals(answer: Answer, choices: Choices, now_us: int) -> tuple[Any, ...]:
    assert isinstance(answer, Intervals)
    return (intervals.view(answer, now_us),)


def _drift(answer: Answer, choices: Choices, now_us: int) -> tuple[Any, ...]:
    assert isinstance(answer, Drift)
    return (drift.view(answer),)


def _integrity(answer: Answer, choices: Choices, now_us: int) -> tuple[Any, ...]:
    assert isinstance(answer, Integrity)
    return (integrity.view(answer, choices.timezone, now_us),)


SECTIONS = (
    Section(
        name="distribution",
        panels=("distribution", "change"),
        question=Choices.distribution,
        make=_distribution,
    ),
    Section(name="streaks", panels=("streaks",), question=Choices.streaks, make=_streaks),
    Section(name="intervals", panels=("intervals",), question=Choices.intervals, make=_intervals),
    Section(name="drift", panels=("drift",), question=Choices.drift, make=_drift),
    Section(name="integrity", panels=("integrity",), question=Choices.integrity, make=_integrity),
)
