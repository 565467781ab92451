"""Rounds of other machines: rounds a second from `rounds:stream` in a real Redis to the answer after COMMIT.

Everything is the program's own: the reader of the consumer group, the decoding, the writer's server and the
database on disk, the answer and the removal from the stream. The yardstick reads the same entries with the
same client by XREADGROUP, 100 at a time, acknowledges them by XACK and does nothing else. An entry holds one
round, as from live sources; a relay under load packs up to 125 into one, which is measured beside it.
"""

import asyncio
import itertools
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench_transport import rounds
from benchmarks.harness import Figure, ratio_at_least
from config.redis_target import RedisTarget
from data_layer.cache.client import connect
from data_layer.cache.streams import GROUP, Entry
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Round
from orchestration.live_board import LiveBoard
from orchestration.remote.stream_intake import StreamIntake
from orchestration.writer_pulse import WriterPulse
from orchestration.writer_server import WriterServer
from tests.redis_server import RedisServer, running

ROUNDS = 20_000
QUICK_ROUNDS = 5_000
BATCH = 100
PACKED = 125  # rounds in an entry of a relay under load
TARGET = 0.5  # of the yardstick
REPEATS = 5  # the best of each is compared

_STREAM = "rounds:stream"
_PATIENT_S = 5.0


def run(quick: bool) -> list[Figure]:
    """Measure all, by turns."""
    if shutil.which("redis-server") is None:
        raise FileNotFoundError("no redis-server on this machine")
    count = QUICK_ROUNDS if quick else ROUNDS
    bare = ours = packed = 0.0
    with tempfile.TemporaryDirectory() as directory, running(RedisServer(Path(directory))) as server:
        for turn in range(REPEATS):
            bare = max(bare, _bare(server.target, count))
            ours = max(ours, _ours(server.target, Path(directory) / f"single-{turn}", count, 1))
            packed = max(packed, _ours(server.target, Path(directory) / f"packed-{turn}", count, PACKED))
    return [
        _figure("stream to database, a round an entry", ours, bare),
        _figure(f"stream to database, {PACKED} rounds an entry", packed, bare),
    ]


def _figure(name: str, value: float, bare: float) -> Figure:
    return Figure(
        name=name,
        value=value,
        unit="rounds/s",
        yardstick=f"bare XREADGROUP and XACK, {BATCH} entries of a round at a time",
        yardstick_value=bare,
        target=ratio_at_least(TARGET),
    )


def _bare(target: RedisTarget, count: int) -> float:
    client: Any = connect(target, timeout_s=_PATIENT_S)
    _fill(client, count, 1)
    client.xgroup_create(_STREAM, GROUP, "0")
    began = time.perf_counter()
    left = count
    while left:
        [[_, entries]] = client.execute_command(
            "XREADGROUP", "GROUP", GROUP, "bare", "COUNT", BATCH, "STREAMS", _STREAM, ">"
        )
        client.execute_command("XACK", _STREAM, GROUP, *(entry[0] for entry in entries))
        left -= len(entries)
    rate = count / (time.perf_counter() - began)
    client.flushall()
    client.close()
    return rate


def _ours(target: RedisTarget, directory: Path, count: int, packed: int) -> float:
    client: Any = connect(target, timeout_s=_PATIENT_S)
    _fill(client, count, packed)
    directory.mkdir()
    try:
        return asyncio.run(_take_all(target, directory, count, client))
    finally:
        client.flushall()
        client.close()


async def _take_all(target: RedisTarget, directory: Path, count: int, client: Any) -> float:
    board = LiveBoard.create(directory / "live.board", 0)
    database = BatchDatabaseWriter(directory / "aviator.db")
    pulse = WriterPulse(board, directory / "aviator.db", 0)
    server = WriterServer(database, pulse, "benchmark")
    intake = StreamIntake(server, pulse, "benchmark", target, str(directory))
    began = time.perf_counter()
    intake.start()
    while client.xlen(_STREAM):
        await asyncio.sleep(0.005)
    rate = count / (time.perf_counter() - began)
    await intake.stop()
    await server.close(1.0)
    database.close()
    board.close()
    return rate


def _fill(client: Any, count: int, packed: int) -> None:
    """Put `count` rounds into the stream, as one session sends them."""
    told = itertools.cycle(rounds())
    numbered = [_numbered(next(told), number) for number in range(1, count + 1)]
    for first in range(0, count, 1_000):
        pipeline = client.pipeline(transaction=False)
        for at in range(first, min(first + 1_000, count), packed):
            pipeline.xadd(_STREAM, _entry(numbered[at : at + packed], at).fields())
        pipeline.execute()


def _numbered(one: Round, number: int) -> Round:
    at_us = 1_700_000_000_000_000 + number * 20_000_000
    return Round(
        bookmaker=one.bookmaker,
        round_id=f"4e011a-{number}",
        crash_centi=one.crash_centi,
        crashed_at_us=at_us,
        received_at_us=at_us,
        origin=one.origin,
        position=number,
    )


def _entry(records: Sequence[Round], after: int) -> Entry:
    return Entry(session="5e55", bookmaker="Admiral", stream="benchmark", after=after, records=records)
