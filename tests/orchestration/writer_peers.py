"""A real writer process and simple blocking peers of it."""

import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import apsw

from data_layer import wire
from data_layer.messages import (
    Ack,
    ClientFrame,
    Deliver,
    Hello,
    LogLine,
    Ready,
    Record,
    Report,
    ServerFrame,
    Subscribe,
    Welcome,
    WriterHealth,
)
from orchestration import writer_address
from orchestration.live_board import LiveBoard
from orchestration.processes import Launcher, best_start_method, make_project_importable
from orchestration.writer_process import run_writer
from orchestration.writer_spec import WriterSpec

SECRET = "the secret of this run"
TIMEOUT_S = 60.0

FrameT = TypeVar("FrameT")


class WriterHouse:
    """One data directory with a writer that can be killed and started again."""

    def __init__(
        self,
        directory: Path,
        *,
        address: str = "",
        entry: Callable[[WriterSpec, Connection], None] = run_writer,
        start: bool = True,
    ) -> None:
        make_project_importable()
        self.board = LiveBoard.create(directory / "live.board", 0)
        self.spec = WriterSpec(
            data_dir=directory,
            board_path=directory / "live.board",
            address=address or writer_address.choose_address(directory),
            secret=SECRET,
        )
        self.lines: list[LogLine] = []
        self._entry = entry
        self._launcher = Launcher(best_start_method())
        self._peers: list[Peer] = []
        if start:
            self.start()

    def start(self) -> None:
        """Start the writer and wait until it serves."""
        self.child = self._launcher.start(self._entry, self.spec, "writer")
        self.until_reported(Ready)

    def until_reported(self, kind: type[Report]) -> Report:
        """Return the next report of `kind`."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            multiprocessing.connection.wait(self.child.waitables(), 0.1)
            reports = self.child.receive()
            if self.child.has_ended():
                reports += self.child.last_reports()
            self.lines += [report for report in reports if isinstance(report, LogLine)]
            for report in reports:
                if isinstance(report, kind):
                    return report
        raise AssertionError(f"no {kind.__name__} came; logged: {self.lines}")

    def until_ended(self) -> None:
        """Wait until the writer has ended by itself, and take in its last lines."""
        deadline = time.monotonic() + TIMEOUT_S
        while not self.child.has_ended():
            assert time.monotonic() < deadline
            multiprocessing.connection.wait(self.child.waitables(), 0.1)
            self.lines += [report for report in self.child.receive() if isinstance(report, LogLine)]
        self.lines += [report for report in self.child.last_reports() if isinstance(report, LogLine)]

    def until_health(self, condition: Callable[[WriterHealth], bool]) -> WriterHealth:
        """Return the health of the present writer when `condition` holds of it."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            health = self.board.read_writer()
            if health is not None and health.pid == self.child.pid and condition(health):
                return health
            assert time.monotonic() < deadline, health
            time.sleep(0.01)

    def peer(self) -> "Peer":
        """Return a new connection that has said nothing yet."""
        peer = Peer(self.spec.address)
        self._peers.append(peer)
        return peer

    def worker(self, bookmaker: str = "Admiral", stream: str = "simulator:test:1") -> "Peer":
        """Return the connection of a worker that was welcomed."""
        peer = self.peer()
        peer.send(Hello(secret=SECRET, bookmaker=bookmaker, stream=stream, pid=1))
        peer.welcome = peer.next(Welcome)
        return peer

    def viewer(self) -> "Peer":
        """Return the connection of a viewer."""
        peer = self.peer()
        peer.send(Subscribe(secret=SECRET))
        return peer

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return the rows of a query on the database as it is on disk."""
        connection = apsw.Connection(str(self.spec.database_path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(20_000)  # a writer that begins or ends holds it for a moment
        try:
            return list(connection.execute(query))
        finally:
            connection.close()

    def close(self) -> None:
        """End everything at once."""
        for peer in self._peers:
            peer.close()
        self.child.kill()
        self.child.close()
        self.board.close()


class Peer:
    """A blocking connection to the writer."""

    def __init__(self, address: str) -> None:
        self.socket = wire.connect(address, TIMEOUT_S)
        self.welcome: Welcome | None = None
        self._frames = wire.server_frames()
        self._read: list[ServerFrame] = []
        self._sent = 0

    def send(self, frame: ClientFrame) -> None:
        """Send one frame."""
        self.socket.sendall(wire.pack(frame))

    def deliver(self, records: Sequence[Record], *, urgent: bool = True) -> int:
        """Send `records` and return the number of the last."""
        self._sent += len(records)
        self.send(Deliver(upto=self._sent, records=list(records), urgent=urgent))
        return self._sent

    def next(self, kind: type[FrameT]) -> FrameT:
        """Return the next frame, which is of `kind`."""
        while not self._read:
            data = self.socket.recv(65_536)
            assert data, "the writer ended the connection"
            self._read += self._frames.feed(data)
        frame = self._read.pop(0)
        assert isinstance(frame, kind), frame
        return frame

    def until_acknowledged(self, upto: int) -> Ack:
        """Return the acknowledgement of everything up to `upto`."""
        while (ack := self.next(Ack)).upto < upto:
            pass
        return ack

    def has_ended(self) -> bool:
        """Tell whether the writer ends this connection; waits for what comes next."""
        try:
            return not self.socket.recv(65_536)
        except ConnectionError:
            return True

    def nothing_comes(self, within_s: float) -> bool:
        """Tell whether the writer is silent for `within_s` seconds."""
        self.socket.settimeout(within_s)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) != b"" and False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(TIMEOUT_S)

    def close(self) -> None:
        """End the connection."""
        self.socket.close()
