"""The lifetime rollup of one bookmaker: its one row, as the writer carries it through a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from data_layer.database.distribution import Bins, from_blob

_SELECT = (
    "SELECT count, timed, sum_centi, min_centi, max_centi, first_at_us, newest_at_us, origins, duplicates,"
    " quarantined, verified_yes, verified_no, distribution FROM rollup_lifetime WHERE bookmaker = ?"
)
_REPLACE = (
    "INSERT OR REPLACE INTO rollup_lifetime (bookmaker, count, timed, sum_centi, min_centi, max_centi,"
    " first_at_us, newest_at_us, origins, duplicates, quarantined, verified_yes, verified_no, distribution,"
    " at_or_above) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(slots=True)
class Lifetime:
    """All rounds of one bookmaker, summed up. Duplicates and quarantined inputs are counted apart."""

    bookmaker: str
    count: int = 0
    timed: int = 0
    sum_centi: int = 0
    min_centi: int | None = None
    max_centi: int | None = None
    first_at_us: int | None = None
    newest_at_us: int | None = None
    origins: int = 0  # one bit per `Origin`
    duplicates: int = 0
    quarantined: int = 0
    verified_yes: int = 0  # rounds whose hash gives their crash point
    verified_no: int = 0  # rounds whose hash gives another one
    distribution: int = 0  # packed, see `distribution`

    def add_values(self, values_centi: Sequence[int]) -> None:
        """Count new rounds in; their distribution is added by whoever packs it."""
        self.count += len(values_centi)
        self.sum_centi += sum(values_centi)
        lowest, highest = min(values_centi), max(values_centi)
        self.min_centi = lowest if self.min_centi is None else min(self.min_centi, lowest)
        self.max_centi = highest if self.max_centi is None else max(self.max_centi, highest)

    def add_times(self, count: int, first_us: int, newest_us: int) -> None:
        """Note the times of `count` new rounds that have one."""
        self.timed += count
        self.first_at_us = first_us if self.first_at_us is None else min(self.first_at_us, first_us)
        self.newest_at_us = newest_us if self.newest_at_us is None else max(self.newest_at_us, newest_us)


def load(connection: apsw.Connection, bookmaker: str) -> Lifetime:
    """Return the bookmaker's row, or an empty one."""
    row: tuple[Any, ...] | None = connection.execute(_SELECT, (bookmaker,)).fetchone()
    if row is None:
        return Lifetime(bookmaker)
    *figures, distribution = row
    lifetime = Lifetime(bookmaker, *figures)
    lifetime.distribution = from_blob(distribution)
    return lifetime


def save(connection: apsw.Connection, bins: Bins, row: Lifetime) -> None:
    """Store the row."""
    connection.execute(
        _REPLACE,
        (
            row.bookmaker,
            row.count,
            row.timed,
            row.sum_centi,
            row.min_centi,
            row.max_centi,
            row.first_at_us,
            row.newest_at_us,
            row.origins,
            row.duplicates,
            row.quarantined,
            row.verified_yes,
            row.verified_no,
            bins.to_blob(row.distribution),
            str(bins.at_or_above(row.distribution)),
        ),
    )
