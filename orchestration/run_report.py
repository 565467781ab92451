"""What one run did, bookmaker by bookmaker: the figures at the end of a headless run.

Committed, duplicates and quarantined are differences of the database's own lifetime counters, so they hold
whatever was killed in between. Received is what the worker counted while it was one process all along. Once
a process was replaced, counting inputs again would count some twice, so it is what became of them: each
input is committed, a duplicate, quarantined or still in the outbox.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from data_layer.database import connection, queries
from data_layer.database.queries import Counters
from data_layer.engine import WorkerView
from data_layer.messages import Rejected, Round
from orchestration import outbox_frames
from orchestration.outbox_frames import EntryBody, Kind

_ACKNOWLEDGING = (Kind.HEAD, Kind.MARK, Kind.ACKNOWLEDGED)
_NO_COUNTERS = Counters(committed=0, duplicates=0, quarantined=0)

_entry_decoder = msgspec.msgpack.Decoder(EntryBody)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunCounts:
    """Inputs (rounds and rejected ones) of one bookmaker, or of all."""

    received: int = 0
    committed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    outbox: int = 0  # still unacknowledged
    restarts: int = 0  # of the worker, after failures


@dataclass(frozen=True, kw_only=True, slots=True)
class RunReport:
    """The run as a whole and each bookmaker, in the order of the configuration."""

    started_at_us: int
    duration_s: float
    total: RunCounts
    bookmakers: Mapping[str, RunCounts]

    def as_json_object(self) -> dict[str, Any]:
        """Return what `headless --json` prints."""
        started_at = datetime.fromtimestamp(self.started_at_us / 1_000_000, UTC)
        return {
            "started_at": started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "duration_s": round(self.duration_s, 3),
            **asdict(self.total),
            "bookmakers": {name: asdict(counts) for name, counts in self.bookmakers.items()},
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How things stand on disk at one moment, by bookmaker."""

    counters: Mapping[str, Counters]
    left_over: Mapping[str, int]  # inputs in outbox files that are not committed


def take_standing(database: Path, outboxes: Mapping[str, Path]) -> Standing:
    """Return how things stand while neither a writer nor a worker runs. `outboxes`: the files by bookmaker.

    Raises `apsw.Error` when the database cannot be read.
    """
    counters: Mapping[str, Counters] = {}
    positions: dict[tuple[str, str], int] = {}
    if database.exists() and database.stat().st_size:  # empty: closed before its first commit
        reader = connection.open_reader(database)
        try:
            counters = queries.counters(reader)
            for bookmaker, stream, last in reader.execute(
                "SELECT bookmaker, stream, last_position FROM deliveries"
            ):
                positions[bookmaker, stream] = last
        finally:
            reader.close()
    left_over = {name: _left_over(name, path, positions) for name, path in outboxes.items() if path.exists()}
    return Standing(counters=counters, left_over=left_over)


def make_report(
    before: Standing,
    after: Standing,
    workers: Sequence[WorkerView],
    *,
    replaced: Collection[str],
    started_at_us: int,
    duration_s: float,
) -> RunReport:
    """Return the report of the run between two standings.

    `workers` are the board's at the end, `replaced` the bookmakers whose worker was more than one process.
    """
    counts = {
        view.status.bookmaker: _counts_of(before, after, view, replaced=view.status.bookmaker in replaced)
        for view in workers
    }
    total = RunCounts(
        received=sum(each.received for each in counts.values()),
        committed=sum(each.committed for each in counts.values()),
        duplicates=sum(each.duplicates for each in counts.values()),
        quarantined=sum(each.quarantined for each in counts.values()),
        outbox=sum(each.outbox for each in counts.values()),
        restarts=sum(each.restarts for each in counts.values()),
    )
    return RunReport(started_at_us=started_at_us, duration_s=duration_s, total=total, bookmakers=counts)


def _counts_of(before: Standing, after: Standing, view: WorkerView, *, replaced: bool) -> RunCounts:
    name, live = view.status.bookmaker, view.live
    old, new = before.counters.get(name, _NO_COUNTERS), after.counters.get(name, _NO_COUNTERS)
    committed = new.committed - old.committed
    duplicates = new.duplicates - old.duplicates
    quarantined = new.quarantined - old.quarantined
    in_memory = live.outbox if live is not None and not replaced else 0
    outbox = max(after.left_over.get(name, 0), in_memory)
    if live is not None and not replaced:
        received = live.received
    else:
        received = max(0, committed + duplicates + quarantined + outbox - before.left_over.get(name, 0))
    return RunCounts(
        received=received,
        committed=committed,
        duplicates=duplicates,
        quarantined=quarantined,
        outbox=outbox,
        restarts=view.status.restarts,
    )


def _left_over(bookmaker: str, path: Path, positions: Mapping[tuple[str, str], int]) -> int:
    """Count the inputs in an outbox file that are not committed.

    The note of an acknowledgement may be missing in the file, so the committed positions have the last word.
    """
    frames, _ = outbox_frames.read_all(path.read_bytes())
    acknowledged = max((frame.sequence for frame in frames if frame.kind in _ACKNOWLEDGING), default=0)
    count = 0
    for frame in frames:
        if frame.kind == Kind.ENTRY and frame.sequence > acknowledged:
            body = _entry_decoder.decode(frame.body)
            committed = positions.get((bookmaker, body.stream), 0)
            count += sum(
                isinstance(record, Round | Rejected) and not 0 < record.position <= committed
                for record in body.records
            )
    return count
