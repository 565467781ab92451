"""A text file cut at line ends into blocks that can be read from either end without holding the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from data_layer.errors import SourceError
from data_layer.recordings.raw import unusable

BLOCK_BYTES = 256 * 1024
MAX_LINE_BYTES = 4 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class Block(msgspec.Struct, frozen=True, gc=False):
    """Whole lines of the file."""

    first_line: int  # counted from 1
    data: bytes


class _Span(msgspec.Struct, frozen=True, gc=False):
    offset: int
    length: int
    first_line: int


class TextBlocks:
    """The blocks of one file.

    With `quoted`, a block does not end inside double quotes, so that a quoted cell may hold line breaks.
    Raises `SourceError` for a file that cannot be read, also in the middle.
    """

    def __init__(self, path: Path, *, quoted: bool) -> None:
        self._path = path
        self._quoted = quoted
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise unusable(path, error) from error

    def forwards(self) -> Iterator[Block]:
        """Yield the blocks from the beginning."""
        for span, data in self._walk():
            yield Block(span.first_line, data)

    def backwards(self) -> Iterator[Block]:
        """Yield the blocks from the end. The file is read twice; only where blocks begin is remembered."""
        spans = [span for span, _ in self._walk()]
        for span in reversed(spans):
            try:
                self._file.seek(span.offset)
                data = self._file.read(span.length)
            except OSError as error:
                raise unusable(self._path, error) from error
            yield Block(span.first_line, data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _walk(self) -> Iterator[tuple[_Span, bytes]]:
        offset = 0
        line = 1
        while True:
            try:
                self._file.seek(offset)
                data = self._next(line)
            except OSError as error:
                raise unusable(self._path, error) from error
            if not data:
                return
            skipped = len(_BOM) if offset == 0 and data.startswith(_BOM) else 0
            yield _Span(offset + skipped, len(data) - skipped, line), data[skipped:]
            offset += len(data)
            line += data.count(b"\n")

    def _next(self, line: int) -> bytes:
        """Read a block's worth and on to the end of the line (and of the quotes)."""
        data = self._file.read(BLOCK_BYTES)
        if data and not data.endswith(b"\n"):
            data += self._rest_of_line(line + data.count(b"\n"))
        if self._quoted and b'"' in data:
            # An odd quote that nothing closes within reach belongs to no quoted cell: leave it to the row.
            whole = data
            while whole.count(b'"') % 2 and len(whole) < MAX_LINE_BYTES:
                more = self._rest_of_line(line + whole.count(b"\n"))
                if not more:
                    break
                whole += more
            if whole.count(b'"') % 2 == 0:
                data = whole
        return data

    def _rest_of_line(self, line: int) -> bytes:
        rest = self._file.readline(MAX_LINE_BYTES)
        if len(rest) == MAX_LINE_BYTES and not rest.endswith(b"\n"):
            limit = MAX_LINE_BYTES // 2**20
            raise SourceError(f"{self._path}: line {line} is longer than {limit} MiB: this is no recording")
        return rest
