"""What every outbox does with its entries: take them in order, take them again, drop what is committed."""

import collections
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from data_layer.messages import Record, Rejected, Round

_INPUTS = (Round, Rejected)

_encoder = msgspec.msgpack.Encoder()


class Entry(NamedTuple):
    """Records that are kept, delivered and forgotten together, already as MessagePack."""

    sequence: int  # rises from entry to entry
    stream: str
    records: list[msgspec.Raw]
    inputs: int  # of these records: rounds and rejected inputs, not what belongs to them

    @property
    def size(self) -> int:
        """Bytes of the records."""
        return sum(map(len, self.records))


def encode_entry(sequence: int, stream: str, records: Sequence[Record]) -> Entry:
    """Return the entry of `records`. Raises ValueError (Unicode too), OverflowError or TypeError for a record
    that cannot be written as MessagePack: a lone surrogate, a number beyond 64 bits."""
    return Entry(
        sequence,
        stream,
        [msgspec.Raw(_encoder.encode(record)) for record in records],
        sum(type(record) in _INPUTS for record in records),
    )


class Outbox(ABC):
    """The entries of one bookmaker on their way to the writer. For one thread."""

    trouble = ""  # what hinders it, for the operator; empty when nothing does

    def __init__(self) -> None:
        self.pending = 0  # rounds and rejected inputs that are not acknowledged
        self._sequence = 0  # of the newest entry
        self._acknowledged = 0  # the sequence of the newest entry that was dropped
        self._kept_bytes = 0
        self._unsent: collections.deque[Entry] = collections.deque()
        self._sent: collections.deque[Entry] = collections.deque()

    @property
    def entries(self) -> int:
        """Entries that are not acknowledged."""
        return len(self._sent) + len(self._unsent)

    @abstractmethod
    def append(self, stream: str, records: Sequence[Record]) -> None:
        """Keep `records` as one entry. Raises what `encode_entry` raises, nothing is kept then."""

    def peek(self) -> Entry | None:
        """Return the oldest entry that was not taken."""
        return self._unsent[0] if self._unsent else None

    def take(self) -> Entry:
        """Return it and go on to the next one. Raises IndexError when there is none."""
        entry = self._unsent.popleft()
        self._sent.append(entry)
        return entry

    def rewind(self) -> None:
        """Have every unacknowledged entry taken again, oldest first: the connection was lost."""
        self._unsent.extendleft(reversed(self._sent))
        self._sent.clear()

    def forget(self, sequence: int) -> None:
        """Drop the taken entries up to this one: they are committed."""
        while self._sent and self._sent[0].sequence <= sequence:
            entry = self._sent.popleft()
            self.pending -= entry.inputs
            self._kept_bytes -= entry.size
            self._acknowledged = entry.sequence

    def _enter(self, entry: Entry) -> None:
        self._sequence = max(self._sequence, entry.sequence)
        self.pending += entry.inputs
        self._kept_bytes += entry.size
        self._unsent.append(entry)
