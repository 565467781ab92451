"""Recordings as JSON (a list of rounds, or an object that holds one) and as JSON lines."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from data_layer.errors import SourceError
from data_layer.recordings.raw import (
    MAX_RAW,
    SAMPLE_ROWS,
    RawBatch,
    RawFile,
    Row,
    Unreadable,
    shown,
    unusable,
)
from data_layer.recordings.text_blocks import Block, TextBlocks

_BATCH_ROWS = 5_000
_MAX_DOCUMENT_BYTES = 2**30

_decoder = msgspec.json.Decoder()
_NO_JSON = "item is no valid JSON"
_NO_ROW = "item is no row"
_OVERSIZED = "item is oversized"


def parse_json(data: bytes | msgspec.Raw) -> object:
    """Return a JSON value. NaN and Infinity, which JSON does not know, come back as text.

    Raises ValueError (also for a document nested too deeply).
    """
    try:
        return _decoder.decode(data)
    except msgspec.MsgspecError:
        pass
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    try:
        return json.loads(bytes(data), parse_constant=str)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


class _Cells:
    """Turns JSON values into rows with the same cells in the same order."""

    def __init__(self, values: Sequence[object]) -> None:
        objects = [value for value in values if isinstance(value, dict)]
        names = dict.fromkeys(name for value in objects for name in value)
        self.columns: tuple[str, ...] | None = tuple(names) if names else None
        widths = [len(value) if isinstance(value, list) else 1 for value in values]
        self.width = len(names) or max(widths, default=0)
        self._names = tuple(names)
        self._get: Callable[[Any], Row] | None = itemgetter(*names) if len(names) > 1 else None

    def rows(self, values: Sequence[object]) -> list[Row | Unreadable]:
        """Return a row for each value; a column that an object lacks is None."""
        if self._get is not None:
            try:
                return list(map(self._get, values))
            except (KeyError, TypeError, IndexError):
                pass
        return [self._row(value) for value in values]

    def _row(self, value: object) -> Row | Unreadable:
        if isinstance(value, Unreadable):
            return value
        if self._names:
            if not isinstance(value, dict):
                return Unreadable(_NO_ROW, shown(value))
            return tuple(map(value.get, self._names))
        if isinstance(value, list):
            return value
        return Unreadable(_NO_ROW, shown(value)) if isinstance(value, dict) else (value,)


class JsonLinesFile(RawFile):
    """One JSON value a line."""

    kind = "JSON lines"
    place_word = "line"

    def __init__(self, path: Path) -> None:
        with contextlib.ExitStack() as on_failure:
            self._blocks = TextBlocks(path, quoted=False)
            on_failure.callback(self._blocks.close)
            self._look_at_head(path)
            on_failure.pop_all()

    def _look_at_head(self, path: Path) -> None:
        values: list[object] = []
        for block in self._blocks.forwards():
            values += [value for value in self._values(block)[0] if not isinstance(value, Unreadable)]
            if len(values) >= SAMPLE_ROWS:
                break
        if not values:
            raise SourceError(f"{path}: no line of it is valid JSON")
        self._cells = _Cells(values[:SAMPLE_ROWS])
        self.columns, self.width = self._cells.columns, self._cells.width
        self._sample = self._cells.rows(values[:SAMPLE_ROWS])

    def sample(self) -> list[Row]:
        """Return the rows of the first lines."""
        return [row for row in self._sample if not isinstance(row, Unreadable)]

    def batches(self, backwards: bool) -> Iterator[RawBatch]:
        """Yield the rows of one block of the file after another; blank lines are no rows."""
        for block in self._blocks.backwards() if backwards else self._blocks.forwards():
            values, numbers = self._values(block)
            rows = self._cells.rows(values)
            if backwards:
                rows, numbers = rows[::-1], numbers[::-1]
            if rows:
                yield RawBatch(numbers, rows=rows)

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()

    def _values(self, block: Block) -> tuple[Sequence[object], Sequence[int]]:
        if block.oversized:
            return [Unreadable(_OVERSIZED, _text(block.data))], [block.first_line]
        lines = block.data.split(b"\n")
        if not lines[-1].strip():
            lines.pop()
        try:
            values = _decoder.decode_lines(block.data)
            if len(values) == len(lines):
                return values, range(block.first_line, block.first_line + len(lines))
        except (msgspec.MsgspecError, RecursionError):
            pass
        numbered = [(number, line) for number, line in enumerate(lines, block.first_line) if line.strip()]
        return [_value_of(line) for _, line in numbered], [number for number, _ in numbered]


def _value_of(line: bytes) -> object:
    try:
        return parse_json(line)
    except ValueError:
        return Unreadable(_NO_JSON, _text(line))


def _text(data: bytes) -> str:
    return shown(data[: 4 * MAX_RAW].decode("utf-8", "backslashreplace"))


class JsonFile(RawFile):
    """One JSON document. It is held in memory as text, its items are decoded batch by batch."""

    kind = "JSON"
    place_word = "item"

    def __init__(self, path: Path) -> None:
        try:
            size = path.stat().st_size
            if size > _MAX_DOCUMENT_BYTES:
                raise SourceError(
                    f"{path}: a JSON document of {size >> 20} MiB; use JSON lines for so many rounds"
                )
            data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        except OSError as error:
            raise unusable(path, error) from error
        try:
            self._items = _list_in(data)
        except ValueError as error:
            raise SourceError(f"{path}: no valid JSON: {error}") from error
        if not self._items:
            raise SourceError(f"{path}: no list of rounds in it")
        head = [_item(item) for item in self._items[:SAMPLE_ROWS]]
        self._cells = _Cells([value for value in head if not isinstance(value, Unreadable)])
        self.columns, self.width = self._cells.columns, self._cells.width
        self._sample = self._cells.rows(head)

    def sample(self) -> list[Row]:
        """Return the rows of the first items."""
        return [row for row in self._sample if not isinstance(row, Unreadable)]

    def batches(self, backwards: bool) -> Iterator[RawBatch]:
        """Yield the items of the list, numbered from 1."""
        count = len(self._items)
        order = range(count - 1, -1, -1) if backwards else range(count)
        chosen = iter(order)
        while numbers := list(islice(chosen, _BATCH_ROWS)):
            values = [_item(self._items[number]) for number in numbers]
            yield RawBatch([number + 1 for number in numbers], rows=self._cells.rows(values))


def _item(item: object) -> object:
    if not isinstance(item, msgspec.Raw):
        return item
    try:
        return _decoder.decode(item)
    except (msgspec.MsgspecError, RecursionError):
        return Unreadable(_NO_JSON, _text(bytes(item)))


def _list_in(data: bytes) -> Sequence[object]:
    """Return the list of rounds in a document, its items undecoded where the document is strictly JSON."""
    try:
        if data.lstrip()[:1] == b"[":
            return msgspec.json.decode(data, type=list[msgspec.Raw])
        members = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        lists = {name: raw for name, raw in members.items() if bytes(raw).lstrip()[:1] == b"["}
        name = _chosen(lists)
        return msgspec.json.decode(lists[name], type=list[msgspec.Raw]) if name is not None else []
    except (msgspec.MsgspecError, RecursionError):
        document = parse_json(data)
    if isinstance(document, dict):
        found = {name: value for name, value in document.items() if isinstance(value, list)}
        name = _chosen(found)
        return found[name] if name is not None else []
    return document if isinstance(document, list) else []


def _chosen(lists: Mapping[str, object]) -> str | None:
    """Return the name of the list that holds the rounds: "rounds", else the first."""
    return "rounds" if "rounds" in lists else next(iter(lists), None)
