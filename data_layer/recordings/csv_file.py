"""Recordings as comma (or semicolon, tab, bar) separated text, with or without a header."""

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median_low

from data_layer.errors import SourceError
from data_layer.recordings.raw import SAMPLE_ROWS, RawBatch, RawFile, Row, Unreadable, shown
from data_layer.recordings.text_blocks import Block, TextBlocks

_DELIMITERS = ";\t|,"  # the comma last: it may be a decimal one
_MOST_LINES = 100  # of a quoted cell; one that goes on longer was opened by mistake
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
        head: list[Row] = []
        self._head_line = 0
        for block in self._blocks.forwards():
            if block.oversized:
                continue
            text = _decode(block)
            if not self._head_line:
                self._head_line = block.first_line
                self._delimiter = _delimiter(text)
            rows = (row for row in self._parse(text) if isinstance(row, list) and row)
            head += islice(rows, SAMPLE_ROWS + 1)
            if len(head) > SAMPLE_ROWS:
                break
        if not self._head_line:
            raise SourceError(f"{path}: no line of it is short enough for a row: this is no recording")
        if not head:
            raise SourceError(f"{path}: no rows in it")
        first = [str(cell).strip() for cell in head[0]]
        has_header = not any(map(_VALUE.fullmatch, first))
        self.columns = tuple(first) if has_header else None
        self._sample = head[1 : SAMPLE_ROWS + 1] if has_header else head[:SAMPLE_ROWS]
        if not self._sample:
            raise SourceError(f"{path}: a header and no rows")
        self.width = len(self.columns) if self.columns else _usual_width(self._sample)

    def sample(self) -> list[Row]:
        """Return the first rows after the header."""
        return self._sample

    def batches(self, backwards: bool) -> Iterator[RawBatch]:
        """Yield the rows of one block of the file after another; blank lines are no rows."""
        blocks = self._blocks.backwards() if backwards else self._blocks.forwards()
        for block in blocks:
            batch = self._batch(block)
            if self.columns is not None and block.first_line == self._head_line:
                batch = batch.part(slice(1, None))
            if backwards:
                batch = batch.part(slice(None, None, -1))
            if len(batch):
                yield batch

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()

    def _batch(self, block: Block) -> RawBatch:
        """Return the rows of a block, of plain text by splitting it, at half the cost of the parser."""
        text = _decode(block)
        if block.oversized:
            return RawBatch([block.first_line], rows=[Unreadable("row is oversized", shown(text))])
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
        """Yield the rows, also empty ones, each with the number of its first line counted from 0.

        A quote that nothing closes spoils its own line and none of those it would swallow.
        """
        lines = list(io.StringIO(text, newline=""))
        begin = 0
        reader, first = csv.reader(lines, delimiter=self._delimiter), 0
        while True:
            row: list[str] | Unreadable
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = "row is oversized" if "field larger" in str(error) else "row is no CSV"
                row = Unreadable(reason, shown(lines[begin]))
            end = first + reader.line_num
            if self._is_open(row, lines, begin, end):
                row = Unreadable("a quote in it is not closed", shown(lines[begin]))
                end = begin + 1
                following = map(lines.__getitem__, range(end, len(lines)))
                reader, first = csv.reader(following, delimiter=self._delimiter), end
            yield row, begin
            begin = end

    def _is_open(self, row: list[str] | Unreadable, lines: Sequence[str], begin: int, end: int) -> bool:
        """Tell whether a row took in lines because of a quote that opens no cell of it."""
        failed = isinstance(row, Unreadable)
        if end - begin > (1 if failed else _MOST_LINES):
            return True
        if failed or end < len(lines):
            return False
        try:  # does it take in whatever follows?
            return len(list(csv.reader([*lines[begin:], "follows"], delimiter=self._delimiter))) == 1
        except csv.Error:
            return True


def _decode(block: Block) -> str:
    return block.data.decode("utf-8", "backslashreplace")


def _delimiter(text: str) -> str:
    """Return the separator that cuts both the first line and most of the first lines into the most cells."""
    lines = [line for line in text.split("\n", 20)[:20] if line.strip()]

    def cuts(delimiter: str) -> int:
        counts = [line.count(delimiter) for line in lines]
        return min(counts[0], median_low(counts)) if counts else 0

    return max(_DELIMITERS, key=cuts)


def _usual_width(rows: Sequence[Row]) -> int:
    widths = [len(row) for row in rows]
    return max(set(widths), key=widths.count)
