"""The file formats of an export: each takes rows in batches and holds no more than one of them in memory."""

import csv
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec

from data_layer.errors import AviatorError

Kind = Literal["text", "time", "centi", "integer"]
Value = str | int | None
Row = Sequence[Value]
Convert = Callable[[Any], str | float]

XLSX_ROWS = 1_048_575  # a sheet holds 2**20, one of them is the heading

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ExportError(AviatorError):
    """The export cannot be made as asked. The text says what to do; no file was left or replaced."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `time` holds UTC microseconds, `centi` hundredths of a multiplier."""

    name: str
    kind: Kind


def iso(at_us: int) -> str:
    """Return UTC microseconds as ISO 8601 text of one width, which sorts as the times do."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat(timespec="microseconds")[:-6] + "Z"


class Format(ABC):
    """Writes one file."""

    @abstractmethod
    def write(self, rows: Sequence[Row]) -> None:
        """Append `rows`; each has a value, or None, for every column."""

    @abstractmethod
    def close(self) -> None:
        """Finish the file. Also called when writing failed; the file is thrown away then."""


class CsvFormat(Format):
    """Comma-separated UTF-8 text with a heading.

    Names, ids and hashes come from outside. Where such a text begins with =, +, -, @, a tab or a carriage
    return, a spreadsheet would take it for a formula and run it, so a single quote is put before it. The
    other formats carry a type with the text and leave it as it is.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._convert = [_CSV_VALUES.get(column.kind) for column in columns]
        self._writer.writerow([column.name for column in columns])

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.writerows(_converted(rows, self._convert))

    def close(self) -> None:
        self._file.close()


class JsonLinesFormat(Format):
    """One JSON object a line; what is not known is null."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = path.open("wb")
        self._names = [column.name for column in columns]
        self._convert = [_JSON_VALUES.get(column.kind) for column in columns]
        self._encoder = msgspec.json.Encoder()

    def write(self, rows: Sequence[Row]) -> None:
        names = self._names
        records = [dict(zip(names, row, strict=True)) for row in _converted(rows, self._convert)]
        self._file.write(self._encoder.encode_lines(records))

    def close(self) -> None:
        self._file.close()


class XlsxFormat(Format):
    """One sheet with a fixed heading. Texts are stored as texts, never as formulas or links."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._xlsxwriter: Any = importlib.import_module("xlsxwriter")
        self._book: Any = self._xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "tmpdir": str(path.parent), "in_memory": False}
        )
        self._sheet: Any = self._book.add_worksheet("rounds")
        heading = self._book.add_format({"bold": True})
        decimal = self._book.add_format({"num_format": "0.00"})
        self._sheet.freeze_panes(1, 0)
        self._columns: list[tuple[Kind, Any]] = []
        for at, column in enumerate(columns):
            self._sheet.set_column(at, at, 28 if column.kind == "time" else 16)
            self._sheet.write_string(0, at, column.name, heading)
            self._columns.append((column.kind, decimal if column.kind == "centi" else None))
        self._next = 1

    def write(self, rows: Sequence[Row]) -> None:
        if self._next - 1 + len(rows) > XLSX_ROWS:
            raise too_many_for_xlsx()
        for row in rows:
            for at, (value, (kind, form)) in enumerate(zip(row, self._columns, strict=True)):
                if value is not None:
                    self._write_cell(at, value, kind, form)
            self._next += 1

    def _write_cell(self, at: int, value: str | int, kind: Kind, form: Any) -> None:
        # Stored texts and integers are small enough for a cell (schema.MAX_TEXT_CHARACTERS, at most 2**53).
        if kind == "centi":
            self._sheet.write_number(self._next, at, int(value) / 100, form)
        elif kind == "integer":
            self._sheet.write_number(self._next, at, value)
        else:
            self._sheet.write_string(self._next, at, iso(int(value)) if kind == "time" else str(value))

    def close(self) -> None:
        try:
            self._book.close()
        except self._xlsxwriter.exceptions.XlsxWriterException as error:
            raise OSError(str(error)) from error


class ParquetFormat(Format):
    """Typed columns: times as UTC timestamps in microseconds, crash points as exact decimals."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._arrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
        types = {
            "text": self._arrow.string(),
            "time": self._arrow.timestamp("us", tz="UTC"),
            "centi": self._arrow.decimal128(20, 2),
            "integer": self._arrow.int64(),
        }
        self._kinds = [column.kind for column in columns]
        self._schema: Any = self._arrow.schema([(column.name, types[column.kind]) for column in columns])
        self._writer: Any = parquet.ParquetWriter(str(path), self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        arrays = [
            self._arrow.array(
                [None if value is None else Decimal(value).scaleb(-2) for value in values]
                if kind == "centi"
                else values,
                type=field.type,
            )
            for values, kind, field in zip(zip(*rows, strict=True), self._kinds, self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


def too_many_for_xlsx() -> ExportError:
    """Return the error for more rounds than one sheet can hold."""
    return ExportError(
        f"more than {XLSX_ROWS:,} rounds do not fit into one xlsx sheet; "
        "export to csv or parquet, or choose a shorter range or one bookmaker"
    )


def _converted(rows: Sequence[Row], convert: Sequence[Convert | None]) -> Iterable[Sequence[object]]:
    """Convert a batch column by column: half the time of doing it cell by cell."""
    if not rows:
        return ()
    columns: list[Sequence[object]] = [
        values if change is None else [None if value is None else change(value) for value in values]
        for values, change in zip(zip(*rows, strict=True), convert, strict=True)
    ]
    return zip(*columns, strict=True)


def _safe_text(value: Any) -> str:
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


# What is not named here is written as it is stored.
_CSV_VALUES: dict[Kind, Convert] = {
    "text": _safe_text,
    "time": iso,
    "centi": lambda centi: f"{centi // 100}.{centi % 100:02d}",
}
_JSON_VALUES: dict[Kind, Convert] = {
    "time": iso,
    "centi": lambda centi: centi / 100,
}

FORMATS: dict[str, Callable[[Path, Sequence[Column]], Format]] = {
    ".csv": CsvFormat,
    ".jsonl": JsonLinesFormat,
    ".xlsx": XlsxFormat,
    ".parquet": ParquetFormat,
}
