"""The writer's side of every connection: it reads without waiting for anyone, commits, acknowledges, tells.

Everything runs on one event loop. A commit holds the loop for its milliseconds, which groups what arrives
meanwhile into the next one. When the database cannot take rows, nothing is acknowledged, the commit is tried
again, and from `MAX_PENDING_ROWS` on nothing more is read: the rows wait at the workers, none is dropped.
"""

import asyncio
import hmac
import itertools
import logging
import socket
from collections.abc import Hashable

from data_layer import wire
from data_layer.database.writer import (
    FLUSH_INTERVAL_US,
    FLUSH_ROWS,
    BatchDatabaseWriter,
    CommitFailedError,
    Flushed,
    Outcome,
)
from data_layer.messages import (
    Ack,
    ClientFrame,
    Committed,
    Deliver,
    Hello,
    Refused,
    ServerFrame,
    Subscribe,
)
from orchestration.backoff import Backoff, BackoffPolicy
from orchestration.writer_pulse import WriterPulse
from utils import clock

MAX_PENDING_ROWS = 20_000
MAX_UNREAD_BYTES = 256 * 1024  # of one connection; a viewer that lags more is sent away and reads again
COMMIT_LIMIT_S = 60.0  # a commit on a very slow disk; beyond it the writer counts as hung
RETRY = BackoffPolicy(initial_s=0.1, ceiling_s=2.0)
_FIRST_FRAME_S = 5.0

_log = logging.getLogger(__name__)


class WriterServer:
    """Serves workers and viewers on one listening socket until `close`."""

    def __init__(self, database: BatchDatabaseWriter, pulse: WriterPulse, secret: str) -> None:
        self._database = database
        self._pulse = pulse
        self._secret = secret.encode()
        self._loop = asyncio.get_running_loop()
        self._keys = itertools.count(1)
        self._workers: dict[Hashable, _Connection] = {}
        self._viewers: set[_Connection] = set()
        self._unacknowledged: set[_Connection] = set()
        self._unwelcomed: list[_Connection] = []
        self._timer: asyncio.Handle | None = None
        self._retry = Backoff(RETRY)
        self._failing = False
        self._reading = True
        self._version = database.version
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Accept connections on `listener`, a listening non-blocking socket."""
        self._server = await self._loop.create_server(
            lambda: _Connection(self, next(self._keys)), sock=listener
        )

    async def close(self, commit_within_s: float) -> bool:
        """Commit and acknowledge what is pending, end all connections; tell whether all is committed."""
        if self._server is not None:
            self._server.close()
        deadline = self._loop.time() + commit_within_s
        while not (done := self._flush()) and self._loop.time() < deadline:
            await asyncio.sleep(RETRY.initial_s)
        self._cancel_timer()
        for connection in [*self._workers.values(), *self._viewers]:
            connection.close()
        await asyncio.sleep(0)  # lets the transports close
        return done

    # What connections report.

    def identified(self, connection: "_Connection", frame: Hello | Subscribe) -> str:
        """Take in a connection by its first frame; return the reason when it is refused, else nothing."""
        if not hmac.compare_digest(frame.secret.encode(errors="surrogatepass"), self._secret):
            return "the secret is not this run's"
        if isinstance(frame, Hello):
            self._workers[connection.key] = connection
            self._unwelcomed.append(connection)
            if not self._failing and self._flush():  # what is pending may be of the same stream
                self._welcome()
            if not self._reading:
                connection.pause()
        else:
            self._viewers.add(connection)
            connection.send(Committed(version=self._version, committed_at_us=clock.now_us()))
        self._count_connections()
        return ""

    def delivered(self, connection: "_Connection", frame: Deliver) -> None:
        """Take in the records of a worker."""
        database = self._database
        database.add(connection.key, connection.bookmaker, connection.stream, frame.records)
        connection.delivered_upto = frame.upto
        self._unacknowledged.add(connection)
        if self._failing:
            if database.pending >= MAX_PENDING_ROWS:
                self._stop_reading()
            self._pulse.say(pending=database.pending)
        elif database.pending >= FLUSH_ROWS:
            self._flush()
        elif frame.urgent:
            self._flush_soon()
        elif self._timer is None:
            self._timer = self._loop.call_later(FLUSH_INTERVAL_US / 1_000_000, self._flush)

    def lost(self, connection: "_Connection") -> None:
        """Forget a connection. What it delivered is committed all the same."""
        self._workers.pop(connection.key, None)
        self._viewers.discard(connection)
        self._unacknowledged.discard(connection)
        if connection in self._unwelcomed:
            self._unwelcomed.remove(connection)
        self._count_connections()

    # Commits.

    def _flush_soon(self) -> None:
        """Commit after what is readable right now has been read: a sender waits."""
        self._cancel_timer()
        self._timer = self._loop.call_soon(self._flush_next_turn)

    def _flush_next_turn(self) -> None:
        self._timer = self._loop.call_soon(self._flush)

    def _flush(self) -> bool:
        """Commit what is pending; tell whether nothing is pending any more."""
        self._cancel_timer()
        if not self._database.pending and not self._unacknowledged:
            return True
        try:
            with self._pulse.held(COMMIT_LIMIT_S):
                flushed = self._database.flush()
        except CommitFailedError as error:
            self._commit_failed(error)
            return False
        self._committed(flushed)
        return True

    def _commit_failed(self, error: CommitFailedError) -> None:
        delay_s = self._retry.after_failure(0.0)
        if not self._failing:
            _log.error("a commit failed, nothing is lost, it is tried again: %s", error)
        self._failing = True
        self._pulse.say(trouble=str(error), pending=self._database.pending)
        self._timer = self._loop.call_later(delay_s, self._flush)

    def _committed(self, flushed: Flushed) -> None:
        if self._failing:
            _log.info("commits work again")
            self._failing = False
            self._retry.reset()
            self._pulse.say(trouble="", pending=0)
        event = flushed.event
        rows = 0
        for key, outcome in flushed.outcomes.items():
            rows += outcome.committed + outcome.duplicates + outcome.quarantined
            connection = self._workers.get(key)
            if connection is not None:
                connection.count(outcome)
        self._pulse.committed(
            rows=rows, duration_us=flushed.duration_us, version=event.version, at_us=event.committed_at_us
        )
        for connection in self._unacknowledged:
            connection.acknowledge()
        self._unacknowledged.clear()
        if event.version != self._version:
            self._version = event.version
            self._tell_viewers(event)
        self._welcome()
        if not self._reading:
            self._resume_reading()

    def _welcome(self) -> None:
        unwelcomed, self._unwelcomed = self._unwelcomed, []
        for connection in unwelcomed:
            connection.send(self._database.welcome(connection.bookmaker, connection.stream))

    def _tell_viewers(self, event: Committed) -> None:
        if self._viewers:
            frame = wire.pack(event)
            for viewer in list(self._viewers):
                viewer.send_bytes(frame)

    # Back-pressure and bookkeeping.

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            for connection in self._workers.values():
                connection.pause()

    def _resume_reading(self) -> None:
        self._reading = True
        for connection in self._workers.values():
            connection.resume()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _count_connections(self) -> None:
        self._pulse.say(workers=len(self._workers), viewers=len(self._viewers))


class _Connection(asyncio.Protocol):
    """One peer: unknown until its first frame, then a worker or a viewer."""

    def __init__(self, server: WriterServer, key: int) -> None:
        self._server = server
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
        self._server.lost(self)

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
                self._server.delivered(self, frame)
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
        if reason := self._server.identified(self, frame):
            self._refuse(reason)

    def _refuse(self, reason: str) -> None:
        _log.warning("the connection of %s is refused: %s", self._name(), reason)
        self.send(Refused(reason=reason))
        self.close()

    def _name(self) -> str:
        return self.bookmaker or ("a viewer" if self._role is Subscribe else "an unknown peer")
