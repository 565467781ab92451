"""Framing and addresses of the connections to the writer.

A frame is a 4-byte little-endian length and the MessagePack of one struct of `data_layer.messages`. An
address is `unix:PATH` or `tcp:PORT` on loopback. Nothing else is accepted: a frame that is too long or does
not decode ends its connection.
"""

import socket
import struct
from typing import Generic, TypeVar

import msgspec

from data_layer import messages
from data_layer.errors import AviatorError

MAX_FRAME_BYTES = 4 * 1024 * 1024
WINDOW_RECORDS = 500  # unacknowledged records a sender may have under way

_HEADER = struct.Struct("<I")
_encoder = msgspec.msgpack.Encoder()

FrameT = TypeVar("FrameT")


class WireError(AviatorError):
    """The other side sent something that is no frame of ours."""


def connect(address: str, timeout_s: float) -> socket.socket:
    """Return a blocking connection to `address`, made within `timeout_s`, which stays its timeout.

    Raises `OSError` when nobody listens there, `WireError` when `address` is none.
    """
    kind, _, place = address.partition(":")
    if kind == "tcp" and place.isascii() and place.isdigit():
        return socket.create_connection(("127.0.0.1", int(place)), timeout_s)
    if kind == "unix" and place and hasattr(socket, "AF_UNIX"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout_s)
        try:
            connection.connect(place)
        except OSError:
            connection.close()
            raise
        return connection
    raise WireError(f"{address!r} is no address of a writer")


def pack(frame: messages.ClientFrame | messages.ServerFrame) -> bytes:
    """Return `frame` as it goes over the wire."""
    body = _encoder.encode(frame)
    return _HEADER.pack(len(body)) + body


class FrameReader(Generic[FrameT]):
    """Cuts a byte stream into frames, keeping what has not fully arrived."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[FrameT]) -> None:
        self._decoder = decoder
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[FrameT]:
        """Return the frames that `data` completes, in order. Raises `WireError` for what is no frame."""
        buffer = self._buffer
        buffer += data
        frames = []
        at = 0
        while len(buffer) - at >= _HEADER.size:
            (length,) = _HEADER.unpack_from(buffer, at)
            if length > MAX_FRAME_BYTES:
                raise WireError(f"a frame of {length} bytes; at most {MAX_FRAME_BYTES} are accepted")
            end = at + _HEADER.size + length
            if len(buffer) < end:
                break
            try:
                frames.append(self._decoder.decode(memoryview(buffer)[at + _HEADER.size : end]))
            except (msgspec.MsgspecError, RecursionError) as error:
                raise WireError(f"a frame that does not decode: {error}") from error
            at = end
        del buffer[:at]
        return frames


def client_frames() -> FrameReader[messages.ClientFrame]:
    """Return what the writer reads a connection with."""
    return FrameReader(msgspec.msgpack.Decoder(messages.ClientFrame))


def server_frames() -> FrameReader[messages.ServerFrame]:
    """Return what a worker or a viewer reads its connection with."""
    return FrameReader(msgspec.msgpack.Decoder(messages.ServerFrame))
