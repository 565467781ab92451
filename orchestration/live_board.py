"""The live board: a small memory-mapped file through which the processes show each other how they are.

A slot is 1,024 bytes and has one writing process: slot 0 is the instance's, slot 1 the writer's, then come
two for each worker, its `LiveState` (written by the worker) and its `WorkerStatus` (by the supervisor).
Nobody waits for anybody: a slot is guarded by a sequence lock, an odd sequence meaning that it is being
written, and by a checksum over sequence and content, which also covers machines that reorder stores and
writers killed in the middle. A reader that meets such a slot keeps what it read there last.
"""

import contextlib
import mmap
import os
import struct
import zlib
from pathlib import Path
from typing import Generic, Self, TypeVar

import msgspec

from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.errors import DataDirectoryError
from data_layer.messages import InstanceInfo, LiveState, WorkerStatus, WriterHealth

SLOT_BYTES = 1024

_SEQUENCE = struct.Struct("<I")
_HEADER = struct.Struct("<III")  # sequence, content length, crc32 of sequence and content
_CONTENT_BYTES = SLOT_BYTES - _HEADER.size
_FIXED_SLOTS = 2
_SLOTS_PER_WORKER = 2
_READ_ATTEMPTS = 8
_TEXT_LIMITS = (160, 80, 40, 16, 0)  # tried in turn, in characters, until a slot's content fits
_TEXT_FIELDS = (
    "trouble",
    "stream_trouble",
    "stream_remark",
    "reason",
    "writer_reason",
    "currency",
    "round_id",
    "machine",
)

_encoder = msgspec.msgpack.Encoder()

SlotT = TypeVar("SlotT", InstanceInfo, WriterHealth, LiveState, WorkerStatus)


class _Slot(Generic[SlotT]):
    """One slot: where it is, what it holds, and what was read there last."""

    def __init__(self, memory: mmap.mmap, index: int, kind: type[SlotT]) -> None:
        self._memory = memory
        self._at = index * SLOT_BYTES
        self._decoder: msgspec.msgpack.Decoder[SlotT] = msgspec.msgpack.Decoder(kind)
        self._seen: tuple[int, SlotT | None] = (0, None)

    def write(self, value: SlotT) -> None:
        """Replace the content. Only one process writes a slot, and only one thread of it."""
        content = _encode_fitting(value)
        memory, at = self._memory, self._at
        (sequence,) = _SEQUENCE.unpack_from(memory, at)
        busy = (sequence | 1) & 0xFFFFFFFF  # odd already where the last writer was killed in the middle
        done = (busy + 1) & 0xFFFFFFFF or 2  # 0 stands for "never written"
        _SEQUENCE.pack_into(memory, at, busy)
        body = at + _HEADER.size
        memory[body : body + len(content)] = content
        _HEADER.pack_into(memory, at, busy, len(content), _checksum(done, content))
        _SEQUENCE.pack_into(memory, at, done)

    def read(self) -> SlotT | None:
        """Return the content; None before the first write. An unchanged slot costs no decoding."""
        memory, at = self._memory, self._at
        seen_sequence, seen = self._seen
        for _ in range(_READ_ATTEMPTS):
            sequence, length, checksum = _HEADER.unpack_from(memory, at)
            if sequence == seen_sequence:
                return seen
            if sequence & 1 or length > _CONTENT_BYTES:
                continue
            content = memory[at + _HEADER.size : at + _HEADER.size + length]
            if checksum != _checksum(sequence, content):
                continue
            try:
                value = self._decoder.decode(content)
            except msgspec.MsgspecError:  # whole, but written by another release of the program
                return seen
            self._seen = (sequence, value)
            return value
        return seen


class LiveBoard:
    """The board of one data directory. Reading is safe from any thread; each slot has one writer."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self.count = (len(memory) // SLOT_BYTES - _FIXED_SLOTS) // _SLOTS_PER_WORKER
        self._instance = _Slot(memory, 0, InstanceInfo)
        self._writer = _Slot(memory, 1, WriterHealth)
        firsts = range(_FIXED_SLOTS, _FIXED_SLOTS + self.count * _SLOTS_PER_WORKER, _SLOTS_PER_WORKER)
        self._live = [_Slot(memory, first, LiveState) for first in firsts]
        self._status = [_Slot(memory, first + 1, WorkerStatus) for first in firsts]

    @classmethod
    def create(cls, path: Path, count: int) -> Self:
        """Make a fresh, empty board for `count` workers in place of an earlier one.

        The bytes are really written, because touching a mapped page without a disk block behind it kills the
        process on a full disk. Raises `DataDirectoryError` when the file cannot be made.
        """
        size = (_FIXED_SLOTS + count * _SLOTS_PER_WORKER) * SLOT_BYTES
        try:
            with contextlib.suppress(FileNotFoundError, PermissionError):
                path.unlink()  # never truncated: others may have the old one mapped. Windows may refuse.
            with path.open("wb") as file:
                file.write(bytes(size))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DataDirectoryError(f"the live board cannot be made: {error}") from error
        return cls.open(path, readonly=False)

    @classmethod
    def open(cls, path: Path, *, readonly: bool) -> Self:
        """Map an existing board. Raises `DataDirectoryError` when there is none or it cannot be opened."""
        access = mmap.ACCESS_READ if readonly else mmap.ACCESS_WRITE
        try:
            with path.open("rb" if readonly else "r+b") as file:
                memory = mmap.mmap(file.fileno(), 0, access=access)
        except (OSError, ValueError) as error:  # ValueError: an empty file
            raise DataDirectoryError(f"the live board cannot be opened: {error}") from error
        return cls(memory)

    def write_instance(self, info: InstanceInfo) -> None:
        """Say which instance this is and that it lives. The supervisor's."""
        self._instance.write(info)

    def write_writer(self, health: WriterHealth) -> None:
        """Say how the writer is. The writer's own."""
        self._writer.write(health)

    def write_live(self, index: int, state: LiveState) -> None:
        """Show a bookmaker's live picture. Its worker's own; `index` counts workers from 0."""
        self._live[index].write(state)

    def write_status(self, index: int, status: WorkerStatus) -> None:
        """Say what the supervisor does with a worker. The supervisor's; `index` counts workers from 0."""
        self._status[index].write(status)

    def read_writer(self) -> WriterHealth | None:
        """Return the writer's slot, None before it was written."""
        return self._writer.read()

    def read_live(self, index: int) -> LiveState | None:
        """Return what a worker shows, None before it has shown anything. It stays after the worker's end."""
        return self._live[index].read()

    def snapshot(self) -> BoardSnapshot:
        """Return the whole board; workers without a status yet are left out."""
        workers = []
        for status_slot, live_slot in zip(self._status, self._live, strict=True):
            status = status_slot.read()
            if status is not None:
                workers.append(WorkerView(status=status, live=live_slot.read()))
        return BoardSnapshot(
            instance=self._instance.read(), writer=self._writer.read(), workers=tuple(workers)
        )

    def close(self) -> None:
        """Unmap the file. The board must not be used any more."""
        self._memory.close()


def _checksum(sequence: int, content: bytes) -> int:
    return zlib.crc32(content, sequence)


def _encode_fitting(value: SlotT) -> bytes:
    """Return the MessagePack of `value`, its free texts cut as far as the slot needs it.

    Half a surrogate pair, as a site may send, is written out: nothing else takes it.
    """
    try:
        content = _encoder.encode(value)
    except UnicodeEncodeError:
        value = _with_texts_cut(value, _TEXT_LIMITS[0])
        content = _encoder.encode(value)
    for limit in _TEXT_LIMITS:
        if len(content) <= _CONTENT_BYTES:
            return content
        content = _encoder.encode(_with_texts_cut(value, limit))
    if len(content) > _CONTENT_BYTES:
        raise ValueError(f"{type(value).__name__} takes {len(content)} bytes, a slot holds {_CONTENT_BYTES}")
    return content


def _with_texts_cut(value: SlotT, limit: int) -> SlotT:
    changes: dict[str, object] = {}
    for name in _TEXT_FIELDS:
        text = getattr(value, name, None)
        if isinstance(text, str):
            changes[name] = _cut(text, limit)
    if isinstance(value, LiveState):
        changes["agents"] = tuple(
            msgspec.structs.replace(agent, reason=_cut(agent.reason, limit), note=_cut(agent.note, limit))
            for agent in value.agents
        )
    return msgspec.structs.replace(value, **changes)


def _cut(text: str, limit: int) -> str:
    return text[:limit].encode("utf-8", "backslashreplace").decode()
