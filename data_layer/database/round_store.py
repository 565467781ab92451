"""Storing rounds: which are new, which were there before, which contradict what is there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import apsw

from data_layer.database.round_rows import (
    CRASH,
    CRASHED_AT,
    HASH,
    ROUND_ID,
    STARTED_AT,
    VERIFIED,
    RoundRows,
    Row,
)
from data_layer.database.validation import STORED, readable, round_fault
from data_layer.messages import Crossing, Flag

_COLUMNS = (
    "bookmaker, round_id, crash_centi, started_at_us, crashed_at_us, duration_ms, players_total,"
    " players_cashed_out, stake_minor, payout_minor, currency, hash, seed, verified, received_at_us,"
    " flags, origin"
)
_ROWS_A_STATEMENT = 50  # one statement of many rows takes two thirds of the time of many statements
_VALUES = f"({', '.join('?' * STORED)})"
_INSERT = f"INSERT INTO rounds ({_COLUMNS}) VALUES {{}} ON CONFLICT (bookmaker, round_id) DO NOTHING"
_INSERT_ONE = _INSERT.format(_VALUES)
_INSERT_MANY = _INSERT.format(", ".join([_VALUES] * _ROWS_A_STATEMENT))
_INSERT_CROSSING = "INSERT INTO threshold_crossings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
# What a later message may complete. Not the time of the crash: the order of rounds stays as first told.
_COMPLETED = {
    "started_at_us": 3,
    "duration_ms": 5,
    "players_total": 6,
    "players_cashed_out": 7,
    "stake_minor": 8,
    "payout_minor": 9,
    "currency": 10,
    "hash": 11,
    "seed": 12,
    "verified": 13,
}
_REFUSALS = (
    apsw.ConstraintError,
    apsw.MismatchError,
    apsw.TooBigError,
    OverflowError,
    TypeError,
    ValueError,
)


@dataclass(slots=True)
class Stored:
    """What became of one bookmaker's rounds. Indexes count in the rows that were given."""

    new: RoundRows
    first_id: int  # of the new ones, whose ids follow each other
    new_indexes: Sequence[int]
    duplicates: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)  # index and reason
    verdicts: list[bool] = field(default_factory=list)  # that duplicates brought to rounds without one


def store_rounds(connection: apsw.Connection, rounds: RoundRows, bookmaker: str) -> Stored:
    """Insert what is new of `rounds`, all of one bookmaker; complete what was there before.

    A bad row is refused with its reason and takes nothing with it.
    """
    last_id = connection.execute("SELECT max(id) FROM rounds").get or 0
    before = connection.total_changes()
    try:
        _insert(connection, rounds)
    except _REFUSALS:
        connection.execute("DELETE FROM rounds WHERE id > ?", (last_id,))
        return _store_one_by_one(connection, rounds.rows, bookmaker, last_id)
    if connection.total_changes() - before == len(rounds):
        return Stored(rounds, last_id + 1, range(len(rounds)))
    return _tell_apart(connection, rounds.rows, last_id)


def store_crossings(
    connection: apsw.Connection, bookmaker: str, crossings: dict[str, tuple[Crossing, ...]]
) -> None:
    """Store the thresholds that rounds crossed; what is stored already stays."""
    connection.executemany(
        _INSERT_CROSSING,
        [
            (
                bookmaker,
                round_id,
                crossing.threshold_centi,
                crossing.actual_centi,
                crossing.crossed_at_us,
                crossing.players_left,
                crossing.stake_left_minor,
            )
            for round_id, crossed in crossings.items()
            for crossing in crossed
        ],
    )


def _insert(connection: apsw.Connection, rounds: RoundRows) -> None:
    values = chain.from_iterable(zip(*rounds.columns, strict=True))
    execute = connection.execute
    for _ in range(len(rounds) // _ROWS_A_STATEMENT):
        execute(_INSERT_MANY, tuple(islice(values, _ROWS_A_STATEMENT * STORED)))
    for _ in range(len(rounds) % _ROWS_A_STATEMENT):
        execute(_INSERT_ONE, tuple(islice(values, STORED)))


def _store_one_by_one(connection: apsw.Connection, rows: list[Row], bookmaker: str, last_id: int) -> Stored:
    """Store the good ones of rows among which at least one is not."""
    refused: list[tuple[int, str]] = []
    kept: list[int] = []
    for index, row in enumerate(rows):
        reason = round_fault(row, bookmaker)
        if reason is None:
            try:
                connection.execute(_INSERT_ONE, row)
            except _REFUSALS as error:
                reason = readable(str(error), 200)
        if reason is None:
            kept.append(index)
        else:
            refused.append((index, reason))
    stored = _tell_apart(connection, [rows[index] for index in kept], last_id)
    stored.new_indexes = [kept[index] for index in stored.new_indexes]
    stored.duplicates = [kept[index] for index in stored.duplicates]
    stored.refused = [(kept[index], reason) for index, reason in stored.refused] + refused
    return stored


def _tell_apart(connection: apsw.Connection, rows: list[Row], last_id: int) -> Stored:
    """Say which of the inserted rows were new. The others complete what is stored, or contradict it."""
    inserted = {
        round_id for (round_id,) in connection.execute("SELECT round_id FROM rounds WHERE id > ?", (last_id,))
    }
    new_indexes: list[int] = []
    duplicates: list[int] = []
    refused: list[tuple[int, str]] = []
    verdicts: list[bool] = []
    for index, row in enumerate(rows):
        if row[ROUND_ID] in inserted:
            inserted.discard(row[ROUND_ID])
            new_indexes.append(index)
            continue
        reason = _compare(connection, row, verdicts)
        if reason is None:
            duplicates.append(index)
        else:
            refused.append((index, reason))
    new = RoundRows.of([rows[index] for index in new_indexes])
    return Stored(new, last_id + 1, new_indexes, duplicates, refused, verdicts)


def _compare(connection: apsw.Connection, row: Row, verdicts: list[bool]) -> str | None:
    """Complete the stored round of the same id with what `row` knows more; return what contradicts it.

    A verdict that this brings is added to `verdicts`.
    """
    cursor = connection.execute(
        f"SELECT id, {_COLUMNS} FROM rounds WHERE bookmaker = ? AND round_id = ?", row[:2]
    )
    found = cursor.fetchone()
    assert found is not None  # the insert met it
    round_key, there = found[0], found[1:]
    if there[CRASH] != row[CRASH]:
        return "crash point differs from the one stored for this round"
    more = {
        name: row[index]
        for name, index in _COMPLETED.items()
        if there[index] is None and row[index] is not None
    }
    if row[STARTED_AT] is not None and there[CRASHED_AT] is not None and row[STARTED_AT] > there[CRASHED_AT]:
        more.pop("started_at_us", None)
    if there[HASH] is not None and there[HASH] != row[HASH]:
        more.pop("verified", None)  # it is not about the hash that is stored
    if "verified" in more:
        verdicts.append(row[VERIFIED])
    if more:
        columns = ", ".join(f"{name} = ?" for name in more)
        connection.execute(
            f"UPDATE rounds SET {columns}, flags = flags | ? WHERE id = ?",
            (*more.values(), int(Flag.CORRECTED), round_key),
        )
    return None
