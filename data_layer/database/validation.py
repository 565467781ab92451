"""What a record must be to be stored, tested again at the last door before the disk.

Two ways lead to the same answer. Rounds come by the thousand and are nearly always right: `plain_rounds`
looks at the types of whole columns at the speed of C, and the constraints of the table test the ranges.
What fails either is looked at field by field, which names the fault. Equal faults give equal words, so that
they can be counted.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from data_layer.database.schema import (
    MAX_CRASH_CENTI,
    MAX_ID_CHARACTERS,
    MAX_RAW_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    MAX_TIME_US,
)
from data_layer.messages import AlertState, Bet, Crossing, Gap, Origin, Phase, RgbSample, Round, Verified

NOBODY = ""  # stands in `quarantine` for the bookmaker of an input that is nobody's
Check = Callable[[Any], str | None]  # says what is wrong with a value, None: nothing

_LARGEST = 2**53  # of a count or an amount
_LARGEST_BET = 10**12  # bets are summed up: nine million of these fit an integer
_NONE_TYPE = type(None)


def _integer(low: int, high: int, *, optional: bool = False) -> Check:
    def check(value: Any) -> str | None:
        if value is None and optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            return _not_a("whole number", value)
        if value < low:
            return f"is below {low}"
        return f"is above {high}" if value > high else None

    return check


def _text(longest: int, *, shortest: int = 0, optional: bool = False) -> Check:
    def check(value: Any) -> str | None:
        if value is None and optional:
            return None
        if not isinstance(value, str):
            return _not_a("text", value)
        if not shortest <= len(value) <= longest:
            return f"has more than {longest} characters" if value else "is empty"
        if "\0" in value:
            return "contains a NUL character"
        try:
            value.encode()
        except UnicodeEncodeError:
            return "contains half a surrogate pair"
        return None

    return check


def _level(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _not_a("number", value)
    if not math.isfinite(value):
        return "is not finite"
    return None if 0 <= value <= 255 else "is outside 0 to 255"


def _yes_no_unknown(value: Any) -> str | None:
    return None if value is None or isinstance(value, bool) else _not_a("yes, no or unknown", value)


def _yes_no(value: Any) -> str | None:
    return None if isinstance(value, bool) else _not_a("yes or no", value)


def _phase(value: Any) -> str | None:
    return None if isinstance(value, Phase) else _not_a("phase", value)


def _crossings(value: Any) -> str | None:
    if not isinstance(value, tuple | list):
        return _not_a("list", value)
    for crossing in value:
        if not isinstance(crossing, Crossing):
            return f"hold {_kind(crossing)}"
        reason = _fault(_CROSSING, (getattr(crossing, name) for name in _CROSSING))
        if reason:
            return f"hold one whose {reason}"
    return None


def _texts(value: Any) -> str | None:
    if not isinstance(value, tuple):
        return _not_a("list", value)
    return next(filter(None, map(_text(MAX_TEXT_CHARACTERS), value)), None)


_time = _integer(0, MAX_TIME_US)
_optional_time = _integer(0, MAX_TIME_US, optional=True)
_amount = _integer(0, _LARGEST)
_optional_amount = _integer(0, _LARGEST, optional=True)
_name = _text(MAX_ID_CHARACTERS, shortest=1)
_optional_text = _text(MAX_TEXT_CHARACTERS, optional=True)
_crash = _integer(100, MAX_CRASH_CENTI)

_ROUND: dict[str, Check] = {
    "bookmaker": _name,
    "round_id": _name,
    "crash_centi": _crash,
    "started_at_us": _optional_time,
    "crashed_at_us": _optional_time,
    "duration_ms": _optional_amount,
    "players_total": _optional_amount,
    "players_cashed_out": _optional_amount,
    "stake_minor": _optional_amount,
    "payout_minor": _optional_amount,
    "currency": _text(16, shortest=1, optional=True),
    "hash": _optional_text,
    "seed": _optional_text,
    "verified": _yes_no_unknown,
    "received_at_us": _time,
    "flags": _integer(0, 2**31),
    "origin": _integer(min(Origin), max(Origin)),
    "position": _amount,
    "crossings": _crossings,
}
_CROSSING: dict[str, Check] = {
    "threshold_centi": _crash,
    "actual_centi": _crash,
    "crossed_at_us": _optional_time,
    "players_left": _optional_amount,
    "stake_left_minor": _optional_amount,
}
_OTHERS: dict[type, dict[str, Check]] = {
    Bet: {
        "bookmaker": _name,
        "round_id": _name,
        "strategy": _name,
        "placed_at_us": _time,
        "stake_minor": _integer(0, _LARGEST_BET),
        "cashout_centi": _crash,
        "payout_minor": _integer(0, _LARGEST_BET),
        "bankroll_minor": _integer(-_LARGEST, _LARGEST),
        "currency": _text(16),
    },
    RgbSample: {
        "bookmaker": _name,
        "region": _name,
        "sampled_at_us": _time,
        "phase": _phase,
        "mean_r": _level,
        "mean_g": _level,
        "mean_b": _level,
        "spread_r": _level,
        "spread_g": _level,
        "spread_b": _level,
    },
    Gap: {
        "bookmaker": _name,
        "started_at_us": _time,
        "ended_at_us": _optional_time,
        "reason": _text(MAX_TEXT_CHARACTERS),
        "missing": _optional_amount,
        "position": _amount,
    },
    Verified: {
        "bookmaker": _name,
        "round_id": _name,
        "verified": _yes_no,
        "hash": _optional_text,
    },
    AlertState: {
        "bookmaker": _name,
        "uid": _name,
        "rule": _name,
        "kind": _name,
        "severity": _name,
        "title": _text(MAX_TEXT_CHARACTERS),
        "detail": _text(MAX_TEXT_CHARACTERS),
        "about": _texts,
        "consequences": _texts,
        "since_us": _time,
        "raised_at_us": _time,
        "ended_at_us": _optional_time,
        "end_reason": _text(MAX_TEXT_CHARACTERS),
        "count": _amount,
        "muted": _yes_no,
    },
}
STORED = 17  # fields of a round, from the first, that are columns of `rounds`, in their order
POSITION, CROSSINGS = 17, 18  # where the others are

_REQUIRED_TYPES: dict[int, frozenset[type]] = {
    0: frozenset({str}),
    1: frozenset({str}),
    2: frozenset({int}),
    14: frozenset({int}),
    15: frozenset({int}),
    16: frozenset({int, Origin}),
    POSITION: frozenset({int}),
    CROSSINGS: frozenset({tuple}),
}
_TEXT_COLUMNS = (10, 11, 12)
_OPTIONAL_TYPES: dict[int, frozenset[type]] = {
    **{index: frozenset({int, _NONE_TYPE}) for index in range(3, 10)},
    **{index: frozenset({str, _NONE_TYPE}) for index in _TEXT_COLUMNS},
    13: frozenset({bool, _NONE_TYPE}),
}


def plain_rounds(columns: Sequence[tuple[Any, ...]], bookmaker: str) -> bool:
    """Whether the columns of many rounds hold what the table can judge: right types, no NUL, one bookmaker.

    Ranges are left to the table's constraints. Crossings are judged here.
    """
    count = len(columns[0])
    if columns[0].count(bookmaker) != count or min(columns[POSITION]) < 0:
        return False
    for index, types in _REQUIRED_TYPES.items():
        if not types.issuperset(map(type, columns[index])):
            return False
    texts = [columns[1]]
    for index, types in _OPTIONAL_TYPES.items():
        column = columns[index]
        if column[0] is None and column.count(None) == count:
            continue
        if not types.issuperset(map(type, column)):
            return False
        if index in _TEXT_COLUMNS:
            texts.append(tuple(filter(None, column)))
    if any("\0" in "".join(column) for column in texts):
        return False
    return not any(columns[CROSSINGS]) or not any(map(_crossings, columns[CROSSINGS]))


def round_fault(values: Sequence[Any], bookmaker: str) -> str | None:
    """Return what is wrong with a round, given the values of its fields, all or only the stored ones."""
    reason = _fault(_ROUND, values)
    if reason:
        return reason
    if values[0] != bookmaker:
        return "bookmaker is not the one of its connection"
    started_at_us, crashed_at_us = values[3], values[4]
    if started_at_us is not None and crashed_at_us is not None and crashed_at_us < started_at_us:
        return "crashed_at_us is before started_at_us"
    return None


def other_fault(record: Bet | RgbSample | Gap | Verified | AlertState, bookmaker: str) -> str | None:
    """Return what is wrong with a record that is no round, None when it can be stored."""
    checks = _OTHERS[type(record)]
    reason = _fault(checks, (getattr(record, name) for name in checks))
    if reason:
        return f"{type(record).__name__.lower()}: {reason}"
    return None if record.bookmaker == bookmaker else "bookmaker is not the one of its connection"


def owner_fault(bookmaker: object) -> str | None:
    """Return why quarantine cannot hold an input under this name, None when it can: also under no name."""
    return None if bookmaker == NOBODY else name_fault(bookmaker)


def name_fault(value: object) -> str | None:
    """Return why a text cannot name a bookmaker or a stream, None when it can."""
    return _name(value)


def readable(value: object, longest: int = MAX_RAW_CHARACTERS) -> str:
    """Return any value as text that can be stored: cut, with what no database takes written out."""
    text = value if isinstance(value, str) else repr(value)
    text = text[:longest].encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    return text[:longest]


def round_type_is(records: Iterable[object]) -> bool:
    """Whether all records are rounds."""
    return set(map(type, records)) == {Round}


def _fault(checks: dict[str, Check], values: Iterable[Any]) -> str | None:
    for (name, check), value in zip(checks.items(), values, strict=False):
        reason = check(value)
        if reason:
            return f"{name} {reason}"
    return None


def _not_a(wanted: str, value: object) -> str:
    if isinstance(value, float) and math.isnan(value):
        return f"is NaN, not a {wanted}"
    return f"is {_kind(value)}, not a {wanted}"


def _kind(value: object) -> str:
    return "missing" if value is None else f"of type {type(value).__name__}"
