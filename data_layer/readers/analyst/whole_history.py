"""Every round of a bookmaker, read in one go.

Rounds with a time come from the blobs of `rollup_hour`, which takes a tenth of a second per million rounds;
those without are read from `rounds` one by one.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_HOURS = "SELECT hour_us, count, crashes FROM rollup_hour WHERE bookmaker = ? ORDER BY hour_us"
_UNTIMED = "SELECT crash_centi FROM rounds WHERE bookmaker = ? AND crashed_at_us IS NULL ORDER BY id"
_ALL = (
    "SELECT ifnull(crashed_at_us, -1), crash_centi FROM rounds WHERE bookmaker = ? ORDER BY crashed_at_us, id"
)
_NEW = (
    "SELECT bookmaker, ifnull(crashed_at_us, -1), crash_centi FROM rounds"
    " WHERE id > ? AND id <= ? ORDER BY id"
)
_HOURS_AT_ONCE = 512  # so that the window, which shares the interpreter's lock, is never held up for long
_BYTES_A_ROUND = 8  # in a blob whose crash points fit 32 bits


def read_history(connection: apsw.Connection, bookmaker: str, untimed: int) -> tuple[Integers, Integers]:
    """Return the times of the crashes (-1 where there is none) and the crash points, in order of play.

    `untimed` is how many rounds have no time. The caller holds a read transaction.
    """
    parts = []
    if untimed:
        crash_centi = np.fromiter((row[0] for row in connection.execute(_UNTIMED, (bookmaker,))), np.int64)
        parts.append((np.full(len(crash_centi), -1, np.int64), crash_centi))
    hours = connection.execute(_HOURS, (bookmaker,))
    while rows := list(islice(hours, _HOURS_AT_ONCE)):
        parts.append(_unpacked(rows))
    nothing = np.empty(0, np.int64)
    return (
        np.concatenate([nothing, *(times_us for times_us, _ in parts)]),
        np.concatenate([nothing, *(crash_centi for _, crash_centi in parts)]),
    )


def read_record(connection: apsw.Connection, bookmaker: str) -> tuple[Integers, Integers]:
    """Return the same from the rounds themselves, which are the record, at ten times the cost."""
    rows: list[tuple[Any, ...]] = connection.execute(_ALL, (bookmaker,)).fetchall()
    both = np.array(rows, np.int64).reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()


def read_new(
    connection: apsw.Connection, after_id: int, last_id: int
) -> dict[str, tuple[Integers, Integers]]:
    """Return times and crash points of the rounds with these ids, by bookmaker, in the order of their ids."""
    found: dict[str, tuple[list[int], list[int]]] = {}
    for bookmaker, at_us, crash_centi in connection.execute(_NEW, (after_id, last_id)):
        times, crashes = found.setdefault(bookmaker, ([], []))
        times.append(at_us)
        crashes.append(crash_centi)
    return {
        bookmaker: (np.array(times, np.int64), np.array(crashes, np.int64))
        for bookmaker, (times, crashes) in found.items()
    }


def _unpacked(rows: Sequence[tuple[Any, ...]]) -> tuple[Integers, Integers]:
    """Return times and crash points of hours that are given as (hour_us, count, blob); see `hours`."""
    if any(len(blob) != _BYTES_A_ROUND * count for _, count, blob in rows):
        parts = [_hour(*row) for row in rows]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    hours_us = np.array([row[0] for row in rows], np.int64)
    counts = np.array([row[1] for row in rows], np.int64)
    words = np.frombuffer(b"".join(row[2] for row in rows), "<u4")
    # Each blob is its offsets and then as many crash points.
    is_offset = np.repeat(np.tile([True, False], len(rows)), np.repeat(counts, 2))
    return np.repeat(hours_us, counts) + words[is_offset], words[~is_offset].astype(np.int64)


def _hour(hour_us: int, count: int, blob: bytes) -> tuple[Integers, Integers]:
    offsets = np.frombuffer(blob, "<u4", count)
    kind = "<u4" if len(blob) == _BYTES_A_ROUND * count else "<u8"
    return hour_us + offsets.astype(np.int64), np.frombuffer(blob, kind, count, 4 * count).astype(np.int64)
