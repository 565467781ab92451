"""What the writer does with all its connections: it commits what they bring, acknowledges, and tells viewers.

Everything runs on one event loop. A commit holds the loop for its milliseconds, which groups what arrives
meanwhile into the next one. When the database cannot take rows, nothing is acknowledged, the commit is tried
again, and from `MAX_PENDING_ROWS` on nothing more is read: the rows wait at the workers, none is dropped.
"""

import asyncio
import hmac
import itertools
import logging
import socket
from collections.abc import Callable, Hashable

from data_layer import wire
from data_layer.database import alert_rows
from data_layer.database.flushing import CommitFailedError, Flushed
from data_layer.database.validation import name_fault
from data_layer.database.writer import FLUSH_ROWS, BatchDatabaseWriter
from data_layer.messages import Committed, Deliver, Hello, Subscribe
from orchestration.backoff import Backoff, BackoffPolicy
from orchestration.writer_connection import Peer, WriterConnection
from orchestration.writer_pulse import WriterPulse
from utils import clock

FLUSH_INTERVAL_S = 0.1
MAX_PENDING_ROWS = 20_000
COMMIT_LIMIT_S = 60.0  # a commit on a very slow disk; beyond it the writer counts as hung
RESCUE_LIMIT_S = 600.0  # one that copies the whole database first; ended before, that would be lost
RETRY = BackoffPolicy(initial_s=0.1, ceiling_s=2.0)

_log = logging.getLogger(__name__)


class WriterServer:
    """Serves workers and viewers on one listening socket until `close`."""

    def __init__(
        self,
        database: BatchDatabaseWriter,
        pulse: WriterPulse,
        secret: str,
        *,
        on_commit: Callable[[Committed], None] = lambda _: None,
    ) -> None:
        """`on_commit` is called after every commit that changed a statistic; it must return at once."""
        self._database = database
        self._pulse = pulse
        self._secret = secret.encode()
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._keys = itertools.count(1)
        self._workers: dict[Hashable, Peer] = {}
        self._viewers: set[Peer] = set()
        self._unacknowledged: set[Peer] = set()
        self._unwelcomed: list[Peer] = []
        self._timer: asyncio.Handle | None = None
        self._flushing_soon = False
        self._retry = Backoff(RETRY)
        self._failing = False
        self._reading = True
        self._version = database.version
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Accept connections on `listener`, a listening non-blocking socket."""
        self._server = await self._loop.create_server(
            lambda: WriterConnection(self, next(self._keys)), sock=listener
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

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for a commit."""
        return not (self._failing or self._unacknowledged or self._database.pending)

    # What connections report.

    def identified(self, connection: Peer, frame: Hello | Subscribe) -> str:
        """Take in a connection by its first frame; return the reason when it is refused, else nothing."""
        if not hmac.compare_digest(frame.secret.encode(errors="surrogatepass"), self._secret):
            return "the secret is not this run's"
        if isinstance(frame, Hello):
            fault = name_fault(frame.bookmaker) or name_fault(frame.stream)
            if fault:
                return f"the name of its bookmaker or stream {fault}"
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

    def delivered(self, connection: Peer, frame: Deliver) -> None:
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
            self._timer = self._loop.call_later(FLUSH_INTERVAL_S, self._flush)

    def lost(self, connection: Peer) -> None:
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
        if not self._flushing_soon:
            self._cancel_timer()
            self._flushing_soon = True
            self._timer = self._loop.call_soon(self._flush_next_turn)

    def _flush_next_turn(self) -> None:
        self._timer = self._loop.call_soon(self._flush)

    def _flush(self) -> bool:
        """Commit what is pending; tell whether nothing is pending any more."""
        self._cancel_timer()
        if not self._database.pending and not self._unacknowledged:
            return True
        try:
            with self._pulse.held(COMMIT_LIMIT_S if self._database.in_place else RESCUE_LIMIT_S):
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
            self._on_commit(event)
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
        self._flushing_soon = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _count_connections(self) -> None:
        workers = sum(peer.stream != alert_rows.SENDER for peer in self._workers.values())
        self._pulse.say(workers=workers, viewers=len(self._viewers))
