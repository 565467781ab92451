"""Finds out what the columns of a recording mean, by their names and by what stands in them."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC
from itertools import pairwise
from statistics import median

from data_layer.errors import BadRowError
from data_layer.recordings import values
from data_layer.recordings.mapping import TARGETS, Column, ColumnMapping, Unit, column_labels
from data_layer.recordings.raw import Row

# Share of the sampled cells that must fit, as recordings have faults: by content alone, and with a name.
_ENOUGH = 0.8
_ENOUGH_WITH_NAME = 0.5
_EPOCH_DIGITS = (10, 13, 16)  # of seconds, milliseconds and microseconds
_FIRST_EPOCH_US = 1_262_304_000_000_000  # 2010: so early a number is taken for a time

# Names met in recordings beside those of `TARGETS`, the surest first. Names that sometimes mean something
# else ("profit", "bets") are left out: a column that is not understood is better ignored.
_SYNONYMS: dict[str, str] = {
    "round_id": "roundid game_id gameid id round game round_number game_number round_no number",
    "crash_point": "crashpoint crash multiplier crash_multiplier bust bust_point bustpoint busted_at burst "
    "coefficient coef final_multiplier max_multiplier koeficijent kvota odds value result point x",
    "started_at": "start_time started start begin_time take_off",
    "crashed_at": "timestamp crash_time ended_at end_time finished_at time datetime date_time created_at "
    "date vreme",
    "players_total": "players player_count players_count total_players",
    "stake": "wagered total_wagered total_stake stake_total",
    "payout": "total_payout payout_total",
    "hash": "game_hash round_hash",
    "seed": "server_seed",
}

Cells = Sequence[object]


def guess_mapping(columns: Sequence[str] | None, width: int, rows: Sequence[Row]) -> ColumnMapping | None:
    """Return what the columns most likely are, None where none looks like a crash point."""
    labels = column_labels(columns, width)
    cells = [[row[index] for row in rows if index < len(row)] for index in range(width)]
    if columns is None:
        bustabit = _bustabit(labels, cells)
        if bustabit is not None:
            return bustabit
    fields = _by_name(columns, labels, cells) if columns is not None else {}
    _by_content(fields, labels, cells)
    if "crash_point" not in fields:
        return None
    order = dict.fromkeys(field for field, _ in TARGETS.values())
    return ColumnMapping(fields={field: fields[field] for field in order if field in fields}, guessed=True)


def _by_name(columns: Sequence[str], labels: Sequence[str], cells: Sequence[Cells]) -> dict[str, Column]:
    names = [re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_") for name in columns]
    known: list[tuple[str, str, Unit]] = [(name, field, unit) for name, (field, unit) in TARGETS.items()]
    known += [(name, field, "") for field, spelled in _SYNONYMS.items() for name in spelled.split()]
    fields: dict[str, Column] = {}
    taken: set[int] = set()
    for name, field, unit in known:
        if field in fields or name not in names:
            continue
        index = names.index(name)
        if index not in taken and _fits_name(field, unit, cells[index]):
            fields[field] = Column(index, labels[index], unit)
            taken.add(index)
    if "payout" in fields or "stake" not in fields:
        fields.pop("net_profit", None)
    return fields


def _by_content(fields: dict[str, Column], labels: Sequence[str], cells: Sequence[Cells]) -> None:
    """Fill in crash point, id, time and hash from what the columns that are left look like."""
    searched: tuple[tuple[str, Callable[[Cells], bool]], ...] = (
        ("crash_point", _looks_like_crash_points),
        ("crashed_at", _looks_like_times),
        ("round_id", _looks_like_ids),
        ("hash", _looks_like_hashes),
    )
    for field, looks in searched:
        taken = {column.index for column in fields.values()}
        found = [index for index in range(len(cells)) if index not in taken and looks(cells[index])]
        if field not in fields and found:
            fields[field] = Column(found[0], labels[found[0]])


def _bustabit(labels: Sequence[str], cells: Sequence[Cells]) -> ColumnMapping | None:
    """Recognise what Bustabit's history is exported as: id, crash point, wagered and the players' net profit.

    Amounts are bits; a bit has a hundred satoshi, which are our minor units.
    """
    if len(cells) != 4 or not _looks_like_ids(cells[0]) or not _looks_like_crash_points(cells[1]):
        return None
    try:
        stakes = [int(str(cell)) for cell in cells[2]]
        profits = [int(str(cell)) for cell in cells[3]]
    except ValueError:
        return None
    if len(stakes) != len(profits) or len(stakes) < 5:
        return None
    adds_up = all(stake >= 0 and profit >= -stake for stake, profit in zip(stakes, profits, strict=True))
    if not adds_up or not min(profits) < 0:
        return None
    names = ("round_id", "crash_point", "stake", "net_profit")
    fields = {name: Column(index, labels[index]) for index, name in enumerate(names)}
    remarks = ("payout = stake + net_profit",)
    return ColumnMapping(fields=fields, currency="BITS", guessed=True, remarks=remarks)


def _share(cells: Cells, parse: Callable[[object], object]) -> float:
    """Return the share of the cells that `parse` takes."""
    taken = 0
    for cell in cells:
        try:
            taken += parse(cell) is not None
        except BadRowError:
            continue
    return taken / len(cells) if cells else 0.0


def _number(cell: object) -> object:
    return values.number(cell, "")


def _text(cell: object) -> object:
    return values.text(cell, "")


_time = values.time_parser(UTC, None)

_PARSERS: dict[str, Callable[[object], object]] = {
    "round_id": _text,
    "crash_point": values.crash_centi,
    "started_at": _time,
    "crashed_at": _time,
    "currency": _text,
    "hash": _text,
    "seed": _text,
}  # the others are numbers


def _fits_name(field: str, unit: Unit, cells: Cells) -> bool:
    """Tell whether cells can be what the name of their column says. Empty cells speak against nothing."""
    if field == "crash_point" and len(cells) >= 5 and not unit and _looks_like_ids(cells):
        return False
    parse = values.crash_in_hundredths if unit == "hundredths" else _PARSERS.get(field, _number)
    filled = [cell for cell in cells if cell not in (None, "")]
    return _share(filled, parse) >= _ENOUGH_WITH_NAME


def _looks_like_crash_points(cells: Cells) -> bool:
    """Multipliers: half of them below 4x or so, not in rising or falling order, some with decimals."""
    if _share(cells, values.crash_centi) < _ENOUGH or _looks_like_ids(cells):
        return False
    points = []
    for cell in cells:
        try:
            points.append(values.crash_centi(cell))
        except BadRowError:
            continue
    return 105 <= median(points) <= 400 and (len(points) < 5 or any(point % 100 for point in points))


def _looks_like_ids(cells: Cells) -> bool:
    """Whole numbers, each once, nearly always rising or nearly always falling."""
    numbers = []
    for cell in cells:
        text = str(cell).strip()
        if text.isascii() and text.isdigit():
            numbers.append(int(text))
    if len(numbers) < _ENOUGH * len(cells) or len(set(numbers)) < len(numbers):
        return False
    steps = [b - a for a, b in pairwise(numbers)]
    rising = sum(step > 0 for step in steps)
    return max(rising, len(steps) - rising) >= 0.9 * len(steps)


def _looks_like_times(cells: Cells) -> bool:
    if all(isinstance(cell, int | float) or str(cell).strip().isdigit() for cell in cells):
        return _looks_like_epoch_times(cells)
    return _share(cells, _time) >= _ENOUGH


def _looks_like_epoch_times(cells: Cells) -> bool:
    """Numbers of the right length, some seconds apart: ids of that length would follow each other closely."""
    try:
        moments = [_time(cell) for cell in cells]
    except BadRowError:
        return False
    if {len(str(cell).split(".")[0]) for cell in cells} - set(_EPOCH_DIGITS) or min(
        moments
    ) < _FIRST_EPOCH_US:
        return False
    steps = [abs(b - a) for a, b in pairwise(moments)]
    return not steps or 3_000_000 <= median(steps) <= 3_600_000_000


def _looks_like_hashes(cells: Cells) -> bool:
    return all(re.fullmatch(r"[0-9a-fA-F]{64}", str(cell)) for cell in cells)
