"""A text file cut at line ends into blocks that can be read from either end without holding the file."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from data_layer.errors import SourceError
from data_layer.recordings.raw import unusable

BLOCK_BYTES = 256 * 1024
MAX_LINE_BYTES = 4 * 1024 * 1024
_KEPT_BYTES = 16 * 1024  # of a longer line: more than quarantine keeps, in any encoding
_BOM = b"\xef\xbb\xbf"


class Block(msgspec.Struct, frozen=True, gc=False):
    """Whole lines of the file, or the beginning of one that is too long to be a row."""

    first_line: int  # counted from 1
    data: bytes
    oversized: bool = False


class _Span(msgspec.Struct, frozen=True, gc=False):
    """Where a block stands in the file."""

    offset: int
    length: int
    first_line: int
    oversized: bool


class TextBlocks:
    """The blocks of one file.

    A line of more than `MAX_LINE_BYTES` is a block of its own, cut and marked; it is never held. With
    `quoted`, a block does not end inside double quotes, so that a quoted cell may hold line breaks. Raises
    `SourceError` for a file that cannot be read, also in the middle.
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
            yield Block(span.first_line, data, span.oversized)

    def backwards(self) -> Iterator[Block]:
        """Yield the blocks from the end. The file is read twice; only where blocks begin is remembered."""
        spans = [span for span, _ in self._walk()]
        for span in reversed(spans):
            try:
                self._file.seek(span.offset)
                data = self._file.read(span.length)
            except OSError as error:
                raise unusable(self._path, error) from error
            if len(data) < span.length:
                raise self._cut()
            yield Block(span.first_line, data, span.oversized)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _walk(self) -> Iterator[tuple[_Span, bytes]]:
        offset = 0
        line = 1
        size = os.fstat(self._file.fileno()).st_size
        while True:
            try:
                self._file.seek(offset)
                data, oversized = self._next()
                end = self._file.tell()
            except OSError as error:
                raise unusable(self._path, error) from error
            if not data:
                if offset < size:
                    raise self._cut()
                return
            skipped = len(_BOM) if offset == 0 and data.startswith(_BOM) else 0
            yield _Span(offset + skipped, len(data) - skipped, line, oversized), data[skipped:]
            offset = end
            line += 1 if oversized else data.count(b"\n")

    def _next(self) -> tuple[bytes, bool]:
        """Read a block and whether it is an oversized line; the file stands behind it then."""
        begin = self._file.tell()
        data = self._file.read(BLOCK_BYTES)
        if len(data) == BLOCK_BYTES and not data.endswith(b"\n"):
            whole = data.rfind(b"\n") + 1
            if whole:
                data = data[:whole]
                self._file.seek(begin + whole)
            else:
                rest = self._file.readline(MAX_LINE_BYTES)
                if _is_cut(rest):
                    self._skip_line()
                    return data[:_KEPT_BYTES], True
                data += rest
        if self._quoted and data.count(b'"') % 2:
            data += self._up_to_closing_quote()
            self._file.seek(begin + len(data))
        return data, False

    def _up_to_closing_quote(self) -> bytes:
        """Return the lines to the one that closes an open quote; none where nothing does within reach.

        Such a quote is a row's own fault.
        """
        lines = []
        length = 0
        while length < MAX_LINE_BYTES:
            line = self._file.readline(MAX_LINE_BYTES)
            if not line or _is_cut(line):
                break
            lines.append(line)
            length += len(line)
            if line.count(b'"') % 2:
                return b"".join(lines)
        return b""

    def _cut(self) -> SourceError:
        return SourceError(f"{self._path}: it became shorter while it was read")

    def _skip_line(self) -> None:
        while _is_cut(self._file.readline(MAX_LINE_BYTES)):
            pass


def _is_cut(line: bytes) -> bool:
    return len(line) == MAX_LINE_BYTES and not line.endswith(b"\n")
