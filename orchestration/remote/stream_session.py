"""What the intake of rounds from Redis is made of: what one reading brought, and who sent it."""

import itertools
import logging
import threading
import time
from collections.abc import Sequence

from data_layer.cache.stream_reader import RawEntry
from data_layer.cache.streams import Answer, Entry, NoEntryError, highest_position
from data_layer.database.flushing import Outcome
from data_layer.messages import Deliver, Hello, Record, ServerFrame, Welcome
from orchestration.writer_connection import Host

_log = logging.getLogger(__name__)


class StreamBatch:
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


class StreamSession:
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
        self._last = 0  # the highest position that was taken or is committed
        self._handed_on = 0  # of these, the highest that was handed on
        self._stored = 0  # of these, the highest that is committed
        self._waiting: list[tuple[StreamBatch, bytes, Entry]] = []  # for the welcome
        self._taken: list[tuple[StreamBatch, bytes]] = []  # and not handed on yet
        self._records: list[Record] = []  # of these
        self._under_way: list[tuple[StreamBatch, bytes]] = []  # handed on, and not committed yet
        self._committed = self._duplicates = self._quarantined = 0

    @property
    def busy(self) -> bool:
        """Whether something of it is not committed."""
        return bool(self._waiting or self._taken or self._under_way)

    def join(self, secret: str) -> None:
        """Become known to the server, which answers with a welcome, now or once the database works."""
        self._host.identified(self, Hello(secret=secret, bookmaker=self.bookmaker, stream=self.stream, pid=0))

    def take(self, batch: StreamBatch, entry_id: bytes, entry: Entry) -> None:
        """Take an entry of this session: settle it, or have it settled once it is committed."""
        self.heard_at = time.monotonic()
        if self._welcome is None:
            self._waiting.append((batch, entry_id, entry))
        elif not entry.records:
            self._greeted = self._greeted or entry.records is None
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
            self._taken.append((batch, entry_id))
            self._records += entry.records
            self._last = max(self._last, highest_position(entry.records))

    def hand_on(self) -> None:
        """Give the server what was taken, in one piece: many small ones cost several times as much."""
        records, self._records = self._records, []
        if not records:
            return
        self._under_way += self._taken
        self._taken = []
        self._handed_on = self._last
        self.delivered_upto += len(records)
        self._host.delivered(self, Deliver(upto=self.delivered_upto, records=records, urgent=True))

    def _answer(self) -> Answer:
        return Answer(
            welcome=self._greeted,
            position=self._stored,
            paper_profit_minor=self._welcome.paper_profit_minor if self._welcome is not None else 0,
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
        self._last = self._handed_on = self._stored = frame.last_position
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
        """Have everything that was handed on answered: it is committed. What was only taken is not."""
        under_way, self._under_way = self._under_way, []
        self._stored = self._handed_on
        answer = self._answer()
        for batch, entry_id in under_way:
            batch.settle(entry_id, self._session, answer)

    def pause(self) -> None:
        """Nothing more is read than one batch anyway."""

    def resume(self) -> None:
        """See `pause`."""

    def close(self) -> None:
        """There is no connection to end."""
