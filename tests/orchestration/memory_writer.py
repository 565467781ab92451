"""A writer that stores in memory: a real socket, real frames, real positions, and faults to order."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from data_layer import wire
from data_layer.messages import (
    Ack,
    Bet,
    ClientFrame,
    Deliver,
    Gap,
    Hello,
    Record,
    Refused,
    Rejected,
    RgbSample,
    Round,
    Welcome,
)
from tests.redis_server import free_port

SECRET = "of this run"
_WAIT_S = 60.0


class MemoryWriter:
    """Serves on a thread of its own between `start` and `stop`; what it stored outlives both."""

    def __init__(self, directory: Path, kind: str = "unix") -> None:
        if kind == "unix" and not hasattr(socket, "AF_UNIX"):
            kind = "tcp"
        if kind == "unix":
            self.address = f"unix:{directory / 'w.sock'}"
        else:
            self.address = f"tcp:{free_port()}"
        self.committed: list[tuple[str, Record]] = []
        self.samples: list[RgbSample] = []
        self.resent = 0  # records that came although they were stored
        self.hellos: list[Hello] = []
        self.frames: list[Deliver] = []
        self.commits = True  # False: takes records and stores nothing
        self.acknowledges = True  # False: stores records and does not say so
        self.refuses = ""
        self.dies_after = 0  # records; 0: never
        self.paper_profit_minor = 0
        self.round_count = 0
        self._positions: dict[str, int] = {}
        self._bets: set[str] = set()
        self._changed = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._connections: set[_Connection] = set()

    def start(self) -> None:
        """Listen, at the same address each time."""
        listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(listening)))
        self._thread.start()
        assert listening.wait(_WAIT_S)

    def stop(self) -> None:
        """Die: all connections end at once, whatever was under way in them is lost."""
        if self._thread is not None and self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(_WAIT_S)
            self._thread = None

    def wait_for(self, condition: Callable[["MemoryWriter"], bool]) -> None:
        """Wait until `condition` holds; fails when it never does."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), _WAIT_S), "the writer never got there"

    def rounds(self, stream: str | None = None) -> list[Round]:
        """Return the stored rounds, of one stream or of all."""
        return [
            record
            for its_stream, record in self.committed
            if isinstance(record, Round) and stream in (None, its_stream)
        ]

    def bets(self) -> list[Bet]:
        """Return the stored bets."""
        return [record for _, record in self.committed if isinstance(record, Bet)]

    async def _serve(self, listening: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        kind, _, place = self.address.partition(":")
        if kind == "unix":
            with contextlib.suppress(FileNotFoundError):
                Path(place).unlink()
            server: asyncio.Server = await self._loop.create_unix_server(lambda: _Connection(self), place)
        else:
            server = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", int(place))
        listening.set()
        await self._ended.wait()
        server.close()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    def joined(self, connection: "_Connection") -> None:
        self._connections.add(connection)

    def left(self, connection: "_Connection") -> None:
        self._connections.discard(connection)

    def greeted(self, hello: Hello) -> Welcome | Refused:
        with self._changed:
            self.hellos.append(hello)
            self._changed.notify_all()
            if self.refuses or hello.secret != SECRET:
                return Refused(reason=self.refuses or "the secret is not this run's")
            position = self._positions.get(hello.stream, 0)
            return Welcome(last_position=position, paper_profit_minor=self.paper_profit_minor)

    def delivered(self, stream: str, frame: Deliver) -> bool:
        """Store a frame; tell whether the writer dies of it, before it could say so."""
        with self._changed:
            self.frames.append(frame)
            if self.commits:
                for record in frame.records:
                    self._store(stream, record)
            self._changed.notify_all()
            if self.dies_after and len(self.committed) >= self.dies_after:
                self.dies_after = 0
                self._ended.set()
                return True
            return False

    def _store(self, stream: str, record: Record) -> None:
        if isinstance(record, RgbSample):
            self.samples.append(record)
            return
        if isinstance(record, Bet):
            stored = record.round_id in self._bets
            self._bets.add(record.round_id)
        else:
            position = record.position if isinstance(record, Round | Rejected | Gap) else 0
            stored = 0 < position <= self._positions.get(stream, 0)
            self._positions[stream] = max(position, self._positions.get(stream, 0))
        if stored:
            self.resent += 1
        else:
            self.committed.append((stream, record))
            self.round_count += isinstance(record, Round)
            if isinstance(record, Bet):
                self.paper_profit_minor += record.payout_minor - record.stake_minor


class _Connection(asyncio.Protocol):
    def __init__(self, writer: MemoryWriter) -> None:
        self._writer = writer
        self._frames = wire.client_frames()
        self._stream = ""
        self._committed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._writer.joined(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._writer.left(self)

    def abort(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        for frame in self._frames.feed(data):
            if not self._transport.is_closing():
                self._take(frame)

    def _take(self, frame: ClientFrame) -> None:
        writer = self._writer
        if isinstance(frame, Hello):
            self._stream = frame.stream
            answer = writer.greeted(frame)
            self._transport.write(wire.pack(answer))
            if isinstance(answer, Refused):
                self._transport.close()
        elif isinstance(frame, Deliver):
            before = writer.round_count
            if writer.delivered(self._stream, frame):
                self._transport.abort()
                return
            self._committed += writer.round_count - before
            if writer.commits and writer.acknowledges:
                ack = Ack(upto=frame.upto, committed=self._committed, duplicates=0, quarantined=0)
                self._transport.write(wire.pack(ack))
