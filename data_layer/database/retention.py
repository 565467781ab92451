"""Deleting what is kept for some days only: colour samples, and raw inputs that could not be used.

Every count of both stands in the rollups, which this never touches, so no total changes. The newest sample of
a region stays, because it is shown. Ids rise with the order of storing, so old rows are found by walking from
the lowest id, a chunk a transaction, until a chunk holds nothing old: no index on times is needed, and no
walk goes through what is kept. What is dated ahead of the clock is passed by, so that it cannot end a walk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import apsw

from config.retention import Retention

CHUNK_ROWS = 500  # deleted in one transaction at most; some milliseconds

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class _Kept:
    """One table that is kept for some days: how it is walked, and what is deleted of a stretch of ids."""

    days: int
    walk: str
    delete: str


def _tables(retention: Retention) -> list[_Kept]:
    tables = [
        _Kept(
            retention.rgb_days,
            "SELECT id, sampled_at_us FROM rgb_samples WHERE id > ? ORDER BY id LIMIT ?",
            "DELETE FROM rgb_samples WHERE id > ? AND id <= ? AND sampled_at_us < ?"
            " AND id NOT IN (SELECT newest_id FROM rollup_rgb)",
        ),
        _Kept(
            retention.quarantine_days,
            "SELECT id, received_at_us FROM quarantine WHERE id > ? ORDER BY id LIMIT ?",
            # The highest id stays, else it would be given again to a later row.
            "DELETE FROM quarantine WHERE id > ? AND id <= ? AND received_at_us < ?"
            " AND id < (SELECT max(id) FROM quarantine)",
        ),
    ]
    return [table for table in tables if table.days]


def kept_from_us(days: int, now_us: int) -> int:
    """Return the moment before which rows are deleted, 0 where all are kept."""
    return now_us - days * _DAY_US if days else 0


class Pruning:
    """Walks through the tables again and again, a chunk at each call. For the writer's thread."""

    def __init__(self, connection: apsw.Connection, retention: Retention, now: Callable[[], int]) -> None:
        self._connection = connection
        self._tables = _tables(retention)
        self._now = now
        self._table = 0
        self._walked_to = 0  # id in the present table

    def step(self) -> bool:
        """Delete old rows of one chunk in a transaction of its own; tell whether the walk goes on.

        After the last chunk the next call begins a new walk.
        """
        if not self._tables:
            return False
        table, now_us = self._tables[self._table], self._now()
        rows: list[tuple[Any, ...]] = self._connection.execute(
            table.walk, (self._walked_to, CHUNK_ROWS)
        ).fetchall()
        before_us = kept_from_us(table.days, now_us)
        if any(at_us < before_us for _, at_us in rows):
            self._connection.execute(table.delete, (self._walked_to, rows[-1][0], before_us))
        elif not any(at_us > now_us for _, at_us in rows):
            rows = []
        if len(rows) == CHUNK_ROWS:
            self._walked_to = rows[-1][0]
            return True
        self._walked_to = 0
        self._table = (self._table + 1) % len(self._tables)
        return self._table != 0
