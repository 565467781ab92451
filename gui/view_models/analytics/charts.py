"""Charts as values: bars and the cells of a heat map. What is painted, and what is said of each part."""

import math
from dataclasses import dataclass

from gui.view_models.tones import Tone


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar. `value` None: there is nothing to show, which is not the same as 0."""

    label: str  # below it, where there is room
    value: float | None
    reading: str  # what is said when it is pointed at
    mark: float | None = None  # a tick at the value that was to be expected
    low: float | None = None  # a whisker from here
    high: float | None = None  # to here: how far the value can be told
    weight: float = 0.0  # a small bar below the axis: how many rounds it speaks of
    running: bool = False  # not over yet: outlined
    small: bool = False  # too few rounds to tell anything: drawn back


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """A row of bars over one axis."""

    bars: tuple[Bar, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()  # of the value axis, rising
    top: float = 1.0  # where the value axis ends
    line: float | None = None  # a level to hold the bars against
    line_words: str = ""
    tone: Tone = Tone.ACCENT
    weighed: bool = False  # the bars have weights
    newest_last: bool = False  # where not all fit, the last ones are shown first


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One field of a heat map. `level` from 0 to 1; None: nothing to show."""

    level: float | None
    reading: str
    marked: bool = False  # outlined: it differs from the rest by more than chance would at one look
    small: bool = False  # too few rounds to tell anything: drawn back


@dataclass(frozen=True, kw_only=True, slots=True)
class Heat:
    """A heat map: rows of cells, and its legend."""

    rows: tuple[tuple[Cell, ...], ...] = ()
    row_labels: tuple[str, ...] = ()
    column_labels: tuple[str, ...] = ()
    low: str = ""  # what the palest colour stands for
    high: str = ""
    marked: str = ""  # what an outline stands for
    small: str = ""


_LOG_BASE = 0.4  # decades below 1, so that a count of 1 can be seen


def log_height(count: float) -> float | None:
    """Return where a count stands on a logarithmic axis that begins below 1; None for what is under it."""
    height = math.log10(count) + _LOG_BASE if count > 0 else 0.0
    return height if height > 0 else None


def log_ticks(highest: float) -> tuple[tuple[float, str], ...]:
    """Return the powers of ten up to at least `highest`, as `log_height` places them."""
    powers = range(max(1, math.ceil(math.log10(max(highest, 1.0)))) + 1)
    return tuple((power + _LOG_BASE, f"{10**power:,}") for power in powers)


def nice_ticks(highest: float, *, percent: bool = False) -> tuple[tuple[float, str], ...]:
    """Return three to six round values from 0 up to at most `highest`, with their words."""
    if highest <= 0:
        highest = 1.0 if not percent else 0.1
    step = _nice_step(highest / 4)
    count = int(highest / step + 1e-9)
    values = [step * number for number in range(count + 1)]
    return tuple((value, _tick_words(value, step, percent=percent)) for value in values)


def _nice_step(rough: float) -> float:
    scale = 1.0
    while scale * 10 <= rough:
        scale *= 10
    while scale > rough:
        scale /= 10
    return next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= rough - 1e-12)


def _tick_words(value: float, step: float, *, percent: bool) -> str:
    if percent:
        digits = 0 if step >= 0.01 - 1e-12 else 1
        return f"{100 * value:.{digits}f} %"
    return f"{value:,.0f}" if step >= 1 else f"{value:g}"
