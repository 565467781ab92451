"""Stored rounds into a file for other programs: csv, jsonl, xlsx or parquet, by its ending."""

import difflib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import apsw

from data_layer.database import export_formats, queries
from data_layer.database.export_formats import Column, ExportError, Format, Row
from data_layer.errors import UsageError
from data_layer.messages import Flag, Origin
from utils import clock
from utils.replacing import replacing

BATCH_ROWS = 5_000  # read in one short transaction, so that a long export holds nobody up

COLUMNS = (
    Column("bookmaker", "text"),
    Column("round_id", "text"),
    Column("origin", "text"),
    Column("started_at", "time"),
    Column("crashed_at", "time"),
    Column("crash_point", "centi"),
    Column("duration_ms", "integer"),
    Column("players_total", "integer"),
    Column("players_cashed_out", "integer"),
    Column("stake_minor", "integer"),
    Column("payout_minor", "integer"),
    Column("currency", "text"),
    Column("hash", "text"),
    Column("seed", "text"),
    Column("verified", "text"),
    Column("flags", "text"),
    Column("received_at", "time"),
)

_SELECT = """
SELECT bookmaker, round_id, origin, started_at_us, crashed_at_us, crash_centi, duration_ms,
       players_total, players_cashed_out, stake_minor, payout_minor, currency, hash, seed,
       verified, flags, received_at_us, id
FROM rounds
"""
_UNTIMED = (
    _SELECT + "WHERE bookmaker = ? AND crashed_at_us IS NULL AND id > ? AND id <= ? ORDER BY id LIMIT ?"
)
_TIMED = (
    _SELECT
    + "WHERE bookmaker = ? AND (crashed_at_us, id) > (?, ?) AND id <= ? "
    + "ORDER BY crashed_at_us, id LIMIT ?"
)
_COUNT_TIMED = (
    "SELECT count(*) FROM (SELECT 1 FROM rounds WHERE bookmaker = ? AND crashed_at_us >= ? LIMIT ?)"
)
_COUNT_ALL = "SELECT count(*) FROM (SELECT 1 FROM rounds WHERE bookmaker = ? LIMIT ?)"
_ORIGINS = {origin.value: origin.name.lower() for origin in Origin}
_FLAGS = {Flag.LATE: "late", Flag.GAP_BEFORE: "gap before", Flag.CORRECTED: "corrected"}
_VERIFIED = {None: "unknown", 0: "no", 1: "yes"}


def export(
    conn: apsw.Connection,
    out: Path,
    range_name: str = "all",
    bookmaker: str | None = None,
    *,
    now: Callable[[], int] = clock.now_us,
) -> int:
    """Write the rounds of one range, of one bookmaker or of all, to `out`, and return how many there were.

    A heading or a field name for each of `COLUMNS`; by bookmaker, within one by the time of the crash, rounds
    without a time first and only in the range "all". `origin` says in a word where a round came from: nothing
    simulated or replayed can pass for a live round. Crash points are decimals. Money stays in minor units,
    because how many make one unit depends on the currency (none for JPY, 100 for EUR). Times are UTC, as ISO
    text, in parquet as timestamps. In csv, texts that a spreadsheet would run as formulas get a single quote
    in front (see `CsvFormat`).

    Rounds stored after the start are left out. An existing `out` is replaced when all is written, and stays
    as it was otherwise. Memory does not grow with the number of rounds. Raises `UsageError` for an unknown
    ending, range or bookmaker, `ExportError` when the rounds do not fit the format or cannot be written.
    """
    make = _format(out)
    if range_name not in queries.RANGES:
        raise UsageError(f"no range {range_name!r}; there are {', '.join(queries.RANGES)}")
    names = _bookmakers(conn, bookmaker)
    seconds = queries.RANGES[range_name]
    from_us = None if seconds is None else now() - seconds * 1_000_000
    if make is export_formats.XlsxFormat and _is_beyond(conn, names, from_us, export_formats.XLSX_ROWS):
        raise export_formats.too_many_for_xlsx()
    try:
        with replacing(out) as partial:
            return _write(make(partial, COLUMNS), _batches(conn, names, from_us))
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror or error}") from error


def _format(out: Path) -> Callable[..., Format]:
    try:
        return export_formats.FORMATS[out.suffix.lower()]
    except KeyError:
        known = ", ".join(export_formats.FORMATS)
        raise UsageError(f"{out.name} ends in none of {known}: the ending says what is written") from None


def _bookmakers(conn: apsw.Connection, wanted: str | None) -> list[str]:
    names = sorted(queries.counters(conn))
    if wanted is None:
        return names
    if wanted in names:
        return [wanted]
    by_lower_case = {name.lower(): name for name in names}
    near = difflib.get_close_matches(wanted.lower(), by_lower_case, n=1, cutoff=0.0)
    hint = f"; the nearest is {by_lower_case[near[0]]!r}" if near else "; none is stored yet"
    raise UsageError(f"no bookmaker {wanted!r} in the database{hint}")


def _is_beyond(conn: apsw.Connection, names: list[str], from_us: int | None, limit: int) -> bool:
    """Say whether there are more rounds than `limit`, without counting on."""
    count = 0
    for name in names:
        if from_us is None:
            count += conn.execute(_COUNT_ALL, (name, limit + 1)).get
        else:
            count += conn.execute(_COUNT_TIMED, (name, from_us, limit + 1)).get
        if count > limit:
            return True
    return False


def _write(file: Format, batches: Iterator[list[Row]]) -> int:
    count = 0
    try:
        for batch in batches:
            file.write(batch)
            count += len(batch)
    finally:
        file.close()
    return count


def _batches(conn: apsw.Connection, names: list[str], from_us: int | None) -> Iterator[list[Row]]:
    newest_id = conn.execute("SELECT ifnull(max(id), 0) FROM rounds").get

    def read(query: str, *values: str | int) -> list[tuple[Any, ...]]:
        return conn.execute(query, (*values, newest_id, BATCH_ROWS)).fetchall()

    for name in names:
        last_id = 0
        while from_us is None and (rows := read(_UNTIMED, name, last_id)):
            yield [_in_words(row) for row in rows]
            last_id = rows[-1][-1]
        last_us, last_id = from_us or 0, 0  # ids begin at 1
        while rows := read(_TIMED, name, last_us, last_id):
            yield [_in_words(row) for row in rows]
            last_us, last_id = rows[-1][4], rows[-1][-1]


def _in_words(row: tuple[Any, ...]) -> Row:
    bookmaker, round_id, origin, *as_stored, verified, flags, received_at_us, _ = row
    return (
        bookmaker,
        round_id,
        _ORIGINS[origin],
        *as_stored,
        _VERIFIED[verified],
        _flag_words(flags),
        received_at_us,
    )


@lru_cache(maxsize=64)
def _flag_words(flags: int) -> str | None:
    return ", ".join(word for flag, word in _FLAGS.items() if flags & flag) or None
