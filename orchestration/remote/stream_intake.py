"""The writer's door for workers on other machines: it takes their rounds from Redis and answers there.

A thread reads and answers; what it brings is handled on the writer's event loop, where each session of a
worker is a peer like those with a connection. The thread is at most three batches ahead of what is committed
and answered: a disk that takes nothing holds back what is read, and it waits in Redis and in the outboxes.
"""

import asyncio
import collections
import contextlib
import logging
import threading
import time

from config.redis_target import RedisTarget
from data_layer.cache.stream_reader import RawEntry, StreamReader, StreamUnavailableError
from data_layer.cache.streams import WRITER_BEAT_S, Entry, NoEntryError, decode_entry, raw_text
from data_layer.database.validation import NOBODY
from data_layer.messages import Rejected, Welcome
from orchestration.remote.stream_session import StreamBatch, StreamSession
from orchestration.writer_connection import Host
from orchestration.writer_pulse import WriterPulse
from utils import clock

_STREAM = "rounds:stream"  # where foreign entries came from, in quarantine
_LONGEST_REMARK = 120
_READ_S = 0.5
_AHEAD = 3  # batches that are read and not settled
_RETRY_S = 0.25
_END_WITHIN_S = 1.5
_IDLE_SESSION_S = 600.0

_log = logging.getLogger(__name__)


class StreamIntake:
    """Takes in what stands in `rounds:stream`. Made, started and stopped on the writer's loop."""

    def __init__(self, host: Host, pulse: WriterPulse, secret: str, target: RedisTarget, place: str) -> None:
        """`secret` is the server's, `place` where the database is."""
        self._place = place
        self._host = host
        self._pulse = pulse
        self._secret = secret
        self.target = target
        self._loop = asyncio.get_running_loop()
        self._sessions: dict[tuple[str, str, str], StreamSession] = {}
        self._foreign = StreamSession(host, "", NOBODY, _STREAM, Welcome(last_position=0))
        self._foreign_entries = 0
        self._stopping = threading.Event()
        self._trouble = ""
        self._told = False  # the log, of a trouble that lasts
        self._thread = threading.Thread(target=self._run, name="stream-intake", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop_reading(self) -> None:
        """Take nothing more. What was taken is still answered once it is committed."""
        self._stopping.set()

    async def stop(self) -> None:
        """End, after the answers to what is committed, and forget all sessions."""
        self.stop_reading()
        await asyncio.to_thread(self._thread.join, _END_WITHIN_S)
        for session in (*self._sessions.values(), self._foreign):
            self._host.lost(session)
        self._sessions.clear()
        self._pulse.say(stream_trouble="")

    # The thread.

    def _run(self) -> None:
        try:
            self._read()
        except Exception as error:  # noqa: BLE001  # a mistake of ours ends the writer, not its intake alone
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_raise, error)

    def _read(self) -> None:
        reader = StreamReader(self.target, self._place)
        brought: collections.deque[StreamBatch] = collections.deque()
        try:
            while brought or not self._stopping.is_set():
                try:
                    self._bring_some(reader, brought)
                except StreamUnavailableError as error:
                    self._say(str(error), outage=error.outage)
                    while brought:  # first: what comes now may contain the same entries once more
                        self._finish(reader, brought)
                    self._stopping.wait(_RETRY_S)
        finally:
            reader.close()

    def _bring_some(self, reader: StreamReader, brought: collections.deque[StreamBatch]) -> None:
        """Read one batch while the one before is being committed, and settle that."""
        if len(brought) >= _AHEAD:
            self._finish(reader, brought)
        entries = reader.read(0.0 if brought else _READ_S)
        if entries and not self._stopping.is_set():
            batch = StreamBatch([(raw, _decoded(raw)) for raw in entries])
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the process with it
                self._loop.call_soon_threadsafe(self._take, batch)
            brought.append(batch)
        elif brought:
            self._finish(reader, brought)
        elif not entries:
            reader.beat("")
            self._say("")

    def _finish(self, reader: StreamReader, brought: collections.deque[StreamBatch]) -> None:
        """Wait until the oldest batch is committed, answer, and take it out of Redis.

        At the end it does not wait for ever: what is not committed stays in Redis, with all that follows.
        """
        batch = brought[0]
        began = time.monotonic()
        while not batch.done.wait(WRITER_BEAT_S):
            if self._stopping.is_set() and time.monotonic() > began + _END_WITHIN_S:
                brought.clear()
                return
            with contextlib.suppress(StreamUnavailableError):
                reader.beat("waiting for the database")
        self._settle(reader, batch)
        brought.popleft()

    def _settle(self, reader: StreamReader, batch: StreamBatch) -> None:
        """Answer and take out of Redis what is committed, however long that takes."""
        while True:
            try:
                reader.settle(batch.settled, batch.answers)
            except StreamUnavailableError as error:
                self._say(str(error), outage=error.outage)
                if self._stopping.wait(_RETRY_S):
                    return  # it comes once more after the next start, and is known to be stored then
            else:
                self._say("")
                return

    def _say(self, trouble: str, *, outage: bool = False) -> None:
        """Show a trouble. The log hears of it unless it is an `outage`, of which the publisher tells."""
        if trouble == self._trouble:
            return
        if trouble and not outage and not self._told:
            _log.warning("Rounds of workers on other machines do not arrive: %s", trouble)
            self._told = True
        elif not trouble and self._told:
            _log.info("Rounds of workers on other machines arrive again")
            self._told = False
        self._trouble = trouble
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self._pulse.say(stream_trouble=trouble))

    # The loop.

    def _take(self, batch: StreamBatch) -> None:
        touched: dict[StreamSession, None] = {}
        for raw, entry in batch.entries:
            if raw.fields is None:
                batch.settle(raw.id)  # deleted meanwhile
            elif isinstance(entry, NoEntryError):
                self._quarantine(batch, raw, str(entry))
            else:
                session = self._session_of(entry)
                session.take(batch, raw.id, entry)
                touched[session] = None
        for session in touched:
            session.hand_on()
        batch.all_taken()
        self._forget_idle()

    def _session_of(self, entry: Entry) -> StreamSession:
        key = (entry.session, entry.bookmaker, entry.stream)
        session = self._sessions.get(key)
        if session is None:
            session = self._sessions[key] = StreamSession(self._host, *key)
            session.join(self._secret)
        return session

    def _quarantine(self, batch: StreamBatch, raw: RawEntry, reason: str) -> None:
        fault = Rejected(
            bookmaker=NOBODY,
            reason=reason,
            place=f"stream entry {raw.id.decode(errors='replace')}",
            raw=raw_text(raw.fields),
            received_at_us=clock.now_us(),
        )
        entry = Entry(session="", bookmaker=NOBODY, stream=_STREAM, records=[fault])
        self._foreign.take(batch, raw.id, entry)
        self._foreign.hand_on()
        self._foreign_entries += 1
        told = f"{self._foreign_entries:,} entries of other programs in quarantine, the last: {reason}"
        self._pulse.say(stream_remark=told[:_LONGEST_REMARK])

    def _forget_idle(self) -> None:
        now = time.monotonic()
        newest = {(one.bookmaker, one.stream): one for one in self._sessions.values()}
        for key, session in list(self._sessions.items()):
            replaced = newest[session.bookmaker, session.stream] is not session
            if not session.busy and (replaced or now - session.heard_at > _IDLE_SESSION_S):
                del self._sessions[key]
                self._host.lost(session)


def _decoded(raw: RawEntry) -> Entry | NoEntryError:
    try:
        return decode_entry(raw.fields)
    except NoEntryError as error:
        return error


def _raise(error: Exception) -> None:
    raise error
