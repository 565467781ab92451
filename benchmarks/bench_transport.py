"""Worker to writer: records a second from `Outbox.append` to the acknowledgement that forgets them.

Both ends are the program's own, in two processes: the outbox in memory and the delivery on one side, on the
other the writer's server with a database that takes everything and stores nothing. The yardstick is a bare
Unix socket (loopback TCP where there is none) between two processes as well: the bytes of the same records,
each sent by itself with its length, at most a window of them unacknowledged, acknowledged by their count
after every read.
"""

import asyncio
import contextlib
import multiprocessing
import socket
import struct
import tempfile
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import cast

import msgspec

from benchmarks.harness import Figure, ratio_at_least
from data_layer.database.flushing import Flushed, Outcome
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Committed, Origin, Record, Round, Welcome
from data_layer.wire import WINDOW_RECORDS, connect
from orchestration import writer_address
from orchestration.delivery import Delivery
from orchestration.live_board import LiveBoard
from orchestration.outbox_memory import MemoryOutbox
from orchestration.writer_pulse import WriterPulse
from orchestration.writer_server import WriterServer

RECORDS, QUICK_RECORDS = 200_000, 20_000
TARGET = 0.4  # of the yardstick
REPEATS, QUICK_REPEATS = 3, 1  # the best of each is compared

_SECRET = "benchmark"
_DIFFERENT_ROUNDS = 2_000
_READ_BYTES = 65_536
_LENGTH = struct.Struct("<I")
_COUNT = struct.Struct("<Q")


def rounds() -> list[Round]:
    """Return rounds as a simulator tells them, without crossings."""
    return [
        Round(
            bookmaker="Admiral",
            round_id=f"4e011a-{number}",
            crash_centi=100 + number % 900,
            crashed_at_us=1_700_000_000_000_000 + number * 20_000_000,
            received_at_us=1_700_000_000_000_000 + number * 20_000_000,
            origin=Origin.SIMULATOR,
            position=number,
        )
        for number in range(1, _DIFFERENT_ROUNDS + 1)
    ]


class _NoDatabase:
    """Takes what `BatchDatabaseWriter` takes and forgets it."""

    version = 0
    in_place = True

    def __init__(self) -> None:
        self.pending = 0
        self._counts: dict[Hashable, int] = {}

    def add(self, key: Hashable, bookmaker: str, stream: str, records: Sequence[Record]) -> None:
        self.pending += len(records)
        self._counts[key] = self._counts.get(key, 0) + len(records)

    def flush(self) -> Flushed:
        outcomes = {key: Outcome(committed=count) for key, count in self._counts.items()}
        self.pending, self._counts = 0, {}
        return Flushed(outcomes, Committed(version=0, committed_at_us=0), 1)

    def welcome(self, bookmaker: str, stream: str) -> Welcome:
        return Welcome(last_position=0)


def serve(address: str, directory: str) -> None:
    """Be the writer, until killed."""

    async def run() -> None:
        board = LiveBoard.create(Path(directory) / "live.board", 0)
        pulse = WriterPulse(board, Path(directory) / "none.db", 0)
        server = WriterServer(cast(BatchDatabaseWriter, _NoDatabase()), pulse, _SECRET)
        await server.start(writer_address.listen(address))
        await asyncio.Event().wait()

    asyncio.run(run())


def deliver(address: str, count: int) -> float:
    """Be the worker; return records a second."""

    async def run() -> float:
        outbox = MemoryOutbox()
        delivery = Delivery(outbox, address=address, secret=_SECRET, bookmaker="Admiral", stream="benchmark")
        task = asyncio.get_running_loop().create_task(delivery.run())
        await delivery.welcomed()
        entries = [[one] for one in rounds()]
        began = time.perf_counter()
        for number in range(count):
            outbox.append("benchmark", entries[number % _DIFFERENT_ROUNDS])
            delivery.offer()
            if outbox.entries >= WINDOW_RECORDS:
                await delivery.room()
        await delivery.drained()
        rate = count / (time.perf_counter() - began)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return rate

    return asyncio.run(run())


def acknowledge_bare(address: str, directory: str) -> None:
    """Be the yardstick's receiver, for one connection."""
    listener = writer_address.listen(address)
    listener.setblocking(True)
    connection, _ = listener.accept()
    buffer = bytearray()
    count = 0
    while data := connection.recv(_READ_BYTES):
        buffer += data
        at = 0
        while len(buffer) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, at)
            if len(buffer) - at < _LENGTH.size + length:
                break
            at += _LENGTH.size + length
            count += 1
        del buffer[:at]
        connection.sendall(_COUNT.pack(count))


def send_bare(address: str, count: int) -> float:
    """Be the yardstick's sender; return records a second."""
    encoder = msgspec.msgpack.Encoder()
    bodies = [encoder.encode(one) for one in rounds()]
    messages = [_LENGTH.pack(len(body)) + body for body in bodies]
    with _connected(address) as connection:
        send = connection.sendall
        sent = acknowledged = 0
        counts = bytearray()
        began = time.perf_counter()
        while acknowledged < count:
            while sent < count and sent - acknowledged < WINDOW_RECORDS:
                send(messages[sent % _DIFFERENT_ROUNDS])
                sent += 1
            counts += connection.recv(_READ_BYTES)
            whole = len(counts) // _COUNT.size * _COUNT.size
            if whole:
                (acknowledged,) = _COUNT.unpack_from(counts, whole - _COUNT.size)
                del counts[:whole]
        return count / (time.perf_counter() - began)


@contextlib.contextmanager
def _connected(address: str) -> Iterator[socket.socket]:
    while True:
        try:
            connection = connect(address, 10.0)
        except OSError:
            time.sleep(0.01)
        else:
            break
    connection.settimeout(None)  # a timeout would cost a further system call each time
    with connection:
        yield connection


def _rate(receiver: Callable[[str, str], None], sender: Callable[[str, int], float], count: int) -> float:
    """Return what `sender` achieves towards `receiver` in a process of its own."""
    with tempfile.TemporaryDirectory() as directory:
        address = writer_address.choose_address(Path(directory))
        process = multiprocessing.get_context("spawn").Process(target=receiver, args=(address, directory))
        process.start()
        try:
            return sender(address, count)
        finally:
            process.kill()
            process.join()
            writer_address.remove(address)


def run(quick: bool) -> list[Figure]:
    """Measure both, by turns."""
    records, repeats = (QUICK_RECORDS, QUICK_REPEATS) if quick else (RECORDS, REPEATS)
    value = yardstick = 0.0
    for _ in range(repeats):
        yardstick = max(yardstick, _rate(acknowledge_bare, send_bare, records))
        value = max(value, _rate(serve, deliver, records))
    return [
        Figure(
            name="worker to writer, acknowledged",
            value=value,
            unit="records/s",
            yardstick=f"bare socket, the same bytes one by one, window {WINDOW_RECORDS}, counts back",
            yardstick_value=yardstick,
            target=ratio_at_least(TARGET),
        )
    ]
