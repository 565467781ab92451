"""Where answers are printed, and what all of them have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from textwrap import wrap
from zoneinfo import ZoneInfo

from rich.console import Console

from gui.view_models.analytics.choices import local_words
from gui.view_models.tables import Column as ViewColumn
from gui.view_models.tables import Row as ViewRow
from gui.view_models.words import NOTHING
from terminal import texts
from terminal.texts import Column, Sheet

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_ROOM = 20  # characters of a line beside a name


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where answers are printed to, and whose clock their times are of."""

    console: Console
    timezone: str
    now_us: int

    def when(self, at_us: int | None) -> str:
        """Return a moment in the operator's zone."""
        return NOTHING if at_us is None else local_words(at_us, self.timezone, self.now_us)

    def full(self, at_us: int | None) -> str:
        """Return a moment with its date and seconds."""
        if at_us is None:
            return NOTHING
        at = _EPOCH + timedelta(microseconds=at_us)
        return f"{at.astimezone(ZoneInfo(self.timezone)):%Y-%m-%d %H:%M:%S}"

    def say(self, *sentences: str) -> None:
        """Print sentences, those that there are, dimmed."""
        for sentence in filter(None, sentences):
            self.console.print(texts.safe(sentence), style="dim")

    def show(self, sheet: Sheet) -> None:
        """Print a table below an empty line."""
        self.console.print()
        self.console.print(sheet)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Print names and what is to be said of each, in as many lines as that takes."""
        sheet = Sheet(Column("name"), Column("value"), heading=False)
        room = max(_LEAST_ROOM, self.console.width - 2 - max(len(name) for name, _ in facts))
        for name, value in facts:
            for number, line in enumerate(wrap(texts.safe(value).plain, room) or [""]):
                sheet.add("" if number else name, line)
        self.show(sheet)


def sheet_of(columns: Sequence[ViewColumn], rows: Sequence[ViewRow]) -> Sheet:
    """Return a table of the view models for a terminal."""
    sheet = Sheet(*(Column(column.title, number=column.numeric, spare=column.spare) for column in columns))
    for row in rows:
        sheet.add(*(texts.safe(cell.text) for cell in row.cells))
    return sheet


def sentence(text: str) -> str:
    """Return words as a sentence; nothing stays nothing."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".") if text else ""
