"""The writer's door for workers on other machines: it takes their rounds from Redis and answers there.

A thread reads and answers; what it brings is handled on the writer's event loop, where each session of a
worker is a peer like those with a connection. The thread is at most three batches ahead of what is committed
and answered: a disk that takes nothing holds back what is read, and it waits in Redis and in the outboxes.
"""

import asyncio
import collections
import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Sequence

from config.redis_target import RedisTarget
from data_layer.cache.stream_reader import RawEntry, StreamReader, StreamUnavailableError
from data_layer.cache.streams import (
    WRITER_BEAT_S,
    Answer,
    Entry,
    NoEntryError,
    decode_entry,
    highest_position,
    raw_text,
)
from data_layer.database.validation import NOBODY
from data_layer.database.writer import Outcome
from data_layer.messages import Deliver, Hello, Record, Rejected, ServerFrame, Welcome
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
        self._sessions: dict[str, _Session] = {}
        self._foreign = _Session(host, "", NOBODY, _STREAM, Welcome(last_position=0))
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
        brought: collections.deque[_Batch] = collections.deque()
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

    def _bring_some(self, reader: StreamReader, brought: "collections.deque[_Batch]") -> None:
        """Read one batch while the one before is being committed, and settle that."""
        if len(brought) >= _AHEAD:
            self._finish(reader, brought)
        entries = reader.read(0.0 if brought else _READ_S)
        if entries and not self._stopping.is_set():
            batch = _Batch([(raw, _decoded(raw)) for raw in entries])
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the process with it
                self._loop.call_soon_threadsafe(self._take, batch)
            brought.append(batch)
        elif brought:
            self._finish(reader, brought)
        elif not entries:
            reader.beat("")
            self._say("")

    def _finish(self, reader: StreamReader, brought: "collections.deque[_Batch]") -> None:
        """Wait until the oldest batch is committed, answer, and take it out of Redis."""
        batch = brought[0]
        began = time.monotonic()
        while not batch.done.wait(WRITER_BEAT_S):
            if self._stopping.is_set() and time.monotonic() > began + _END_WITHIN_S:
                break
            with contextlib.suppress(StreamUnavailableError):
                reader.beat("waiting for the database")
        else:
            self._settle(reader, batch)
        brought.popleft()

    def _settle(self, reader: StreamReader, batch: "_Batch") -> None:
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

    def _take(self, batch: "_Batch") -> None:
        touched: dict[_Session, None] = {}
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

    def _session_of(self, entry: Entry) -> "_Session":
        session = self._sessions.get(entry.session)
        if session is None or (session.bookmaker, session.stream) != (entry.bookmaker, entry.stream):
            if session is not None:
                self._host.lost(session)
            session = _Session(self._host, entry.session, entry.bookmaker, entry.stream)
            self._sessions[entry.session] = session
            session.join(self._secret)
        return session

    def _quarantine(self, batch: "_Batch", raw: RawEntry, reason: str) -> None:
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
        for name, session in list(self._sessions.items()):
            replaced = newest[session.bookmaker, session.stream] is not session
            if not session.busy and (replaced or now - session.heard_at > _IDLE_SESSION_S):
                del self._sessions[name]
                self._host.lost(session)


class _Batch:
    """What one reading brought: made by the thread, handled on the loop, then the thread's again."""

    def __init__(self, entries: Sequence[tuple[RawEntry, Entry | NoEntryError]]) -> None:
        self.entries = entries
        self.settled: list[bytes] = []
        self.answers: dict[str, Answer] = {}
        self.done = threading.Event()
        self._taken = False

    def settle(self, entry_id: bytes, session: str = "", answer: Answer | None = None) -> None:
        """Note that an entry is dealt with, and what its session is to be told."""
        self.settled.append(entry_id)
        if answer is not None and session:
            self.answers[session] = answer
        self._look_whether_done()

    def all_taken(self) -> None:
        """Say that every entry has been handed on."""
        self._taken = True
        self._look_whether_done()

    def _look_whether_done(self) -> None:
        if self._taken and len(self.settled) == len(self.entries):
            self.done.set()


class _Session:
    """One worker on another machine, as the writer's server sees a peer."""

    _keys = itertools.count(1)

    def __init__(
        self, host: Host, session: str, bookmaker: str, stream: str, welcome: Welcome | None = None
    ) -> None:
        """With a `welcome` it need not `join`."""
        self.key = ("stream", next(self._keys))
        self.bookmaker = bookmaker
        self.stream = stream
        self.delivered_upto = 0
        self.heard_at = time.monotonic()
        self._host = host
        self._session = session
        self._welcome = welcome
        self._greeted = False
        self._again = False
        self._last = 0  # the highest position that was handed on or is committed
        self._waiting: list[tuple[_Batch, bytes, Entry]] = []  # for the welcome
        self._under_way: list[tuple[_Batch, bytes]] = []
        self._records: list[Record] = []  # taken, and not handed on yet
        self._committed = self._duplicates = self._quarantined = 0

    @property
    def busy(self) -> bool:
        """Whether something of it is not committed."""
        return bool(self._waiting or self._under_way)

    def join(self, secret: str) -> None:
        """Become known to the server, which answers with a welcome, now or once the database works."""
        self._host.identified(self, Hello(secret=secret, bookmaker=self.bookmaker, stream=self.stream, pid=0))

    def take(self, batch: _Batch, entry_id: bytes, entry: Entry) -> None:
        """Take an entry of this session: settle it, or have it settled once it is committed."""
        self.heard_at = time.monotonic()
        if self._welcome is None:
            self._waiting.append((batch, entry_id, entry))
        elif entry.records is None:
            self._greeted = True
            batch.settle(entry_id, self._session, self._answer())
        elif entry.after > self._last:
            if not self._again:
                _log.warning(
                    "%s: rounds between position %d and %d were lost in Redis and are sent again",
                    self.bookmaker,
                    self._last,
                    entry.after,
                )
            self._again = True
            batch.settle(entry_id, self._session, self._answer())
        else:
            self._under_way.append((batch, entry_id))
            self._records += entry.records
            self._last = max(self._last, highest_position(entry.records))

    def hand_on(self) -> None:
        """Give the server what was taken, in one piece: many small ones cost several times as much."""
        records, self._records = self._records, []
        if records:
            self.delivered_upto += len(records)
            self._host.delivered(self, Deliver(upto=self.delivered_upto, records=records, urgent=True))

    def _answer(self) -> Answer:
        return Answer(
            welcome=self._greeted,
            position=self._last,
            bankroll_minor=self._welcome.bankroll_minor if self._welcome is not None else None,
            committed=self._committed,
            duplicates=self._duplicates,
            quarantined=self._quarantined,
            again=self._again,
        )

    # What the server does with a peer.

    def send(self, frame: ServerFrame) -> None:
        """Take the server's welcome."""
        if not isinstance(frame, Welcome):
            return
        self._welcome = frame
        self._last = max(self._last, frame.last_position)
        waiting, self._waiting = self._waiting, []
        for batch, entry_id, entry in waiting:
            self.take(batch, entry_id, entry)
        self.hand_on()

    def send_bytes(self, frame: bytes) -> None:
        """Nothing is sent to a session but its answers."""

    def count(self, outcome: Outcome) -> None:
        """Add what became of its records."""
        self._committed += outcome.committed
        self._duplicates += outcome.duplicates
        self._quarantined += outcome.quarantined

    def acknowledge(self) -> None:
        """Have everything that was handed on answered: it is committed."""
        under_way, self._under_way = self._under_way, []
        answer = self._answer()
        for batch, entry_id in under_way:
            batch.settle(entry_id, self._session, answer)

    def pause(self) -> None:
        """Nothing more is read than one batch anyway."""

    def resume(self) -> None:
        """See `pause`."""

    def close(self) -> None:
        """There is no connection to end."""


def _decoded(raw: RawEntry) -> Entry | NoEntryError:
    try:
        return decode_entry(raw.fields)
    except NoEntryError as error:
        return error


def _raise(error: Exception) -> None:
    raise error
