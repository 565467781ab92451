"""Recorded rounds into the database, with a report of what became of every row."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin, Record, Rejected
from data_layer.recordings.columns import BadRow, Columns
from data_layer.recordings.recording import Recording
from data_layer.round_columns import RoundColumns
from utils import clock

_FLUSH_ROWS = 2_000  # a batch of a recording is usually larger, and the writer takes one at a time fastest
_REFUSED = "refused by the database"


class SinkTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What a sink's database made of all records so far."""

    committed: int  # rounds that were new
    duplicates: int  # rounds that were stored before
    quarantined: int


class RecordSink(Protocol):
    """Where an import delivers to: the database itself, or the writer of a running instance."""

    def write(self, bookmaker: str, stream: str, records: Sequence[Record]) -> None:
        """Take records in order; may wait until there is room."""
        ...

    def finish(self) -> SinkTotals:
        """Return when everything written is committed."""
        ...


class QuarantineReason(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of fault in a recording."""

    reason: str
    count: int
    first_place: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a recording: rows = committed + duplicates + quarantined."""

    path: str
    bookmaker: str
    description: tuple[str, ...]  # what the file is, and its mapping in words
    rows: int
    committed: int
    duplicates: int
    quarantined: int
    reasons: tuple[QuarantineReason, ...]  # the most frequent first
    duration_s: float

    def lines(self) -> tuple[str, ...]:
        """Return the report as lines for a reader."""
        faults = (f"{fault.count} x {fault.reason}, first in {fault.first_place}" for fault in self.reasons)
        return (
            *self.description,
            f"{self.rows} rows: {self.committed} committed, {self.duplicates} duplicates, "
            f"{self.quarantined} quarantined",
            *(f"quarantined: {fault}" for fault in faults),
        )


class DirectSink:
    """Commits through a writer of our own. The caller closes the writer."""

    def __init__(self, writer: BatchDatabaseWriter) -> None:
        self._writer = writer
        self._totals = SinkTotals(committed=0, duplicates=0, quarantined=0)

    def write(self, bookmaker: str, stream: str, records: Sequence[Record]) -> None:
        """Take records; commit when enough are pending. Raises `CommitFailedError`."""
        self._writer.add(self, bookmaker, stream, records)
        if self._writer.pending >= _FLUSH_ROWS:
            self._flush()

    def finish(self) -> SinkTotals:
        """Commit the rest. Raises `CommitFailedError`."""
        if self._writer.pending:
            self._flush()
        return self._totals

    def _flush(self) -> None:
        outcome = self._writer.flush().outcomes.get(self)
        if outcome is not None:
            self._totals = SinkTotals(
                committed=self._totals.committed + outcome.committed,
                duplicates=self._totals.duplicates + outcome.duplicates,
                quarantined=self._totals.quarantined + outcome.quarantined,
            )


def import_file(
    path: Path,
    bookmaker: str,
    sink: RecordSink,
    *,
    mapping: Mapping[str, str] | None = None,
    table: str | None = None,
    timezone: str = "UTC",
    now: Callable[[], int] = clock.now_us,
    on_progress: Callable[[int], None] = lambda rows: None,
) -> ImportReport:
    """Bring all rows of a recording into the database; `on_progress` is told the rows read so far.

    Times stay as recorded; a recording without times gives rounds without times. Importing a file again
    stores nothing twice: its rounds count as duplicates, its faults are quarantined once. Raises
    `SourceError` for a file that is no recording, and what the sink raises.
    """
    started_us = clock.monotonic_us()
    recording = Recording(path, mapping=mapping, table=table, timezone=timezone)
    stream = recording.stream("import")
    faults: dict[str, tuple[int, str]] = {}
    rounds = bad_rows = 0
    try:
        for columns, bad in recording.batches():
            received_at_us = now()
            good = _rounds(columns, bookmaker, received_at_us)
            rounds += len(good)
            bad_rows += len(bad)
            rejected: list[Record] = []
            for row in bad:
                place = recording.place(row)
                count, first_place = faults.get(row.reason, (0, place))
                faults[row.reason] = (count + 1, first_place)
                rejected.append(_rejected(row, place, bookmaker, received_at_us))
            # Apart, because the writer takes rounds alone at many times the speed of a mixture.
            if good:
                sink.write(bookmaker, stream, good)
            if rejected:
                sink.write(bookmaker, stream, rejected)
            on_progress(rounds + bad_rows)
        totals = sink.finish()
    finally:
        recording.close()
    refused = rounds - totals.committed - totals.duplicates  # good to us, not to the database
    reasons = [
        QuarantineReason(reason=reason, count=count, first_place=place)
        for reason, (count, place) in sorted(faults.items(), key=lambda fault: -fault[1][0])
    ]
    if refused:
        reasons.append(QuarantineReason(reason=_REFUSED, count=refused, first_place="its quarantine table"))
    return ImportReport(
        path=str(path),
        bookmaker=bookmaker,
        description=recording.describe(),
        rows=rounds + bad_rows,
        committed=totals.committed,
        duplicates=totals.duplicates,
        quarantined=bad_rows + refused,
        reasons=tuple(reasons),
        duration_s=(clock.monotonic_us() - started_us) / 1_000_000,
    )


def _rejected(row: BadRow, place: str, bookmaker: str, received_at_us: int) -> Rejected:
    """Return the record of a bad row. Its position keeps it from being quarantined once an import.

    Rounds carry none: a repeated import shall find and count them as duplicates.
    """
    return Rejected(
        bookmaker=bookmaker,
        reason=row.reason,
        place=place,
        raw=row.raw,
        received_at_us=received_at_us,
        position=row.position,
    )


def _rounds(columns: Columns, bookmaker: str, received_at_us: int) -> RoundColumns:
    count = len(columns.positions)

    def same(value: object) -> tuple[object, ...]:
        return (value,) * count

    def known(values: Sequence[object] | None) -> tuple[object, ...]:
        return same(None) if values is None else tuple(values)

    return RoundColumns(
        [
            same(bookmaker),
            known(columns.round_id),
            known(columns.crash_centi),
            known(columns.started_at_us),
            known(columns.crashed_at_us),
            known(columns.duration_ms),
            known(columns.players_total),
            known(columns.players_cashed_out),
            known(columns.stake_minor),
            known(columns.payout_minor),
            known(columns.currency),
            known(columns.hash),
            known(columns.seed),
            same(None),  # verified
            same(received_at_us),
            same(0),  # flags
            same(Origin.IMPORT),
            same(0),  # position: see `_rejected`
            same(()),  # crossings: no flight was seen
        ]
    )
