"""One cell of a recording becomes one value of ours, or a `BadRowError` with the reason.

Reasons are fixed texts without the offending value: equal faults are counted by equal text.
"""

import contextlib
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from config.time_zones import zone_or_offset
from data_layer.database.schema import MAX_CRASH_CENTI
from data_layer.errors import BadRowError, SourceError
from data_layer.recordings.raw import MAX_RAW

MAX_TEXT = 200  # characters of a round id, hash or seed
MAX_CURRENCY = 16
_MAX_NUMBER_TEXT = 40
_MAX_MINOR = 2**53
_MAX_NUMBER = 10**18
# Of a hundredth: far above the noise of binary floats, far below any real digit.
_GRID_TOLERANCE = 1e-3

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# Thousands apart, and decimals, without which a separator may be either.
_GROUPED = re.compile(
    r"[+-]?\d{1,3}((,\d{3})+\.|(\.\d{3})+,|(['\u2019 \u00a0\u202f]\d{3})+[.,])\d+", re.ASCII
)
_GROUPED_OR_NOT = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_LINE_SEPARATORS = {"\u2028": "U+2028", "\u2029": "U+2029", "\n": "a line break", "\r": "a line break"}

# Beside ISO 8601.
_LAYOUTS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y%m%dT%H%M%S%z")

_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=UTC)
_SECOND_US = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_ISO_LENGTH = len("2025-08-31 21:47:51")
_FIRST_TIME_US = 946_684_800 * _SECOND_US  # 2000-01-01: no crash game is older
_LAST_TIME_US = 4_102_444_800 * _SECOND_US  # 2100-01-01


def number(cell: object, what: str) -> float | int:
    """Return a number within 10**18 of 0; text may use a decimal comma. `what` names the field in reasons."""
    if cell is None or cell == "":
        raise BadRowError(f"{what} is missing")
    value = _number_in_text(cell, what) if isinstance(cell, str) else _plain_number(cell, what)
    if not -_MAX_NUMBER <= value <= _MAX_NUMBER:
        raise BadRowError(f"{what} is too large")
    return value


def _unambiguous(cell: object, what: str) -> float | int:
    """Return a number, but none with a comma before three digits: they may be thousands or decimals."""
    if isinstance(cell, str) and "," in cell and _GROUPED_OR_NOT.fullmatch(cell.strip()):
        raise BadRowError(f"{what} has a comma before either thousands or three decimals")
    return number(cell, what)


def _plain_number(cell: object, what: str) -> float | int:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise BadRowError(f"{what} is no number")
    if isinstance(cell, float) and not math.isfinite(cell):
        raise BadRowError(f"{what} is not finite")
    return cell


def _number_in_text(cell: str, what: str) -> float | int:
    if len(cell) > MAX_RAW:
        raise BadRowError(f"{what} is oversized")
    text = cell.strip()
    if not text:
        raise BadRowError(f"{what} is missing")
    if len(text) <= _MAX_NUMBER_TEXT and _NUMBER.fullmatch(text):
        if text.isdecimal():
            return int(text)
        value = float(text.replace(",", "."))
        if math.isfinite(value):
            return value
        raise BadRowError(f"{what} is not finite")
    if len(text) <= _MAX_NUMBER_TEXT and _GROUPED.fullmatch(text):
        whole, decimals = re.split(r"[.,](?=\d+$)", text)
        return float(f"{re.sub(r'[^-+0-9]', '', whole)}.{decimals}")
    if _NOT_FINITE.fullmatch(text):
        raise BadRowError(f"{what} is not finite")
    for character, name in _LINE_SEPARATORS.items():
        parts = text.split(character)
        if len(parts) > 1 and all(_NUMBER.fullmatch(part.strip()) for part in parts):
            raise BadRowError(f"{what} is {_counted(len(parts))} numbers joined by {name}")
    raise BadRowError(f"{what} is no number")


def _counted(count: int) -> str:
    return "two" if count == 2 else "several"


def crash_centi(cell: object) -> int:
    """Return a crash point in hundredths from a decimal multiplier, which may end with an x."""
    if isinstance(cell, str) and cell[-1:] in ("x", "X", "\u00d7"):
        cell = cell[:-1]
    value = _unambiguous(cell, "crash point")
    hundredths = value * 100
    if value < 1:
        # 0.999999999 is 1.00 with the noise of binary floats.
        if abs(hundredths - 100) <= _GRID_TOLERANCE:
            return 100
        raise BadRowError("crash point is negative" if value < 0 else "crash point is below 1.00")
    if hundredths > MAX_CRASH_CENTI:
        raise BadRowError("crash point is too large")
    centi = round(hundredths)
    if abs(hundredths - centi) > _GRID_TOLERANCE:
        raise BadRowError("crash point is off the 0.01 grid")
    return centi


def crash_in_hundredths(cell: object) -> int:
    """Return a crash point in hundredths from whole hundredths."""
    value = _unambiguous(cell, "crash point")
    if value != int(value):
        raise BadRowError("crash point is off the 0.01 grid")
    if value < 100:
        raise BadRowError("crash point is negative" if value < 0 else "crash point is below 1.00")
    if value > MAX_CRASH_CENTI:
        raise BadRowError("crash point is too large")
    return int(value)


def whole_numbers(cells: Sequence[Any]) -> Sequence[Any]:
    """Return the cells if `int` reads each as people do, all text or all integers. Raises ValueError."""
    kinds = set(map(type, cells))
    if kinds == {int}:
        return cells
    if kinds == {str} and "_" not in (joined := "".join(cells)) and joined.isascii():
        return cells
    raise ValueError("not all of them are plain whole numbers")


def count(cell: object, what: str) -> int | None:
    """Return a whole number of at least 0; None for an empty cell."""
    if cell is None or cell == "":
        return None
    value = _unambiguous(cell, what)
    if value < 0 or value != int(value):
        raise BadRowError(f"{what} is no count")
    return _within(int(value), what)


def minor_units(cell: object, what: str) -> int | None:
    """Return an amount of whole units, with or without decimals, in hundredths; None for an empty cell."""
    if cell is None or cell == "":
        return None
    return _within(round(_unambiguous(cell, what) * 100), what)


def whole_minor_units(cell: object, what: str) -> int | None:
    """Return an amount that is in minor units already; None for an empty cell."""
    if cell is None or cell == "":
        return None
    return _within(round(_unambiguous(cell, what)), what)


def _within(value: int, what: str) -> int:
    if abs(value) > _MAX_MINOR:
        raise BadRowError(f"{what} is too large")
    return value


def text(cell: object, what: str, longest: int = MAX_TEXT) -> str | None:
    """Return trimmed, printable text of at most `longest` characters; None for an empty cell."""
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        raise BadRowError(f"{what} is no text")
    result = str(cell).strip()
    if len(result) > longest:
        raise BadRowError(f"{what} is longer than {longest} characters")
    if not result.isprintable():
        raise BadRowError(f"{what} has unprintable characters")
    return result or None


def zone_named(name: str) -> tzinfo:
    """Return the time zone of an IANA name, "UTC" or an offset like "+02:00". Raises `SourceError`."""
    zone = zone_or_offset(name)
    if zone is None:
        raise SourceError(f"no time zone {name!r}; give a name like Europe/Belgrade or an offset like +02:00")
    return zone


def time_parser(zone: tzinfo, unit_us: int | None) -> Callable[[object], int]:
    """Return what turns a cell into UTC microseconds.

    Texts are ISO 8601 or 31.08.2025 21:47:51; one without a zone is in `zone`. Numbers are epoch times in
    units of `unit_us` microseconds, or, where that is None, of what their size tells.
    """

    def parse(cell: object) -> int:
        if cell is None or cell == "":
            raise BadRowError("time is missing")
        moment = _calendar_time(cell, zone) if isinstance(cell, str) else None
        if moment is None:
            value = number(cell, "time")
            moment = round(value * (unit_us or _unit_us(value)))
        if not _FIRST_TIME_US <= moment < _LAST_TIME_US:
            raise BadRowError("time is before 2000 or after 2100")
        return moment

    return parse


def times_parser(
    parse: Callable[[object], int], zone: tzinfo, unit_us: int | None
) -> Callable[[Sequence[Any]], list[int]]:
    """Return what turns a column into UTC microseconds as `parse` does, at a third of its cost.

    Calendar times without a zone in a recording that is in UTC, and whole numbers of a known unit, are
    converted by the column; anything else goes through `parse` cell by cell.
    """

    def at_once(cells: Sequence[Any]) -> list[int]:
        if unit_us is not None:
            return [number * unit_us for number in map(int, whole_numbers(cells))]
        if zone is not UTC or min(map(len, cells)) < _ISO_LENGTH:
            raise ValueError  # Python reads short digits without separators as dates, too
        from_iso = datetime.fromisoformat
        # A time with a zone minus one without is a TypeError.
        return [(from_iso(cell) - _EPOCH) // _MICROSECOND for cell in cells]

    def many(cells: Sequence[Any]) -> list[int]:
        with contextlib.suppress(ValueError, TypeError):
            moments = at_once(cells)
            if min(moments) >= _FIRST_TIME_US and max(moments) < _LAST_TIME_US:
                return moments
        return [parse(cell) for cell in cells]

    return many


def _unit_us(value: float) -> int:
    """Return what an epoch time of this size counts: up to 2100 the three ranges do not touch."""
    if value < 1e10:
        return _SECOND_US
    return 1000 if value < 1e13 else 1


def _calendar_time(cell: str, zone: tzinfo) -> int | None:
    """Return a calendar time as UTC microseconds, None for a number. Raises `BadRowError` for neither."""
    try:
        # Python reads some epoch times as dates without separators, so those are not tried at all.
        moment = datetime.fromisoformat(cell) if cell[4:5] == "-" else _spelled_time(cell)
    except ValueError:
        moment = _spelled_time(cell)
    if moment is None:
        return None
    try:
        if moment.tzinfo is not None:
            since = moment - _EPOCH_UTC
        elif zone is UTC:
            since = moment - _EPOCH
        else:
            since = moment.replace(tzinfo=zone) - _EPOCH_UTC
    except OverflowError:
        raise BadRowError("time is before 2000 or after 2100") from None
    return (since.days * 86_400 + since.seconds) * _SECOND_US + since.microseconds


def _spelled_time(cell: str) -> datetime | None:
    """Return a time in one of the rarer spellings, None for a number."""
    shown = cell.strip()
    if _NUMBER.fullmatch(shown) or _NOT_FINITE.fullmatch(shown):
        return None
    if shown.endswith(" UTC"):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(shown[:-4] + "+00:00")
    for layout in _LAYOUTS:
        with contextlib.suppress(ValueError):
            return datetime.strptime(shown, layout)
    raise BadRowError("time is no time")
