"""Recordings as comma (or semicolon, tab, bar) separated text, with or without a header."""

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from data_layer.errors import SourceError
from data_layer.recordings.raw import SAMPLE_ROWS, RawBatch, RawFile, Row, Unreadable, shown
from data_layer.recordings.text_blocks import Block, TextBlocks

_DELIMITERS = ";\t|,"  # the comma last: it may be a decimal one
_VALUE = re.compile(r"[-+.,:/ \dTZx]*\d[-+.,:/ \dTZxeE]*|[0-9a-fA-F]{64}|(?i:nan|[+-]?inf(inity)?)")


class CsvFile(RawFile):
    """A text file of one row a line. Cells are text; undecodable bytes show as \\xNN."""

    kind = "CSV"
    textual = True
    place_word = "line"

    def __init__(self, path: Path) -> None:
        with contextlib.ExitStack() as on_failure:
            self._blocks = TextBlocks(path, quoted=True)
            on_failure.callback(self._blocks.close)
            self._look_at_head(path)
            on_failure.pop_all()

    def _look_at_head(self, path: Path) -> None:
        """Find out about delimiter, header and width."""
        first = next(self._blocks.forwards(), None)
        text = "" if first is None else _decode(first)
        self._delimiter = _delimiter(text)
        head = [row for row in islice(self._parse(text), SAMPLE_ROWS + 1) if isinstance(row, list) and row]
        if not head:
            raise SourceError(f"{path}: no rows in it")
        has_header = not any(_VALUE.fullmatch(cell.strip()) for cell in head[0])
        self.columns = tuple(cell.strip() for cell in head[0]) if has_header else None
        self._sample: list[Row] = [*head[1:]] if has_header else [*head[:SAMPLE_ROWS]]
        if not self._sample:
            raise SourceError(f"{path}: a header and no rows")
        self.width = len(self.columns) if self.columns else _usual_width(self._sample)

    def sample(self) -> list[Row]:
        """Return the first rows after the header."""
        return self._sample

    def batches(self, backwards: bool) -> Iterator[RawBatch]:
        """Yield the rows of one block of the file after another; blank lines are no rows."""
        header_pending = self.columns is not None and not backwards
        blocks = self._blocks.backwards() if backwards else self._blocks.forwards()
        for block in blocks:
            batch = self._batch(block)
            if header_pending and len(batch):
                header_pending = False
                batch = batch.part(slice(1, None))
            if backwards:
                has_header = self.columns is not None and block.first_line == 1
                batch = batch.part(slice(None, 0 if has_header else None, -1))
            if len(batch):
                yield batch

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()

    def _batch(self, block: Block) -> RawBatch:
        """Return the rows of a block, of plain text by splitting it, at half the cost of the parser."""
        text = _decode(block)
        plain = text.replace("\r\n", "\n").removesuffix("\n") + "\n"
        blank_lines = "\n\n" in plain or plain.startswith("\n")
        if '"' not in plain and "\r" not in plain and not blank_lines:
            lines, width, delimiter = plain.count("\n"), self.width, self._delimiter
            # Each line end stands as a cell of its own after the cells of its row, if all rows are that wide.
            cells = plain.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
            cells.pop()
            if len(cells) == lines * (width + 1) and cells[width :: width + 1].count("\n") == lines:
                numbers = range(block.first_line, block.first_line + lines)
                return RawBatch(numbers, columns=[cells[column :: width + 1] for column in range(width)])
        return self._careful_batch(text, block.first_line)

    def _careful_batch(self, text: str, first_line: int) -> RawBatch:
        """Parse row by row: with quotes or blank lines a row is no line; faulty rows have another width."""
        rows = []
        numbers = []
        for row, line in self._numbered(text):
            if isinstance(row, Unreadable) or row:
                rows.append(row)
                numbers.append(first_line + line)
        return RawBatch(numbers, rows=rows)

    def _parse(self, text: str) -> Iterator[list[str] | Unreadable]:
        for row, _ in self._numbered(text):
            yield row

    def _numbered(self, text: str) -> Iterator[tuple[list[str] | Unreadable, int]]:
        """Yield the rows, also empty ones, each with the number of its first line counted from 0."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        while True:
            line = reader.line_num
            try:
                yield next(reader), line
            except StopIteration:
                return
            except csv.Error as error:
                lines = text.split("\n", line + 1)
                raw = lines[line] if line < len(lines) else ""
                reason = "row is oversized" if "field larger" in str(error) else "row is no CSV"
                yield Unreadable(reason, shown(raw)), line


def _decode(block: Block) -> str:
    return block.data.decode("utf-8", "backslashreplace")


def _delimiter(text: str) -> str:
    """Return the separator that cuts each of the first lines into the most cells."""
    lines = [line for line in text.split("\n", 20)[:20] if line.strip()]
    return max(_DELIMITERS, key=lambda delimiter: min((line.count(delimiter) for line in lines), default=0))


def _usual_width(rows: Sequence[Row]) -> int:
    widths = [len(row) for row in rows]
    return max(set(widths), key=widths.count)
