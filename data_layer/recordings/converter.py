"""Turns batches of raw rows into columns of our values, a column at a time.

Converting a whole column with one call of C costs a tenth of a loop over its cells. A batch in which any cell
is faulty is converted again row by row, so that each fault finds its row; recordings have few such batches.
"""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from operator import add, gt
from typing import Any

from data_layer.errors import BadRowError
from data_layer.recordings import values
from data_layer.recordings.columns import BadRow, Columns
from data_layer.recordings.mapping import Column, ColumnMapping, Unit
from data_layer.recordings.raw import RawBatch, Row, Unreadable, shown

_MAX_CACHE = 200_000  # distinct crash points

# What a file holds is not ours to type.
Cells = Sequence[Any]
Many = Callable[[Cells], list[Any]]
One = Callable[[Any], Any]

_LAST_TIME = 2**63
_TIME_UNITS_US: dict[Unit, int | None] = {"": None, "s": 1_000_000, "ms": 1_000, "us": 1}


class _Cache(dict[Any, Any]):
    """Remembers what equal cells become; a cell that raises is not remembered."""

    def __init__(self, one: One) -> None:
        super().__init__()
        self._one = one

    def __missing__(self, cell: Any) -> Any:
        value = self._one(cell)
        if len(self) >= _MAX_CACHE:
            self.clear()
        self[cell] = value
        return value


class _Field:
    """How the cells of one field are converted: one, or a column of them."""

    def __init__(self, column: Column, one: One, many: Many | None = None) -> None:
        self.index = column.index
        self.one = one
        self.many = many or (lambda cells: [one(cell) for cell in cells])


class Converter:
    """Converts the rows of one recording by its mapping.

    Times without a zone are in `zone`; rounds without an id are called `id_prefix` and their position.
    """

    id_prefix = ""

    def __init__(self, mapping: ColumnMapping, *, textual: bool, width: int, zone: tzinfo) -> None:
        self._textual = textual
        self._width = width
        self._zone = zone
        self._currency = mapping.currency
        self._fields = {name: self._field(name, column) for name, column in mapping.fields.items()}

    def convert(self, batch: RawBatch, first_position: int) -> tuple[Columns, list[BadRow]]:
        """Return the good rows by column and the bad ones; `first_position` is that of the first row."""
        try:
            columns = batch.columns
            if columns is None:
                raise BadRowError("a row is unreadable or of another width")
            if self._textual and len(columns) != self._width:
                raise BadRowError("row has another number of cells")
            converted = {name: field.many(columns[field.index]) for name, field in self._fields.items()}
            positions = range(first_position, first_position + len(batch))
            return self._columns(positions, converted), []
        except (BadRowError, TypeError, ValueError, IndexError, OverflowError):
            return self._row_by_row(batch, first_position)

    def time_of(self, column: Column, cell: object) -> int:
        """Return the cell of a time column as UTC microseconds. Raises `BadRowError`."""
        return values.time_parser(self._zone, _TIME_UNITS_US[column.unit])(cell)

    def _row_by_row(self, batch: RawBatch, first_position: int) -> tuple[Columns, list[BadRow]]:
        positions: list[int] = []
        converted: dict[str, list[Any]] = {name: [] for name in self._fields}
        bad = []
        for position, row, number in zip(
            range(first_position, first_position + len(batch)), batch.rows, batch.numbers, strict=True
        ):
            try:
                values_of_row = self._row(row)
            except BadRowError as error:
                raw = (
                    row.raw
                    if isinstance(row, Unreadable)
                    else shown(row if self._textual else row[: self._width])
                )
                bad.append(BadRow(position, number, str(error), raw))
                continue
            positions.append(position)
            for name, value in values_of_row.items():
                converted[name].append(value)
        return self._columns(positions, converted), bad

    def _row(self, row: Row | Unreadable) -> dict[str, Any]:
        if isinstance(row, Unreadable):
            raise BadRowError(row.reason)
        if self._textual and len(row) != self._width:
            raise BadRowError(f"row has {'fewer' if len(row) < self._width else 'more'} cells than columns")
        converted = {}
        for name, field in self._fields.items():
            if field.index >= len(row):
                raise BadRowError("row has fewer cells than columns")
            converted[name] = field.one(row[field.index])
        if "net_profit" in converted:
            _payouts([converted["stake"]], [converted["net_profit"]])
        if "started_at" in converted and converted.get("crashed_at", _LAST_TIME) < converted["started_at"]:
            raise BadRowError("crash is before the take-off")
        return converted

    def _columns(self, positions: Sequence[int], converted: dict[str, list[Any]]) -> Columns:
        found: dict[str, Any] = dict(converted)
        for name, target in _TARGETS.items():
            if name in found:
                found[target] = found.pop(name)
        if "net_profit" in found:
            found["payout_minor"] = _payouts(converted["stake"], converted["net_profit"])
            del found["net_profit"]
        if self._currency is not None and ("stake" in converted or "payout" in converted):
            found["currency"] = [self._currency] * len(positions)
        if "round_id" not in found:
            found["round_id"] = [f"{self.id_prefix}-{position}" for position in positions]
        _complete_times(found)
        return Columns(positions=positions, **found)

    def _field(self, name: str, column: Column) -> _Field:
        unit = column.unit
        if name == "crash_point":
            one = values.crash_in_hundredths if unit == "hundredths" else values.crash_centi
            return _Field(column, one, self._crash_points(one))
        if name == "round_id":
            return _Field(column, _round_id, self._round_ids)
        if name in ("started_at", "crashed_at"):
            parse = values.time_parser(self._zone, _TIME_UNITS_US[unit])
            return _Field(column, parse, values.times_parser(parse, self._zone, _TIME_UNITS_US[unit]))
        if name == "duration":
            return _Field(column, lambda cell: _duration_ms(cell, 1000 if unit == "s" else 1))
        if name in ("stake", "payout", "net_profit"):
            return self._money(column, name)
        if name in ("players_total", "players_cashed_out"):
            what = name.replace("_", " ")
            return _Field(column, lambda cell: values.count(cell, what))
        longest = values.MAX_CURRENCY if name == "currency" else values.MAX_TEXT
        return _Field(column, lambda cell: values.text(cell, name, longest))

    def _crash_points(self, one: One) -> Many:
        cache = _Cache(one)
        look_up = cache.__getitem__

        def many(cells: Cells) -> list[Any]:
            # True is 1 to a dictionary.
            if not self._textual and bool in set(map(type, cells)):
                raise BadRowError("crash point is no number")
            return list(map(look_up, cells))

        return many

    def _round_ids(self, cells: Cells) -> list[Any]:
        if self._textual:
            texts: list[str] = list(cells)
        elif set(map(type, cells)) == {int}:
            texts = list(map(str, cells))
        else:
            return [_round_id(cell) for cell in cells]
        joined = "".join(texts)
        if (
            "" in texts
            or " " in joined
            or not joined.isprintable()
            or len(max(texts, key=len)) > values.MAX_TEXT
        ):
            return [_round_id(cell) for cell in cells]
        return texts

    def _money(self, column: Column, name: str) -> _Field:
        what = name.replace("_", " ")
        to_minor = values.whole_minor_units if column.unit == "minor" else values.minor_units
        factor = 1 if column.unit == "minor" else 100
        negative_allowed = name == "net_profit"

        def one(cell: Any) -> Any:
            amount = to_minor(cell, what)
            if amount is not None and amount < 0 and not negative_allowed:
                raise BadRowError(f"{what} is negative")
            return amount

        def many(cells: Cells) -> list[Any]:
            try:
                amounts = [number * factor for number in map(int, values.whole_numbers(cells))]
            except ValueError:
                return [one(cell) for cell in cells]
            largest = max(amounts)
            if largest > 2**53 or min(amounts) < (-(2**53) if negative_allowed else 0):
                raise BadRowError(f"{what} is out of range")
            return amounts

        return _Field(column, one, many)


_TARGETS = {
    "crash_point": "crash_centi",
    "started_at": "started_at_us",
    "crashed_at": "crashed_at_us",
    "duration": "duration_ms",
    "stake": "stake_minor",
    "payout": "payout_minor",
}


def _round_id(cell: object) -> str:
    text = values.text(cell, "round id")
    if text is None:
        raise BadRowError("round id is missing")
    return text


def _duration_ms(cell: object, factor: int) -> int | None:
    if cell is None or cell == "":
        return None
    duration = round(values.number(cell, "duration") * factor)
    if not 0 <= duration < 2**40:
        raise BadRowError("duration is out of range")
    return duration


def _complete_times(found: dict[str, Any]) -> None:
    """Derive what the recorded times tell of each other. A take-off alone counts as the round's moment."""
    started, crashed = found.get("started_at_us"), found.get("crashed_at_us")
    durations = found.get("duration_ms")
    if started is not None and crashed is not None:
        if any(map(gt, started, crashed)):
            raise BadRowError("crash is before the take-off")
        if durations is None:
            found["duration_ms"] = [(b - a) // 1000 for a, b in zip(started, crashed, strict=True)]
    elif crashed is not None and durations is not None:
        found["started_at_us"] = _moved(crashed, durations, -1000)
    elif started is not None:
        if durations is None:
            found["crashed_at_us"] = found.pop("started_at_us")
        else:
            found["crashed_at_us"] = _moved(started, [duration or 0 for duration in durations], 1000)


def _moved(moments: Cells, durations_ms: Cells, factor: int) -> list[int | None]:
    return [
        None if duration is None else moment + duration * factor
        for moment, duration in zip(moments, durations_ms, strict=True)
    ]


def _payouts(stakes: Cells, profits: Cells) -> list[int | None]:
    """Return stake plus net profit, row by row; None where either is unknown."""
    payouts: list[Any]
    try:
        known = payouts = list(map(add, stakes, profits))
    except TypeError:
        payouts = [
            None if stake is None or profit is None else stake + profit
            for stake, profit in zip(stakes, profits, strict=True)
        ]
        known = [payout for payout in payouts if payout is not None]
    if min(known, default=0) < 0:
        raise BadRowError("net profit is a loss of more than the stake")
    return payouts
