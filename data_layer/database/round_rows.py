"""Many rounds on their way into the database, as columns: what all are asked is asked at the speed of C."""

from collections.abc import Sequence
from typing import Any

from data_layer.messages import Flag

Row = tuple[Any, ...]  # the stored fields of a round, in the order of `messages.Round` and of the table

# Places in a `Row`.
ROUND_ID, CRASH, STARTED_AT, CRASHED_AT, DURATION, HASH, VERIFIED, FLAGS, ORIGIN = (
    1,
    2,
    3,
    4,
    5,
    11,
    13,
    15,
    16,
)


class RoundRows:
    """Rounds of one bookmaker. Rows are made from the columns only when somebody wants them."""

    __slots__ = ("_rows", "columns")

    def __init__(self, columns: Sequence[tuple[Any, ...]], rows: list[Row] | None = None) -> None:
        self.columns = columns
        self._rows = rows

    @classmethod
    def of(cls, rows: list[Row]) -> "RoundRows":
        """Return `rows` with their columns."""
        return cls(list(zip(*rows, strict=True)), rows)

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @property
    def rows(self) -> list[Row]:
        """The rounds one by one."""
        if self._rows is None:
            self._rows = list(zip(*self.columns, strict=True))
        return self._rows

    @property
    def times_us(self) -> tuple[int | None, ...]:
        """When each crashed."""
        return self.columns[CRASHED_AT]

    def in_order_after(self, newest_us: int | None) -> bool:
        """Whether these rounds, as they stand, come after those stored, the newest of which is given."""
        times = [at_us for at_us in self.times_us if at_us is not None]
        if not times:
            return newest_us is None
        if len(times) < len(self) or (newest_us is not None and times[0] < newest_us):
            return False
        return times == sorted(times)

    def with_late_marked(self, newest_us: int | None) -> "RoundRows":
        """Return the rounds with `Flag.LATE` on those that crashed before one stored or given before them."""
        marked = []
        for row in self.rows:
            crashed_at_us = row[CRASHED_AT]
            if crashed_at_us is None:
                marked.append(row)
            elif newest_us is not None and crashed_at_us < newest_us:
                marked.append((*row[:FLAGS], row[FLAGS] | Flag.LATE, *row[FLAGS + 1 :]))
            else:
                newest_us = crashed_at_us
                marked.append(row)
        return RoundRows.of(marked)
