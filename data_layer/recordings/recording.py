"""A recording, whole: opened, understood, and told oldest first."""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from data_layer.errors import BadRowError
from data_layer.recordings import values
from data_layer.recordings.columns import BadRow, Columns
from data_layer.recordings.converter import Converter
from data_layer.recordings.mapping import column_labels
from data_layer.recordings.opening import open_recording
from data_layer.recordings.raw import Unreadable
from data_layer.recordings.sqlite_file import SqliteTable

_ONE_WAY = 0.9  # share of the steps that must go down for a recording to be newest first
_NAME_CHARACTERS = 100  # of a file, in the name of its stream: the identity tells streams apart


class Recording:
    """The rounds of one file.

    Positions count the rows, good and bad, from 1 for the oldest. `identity` is equal for the same file read
    in the same way, also after rounds were added at its newer end. Raises `SourceError` for a file that is
    absent, a directory, empty, binary, unreadable or without anything like crash points.
    """

    def __init__(
        self,
        path: Path,
        *,
        mapping: Mapping[str, str] | None = None,
        table: str | None = None,
        timezone: str = "UTC",
    ) -> None:
        self.path = path
        self._zone_name = timezone
        zone = values.zone_named(timezone)
        self._file, self.mapping = open_recording(path, mapping, table)
        self._converter = Converter(
            self.mapping, textual=self._file.textual, width=self._file.width, zone=zone
        )
        self.newest_first, self._in_order = self._direction()
        self.has_times = bool(self.mapping.fields.keys() & {"crashed_at", "started_at"})
        self.identity = self._fingerprint()
        self._converter.id_prefix = self.identity[:8]

    def describe(self) -> tuple[str, ...]:
        """Return, in words, what the file is and how its columns are understood."""
        file = self._file
        kind = (
            f"table {file.table} of the SQLite database"
            if isinstance(file, SqliteTable)
            else f"{file.kind} file"
        )
        order = "newest first, put in order" if self.newest_first else "oldest first"
        if not self._in_order:
            order = "in no clear order, kept as it is"
        return (
            f"{kind} {self.path.name}, {order}",
            self.mapping.in_words(column_labels(file.columns, file.width)),
            self._words_on_times(),
        )

    def batches(self, after: int = 0) -> Iterator[tuple[Columns, list[BadRow]]]:
        """Yield the rows after position `after`, oldest first, a thousand or so at a time."""
        position = 1
        for batch in self._file.batches(self.newest_first):
            rows = len(batch)
            if position + rows - 1 > after:
                skipped = max(0, after + 1 - position)
                if skipped:
                    batch = batch.part(slice(skipped, None))
                yield self._converter.convert(batch, position + skipped)
            position += rows

    def stream(self, kind: str) -> str:
        """Return the name of the stream of these rows, fit to be stored whatever the file is called."""
        name = self.path.name.encode("utf-8", "backslashreplace").decode()
        return f"{kind}:{name[:_NAME_CHARACTERS]}:{self.identity}"

    def place(self, bad: BadRow) -> str:
        """Return where a bad row stands, as a user finds it: "line 12", "row 6281"."""
        return f"{self._file.place_word} {bad.number}"

    def close(self) -> None:
        """Release the file. Safe to call twice."""
        self._file.close()

    def _direction(self) -> tuple[bool, bool]:
        """Return whether the file is newest first, and whether its order is clear at all."""
        fields = self.mapping.fields
        column = fields.get("crashed_at") or fields.get("started_at") or fields.get("round_id")
        if column is None:
            return False, True
        keys = []
        for row in self._file.sample():
            cell = row[column.index] if column.index < len(row) else None
            try:
                if column is fields.get("round_id"):
                    keys.append(int(values.number(cell, "round id")))
                else:
                    keys.append(self._converter.time_of(column, cell))
            except BadRowError:
                continue
        steps = [after - before for before, after in pairwise(keys) if after != before]
        falling = sum(step < 0 for step in steps)
        newest_first = falling > len(steps) / 2
        return newest_first, max(falling, len(steps) - falling) >= _ONE_WAY * len(steps)

    def _fingerprint(self) -> str:
        """Return a digest of the oldest round and of how the file is read."""
        told = hashlib.sha256(f"{self.mapping.identity()}\n{self._zone_name}".encode())
        for batch in self._file.batches(self.newest_first):
            oldest = batch.rows[0]
            cells = oldest.raw if isinstance(oldest, Unreadable) else list(oldest)
            told.update(repr(cells).encode("utf-8", "backslashreplace"))
            break
        return told.hexdigest()[:16]

    def _words_on_times(self) -> str:
        if not self.has_times:
            return "the file states no times"
        return f"times that state no zone are taken as {self._zone_name}"
