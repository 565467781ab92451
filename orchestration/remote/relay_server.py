"""The writer's stand-in on a machine without a database: what workers deliver to it goes to Redis.

To its workers it is the writer: they greet it, deliver, and forget what it acknowledges. It acknowledges what
the writer on the central machine has committed, and keeps nothing itself. Whenever it cannot be certain what
became of an entry it ends the worker's connection: the worker then asks how far the writer came and sends the
rest again, and positions make what arrives twice harmless.
"""

import asyncio
import collections
import contextlib
import hmac
import logging
import secrets
import socket
import time
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec

from data_layer.cache.stream_sender import Exchanged, StreamSender, StreamUnreachableError
from data_layer.cache.streams import Answer, Entry, highest_position
from data_layer.messages import Ack, Deliver, Hello, Subscribe, Welcome
from orchestration.backoff import Backoff, BackoffPolicy
from orchestration.writer_connection import Peer, WriterConnection
from orchestration.writer_pulse import WriterPulse

RETRY = BackoffPolicy(initial_s=0.1, ceiling_s=1.0)
LOOK_AFTER_S = 0.5  # then an entry that is not answered is looked for
STALLED_S = 60.0  # present, the writer lives, and still not answered: something set the group astray
_PATIENCE_S = 2.0  # without an answer, before the operator is told why
_SHORTEST_POLL_S = 0.002
_LONGEST_POLL_S = 0.25
_IDLE_POLL_S = 5.0
_MOST_RECORDS = 10_000  # of one exchange

_log = logging.getLogger(__name__)


class RelayServer:
    """Serves the workers of this machine on one listening socket until `close`. Belongs to its loop."""

    def __init__(self, sender: StreamSender, pulse: WriterPulse, secret: str) -> None:
        self._sender = sender
        self._pulse = pulse
        self._secret = secret.encode()
        self._loop = asyncio.get_running_loop()
        self._sessions: dict[Hashable, _Session] = {}  # by the key of their connection
        self._outgoing: collections.deque[tuple[_Session, _Frame, Entry]] = collections.deque()
        self._wake = asyncio.Event()
        self._retry = Backoff(RETRY)
        self._retry_at = 0.0
        self._writer_since: float | None = None  # when its sign of life was first seen without a break
        self._refused = False  # the last entry that was sent
        self._trouble = ""
        self._next_key = 0
        self._executor = ThreadPoolExecutor(1, "relay-exchange")
        self._server: asyncio.Server | None = None
        self._exchanging: asyncio.Task[None] | None = None

    async def start(self, listener: socket.socket) -> None:
        """Accept connections on `listener`, a listening non-blocking socket."""
        self._server = await self._loop.create_server(self._connection, sock=listener)
        self._exchanging = self._loop.create_task(self._exchange_for_ever())

    async def close(self) -> None:
        """End all connections. Raises what ended the exchange by mistake."""
        if self._server is not None:
            self._server.close()
        if self._exchanging is not None:
            self._exchanging.cancel()
            await asyncio.wait([self._exchanging])
        for session in list(self._sessions.values()):
            session.connection.close()
        self._executor.shutdown(wait=False, cancel_futures=True)
        await asyncio.sleep(0)  # lets the transports close

    def on_failure(self, ended: "asyncio.Future[None]") -> None:
        """Have `ended` fail when the exchange ends by a mistake of ours."""
        assert self._exchanging is not None

        def tell(task: "asyncio.Task[None]") -> None:
            error = None if task.cancelled() else task.exception()
            if error is not None and not ended.done():
                ended.set_exception(error)

        self._exchanging.add_done_callback(tell)

    # What connections report.

    def identified(self, connection: Peer, frame: Hello | Subscribe) -> str:
        """Take in a worker by its greeting, which is passed on; viewers have nothing to see here."""
        if not hmac.compare_digest(frame.secret.encode(errors="surrogatepass"), self._secret):
            return "the secret is not this run's"
        if isinstance(frame, Subscribe):
            return "there is no database on this machine"
        self._sessions[connection.key] = _Session(connection, time.monotonic())
        self._pulse.say(workers=len(self._sessions))
        self._wake.set()
        return ""

    def delivered(self, connection: Peer, frame: Deliver) -> None:
        """Take in the records of a worker, to be sent at the next exchange."""
        session = self._sessions.get(connection.key)
        if session is not None:
            self._outgoing.append((session, *session.frame(frame, time.monotonic())))
            self._wake.set()

    def lost(self, connection: Peer) -> None:
        """Forget a connection. What it sent counts all the same once it is committed."""
        self._sessions.pop(connection.key, None)
        self._pulse.say(workers=len(self._sessions))

    def _connection(self) -> WriterConnection:
        self._next_key += 1
        return WriterConnection(self, self._next_key)

    # The exchange with Redis.

    async def _exchange_for_ever(self) -> None:
        while True:
            await self._until_due()
            await self._exchange()
            self._show()

    async def _until_due(self) -> None:
        """Wait until there is something to send or it is time to ask; after a failure a while longer."""
        greetings = any(session.greeting_due for session in self._sessions.values())
        if not self._outgoing and not greetings:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_in(time.monotonic())):
                    await self._wake.wait()
        pause_s = self._retry_at - time.monotonic()
        if pause_s > 0:
            await asyncio.sleep(pause_s)

    def _poll_in(self, now: float) -> float:
        """Return how long to wait before asking for answers again: short at first, then ever longer."""
        waiting = [session.waits_since for session in self._sessions.values() if session.waits_since]
        if not waiting:
            return _IDLE_POLL_S
        return min(max((now - max(waiting)) / 4, _SHORTEST_POLL_S), _LONGEST_POLL_S)

    async def _exchange(self) -> None:
        now = time.monotonic()
        sessions = {session.token: session for session in self._sessions.values()}
        out = [(session, None, session.greeting()) for session in sessions.values() if session.greeting_due]
        frames = self._take_outgoing(sessions)
        looked_for = {
            token: entry_id
            for token, session in sessions.items()
            if (entry_id := session.oldest_id) and now - (session.waits_since or now) > LOOK_AFTER_S
        }
        asked = [token for token, session in sessions.items() if session.waits_since]
        entries = [entry for _, _, entry in (*out, *frames)]
        try:
            done = await self._loop.run_in_executor(
                self._executor, self._sender.exchange, entries, looked_for, asked
            )
        except StreamUnreachableError as error:
            self._fail(str(error))
            for session, _, _ in frames:
                self._begin_again(session)
            return
        self._retry_at = 0.0
        self._retry.reset()
        self._writer_since = None if done.writer is None else self._writer_since or now
        for (session, frame, _), entry_id in zip((*out, *frames), done.ids, strict=True):
            session.sent(frame, entry_id)
            if entry_id is None and frame is not None:
                self._begin_again(session)
        if done.refusal:
            self._fail(done.refusal)
        for token, session in sessions.items():
            self._hear(session, done.answers.get(token), looked_for.get(token), token in done.missing)
        self._refused = bool(done.refusal) or (self._refused and not entries)
        if not self._refused:
            self._judge(done, now)

    def _take_outgoing(self, sessions: "dict[str, _Session]") -> "list[tuple[_Session, _Frame, Entry]]":
        frames = []
        records = 0
        while self._outgoing and records < _MOST_RECORDS:
            session, frame, entry = self._outgoing.popleft()
            if session.token in sessions:
                frames.append((session, frame, entry))
                records += len(entry.records or ())
        return frames

    def _hear(
        self, session: "_Session", answer: Answer | None, looked_for: bytes | None, missing: bool
    ) -> None:
        """Act on what became of one session."""
        if self._sessions.get(session.connection.key) is not session:
            return
        if answer is not None:
            session.hear(answer)
            if answer.again:
                _log.warning("%s: Redis lost rounds on their way, they are sent again", session.bookmaker)
                self._begin_again(session)
                return
        if missing and session.oldest_id == looked_for:
            if session.welcomed:
                _log.warning("%s: Redis lost rounds on their way, they are sent again", session.bookmaker)
                self._begin_again(session)
            else:
                session.greeting_due = True

    def _judge(self, done: Exchanged, now: float) -> None:
        """Find out what hinders, and end what has come to a halt without a reason."""
        waiting = [session for session in self._sessions.values() if session.waits_since]
        trouble = ""
        if any(now - (session.waits_since or now) > _PATIENCE_S for session in waiting):
            if done.writer is None:
                trouble = "no instance with the database takes rounds from this Redis at the moment"
            elif done.writer.trouble:
                trouble = f"the writer on {done.writer.machine} is {done.writer.trouble}"
        self._say(trouble)
        for session in waiting:
            since = max(session.waits_since or now, self._writer_since or now)
            if now - since > STALLED_S:
                _log.warning("%s: no answer for %.0f s, beginning again", session.bookmaker, now - since)
                self._begin_again(session)

    def _begin_again(self, session: "_Session") -> None:
        """End the connection: the worker greets anew, and sends what is not acknowledged then."""
        if self._sessions.pop(session.connection.key, None) is not None:
            session.connection.close()

    def _fail(self, trouble: str) -> None:
        self._retry_at = time.monotonic() + self._retry.after_failure(0.0)
        self._writer_since = None
        self._say(trouble)

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _log.warning("Rounds cannot be delivered, they are kept: %s", trouble)
        elif self._trouble and not trouble:
            _log.info("Rounds are delivered again")
        self._trouble = trouble

    def _show(self) -> None:
        pending = sum(session.records_under_way for session in self._sessions.values())
        self._pulse.say(trouble=self._trouble, pending=pending, workers=len(self._sessions))


@dataclass(slots=True)
class _Frame:
    """What a worker sent in one piece."""

    upto: int  # number of its last record on the connection
    position: int  # the highest up to its end
    entry_id: bytes | None = None  # once it is in the stream
    at: float = 0.0


class _Session:
    """One connection of a worker, and how far it came."""

    def __init__(self, connection: Peer, now: float) -> None:
        self.connection = connection
        self.token = secrets.token_hex(12)
        self.bookmaker = connection.bookmaker
        self.greeting_due = True
        self.welcomed = False
        self._greeting_id: bytes | None = None
        self._greeted_at = now
        self._position = 0  # of the last frame
        self._under_way: collections.deque[_Frame] = collections.deque()
        self._acknowledged = 0
        self._counted = Answer()  # newest answer
        self._before = Answer()  # counts of a writer that was replaced meanwhile

    @property
    def waits_since(self) -> float | None:
        """Since when the oldest unanswered entry waits; None when there is none."""
        if not self.welcomed:
            return self._greeted_at
        return self._under_way[0].at if self._under_way else None

    @property
    def oldest_id(self) -> bytes | None:
        """The entry that waits longest, once it is in the stream."""
        if not self.welcomed:
            return None if self.greeting_due else self._greeting_id
        return self._under_way[0].entry_id if self._under_way else None

    @property
    def records_under_way(self) -> int:
        """Records that are not acknowledged."""
        return self._under_way[-1].upto - self._acknowledged if self._under_way else 0

    def greeting(self) -> Entry:
        """Return what asks the writer how far it came."""
        return Entry(session=self.token, bookmaker=self.bookmaker, stream=self.connection.stream)

    def frame(self, frame: Deliver, now: float) -> tuple[_Frame, Entry]:
        """Return what a worker sent, and as what it goes into the stream."""
        highest = highest_position(frame.records)
        entry = Entry(
            session=self.token,
            bookmaker=self.bookmaker,
            stream=self.connection.stream,
            after=self._position if highest else 0,
            records=frame.records,
        )
        self._position = max(self._position, highest)
        kept = _Frame(frame.upto, self._position, at=now)
        self._under_way.append(kept)
        return kept, entry

    def sent(self, frame: _Frame | None, entry_id: bytes | None) -> None:
        """Note the place in the stream of a frame, or of the greeting."""
        if frame is not None:
            frame.entry_id = entry_id
        elif entry_id is not None:
            self.greeting_due = False
            self._greeting_id = entry_id

    def hear(self, answer: Answer) -> None:
        """Pass on what the writer said: the welcome, or an acknowledgement."""
        if not self.welcomed:
            if answer.welcome:
                self.welcomed = True
                self.connection.send(
                    Welcome(last_position=answer.position, paper_profit_minor=answer.paper_profit_minor)
                )
            return
        if _total(answer) < _total(self._counted):  # another writer, which counts from the beginning
            self._before = _added(self._before, self._counted)
        self._counted = answer
        upto = 0
        while (
            self._under_way and self._under_way[0].entry_id and self._under_way[0].position <= answer.position
        ):
            upto = self._under_way.popleft().upto
        if upto:
            self._acknowledged = upto
            counts = _added(self._before, answer)
            self.connection.send(
                Ack(
                    upto=upto,
                    committed=counts.committed,
                    duplicates=counts.duplicates,
                    quarantined=counts.quarantined,
                )
            )


def _total(answer: Answer) -> int:
    return answer.committed + answer.duplicates + answer.quarantined


def _added(first: Answer, second: Answer) -> Answer:
    return msgspec.structs.replace(
        second,
        committed=first.committed + second.committed,
        duplicates=first.duplicates + second.duplicates,
        quarantined=first.quarantined + second.quarantined,
    )
