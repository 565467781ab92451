"""Imported rounds through the writer of a running instance, which owns the database."""

import os
from collections.abc import Sequence

from data_layer import wire
from data_layer.errors import AviatorError
from data_layer.messages import Ack, Deliver, Hello, Record, Refused, ServerFrame, Welcome
from data_layer.recordings.importer import SinkTotals

_FRAME_RECORDS = wire.WINDOW_RECORDS // 4  # even if each is the largest, the frame is small enough
_TIMEOUT_S = 60.0  # a commit on a busy disk takes a while
_READ_BYTES = 64 * 1024


class DeliveryFailedError(AviatorError):
    """The running instance did not take the rounds. What it committed before stays."""


class SocketSink:
    """One connection to a writer, used by one thread.

    `address` and `secret` are those of the run. Raises `DeliveryFailedError` when the writer cannot be
    reached, refuses, or goes away.
    """

    def __init__(self, address: str, secret: str) -> None:
        self._secret = secret
        self._frames = wire.server_frames()
        self._received: list[ServerFrame] = []
        self._stream = ""
        self._sent = 0
        self._last = Ack(upto=0, committed=0, duplicates=0, quarantined=0)
        try:
            self._socket = wire.connect(address, _TIMEOUT_S)
        except (OSError, wire.WireError) as error:
            raise DeliveryFailedError(f"the running instance cannot be reached: {error}") from error

    def write(self, bookmaker: str, stream: str, records: Sequence[Record]) -> None:
        """Send records; waits while the window is full. All of them belong to one bookmaker and stream."""
        if not self._stream:
            self._greet(bookmaker, stream)
        for start in range(0, len(records), _FRAME_RECORDS):
            frame = list(records[start : start + _FRAME_RECORDS])
            while self._sent + len(frame) - self._last.upto > wire.WINDOW_RECORDS:
                self._take_ack()
            self._sent += len(frame)
            self._send(Deliver(upto=self._sent, records=frame, urgent=True))

    def finish(self) -> SinkTotals:
        """Wait for the last acknowledgement."""
        while self._last.upto < self._sent:
            self._take_ack()
        ack = self._last
        return SinkTotals(committed=ack.committed, duplicates=ack.duplicates, quarantined=ack.quarantined)

    def close(self) -> None:
        """End the connection. Safe to call twice."""
        self._socket.close()

    def _greet(self, bookmaker: str, stream: str) -> None:
        self._stream = stream
        self._send(Hello(secret=self._secret, bookmaker=bookmaker, stream=stream, pid=os.getpid()))
        answer = self._next()
        if not isinstance(answer, Welcome):
            raise DeliveryFailedError(f"the running instance answered with {type(answer).__name__}")

    def _take_ack(self) -> None:
        frame = self._next()
        if isinstance(frame, Ack):
            self._last = frame

    def _next(self) -> ServerFrame:
        while not self._received:
            try:
                data = self._socket.recv(_READ_BYTES)
                self._received = self._frames.feed(data)
            except (OSError, wire.WireError) as error:
                raise DeliveryFailedError(f"the running instance failed to answer: {error}") from error
            if not data:
                raise DeliveryFailedError("the running instance ended the connection")
        frame = self._received.pop(0)
        if isinstance(frame, Refused):
            raise DeliveryFailedError(f"the running instance refused: {frame.reason}")
        return frame

    def _send(self, frame: Hello | Deliver) -> None:
        try:
            self._socket.sendall(wire.pack(frame))
        except OSError as error:
            raise DeliveryFailedError(f"the running instance takes no rounds: {error}") from error
