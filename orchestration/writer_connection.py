"""One connection to the writer: a buffer of its own, read without waiting, ended when its peer is rude."""

import asyncio
import logging
from collections.abc import Hashable
from typing import Protocol

from data_layer import wire
from data_layer.database.flushing import Outcome
from data_layer.messages import Ack, ClientFrame, Deliver, Hello, Refused, ServerFrame, Subscribe

MAX_UNREAD_BYTES = 256 * 1024  # a viewer that lags more is sent away and reads the database again
_FIRST_FRAME_S = 5.0  # for a peer to say who it is

_log = logging.getLogger(__name__)


class Peer(Protocol):
    """Somebody the writer serves: over a connection of its own, or through Redis."""

    @property
    def key(self) -> Hashable:
        """What tells it from all others."""
        ...

    bookmaker: str
    stream: str
    delivered_upto: int  # number of the last record taken in

    def send(self, frame: ServerFrame) -> None:
        """Send `frame` without waiting."""
        ...

    def send_bytes(self, frame: bytes) -> None:
        """Send a packed frame without waiting."""
        ...

    def count(self, outcome: Outcome) -> None:
        """Add what became of its records."""
        ...

    def acknowledge(self) -> None:
        """Tell it that everything it delivered is committed."""
        ...

    def pause(self) -> None:
        """Take nothing more from it for now."""
        ...

    def resume(self) -> None:
        """Take from it again."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class Host(Protocol):
    """What a connection tells of its peer."""

    def identified(self, connection: Peer, frame: Hello | Subscribe) -> str:
        """Take in a peer by its first frame; return the reason when it is refused, else nothing."""
        ...

    def delivered(self, connection: Peer, frame: Deliver) -> None:
        """Take in the records of a worker."""
        ...

    def lost(self, connection: Peer) -> None:
        """Forget a connection that has ended."""
        ...


class WriterConnection(asyncio.Protocol):
    """One peer: unknown until its first frame, then a worker or a viewer."""

    def __init__(self, host: Host, key: int) -> None:
        self._host = host
        self.key = key
        self.bookmaker = ""
        self.stream = ""
        self.delivered_upto = 0
        self._role: type[Hello] | type[Subscribe] | None = None
        self._frames = wire.client_frames()
        self._transport: asyncio.Transport | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._committed = self._duplicates = self._quarantined = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._patience = asyncio.get_running_loop().call_later(_FIRST_FRAME_S, self.close)

    def data_received(self, data: bytes) -> None:
        try:
            frames = self._frames.feed(data)
        except wire.WireError as error:
            self._refuse(str(error))
            return
        for frame in frames:
            if self._transport is None:
                return
            self._take(frame)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._patience is not None:
            self._patience.cancel()
        self._host.lost(self)

    def send(self, frame: ServerFrame) -> None:
        """Send `frame` without waiting."""
        self.send_bytes(wire.pack(frame))

    def send_bytes(self, frame: bytes) -> None:
        """Send a packed frame without waiting; end the connection when its peer does not read."""
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            _log.warning("%s does not read what it is told and is disconnected", self._name())
            self._transport = None
            transport.abort()
            return
        transport.write(frame)

    def count(self, outcome: Outcome) -> None:
        """Add what became of records of this connection."""
        self._committed += outcome.committed
        self._duplicates += outcome.duplicates
        self._quarantined += outcome.quarantined

    def acknowledge(self) -> None:
        """Tell the peer that everything it delivered is committed."""
        self.send(
            Ack(
                upto=self.delivered_upto,
                committed=self._committed,
                duplicates=self._duplicates,
                quarantined=self._quarantined,
            )
        )

    def pause(self) -> None:
        """Read nothing more for now."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self) -> None:
        """End the connection after what is being sent."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def _take(self, frame: ClientFrame) -> None:
        if isinstance(frame, Deliver):
            if self._role is Hello:
                self._host.delivered(self, frame)
            else:
                self._refuse("records from a connection that did not say whose they are")
            return
        if self._role is not None:
            self._refuse("a second greeting")
            return
        self._role = type(frame)
        if isinstance(frame, Hello):
            self.bookmaker, self.stream = frame.bookmaker, frame.stream
        if self._patience is not None:
            self._patience.cancel()
        if reason := self._host.identified(self, frame):
            self._refuse(reason)

    def _refuse(self, reason: str) -> None:
        _log.warning("the connection of %s is refused: %s", self._name(), reason)
        self.send(Refused(reason=reason))
        self.close()

    def _name(self) -> str:
        return self.bookmaker or ("a viewer" if self._role is Subscribe else "an unknown peer")
