"""A table as values: columns, rows of cells, order, and the text that a copy puts on the clipboard.

A `Cell` carries what is shown and, apart from it, what it sorts by, so that "9.9 %" comes before "10.2 %".
A column with a `spare` rank gives way when the table is too narrow, the highest rank first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gui.view_models.condition import Light
from gui.view_models.tones import Tone

_WORST_FIRST = (Light.BAD, Light.WARN, Light.BUSY, Light.PAUSED, Light.OFF, Light.LIVE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One value of a table."""

    text: str = ""
    sort: float | str | None = None  # None sorts after everything, whatever the direction
    tone: Tone = Tone.TEXT
    tip: str = ""
    light: Light | None = None
    tag: str = ""  # a small outlined word behind the text: "simulated"
    swatch: tuple[int, int, int] | None = None  # red, green, blue, 0 to 255 each
    bar: float | None = None  # a bar before the text, filled from 0 to 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column: its heading and how its cells stand."""

    key: str
    title: str
    tip: str = ""
    numeric: bool = False  # right-aligned, in tabular figures
    stretch: bool = False  # takes the room that is left over
    spare: int = 0  # 0: always shown; else hidden when room is short, the highest first


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row; `key` stays the same from refresh to refresh, so that a selection can follow it."""

    key: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a table is sorted by."""

    column: int
    descending: bool = False


def text_cell(
    text: str, *, tone: Tone = Tone.TEXT, tip: str = "", light: Light | None = None, tag: str = ""
) -> Cell:
    """Return a cell of words, sorted without regard to capitals and "Admiral 2" before "Admiral 10"."""
    sort = _DIGITS.sub(lambda digits: digits[0].zfill(10), text.casefold())
    return Cell(text=text, sort=sort or None, tone=tone, tip=tip, light=light, tag=tag)


def state_cell(text: str, light: Light, *, tone: Tone = Tone.TEXT, tip: str = "") -> Cell:
    """Return a cell of a state: sorted by how much it needs the operator, then by its words."""
    return Cell(text=text, sort=f"{_WORST_FIRST.index(light)} {text}", tone=tone, tip=tip, light=light)


def number_cell(
    text: str, value: float | None, *, tone: Tone = Tone.TEXT, tip: str = "", bar: float | None = None
) -> Cell:
    """Return a cell of a number: shown as `text`, sorted by `value`, muted where there is no value."""
    return Cell(text=text, sort=value, tone=Tone.MUTED if value is None else tone, tip=tip, bar=bar)


def ordered(rows: Sequence[Row], order: Order | None) -> list[Row]:
    """Return `rows` sorted; equal ones keep the order they came in, cells without a value come last."""
    if order is None:
        return list(rows)
    column = order.column
    valued = [row for row in rows if row.cells[column].sort is not None]
    without = [row for row in rows if row.cells[column].sort is None]
    valued.sort(key=_sort_key(column), reverse=order.descending)
    return valued + without


def _sort_key(column: int) -> Callable[[Row], tuple[bool, float, str]]:
    def key(row: Row) -> tuple[bool, float, str]:
        value = row.cells[column].sort
        if isinstance(value, str):
            return (True, 0.0, value)
        return (False, value or 0.0, "")

    return key


def as_tsv(columns: Sequence[Column], rows: Sequence[Row], *, headings: bool = True) -> str:
    """Return the rows as a spreadsheet takes them: tab-separated lines, no tab or line end inside a cell."""
    lines = ["\t".join(_plain(column.title) for column in columns)] if headings else []
    lines.extend("\t".join(_plain(_whole_text(cell)) for cell in row.cells) for row in rows)
    return "\n".join(lines)


def _whole_text(cell: Cell) -> str:
    return f"{cell.text} ({cell.tag})" if cell.tag else cell.text


def _plain(text: str) -> str:
    return " ".join(text.split())
