"""Outboxes with rounds in them, and what is taken out of one."""

from pathlib import Path

import msgspec

from data_layer.messages import Record, Round
from orchestration.outbox import FileOutbox
from orchestration.outbox_memory import MemoryOutbox
from tests.orchestration.records import STREAM, a_bet, a_round

_decoder = msgspec.msgpack.Decoder(Record)


def taken(outbox: FileOutbox | MemoryOutbox) -> list[Record]:
    """Take everything that is there to take."""
    records: list[Record] = []
    while outbox.peek() is not None:
        records.extend(_decoder.decode(raw) for raw in outbox.take().records)
    return records


def positions(outbox: FileOutbox | MemoryOutbox) -> list[int]:
    return [record.position for record in taken(outbox) if isinstance(record, Round)]


def filled(path: Path, count: int) -> bytes:
    """Make an outbox of `count` rounds and return its bytes."""
    outbox = FileOutbox(path, durable=False)
    for position in range(1, count + 1):
        outbox.append(STREAM, [a_round(position), a_bet(position, 1_000 - position)])
    outbox.close()
    return path.read_bytes()
