"""The outbox of a source that can be read again: what was not committed is had from it after a restart."""

from collections.abc import Sequence

from data_layer.messages import Record
from orchestration.outbox_entries import Outbox, encode_entry


class MemoryOutbox(Outbox):
    """Holds what is under way. Whoever appends keeps `entries` small, see `Delivery.room`."""

    def append(self, stream: str, records: Sequence[Record]) -> None:
        """Keep `records` as one entry. Raises what `encode_entry` raises, nothing is kept then."""
        self._enter(encode_entry(self._sequence + 1, stream, records))
