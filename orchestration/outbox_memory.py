"""The outbox of a source that can be read again: what was not committed is had from it after a restart."""

import collections
from collections.abc import Sequence

from data_layer.messages import Record
from orchestration.outbox import Entry, encode_entry


class MemoryOutbox:
    """Holds what is under way. Whoever appends keeps `entries` small, see `Delivery.room`."""

    trouble = ""

    def __init__(self) -> None:
        self.pending = 0
        self._sequence = 0
        self._unsent: collections.deque[Entry] = collections.deque()
        self._sent: collections.deque[Entry] = collections.deque()

    @property
    def entries(self) -> int:
        """Entries that are not acknowledged."""
        return len(self._sent) + len(self._unsent)

    def append(self, stream: str, records: Sequence[Record]) -> None:
        """Keep `records` as one entry. Raises what `encode_entry` raises, nothing is kept then."""
        entry = encode_entry(self._sequence + 1, stream, records)
        self._sequence += 1
        self.pending += entry.inputs
        self._unsent.append(entry)

    def peek(self) -> Entry | None:
        """Return the oldest entry that was not taken."""
        return self._unsent[0] if self._unsent else None

    def take(self) -> Entry:
        """Return it and go on to the next one. Raises IndexError when there is none."""
        entry = self._unsent.popleft()
        self._sent.append(entry)
        return entry

    def rewind(self) -> None:
        """Have every unacknowledged entry taken again, oldest first."""
        self._unsent.extendleft(reversed(self._sent))
        self._sent.clear()

    def forget(self, sequence: int) -> None:
        """Drop the taken entries up to this one."""
        while self._sent and self._sent[0].sequence <= sequence:
            self.pending -= self._sent.popleft().inputs
