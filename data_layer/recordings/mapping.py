"""Which column of a recording means what, as the user gave it or as `guessing` found it."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from data_layer.errors import SourceError

Unit = Literal["", "hundredths", "minor", "s", "ms", "us"]

# What a user may map: the field it fills, and the unit of the column. Money without a unit is in whole units
# of its currency, with or without decimals; a time without one is a calendar time or any epoch time.
TARGETS: dict[str, tuple[str, Unit]] = {
    "round_id": ("round_id", ""),
    "crash_point": ("crash_point", ""),
    "crash_centi": ("crash_point", "hundredths"),
    "started_at": ("started_at", ""),
    "started_at_us": ("started_at", "us"),
    "crashed_at": ("crashed_at", ""),
    "crashed_at_us": ("crashed_at", "us"),
    "duration_s": ("duration", "s"),
    "duration_ms": ("duration", "ms"),
    "players_total": ("players_total", ""),
    "players_cashed_out": ("players_cashed_out", ""),
    "stake": ("stake", ""),
    "stake_minor": ("stake", "minor"),
    "payout": ("payout", ""),
    "payout_minor": ("payout", "minor"),
    "net_profit": ("net_profit", ""),
    "net_profit_minor": ("net_profit", "minor"),
    "currency": ("currency", ""),
    "hash": ("hash", ""),
    "seed": ("seed", ""),
}
FIXED = "="  # before a value that is the same for all rows: currency = "=EUR"

_UNIT_WORDS: dict[Unit, str] = {
    "": "",
    "hundredths": " in hundredths",
    "minor": " in minor units",
    "s": " in seconds",
    "ms": " in milliseconds",
    "us": " in microseconds",
}


class Column(msgspec.Struct, frozen=True):
    """One column of the file: where it is, how the user would call it, and what it counts."""

    index: int
    label: str
    unit: Unit = ""


class ColumnMapping(msgspec.Struct, frozen=True, kw_only=True):
    """The columns by field. The payout may come as `net_profit`, what the players won beyond their stake."""

    fields: dict[str, Column]
    currency: str | None = None  # of all rows
    guessed: bool = False
    remarks: tuple[str, ...] = ()

    def in_words(self, labels: Sequence[str]) -> str:
        """Return one line: each field with its column, and which of all columns (`labels`) are ignored."""
        told = [
            f"{field} = {column.label}{_UNIT_WORDS[column.unit]}" for field, column in self.fields.items()
        ]
        if self.currency:
            told.append(f"currency = {self.currency}")
        told += self.remarks
        used = {column.index for column in self.fields.values()}
        ignored = [label for index, label in enumerate(labels) if index not in used]
        if ignored:
            told.append(f"ignored: {', '.join(ignored[:12])}{', ...' if len(ignored) > 12 else ''}")
        return f"mapping {'guessed' if self.guessed else 'as given'}: {'; '.join(told)}"

    def identity(self) -> str:
        """Return text that is equal for mappings that read a file in the same way."""
        columns = sorted((field, column.index, column.unit) for field, column in self.fields.items())
        return f"{columns}{self.currency}"


def column_labels(columns: Sequence[str] | None, width: int) -> list[str]:
    """Return how the columns are called: by name, or "column 1" and so on where a file has no names."""
    if columns is None:
        return [f"column {number}" for number in range(1, width + 1)]
    return [name or f"column {number}" for number, name in enumerate(columns, 1)]


def given_mapping(given: Mapping[str, str], columns: Sequence[str] | None, width: int) -> ColumnMapping:
    """Return the user's mapping of targets to column names or 1-based column numbers.

    Raises `SourceError` for an unknown target or column, naming the nearest, and without a crash point.
    """
    labels = column_labels(columns, width)
    fields: dict[str, Column] = {}
    currency = None
    for target, chosen in given.items():
        if target not in TARGETS:
            raise SourceError(f"mapping: no field {target!r}{_nearest(target, list(TARGETS))}")
        field, unit = TARGETS[target]
        if chosen.startswith(FIXED):
            if field != "currency":
                raise SourceError(f"mapping: only the currency can be fixed, not {target}")
            currency = chosen.removeprefix(FIXED).strip() or None
            continue
        if field in fields:
            raise SourceError(f"mapping: {field} is given twice")
        index = _index_of(chosen, target, columns, labels)
        fields[field] = Column(index, labels[index], unit)
    if "crash_point" not in fields:
        raise SourceError("mapping: crash_point is missing, the one field no round can be without")
    if "payout" in fields and "net_profit" in fields:
        raise SourceError("mapping: payout and net_profit say the same; give one of them")
    if "net_profit" in fields and "stake" not in fields:
        raise SourceError("mapping: net_profit needs the stake it is added to")
    return ColumnMapping(fields=fields, currency=currency)


def _index_of(chosen: str, target: str, columns: Sequence[str] | None, labels: Sequence[str]) -> int:
    if columns is not None and chosen in columns:
        return list(columns).index(chosen)
    number = chosen.removeprefix("column ")
    if number.isascii() and number.isdigit() and 1 <= int(number) <= len(labels):
        return int(number) - 1
    raise SourceError(f"mapping: {target} = {chosen!r}: no such column{_nearest(chosen, labels)}")


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    listed = ", ".join(known[:20])
    return f"; the nearest is {near[0]!r}" if near else f"; there are {listed}"
