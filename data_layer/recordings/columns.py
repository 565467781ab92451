"""Rounds of a recording, a sequence for each field, and the rows that became none."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import cast

import msgspec


class BadRow(msgspec.Struct, frozen=True, gc=False):
    """A row that became no round."""

    position: int
    number: int  # in the file
    reason: str
    raw: str


class Columns(msgspec.Struct, kw_only=True):
    """Rounds by column, oldest first; None where the recording does not say. Units as in `messages.Round`."""

    positions: Sequence[int]
    round_id: Sequence[str]
    crash_centi: Sequence[int]
    started_at_us: Sequence[int | None] | None = None
    crashed_at_us: Sequence[int] | None = None
    duration_ms: Sequence[int | None] | None = None
    players_total: Sequence[int | None] | None = None
    players_cashed_out: Sequence[int | None] | None = None
    stake_minor: Sequence[int | None] | None = None
    payout_minor: Sequence[int | None] | None = None
    currency: Sequence[str | None] | None = None
    hash: Sequence[str | None] | None = None
    seed: Sequence[str | None] | None = None

    def by_row(self) -> "Iterator[RowValues]":
        """Yield the rounds one by one, their values in the order of the fields."""
        nothing = repeat(None)
        rows = zip(
            self.positions,
            self.round_id,
            self.crash_centi,
            self.started_at_us or nothing,
            self.crashed_at_us or nothing,
            self.duration_ms or nothing,
            self.players_total or nothing,
            self.players_cashed_out or nothing,
            self.stake_minor or nothing,
            self.payout_minor or nothing,
            self.currency or nothing,
            self.hash or nothing,
            self.seed or nothing,
            strict=False,
        )
        return cast("Iterator[RowValues]", rows)


RowValues = tuple[
    int,
    str,
    int,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    str | None,
    str | None,
    str | None,
]
