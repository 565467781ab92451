"""The frames of an outbox file, and how a file is read that may have been cut or damaged anywhere.

A frame is a 20-byte header (marker, kind, body length, sequence, crc32 of all the rest) and a body. Reading
never stops at damage: it looks for the next place where a whole frame begins, so that a flipped bit costs the
frame it hit and no other.
"""

import enum
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from data_layer.messages import Record

FORMAT = 1

_MARKER = b"\xa7\x4f"
_HEADER = struct.Struct("<2sBxIQ")
_CHECKSUM = struct.Struct("<I")
HEADER_BYTES = _HEADER.size + _CHECKSUM.size


class Kind(enum.IntEnum):
    """What a frame says."""

    HEAD = 1  # `Head`; the sequence is that of the last entry acknowledged when the file was made
    ENTRY = 2  # `EntryBody`
    ACKNOWLEDGED = 3  # no body: all entries up to this sequence are committed
    MARK = 4  # `Mark`


class Head(msgspec.Struct, frozen=True, array_like=True):
    """First frame of a file."""

    format: int
    outbox_id: str  # 32 hex digits, kept as long as the outbox exists


class EntryBody(msgspec.Struct, frozen=True, array_like=True):
    """Records that belong together: a round and the bet on it."""

    stream: str
    records: Sequence[Record]


class RawEntryBody(msgspec.Struct, frozen=True, array_like=True):
    """The same with records that are MessagePack already."""

    stream: str
    records: Sequence[msgspec.Raw]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """The highest position of a stream that ever went through this outbox."""

    stream: str
    position: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame."""

    offset: int
    kind: int
    sequence: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no frame."""

    offset: int
    data: bytes


_encoder = msgspec.msgpack.Encoder()


def pack(kind: Kind, sequence: int, body: Head | EntryBody | RawEntryBody | Mark | None = None) -> bytes:
    """Return one frame as it is stored."""
    content = b"" if body is None else _encoder.encode(body)
    header = _HEADER.pack(_MARKER, kind, len(content), sequence)
    return b"".join((header, _CHECKSUM.pack(zlib.crc32(content, zlib.crc32(header))), content))


def read_all(data: bytes) -> tuple[list[Frame], list[Damage]]:
    """Return the whole frames of a file's bytes in order, and everything else."""
    frames: list[Frame] = []
    damages: list[Damage] = []
    at = 0
    while at < len(data):
        frame = _frame_at(data, at)
        if frame is not None:
            frames.append(frame)
            at += HEADER_BYTES + len(frame.body)
            continue
        end = _next_frame(data, at + 1)
        damages.append(Damage(at, data[at:end]))
        at = end
    return frames, damages


def _frame_at(data: bytes, at: int) -> Frame | None:
    body_at = at + HEADER_BYTES
    if len(data) < body_at:
        return None
    marker, kind, length, sequence = _HEADER.unpack_from(data, at)
    if marker != _MARKER or body_at + length > len(data):
        return None
    body = data[body_at : body_at + length]
    (checksum,) = _CHECKSUM.unpack_from(data, at + _HEADER.size)
    if checksum != zlib.crc32(body, zlib.crc32(data[at : at + _HEADER.size])):
        return None
    return Frame(at, kind, sequence, body)


def _next_frame(data: bytes, at: int) -> int:
    """Return where the next whole frame begins at or after `at`, else the end."""
    while (at := data.find(_MARKER, at)) >= 0:
        if _frame_at(data, at) is not None:
            return at
        at += 1
    return len(data)
