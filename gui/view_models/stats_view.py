"""What every stats widget shows: totals, a table with one row per bookmaker, and how old it all is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from data_layer.engine import BoardSnapshot
from gui.dependencies import CollectorStats
from gui.view_models import words
from gui.view_models.figure import Figure
from gui.view_models.tables import Cell, Column, Row
from gui.view_models.tones import Tone

REFRESH_US = 30_000_000  # the reader computes its results again after this time, even without an event
OLD_AFTER_US = 3 * REFRESH_US  # one missed refresh is chance, two are a fault


@dataclass(frozen=True, kw_only=True, slots=True)
class StatsView:
    """A stats widget as values."""

    title: str
    span: str = ""  # the window of the numbers in the table: "24 h"
    tag: str = ""  # "paper", "simulated"
    note: str = ""  # at the right of the title: how old the figures are, or what hinders them
    note_tone: Tone = Tone.MUTED
    figures: tuple[Figure, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    hint: str = ""  # a sentence above the table: why there are only zeros
    empty: str = ""  # stands in place of the rows when there are none


def freshness(stats: CollectorStats | None, now_us: int, trouble: str) -> tuple[str, Tone]:
    """Return what to say about the age of `stats`, and in which tone: quiet while they are fresh."""
    if stats is None:
        return (trouble, Tone.BAD) if trouble else ("reading the database", Tone.MUTED)
    age_us = now_us - stats.computed_at_us
    if age_us > OLD_AFTER_US:
        text = f"figures are {words.age_text(age_us)} old"
        return (f"{text}: {trouble}" if trouble else text), Tone.WARN
    if trouble:
        return f"{trouble}; figures of {words.clock_text(stats.computed_at_us)}", Tone.WARN
    return f"updated {words.clock_text(stats.computed_at_us)}", Tone.MUTED


def unread(trouble: str) -> str:
    """Return what stands in place of rows while nothing has been read yet."""
    return "The statistics cannot be read yet." if trouble else "Reading the statistics."


def is_old(stats: CollectorStats | None, now_us: int) -> bool:
    """Tell whether figures must no longer look like current ones."""
    return stats is not None and now_us - stats.computed_at_us > OLD_AFTER_US


def faded(view: StatsView) -> StatsView:
    """Return `view` with its numbers drawn back, so that nothing old passes for current."""
    figures = tuple(replace(figure, tone=Tone.FAINT) for figure in view.figures)
    rows = tuple(replace(row, cells=tuple(_faded(cell) for cell in row.cells)) for row in view.rows)
    return replace(view, figures=figures, rows=rows)


def _faded(cell: Cell) -> Cell:
    return replace(cell, tone=Tone.MUTED) if cell.tone is Tone.TEXT else cell


def configured(snapshot: BoardSnapshot) -> list[str]:
    """Return the names of the configured bookmakers in their order."""
    return [worker.status.bookmaker for worker in snapshot.workers]


def in_order(names: Sequence[str], found: Sequence[str]) -> list[str]:
    """Return configured names first, in their order, then those only the database knows."""
    known = set(names)
    return [*names, *(name for name in dict.fromkeys(found) if name not in known)]


def newest_cell_text(at_us: int | None, now_us: int) -> str:
    """Return how long ago the newest entry was made: "12 s ago"."""
    return words.NOTHING if at_us is None else f"{words.age_text(now_us - at_us)} ago"
