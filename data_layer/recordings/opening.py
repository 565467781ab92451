"""Opens a recording by what it holds, whatever its name ends with."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

import apsw

from data_layer.errors import SourceError
from data_layer.recordings.csv_file import CsvFile
from data_layer.recordings.guessing import guess_mapping
from data_layer.recordings.json_files import JsonFile, JsonLinesFile, parse_json
from data_layer.recordings.mapping import ColumnMapping, column_labels, given_mapping
from data_layer.recordings.raw import RawFile, unusable
from data_layer.recordings.sqlite_file import SqliteTable, open_database, table_names

_SNIFFED_BYTES = 8 * 1024
_SQLITE_MAGIC = b"SQLite format 3\0"


def open_recording(
    path: Path, given: Mapping[str, str] | None, table: str | None
) -> tuple[RawFile, ColumnMapping]:
    """Return the open file and what its columns mean: as `given`, else guessed.

    `table` chooses one of an SQLite database. Raises `SourceError` with one line for what cannot be used.
    """
    head = _head(path)
    if head.startswith(_SQLITE_MAGIC):
        return _open_database(path, given, table)
    if table is not None:
        raise SourceError(f"{path}: a table is only chosen in an SQLite database, and this is none")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{path}: text in UTF-16; save it as UTF-8")
    if b"\0" in head:
        raise SourceError(f"{path}: a binary file; recordings are CSV, JSON, JSON lines or SQLite")
    file = _open_text(path, head)
    try:
        return file, _understand(path, file, given)
    except SourceError:
        file.close()
        raise


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise SourceError(f"{path}: a directory, not a recording")
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED_BYTES)
    except OSError as error:
        raise unusable(path, error) from error
    if not head.strip():
        raise SourceError(f"{path}: empty")
    return head


def _open_text(path: Path, head: bytes) -> RawFile:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] not in (b"{", b"["):
        return CsvFile(path)
    lines = [line for line in text.split(b"\n") if line.strip()]
    if len(head) == _SNIFFED_BYTES:
        lines.pop()  # cut, most likely
    elif len(lines) == 1:
        return _open_one_line(path, text)
    # Values by themselves, as the lines of a document are not. One that is none may be a row's fault.
    values = list(map(_is_json, lines))
    if any(values[:1]) or (len(values) > 1 and sum(values) * 2 >= len(values)):
        return JsonLinesFile(path)
    return JsonFile(path) if len(values) > 1 else _open_long_lines(path)


def _open_one_line(path: Path, line: bytes) -> RawFile:
    """Open what has one line: a list of rounds, an object that holds one, or one round."""
    try:
        value = parse_json(line)
    except ValueError:
        return JsonFile(path)
    holds_a_list = isinstance(value, dict) and any(isinstance(inner, list) for inner in value.values())
    return JsonFile(path) if isinstance(value, list) or holds_a_list else JsonLinesFile(path)


def _open_long_lines(path: Path) -> RawFile:
    """Open what has lines so long that its beginning does not tell: a document if it is one."""
    try:
        return JsonFile(path)
    except SourceError as error:
        with contextlib.suppress(SourceError):
            return JsonLinesFile(path)
        raise error


def _is_json(line: bytes) -> bool:
    try:
        parse_json(line)
    except ValueError:
        return False
    return True


def _understand(path: Path, file: RawFile, given: Mapping[str, str] | None) -> ColumnMapping:
    if given:
        return given_mapping(given, file.columns, file.width)
    guessed = guess_mapping(file.columns, file.width, file.sample())
    if guessed is None:
        listed = ", ".join(column_labels(file.columns, file.width)[:20])
        raise SourceError(f"{path}: nothing looks like crash points in {listed}; give a mapping")
    return guessed


def _open_database(
    path: Path, given: Mapping[str, str] | None, table: str | None
) -> tuple[RawFile, ColumnMapping]:
    connection = open_database(path)
    try:
        return _choose_table(path, connection, given, table)
    except SourceError:
        connection.close()
        raise


def _choose_table(
    path: Path, connection: apsw.Connection, given: Mapping[str, str] | None, table: str | None
) -> tuple[RawFile, ColumnMapping]:
    """Return the named table, or the one of which the most is understood."""
    names = table_names(connection)
    if table is not None:
        if table not in names:
            raise SourceError(f"{path}: no table {table!r}; there are {', '.join(names) or 'none'}")
        names = [table]
    candidates: list[tuple[int, SqliteTable, ColumnMapping]] = []
    trouble = SourceError(f"{path}: no table in it")
    for name in names:
        try:
            file = SqliteTable(path, connection, name)
            mapping = _understand(path, file, given)
        except SourceError as error:
            trouble = error
            continue
        candidates.append((len(mapping.fields), file, mapping))
    if not candidates:
        raise trouble
    _, file, mapping = max(candidates, key=lambda candidate: candidate[0])
    return file, mapping
