"""Text for a terminal: tables without borders, lights with their words, multipliers in the game's colours."""

import json
import sys
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from gui.view_models.condition import Light
from gui.view_models.tones import Tone, multiplier_tone
from gui.view_models.words import multiplier_text

_LIGHTS = {
    Light.LIVE: ("\N{BLACK CIRCLE}", "#3fb68b"),
    Light.BUSY: ("\N{WHITE CIRCLE}", "#5b9dff"),
    Light.WARN: ("\N{BLACK UP-POINTING TRIANGLE}", "#e3a008"),
    Light.BAD: ("\N{BLACK SQUARE}", "#f0565b"),
    Light.PAUSED: ("=", "#8b95a3"),
    Light.OFF: ("-", "#8b95a3"),
}
_GAP = "  "  # between columns
_LEAST_TEXT = 8  # characters of a text column, where even the spared columns gave too little room
_UNLIMITED = 10_000  # characters of a line that goes into a file or a pipe
_SIZES = {Tone.LOW: "#58b8ff", Tone.MID: "#a98bff", Tone.HIGH: "#ff6ac1"}


class _Output(Console):
    """A console that leaves a reader who has had enough (`| head`) to whoever ends the command."""

    def on_broken_pipe(self) -> None:
        """Let the `BrokenPipeError` go on; the library would end the process as if it had failed."""
        raise  # it is called while that is handled


def console() -> Console:
    """Return standard output as it is now: colours only on a terminal, lines of any length elsewhere."""
    width = None if sys.stdout.isatty() else _UNLIMITED
    return _Output(file=sys.stdout, width=width, highlight=False, emoji=False, markup=False)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    name: str
    number: bool = False  # aligned at the right, and never cut: a cut number is a wrong one
    spare: int = 0  # where there is no room, columns go, the largest first; 0 stays


class Sheet:
    """A table without borders that leaves out whole columns where the terminal is too narrow for all."""

    def __init__(self, *columns: Column, heading: bool = True) -> None:
        self._columns = columns
        self._heading = heading
        self._rows: list[tuple[list[Text], str]] = []

    def add(self, *cells: Text | str, style: str = "") -> None:
        """Append a row with a cell for every column."""
        texts = [cell if isinstance(cell, Text) else Text(cell) for cell in cells]
        if len(texts) != len(self._columns):
            raise ValueError(f"{len(texts)} cells for {len(self._columns)} columns")
        self._rows.append((texts, style))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table with the columns that fit."""
        widths = [
            max(cell_len(self._name(column)), *(cell_len(row[index].plain) for row, _ in self._rows), 0)
            for index, column in enumerate(self._columns)
        ]
        shown = list(range(len(self._columns)))

        def excess() -> int:
            return sum(widths[index] + len(_GAP) for index in shown) - len(_GAP) - options.max_width

        while excess() > 0:
            spare = [index for index in shown if self._columns[index].spare]
            if not spare:
                break
            shown.remove(max(spare, key=lambda index: self._columns[index].spare))
        while excess() > 0:
            words = [index for index in shown if not self._columns[index].number]
            widest = max(words, key=lambda index: widths[index], default=None)
            if widest is None or widths[widest] <= _LEAST_TEXT:
                break
            widths[widest] = max(_LEAST_TEXT, widths[widest] - excess())
        yield self._table(shown, widths)

    def _table(self, shown: list[int], widths: list[int]) -> Table:
        padding = (0, len(_GAP), 0, 0)
        table = Table(
            box=None, pad_edge=False, padding=padding, header_style="dim", show_header=self._heading
        )
        for index in shown:
            column = self._columns[index]
            table.add_column(
                self._name(column),
                justify="right" if column.number else "left",
                no_wrap=True,
                overflow="ellipsis",
                width=widths[index],
            )
        for cells, style in self._rows:
            table.add_row(*(cells[index] for index in shown), style=style)
        return table

    def _name(self, column: Column) -> str:
        return column.name if self._heading else ""


def light_text(light: Light) -> Text:
    """Return a light: its shape differs too, so that it can be told without its colour."""
    shape, style = _LIGHTS[light]
    return Text(shape, style=style)


def alarm_style(light: Light) -> str:
    """Return the style of the words beside a light: quiet while all is well."""
    return _LIGHTS[light][1] if light in (Light.WARN, Light.BAD) else ""


def multiplier(centi: int | None) -> Text:
    """Return a multiplier in the colour of its size."""
    if not centi:
        return Text(multiplier_text(None), style="dim")
    return Text(multiplier_text(centi), style=_SIZES[multiplier_tone(centi)])


def safe(text: str) -> Text:
    """Return `text` with control characters made visible: names come from files and sites."""
    return Text("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))


def write_json(value: Any) -> None:
    """Write one JSON object to standard output, in ASCII so that every terminal and pipe takes it."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")
