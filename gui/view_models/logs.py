"""Log lines as the log pane keeps and filters them. Nothing here depends on how many lines come a second."""

import logging
import unicodedata
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from data_layer.messages import LogLine
from gui.view_models import words
from gui.view_models.tones import Tone

KEPT_LINES = 20_000
OWN_PROCESS = "main"  # the one the window runs in

LEVELS = (
    (logging.DEBUG, "everything"),
    (logging.INFO, "from info"),
    (logging.WARNING, "from warning"),
    (logging.ERROR, "errors only"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogFilter:
    """Which lines are shown. Text is looked for without regard to capitals; an empty process means all."""

    level: int = logging.INFO
    text: str = ""
    process: str = ""

    def matches(self, line: LogLine) -> bool:
        """Tell whether `line` is shown."""
        if line.level < self.level or (self.process and line.process != self.process):
            return False
        if not self.text:
            return True
        wanted = self.text.casefold()
        return wanted in line.text.casefold() or wanted in line.process.casefold() or wanted in line.logger


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the next lines will do: forget so many of the oldest, show so many less, then add these."""

    forgotten: int
    removed: int
    lines: Sequence[LogLine]
    shown: Sequence[LogLine]


class LogBook:
    """The newest lines, and among them those that the filter shows.

    Lines come in three steps, because a model has to announce what it takes off and what it adds:
    `arrival`, then `retire`, then `admit`.
    """

    def __init__(self, kept: int = KEPT_LINES) -> None:
        self._kept = kept
        self._lines: deque[LogLine] = deque()
        self._shown: list[LogLine] = []
        self._processes: dict[str, None] = {}
        self.filter = LogFilter()

    @property
    def shown(self) -> Sequence[LogLine]:
        """Lines that the filter shows, oldest first."""
        return self._shown

    @property
    def count(self) -> int:
        """Number of lines kept, shown or not."""
        return len(self._lines)

    @property
    def processes(self) -> tuple[str, ...]:
        """Processes that have written a line, in the order of their first one."""
        return tuple(self._processes)

    def arrival(self, lines: Sequence[LogLine]) -> Arrival:
        """Return what taking in `lines` means; nothing changes yet."""
        lines = lines[-self._kept :]
        forgotten = max(0, len(self._lines) + len(lines) - self._kept)
        removed = sum(map(self.filter.matches, islice(self._lines, forgotten)))
        return Arrival(forgotten, removed, lines, [line for line in lines if self.filter.matches(line)])

    def retire(self, arrival: Arrival) -> None:
        """Forget the oldest lines to make room."""
        for _ in range(arrival.forgotten):
            self._lines.popleft()
        del self._shown[: arrival.removed]

    def admit(self, arrival: Arrival) -> None:
        """Take in the new lines."""
        self._lines.extend(arrival.lines)
        self._shown.extend(arrival.shown)
        for line in arrival.lines:
            if line.process not in self._processes:
                self._processes[line.process] = None

    def refilter(self, chosen: LogFilter) -> None:
        """Show, of the lines kept, those that `chosen` matches."""
        self.filter = chosen
        self._shown = [line for line in self._lines if chosen.matches(line)]

    def clear(self) -> None:
        """Forget every line."""
        self._lines.clear()
        self._shown = []


def level_tone(level: int) -> Tone:
    """Return the colour of a line: errors and warnings stand out, the rest is quiet."""
    if level >= logging.ERROR:
        return Tone.BAD
    if level >= logging.WARNING:
        return Tone.WARN
    return Tone.MUTED


def level_word(level: int) -> str:
    """Return what stands beside a line that is out of the ordinary; nothing beside an ordinary one."""
    if level >= logging.ERROR:
        return "error"
    if level >= logging.WARNING:
        return "warning"
    return "debug" if level < logging.INFO else ""


def first_line(line: LogLine) -> str:
    """Return the text as one line: of several only the first, and how many follow."""
    head, _, rest = line.text.partition("\n")
    if not rest:
        return head
    more = rest.count("\n") + 1
    return f"{head}  (and {more} more {'line' if more == 1 else 'lines'})"


def brief_text(line: LogLine) -> str:
    """Return a line for a narrow place: who said what, without naming the program itself."""
    return first_line(line) if line.process == OWN_PROCESS else f"{line.process} {first_line(line)}"


def most_rows(level: int) -> int:
    """Return on how many rows a line may stand in a narrow place: what is in order says less."""
    return 4 if level >= logging.WARNING else 2


def cells(text: str) -> int:
    """Return how many letters of a fixed pitch are as wide as `text`; Chinese ones count twice."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(letter) for letter in text)


def _cells_of(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, room: int) -> str:
    """Return `text` cut, with an ellipsis, to `room` cells."""
    if cells(text) <= room:
        return text
    return text[: _fitting(text, room - 1)].rstrip() + "\N{HORIZONTAL ELLIPSIS}" if room > 0 else ""


def _fitting(text: str, room: int) -> int:
    """Return how many letters of `text` fit into `room` cells."""
    if text.isascii():
        return max(room, 0)
    for index, letter in enumerate(text):
        room -= _cells_of(letter)
        if room < 0:
            return index
    return len(text)


def wrapped(text: str, room: int, most: int) -> list[str]:
    """Return `text` on at most `most` rows of `room` cells, broken at spaces where there are some."""
    rows: list[str] = []
    while len(rows) < most - 1 and cells(text) > room > 0:
        end = _fitting(text, room)
        space = text.rfind(" ", 1, end + 1)
        end = space if space > end // 2 else max(end, 1)
        rows.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*rows, cut(text, room)]


def as_text(lines: Iterable[LogLine]) -> str:
    """Return lines as a copy puts them on the clipboard: whole, with date, level and process."""
    return "\n".join(
        f"{words.date_text(line.at_us)} {words.clock_text(line.at_us)}  "
        f"{logging.getLevelName(line.level):<8} {line.process}  {line.text}"
        for line in lines
    )


def summary(book: LogBook) -> str:
    """Return how much is shown: "312 of 20,000 lines"."""
    shown, count = len(book.shown), book.count
    if shown == count:
        return f"{count:,} {'line' if count == 1 else 'lines'}"
    return f"{shown:,} of {count:,} lines"


def why_empty(book: LogBook) -> str:
    """Return why no line is shown; empty where some are."""
    if book.shown:
        return ""
    if not book.count:
        return "Nothing has been logged yet."
    return f"No line of the newest {book.count:,} passes these filters."
