"""From what was delivered to what can be stored: sorted by kind, redeliveries left out, faults named."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import lt
from typing import Any

from msgspec.structs import astuple

from data_layer.database.round_rows import RoundRows, Row
from data_layer.database.side_records import QuarantineRow
from data_layer.database.validation import (
    CROSSINGS,
    POSITION,
    STORED,
    other_fault,
    plain_rounds,
    readable,
    round_fault,
    round_type_is,
)
from data_layer.messages import AlertState, Bet, Crossing, Gap, Record, Rejected, RgbSample, Round, Verified
from data_layer.round_columns import RoundColumns

_LARGEST_POSITION = 2**53


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one call of `BatchDatabaseWriter.add` brought."""

    key: Hashable
    bookmaker: str
    stream: str
    records: Sequence[Record]


@dataclass(slots=True)
class Sifted:
    """The storable content of one delivery."""

    rounds: RoundRows = field(default_factory=lambda: RoundRows([]))
    crossings: dict[str, tuple[Crossing, ...]] = field(default_factory=dict)  # by round id
    bets: list[Bet] = field(default_factory=list)
    samples: list[RgbSample] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    verdicts: list[Verified] = field(default_factory=list)
    alerts: list[AlertState] = field(default_factory=list)
    quarantine: list[QuarantineRow] = field(default_factory=list)
    last_position: int = 0


def sift(delivery: Delivery, last_position: int, now_us: int) -> Sifted:
    """Return what of a delivery is to be stored, given the position its stream came to before."""
    columns = _columns(delivery.records)
    if columns is not None and plain_rounds(columns, delivery.bookmaker):
        rising = _rising(columns[POSITION], last_position)
        if rising is not None:
            return Sifted(RoundRows(columns[:STORED]), _crossings(columns), last_position=rising)
    return _sift_one_by_one(delivery, last_position, now_us)


def _columns(records: Sequence[Record]) -> Sequence[tuple[Any, ...]] | None:
    """Return the fields of records by column, None when some of them are no rounds."""
    if isinstance(records, RoundColumns):
        return records.columns
    if not round_type_is(records):
        return None
    return list(zip(*map(astuple, records), strict=True))


def quarantine_row(delivery: Delivery, reason: str, place: str, raw: object, at_us: int) -> QuarantineRow:
    """Return a row of `quarantine` that no text in it can break."""
    return (
        delivery.bookmaker,
        readable(delivery.stream, 200),
        readable(reason, 500),
        readable(place, 200),
        readable(raw),
        at_us,
    )


def _rising(positions: tuple[int, ...], last: int) -> int | None:
    """Return the last of positions that all are new and rise (or are not used), None when some are not."""
    if positions[0] == 0:
        return last if not any(positions) else None
    rising = (
        last < positions[0]
        and positions[-1] <= _LARGEST_POSITION
        and all(map(lt, positions, islice(positions, 1, None)))
    )
    return positions[-1] if rising else None


def _crossings(columns: Sequence[tuple[Any, ...]]) -> dict[str, tuple[Crossing, ...]]:
    if not any(columns[CROSSINGS]):
        return {}
    return {
        round_id: crossed for round_id, crossed in zip(columns[1], columns[CROSSINGS], strict=True) if crossed
    }


def _sift_one_by_one(delivery: Delivery, last_position: int, now_us: int) -> Sifted:
    sifted = Sifted(last_position=last_position)
    rows: list[Row] = []
    for index, record in enumerate(delivery.records):
        position = getattr(record, "position", 0)
        if type(position) is not int or not 0 < position <= _LARGEST_POSITION:
            position = 0
        if 0 < position <= sifted.last_position:
            continue  # stored before; its acknowledgement was lost
        sifted.last_position = max(sifted.last_position, position)
        place = f"position {position}" if position else f"record {index + 1} of its delivery"
        reason = _take(sifted, rows, delivery, record, place, now_us)
        if reason is not None:
            sifted.quarantine.append(quarantine_row(delivery, reason, place, record, now_us))
    sifted.rounds = RoundRows.of(rows)
    return sifted


def _take(
    sifted: Sifted, rows: list[Row], delivery: Delivery, record: object, place: str, now_us: int
) -> str | None:
    """Put one record where it belongs; return what is wrong with it."""
    if isinstance(record, Round):
        values = astuple(record)
        reason = round_fault(values, delivery.bookmaker)
        if reason is None:
            rows.append(values[:STORED])
            if record.crossings:
                sifted.crossings[record.round_id] = tuple(record.crossings)
        return reason
    if isinstance(record, Rejected):
        at_us = record.received_at_us
        valid_time = type(at_us) is int and 0 <= at_us < 2**63
        sifted.quarantine.append(
            quarantine_row(
                delivery, record.reason, record.place or place, record.raw, at_us if valid_time else now_us
            )
        )
        return None
    if not isinstance(record, Bet | RgbSample | Gap | Verified | AlertState):
        return f"not a record but of type {type(record).__name__}"
    reason = other_fault(record, delivery.bookmaker)
    if reason is None:
        _keep_other(sifted, record)
    return reason


def _keep_other(sifted: Sifted, record: Bet | RgbSample | Gap | Verified | AlertState) -> None:
    if isinstance(record, Bet):
        sifted.bets.append(record)
    elif isinstance(record, RgbSample):
        sifted.samples.append(record)
    elif isinstance(record, Gap):
        sifted.gaps.append(record)
    elif isinstance(record, AlertState):
        sifted.alerts.append(record)
    else:
        sifted.verdicts.append(record)
