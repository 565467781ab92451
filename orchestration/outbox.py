"""A worker's memory on disk: a record is in here before anything else is done with it, until it is committed.

The file is a log of frames, only ever appended to. What is acknowledged is noted by a further frame and
dropped when the file is rewritten. A disk that takes nothing does not stop a live source: entries then stay
in memory, are delivered all the same, and are written as soon as the disk takes them.
"""

import collections
import contextlib
import logging
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from data_layer.errors import DataDirectoryError
from data_layer.messages import Bet, Gap, Record, Rejected, Round
from orchestration import outbox_frames as frames
from orchestration.outbox_entries import Entry, Outbox, encode_entry
from orchestration.outbox_frames import EntryBody, Head, Kind, Mark, RawEntryBody
from orchestration.outbox_storage import LogFile, locked
from utils.syncing import sync_directory, sync_file

REWRITE_BYTES = 256 * 1024  # a file is rewritten above this size when most of it is acknowledged

_log = logging.getLogger(__name__)
_entry_decoder = msgspec.msgpack.Decoder(EntryBody)
_head_decoder = msgspec.msgpack.Decoder(Head)
_mark_decoder = msgspec.msgpack.Decoder(Mark)


class FileOutbox(Outbox):
    """The outbox of one bookmaker. One process holds it at a time."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Open or make the outbox at `path`. With `durable` an append returns when the disk has it.

        Damaged stretches are set aside in a file beside it and logged; every whole entry is kept. Raises
        `DataDirectoryError` when another process holds the outbox or its directory cannot be used.
        """
        super().__init__()
        self._path = path
        self._durable = durable
        self._file: LogFile | None = None
        self._unwritten: collections.deque[tuple[int, bytes]] = collections.deque()
        self._positions: dict[str, int] = {}
        self.id = secrets.token_hex(16)
        self.newest_bet: Bet | None = None
        self._bet_sequence = 0  # of the entry that holds it
        self._lock = locked(path)
        try:
            self._load()
        except BaseException:
            self._lock.release()
            raise

    def position(self, stream: str) -> int | None:
        """Return the highest position of `stream` that went through this outbox, None for an unknown one."""
        return self._positions.get(stream)

    @property
    def waiting_bet(self) -> Bet | None:
        """The newest bet, None once it is acknowledged."""
        return self.newest_bet if self._bet_sequence > self._acknowledged else None

    @property
    def unwritten(self) -> int:
        """Entries that are only in memory, because the disk takes nothing."""
        return len(self._unwritten)

    def append(self, stream: str, records: Sequence[Record]) -> None:
        """Keep `records` as one entry: on disk, or where that fails in memory until `retry` succeeds.

        Raises what `encode_entry` raises, nothing is kept then.
        """
        entry = encode_entry(self._sequence + 1, stream, records)
        self._note(stream, records, entry.sequence)
        self._enter(entry)
        self._unwritten.append((entry.sequence, _packed(entry)))
        self.retry()

    def retry(self) -> None:
        """Write what the disk has not taken yet. Never raises for the disk's faults, see `trouble`."""
        if not self._unwritten and not self.trouble:
            return
        try:
            file = self._file or self._rewritten()
            while self._unwritten:
                file.append(self._unwritten[0][1], sync=self._durable)
                self._unwritten.popleft()
            if self.trouble:  # ended only by a write that the disk took
                file.append(frames.pack(Kind.ACKNOWLEDGED, self._acknowledged), sync=self._durable)
        except OSError as error:
            if not self.trouble:
                _log.error("The outbox cannot be written: %s", error)
            self.trouble = f"the outbox cannot be written: {error.strerror or error}"
            if self._unwritten:
                self.trouble += f"; entries in memory only: {self.unwritten}"
        else:
            if self.trouble:
                _log.warning("The outbox can be written again, nothing was lost")
            self.trouble = ""

    def forget(self, sequence: int) -> None:
        """Drop the taken entries up to this one. The note on disk is not synced: lost, it costs a resend."""
        super().forget(sequence)
        while self._unwritten and self._unwritten[0][0] <= sequence:
            self._unwritten.popleft()
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            self._file.append(frames.pack(Kind.ACKNOWLEDGED, self._acknowledged), sync=False)
            if self._file.size > REWRITE_BYTES and self._kept_bytes < self._file.size // 2:
                self._rewritten()

    def close(self) -> None:
        """Close the file and let another process have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.release()

    def _note(self, stream: str, records: Sequence[Record], sequence: int) -> None:
        for record in records:
            if isinstance(record, Bet):
                self.newest_bet, self._bet_sequence = record, sequence
            elif isinstance(record, Round | Rejected | Gap) and record.position:
                self._positions[stream] = max(record.position, self._positions.get(stream, 0))

    def _load(self) -> None:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            data = b""
        except OSError as error:
            raise DataDirectoryError(f"the outbox cannot be read: {error}") from error
        found, damages = frames.read_all(data)
        kept: list[Entry] = []
        for frame in found:
            try:
                entry = self._take_in(frame)
            except msgspec.MsgspecError:  # whole, but nothing that this release knows
                damages.append(frames.Damage(frame.offset, frame.body))
            else:
                if entry is not None:
                    kept.append(entry)
        for entry in kept:
            if entry.sequence > self._acknowledged:
                self._enter(entry)
        self._put_in_order(data, damages)

    def _put_in_order(self, data: bytes, damages: list[frames.Damage]) -> None:
        """Go on with the file whose content is `data`, or with a fresh one without what is damaged."""
        try:
            self._set_aside(damages)
            if data and not damages:
                self._file = LogFile(self._path, len(data))
            else:
                self._rewritten()
        except OSError as error:  # a full disk: later appends try again, and skip damage left in the middle
            _log.error("The outbox cannot be put in order: %s", error)
            if data and self._file is None:
                with contextlib.suppress(OSError):
                    self._file = LogFile(self._path, len(data))

    def _take_in(self, frame: frames.Frame) -> Entry | None:
        """Note what a frame says; return the entry when it is one."""
        self._sequence = max(self._sequence, frame.sequence)
        if frame.kind == Kind.ENTRY:
            body = _entry_decoder.decode(frame.body)
            self._note(body.stream, body.records, frame.sequence)
            return encode_entry(frame.sequence, body.stream, body.records)
        if frame.kind == Kind.MARK:
            mark = _mark_decoder.decode(frame.body)
            self._positions[mark.stream] = max(mark.position, self._positions.get(mark.stream, 0))
            return None
        if frame.kind == Kind.HEAD:
            head = _head_decoder.decode(frame.body)
            if head.format > frames.FORMAT:
                raise DataDirectoryError(f"{self._path} was written by a newer release; use that one")
            self.id = head.outbox_id
        self._acknowledged = max(self._acknowledged, frame.sequence)
        return None

    def _set_aside(self, damages: list[frames.Damage]) -> None:
        if not damages:
            return
        aside = self._path.with_name(f"{self._path.name}.damaged")
        with aside.open("ab") as file:
            for damage in damages:
                file.write(damage.data)
            file.flush()
            sync_file(file.fileno())
        for damage in damages:
            _log.warning(
                "The outbox has %s damaged bytes at offset %s; they were set aside in %s",
                len(damage.data),
                damage.offset,
                aside.name,
            )

    def _rewritten(self) -> LogFile:
        """Replace the file by one that holds just what is needed. Raises OSError, the old file then stays."""
        unwritten_from = self._unwritten[0][0] if self._unwritten else self._sequence + 1
        parts = [frames.pack(Kind.HEAD, self._acknowledged, Head(frames.FORMAT, self.id))]
        parts += [
            frames.pack(Kind.MARK, self._acknowledged, Mark(stream, position))
            for stream, position in self._positions.items()
        ]
        for entries in (self._sent, self._unsent):
            parts += [_packed(entry) for entry in entries if entry.sequence < unwritten_from]
        data = b"".join(parts)
        fresh = self._path.with_name(f"{self._path.name}.new")
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            sync_file(file.fileno())
        size = self._file.size if self._file is not None else 0
        if self._file is not None:  # Windows replaces no open file
            self._file.close()
            self._file = None
        try:
            fresh.replace(self._path)
            sync_directory(self._path.parent)
        except OSError:
            if size:
                self._file = LogFile(self._path, size)
            raise
        self._file = LogFile(self._path, len(data))
        return self._file


def _packed(entry: Entry) -> bytes:
    return frames.pack(Kind.ENTRY, entry.sequence, RawEntryBody(entry.stream, entry.records))
