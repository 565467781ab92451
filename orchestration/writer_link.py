"""One connection of a worker to the writer: frames in, bytes out, and word of its end."""

import asyncio
import logging
from collections.abc import Callable

from data_layer import wire
from data_layer.messages import ServerFrame

_log = logging.getLogger(__name__)


class WriterLink(asyncio.Protocol):
    """One connection. What is under way is bounded by the sender's window, so writing never has to wait."""

    def __init__(self, received: Callable[[ServerFrame], None], lost: Callable[[], None]) -> None:
        self._received = received
        self._lost = lost
        self._frames = wire.server_frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            frames = self._frames.feed(data)
        except wire.WireError as error:
            _log.error("The writer sent %s", error)
            self.close()
            return
        for frame in frames:
            if self._transport is None or self._transport.is_closing():
                return
            self._received(frame)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._lost()

    def send(self, data: bytes) -> None:
        """Send without waiting; what is sent into an ended connection is lost, and sent again on the next."""
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()
