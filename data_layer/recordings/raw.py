"""What every kind of recording is to the code that understands it: named columns and raw rows, in batches."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import msgspec

from data_layer.errors import SourceError

MAX_RAW = 4_096  # characters of an input that are kept in quarantine
SAMPLE_ROWS = 400  # from which columns and order are guessed

Row = Sequence[object]


class Unreadable(msgspec.Struct, frozen=True, gc=False):
    """Stands in a batch for an input that is not even a row."""

    reason: str
    raw: str  # cut to `MAX_RAW` characters


class RawBatch:
    """Some rows in the order of reading, and what number each has in the file, as an editor counts.

    Made of rows, or of the columns of as many cells each where a file gives those at once; the other form is
    made when somebody wants it. `columns` is None for rows of different lengths.
    """

    __slots__ = ("_columns", "_rows", "numbers")

    def __init__(
        self,
        numbers: Sequence[int],
        *,
        rows: Sequence[Row | Unreadable] | None = None,
        columns: Sequence[Row] | None = None,
    ) -> None:
        self.numbers = numbers
        self._rows = rows
        self._columns = columns

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def rows(self) -> Sequence[Row | Unreadable]:
        """The rows one by one."""
        if self._rows is None:
            assert self._columns is not None
            self._rows = list(zip(*self._columns, strict=True))
        return self._rows

    @property
    def columns(self) -> Sequence[Row] | None:
        """The cells by column."""
        if self._columns is None and self._rows is not None:
            if Unreadable in set(map(type, self._rows)):
                return None
            try:
                self._columns = list(zip(*cast("Sequence[Row]", self._rows), strict=True))
            except ValueError:
                return None
        return self._columns

    def part(self, chosen: slice) -> "RawBatch":
        """Return a part of the batch, or all of it turned round."""
        return RawBatch(
            self.numbers[chosen],
            rows=None if self._rows is None else self._rows[chosen],
            columns=None if self._columns is None else [column[chosen] for column in self._columns],
        )


class RawFile(ABC):
    """An open recording.

    `columns`: names, or None where the file has none. `textual`: all cells are text. `place_word`: what the
    numbers of a batch count ("line", "row", "item").
    """

    kind: str
    columns: tuple[str, ...] | None
    width: int  # cells a row
    textual = False
    place_word = "row"

    @abstractmethod
    def sample(self) -> list[Row]:
        """Return the first rows of the file, at most `SAMPLE_ROWS`, without those that are unreadable."""

    @abstractmethod
    def batches(self, backwards: bool) -> Iterator[RawBatch]:
        """Yield all rows, a thousand or so at a time, from the first to the last or the other way round."""

    def close(self) -> None:
        """Release the file. Safe to call twice."""
        return


def unusable(path: Path, error: OSError) -> SourceError:
    """Return the one line that says why a file cannot be read."""
    return SourceError(f"{path}: {error.strerror or error}")


def shown(raw: object) -> str:
    """Return an input as text for quarantine."""
    text = raw if isinstance(raw, str) else _as_text(raw)
    return text if len(text) <= MAX_RAW else text[:MAX_RAW]


def _as_text(raw: object) -> str:
    if isinstance(raw, list | tuple):
        return ", ".join("" if cell is None else str(cell)[:MAX_RAW] for cell in raw[:64])
    return repr(raw)[:MAX_RAW]
