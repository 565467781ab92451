"""The worker's side of its connection to the writer: send what the outbox holds, forget what is committed.

The writer may die, hang or refuse at any time; nobody here waits for it but those who ask to. A connection
serves one stream, because positions count in a stream. Entries of an earlier stream (the configuration was
changed meanwhile) are delivered first, over a connection that names theirs.
"""

import asyncio
import collections
import logging
import os
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import msgspec

from data_layer import wire
from data_layer.messages import Ack, Deliver, Hello, Record, Refused, RgbSample, ServerFrame, Welcome
from orchestration.outbox_entries import Entry, Outbox
from orchestration.writer_link import WriterLink

FRAME_RECORDS = 125
FRAME_BYTES = 1024 * 1024
RETRY_FIRST_S = 0.05
RETRY_MOST_S = 2.0
RETRY_GROWTH = 1.5  # gentle: at the start of a run the writer is ready a moment after its workers
SAMPLES_KEPT = 1_000  # colour samples waiting for a connection; the oldest are dropped first
_CONNECT_TIMEOUT_S = 2.0

_log = logging.getLogger(__name__)
_encoder = msgspec.msgpack.Encoder()


class _UnderWay(NamedTuple):
    """A frame that is not acknowledged."""

    upto: int  # number of its last record on this connection
    sequence: int  # of its last outbox entry


class Delivery:
    """Delivers one outbox to the writer. All methods belong to the event loop's thread."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        address: str,
        secret: str,
        bookmaker: str,
        stream: str,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`stream` is the source's; `on_change` is called when anything that is shown has changed.

        Raises `WireError` when `address` is none.
        """
        self._kind, _, self._place = address.partition(":")
        if not self._place or self._kind not in ("unix", "tcp"):
            raise wire.WireError(f"{address!r} is no address of a writer")
        self._outbox = outbox
        self._secret = secret
        self._bookmaker = bookmaker
        self._stream = stream
        self._on_change = on_change
        self._link: WriterLink | None = None
        self._link_stream = ""
        self._greeted = False  # the present connection was welcomed
        self._sent = 0  # records on the present connection
        self._acknowledged = 0
        self._under_way: collections.deque[_UnderWay] = collections.deque()
        self._samples: collections.deque[RgbSample] = collections.deque(maxlen=SAMPLES_KEPT)
        self._counted = Ack(upto=0, committed=0, duplicates=0, quarantined=0)  # of earlier connections
        self._last_ack = self._counted
        self._waiters: set[asyncio.Future[None]] = set()
        self._offered = False
        self._unsent = 0  # entries offered since the last pump
        self._lost = asyncio.Event()
        self.samples_dropped = 0
        self.welcome: Welcome | None = None  # for the source's stream
        self.trouble = "waiting for the writer"

    @property
    def connected(self) -> bool:
        """Whether the writer takes records now."""
        return self._greeted

    @property
    def committed(self) -> int:
        """Rounds that were new to the writer."""
        return self._counted.committed + self._last_ack.committed

    @property
    def duplicates(self) -> int:
        """Rounds that the writer had."""
        return self._counted.duplicates + self._last_ack.duplicates

    @property
    def quarantined(self) -> int:
        """Inputs that the writer put into quarantine."""
        return self._counted.quarantined + self._last_ack.quarantined

    def offer(self) -> None:
        """Say that the outbox has a new entry. It is sent in this or the next turn of the loop."""
        if not self._greeted:
            return
        self._unsent += 1
        if self._unsent >= FRAME_RECORDS:
            self._pump(more_to_come=True)
        elif not self._offered:
            self._offered = True
            asyncio.get_running_loop().call_soon(self._pump_offered)

    def offer_samples(self, samples: Sequence[RgbSample]) -> None:
        """Deliver colour samples when there is a connection; they are kept in memory only."""
        surplus = len(self._samples) + len(samples) - SAMPLES_KEPT
        self.samples_dropped += max(0, surplus)
        self._samples.extend(samples)
        if self._greeted and not self._offered:
            self._offered = True
            asyncio.get_running_loop().call_soon(self._pump_offered)

    async def room(self, limit: int = wire.WINDOW_RECORDS) -> None:
        """Wait until fewer than `limit` entries are unacknowledged; for senders that can wait."""
        while self._outbox.entries >= limit:
            await self._change()

    async def welcomed(self) -> Welcome:
        """Wait for the writer's word on the source's stream."""
        while self.welcome is None:
            await self._change()
        return self.welcome

    async def drained(self) -> None:
        """Wait until everything in the outbox is committed."""
        while self._outbox.entries:
            await self._change()

    async def run(self) -> None:
        """Connect, deliver and reconnect until cancelled; the outbox keeps what is not acknowledged then."""
        try:
            await self._stay_connected()
        finally:
            self._hang_up()

    # The connection.

    async def _stay_connected(self) -> None:
        delay_s = RETRY_FIRST_S
        while True:
            self._lost.clear()
            try:
                async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                    link = await self._connect()
            except (OSError, TimeoutError) as error:
                _log.debug("No connection to the writer: %s", error)
                self._say("waiting for the writer")
            else:
                self._greet(link)
                await self._lost.wait()
                if self._greeted:
                    delay_s = RETRY_FIRST_S
                self._forget_connection()
                if self._link_stream != self._next_stream():
                    continue  # ended by us, to deliver another stream
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * RETRY_GROWTH, RETRY_MOST_S)

    async def _connect(self) -> WriterLink:
        loop = asyncio.get_running_loop()

        def link() -> WriterLink:
            return WriterLink(self._received, self._lost.set)

        if self._kind == "unix":
            _, protocol = await loop.create_unix_connection(link, self._place)
        else:
            _, protocol = await loop.create_connection(link, "127.0.0.1", int(self._place))
        return protocol

    def _greet(self, link: WriterLink) -> None:
        self._link = link
        self._link_stream = self._next_stream()
        hello = Hello(
            secret=self._secret, bookmaker=self._bookmaker, stream=self._link_stream, pid=os.getpid()
        )
        link.send(wire.pack(hello))

    def _next_stream(self) -> str:
        entry = self._outbox.peek()
        return self._stream if entry is None else entry.stream

    def _forget_connection(self) -> None:
        was_connected, self._greeted = self._greeted, False
        self._link = None
        self._outbox.rewind()
        self._under_way.clear()
        self._sent = self._acknowledged = 0
        self._counted = Ack(
            upto=0, committed=self.committed, duplicates=self.duplicates, quarantined=self.quarantined
        )
        self._last_ack = Ack(upto=0, committed=0, duplicates=0, quarantined=0)
        if was_connected and self._link_stream == self._next_stream():
            _log.debug("the writer is gone; trying to reach it again")
            self._say("waiting for the writer")

    def _hang_up(self) -> None:
        if self._link is not None:
            self._link.close()

    # What the writer says.

    def _received(self, frame: ServerFrame) -> None:
        if isinstance(frame, Ack):
            self._take_ack(frame)
        elif isinstance(frame, Welcome):
            self._greeted = True
            self._say("")
            if self._link_stream == self._stream:
                self.welcome = frame
            self._pump(more_to_come=False)
            self._switch_stream_when_done()
            self._changed()
        elif isinstance(frame, Refused):
            refusal = f"refused by the writer: {frame.reason}"
            if refusal != self.trouble:
                _log.error("The writer refused this worker: %s", frame.reason)
            self._say(refusal)
            self._hang_up()

    def _take_ack(self, ack: Ack) -> None:
        if not self._acknowledged <= ack.upto <= self._sent:
            _log.error("The writer acknowledged record %s of %s", ack.upto, self._sent)
            self._hang_up()
            return
        self._acknowledged = ack.upto
        self._last_ack = ack
        sequence = 0
        while self._under_way and self._under_way[0].upto <= ack.upto:
            sequence = self._under_way.popleft().sequence
        if sequence:
            self._outbox.forget(sequence)
        self._pump(more_to_come=False)
        self._switch_stream_when_done()
        self._changed()

    def _switch_stream_when_done(self) -> None:
        if not self._under_way and self._link_stream != self._next_stream():
            self._hang_up()

    # Sending.

    def _pump_offered(self) -> None:
        self._offered = False
        self._pump(more_to_come=False)

    def _pump(self, *, more_to_come: bool) -> None:
        """Send what the window allows. The last frame is urgent when nothing will follow it soon."""
        self._unsent = 0
        link = self._link
        if link is None or not self._greeted:
            return
        records, last = self._next_records()
        while records:
            following, following_last = self._next_records(len(records))
            full = self._sent + len(records) - self._acknowledged >= wire.WINDOW_RECORDS
            stops = not following and (full or not more_to_come or self._outbox.peek() is not None)
            self._send(link, records, last, urgent=stops and last > 0)
            records, last = following, following_last

    def _next_records(self, unsent: int = 0) -> tuple[list[msgspec.Raw], int]:
        """Return the records of the next frame, none when nothing may be sent, and their last entry."""
        room = wire.WINDOW_RECORDS - (self._sent + unsent - self._acknowledged)
        records: list[msgspec.Raw] = []
        size = last = 0
        while len(records) < FRAME_RECORDS and size < FRAME_BYTES:
            entry = self._outbox.peek()
            if entry is None or not self._fits(entry, room - len(records)):
                break
            self._outbox.take()
            records.extend(entry.records)
            size += entry.size
            last = entry.sequence
        while self._samples and len(records) < min(room, FRAME_RECORDS):
            records.append(msgspec.Raw(_encoder.encode(self._samples.popleft())))
        return records, last

    def _fits(self, entry: Entry, room: int) -> bool:
        alone = room == wire.WINDOW_RECORDS  # an entry larger than the window goes alone
        return entry.stream == self._link_stream and (len(entry.records) <= room or alone)

    def _send(self, link: WriterLink, records: list[msgspec.Raw], last: int, *, urgent: bool) -> None:
        self._sent += len(records)
        if last:
            self._under_way.append(_UnderWay(self._sent, last))
        # The records are MessagePack already; the encoder takes them as they are.
        frame = Deliver(upto=self._sent, records=cast(list[Record], records), urgent=urgent)
        link.send(wire.pack(frame))

    # Telling others.

    def _say(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self._on_change()

    def _changed(self) -> None:
        self._on_change()
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _change(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
