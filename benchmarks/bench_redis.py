"""Redis, a real server on this machine: what a round costs its worker, what a wall costs a reader, and how
soon a subscriber hears.

Each yardstick uses redis-py with the same server and the same bytes, made beforehand, and nothing of ours: a
pipeline of the very commands of a round, one MGET of what a wall shows, a channel with one listener.
A wall is the statistics of 24 hours and the last rounds of 50 bookmakers, decoded and checked.
"""

import gc
import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import apsw
import msgspec
import redis

from benchmarks.bench_database import BOOKMAKERS, DENSE_US, QUICK_ROUNDS, ROUNDS, fill
from benchmarks.harness import Figure, at_most, ratio_at_most
from config.redis_target import RedisTarget
from data_layer.cache import keys as names
from data_layer.cache.events import Event, event_json
from data_layer.cache.json_shapes import WorkerStateObject
from data_layer.cache.keys import encoded
from data_layer.cache.payloads import BookmakerStats, as_json, crossed_object, round_object
from data_layer.cache.redis_cache import RedisCache
from data_layer.database import queries
from data_layer.database.connection import open_reader, snapshot
from data_layer.messages import Crossing, Origin, Round
from tests.redis_server import RedisServer, running

ROUND_TARGET = 1.3
WALL_TARGET = 2.0
LATENCY_TARGET_MS = 2.0
CALLS, QUICK_CALLS = 5_000, 1_000
TURNS = 5  # each side is measured so often, by turns, and the best of its medians counts

_NEWEST_US = 1_760_000_000_000_000
_PAUSE_S = 0.002  # between published rounds
_WAIT_S = 30.0


def run(quick: bool) -> list[Figure]:
    """Measure all. In full, a database of ten million rounds is made first, which takes some minutes."""
    if shutil.which("redis-server") is None:
        raise FileNotFoundError("no redis-server on this machine")
    calls = QUICK_CALLS if quick else CALLS
    with tempfile.TemporaryDirectory() as named, running(RedisServer(Path(named))) as server:
        path, rounds = Path(named) / "aviator.db", QUICK_ROUNDS if quick else ROUNDS
        fill(path, rounds, DENSE_US)
        return [
            publishing(server.target, calls),
            *reading(server, path, rounds, calls // 10),
            hearing(server.target, calls // 2),
        ]


def a_round(number: int) -> Round:
    """Return a round that crossed three thresholds, with all that a live source says."""
    return Round(
        bookmaker="Admiral",
        round_id=str(4_000_000 + number),
        crash_centi=312,
        started_at_us=_NEWEST_US,
        crashed_at_us=_NEWEST_US + 19_000_000,
        duration_ms=19_000,
        players_total=312,
        players_cashed_out=190,
        stake_minor=412_000,
        payout_minor=398_000,
        currency="RSD",
        hash="9f" * 32,
        verified=True,
        received_at_us=_NEWEST_US + 19_000_500,
        origin=Origin.LIVE,
        position=number,
        crossings=tuple(
            Crossing(threshold_centi=centi, actual_centi=centi + 1, crossed_at_us=_NEWEST_US, players_left=90)
            for centi in (150, 200, 300)
        ),
    )


def publishing(target: RedisTarget, calls: int) -> Figure:
    """Measure `cache_round` against a bare pipeline of its commands."""
    cache, client = RedisCache(target=target), redis.Redis(port=target.port)
    state = WorkerStateObject(bookmaker="Admiral", state="running", at_us=_NEWEST_US, received=1, committed=1)
    bare = _bare_round(client, state)
    value, yardstick = _medians_us(lambda: cache.cache_round(a_round(1), state), bare, calls)
    cache.close()
    client.close()
    return Figure(
        name="a worker's round",
        value=value,
        unit="us",
        yardstick="a bare pipeline of the same nine commands and bytes",
        yardstick_value=yardstick,
        target=ratio_at_most(ROUND_TARGET),
    )


def _bare_round(client: redis.Redis, state: WorkerStateObject) -> Callable[[], object]:
    record = a_round(1)
    held = round_object(record)
    blob, state_blob = as_json(held), as_json(state)
    ended = event_json(names.ROUND_ENDED, _NEWEST_US, held)
    crossed = [
        event_json(names.THRESHOLD_CROSSED, _NEWEST_US, crossed_object(record, crossing))
        for crossing in record.crossings
    ]

    def send() -> object:
        pipeline = client.pipeline(transaction=False)
        pipeline.set("round:Admiral:4000001", blob, ex=names.ROUND_LIFE_S)
        pipeline.set("last_round:Admiral", blob, ex=names.LAST_ROUND_LIFE_S)
        pipeline.hset("worker:states", "Admiral", state_blob)
        pipeline.lpush("events:recent", *crossed, ended)
        pipeline.ltrim("events:recent", 0, names.RECENT_EVENTS - 1)
        for event in crossed:
            pipeline.publish(names.THRESHOLD_CROSSED, event)
        pipeline.publish(names.ROUND_ENDED, ended)
        return pipeline.execute()

    return send


def reading(server: RedisServer, path: Path, rounds: int, calls: int) -> list[Figure]:
    """Measure a wall of 50 from Redis against one MGET of ready blobs, and against the database at `path`."""
    cache, client = RedisCache(target=server.target), redis.Redis(port=server.port)
    reader = open_reader(path)
    total, stats = from_database(reader)
    bookmakers = [one.bookmaker for one in stats]
    for name in bookmakers:
        cache.cache_round(msgspec.structs.replace(a_round(1), bookmaker=name))
    cache.cache_stats(stats, total)
    client.set("version", 1)
    ready = [f"stats:{encoded(name)}" for name in bookmakers]
    ready += [f"last_round:{encoded(name)}" for name in bookmakers]
    wall_us, mget_us = _medians_us(lambda: cache.get_wall(bookmakers), lambda: client.mget(ready), calls)
    again_us, database_us = _medians_us(
        lambda: cache.get_wall(bookmakers), lambda: from_database(reader), max(calls // 10, 20)
    )
    reader.close()
    cache.close()
    client.close()
    blobs = "one MGET of the statistics and last rounds of as many bookmakers, as bytes"
    database = f"the same statistics from a database of {rounds:,} rounds"
    return [
        _wall(f"a wall of {BOOKMAKERS}", wall_us, blobs, mget_us, WALL_TARGET),
        _wall(f"a wall of {BOOKMAKERS} instead of the database", again_us, database, database_us, 1.0),
    ]


def from_database(reader: apsw.Connection) -> tuple[BookmakerStats, list[BookmakerStats]]:
    """Return what a wall shows, computed as the reader does."""
    with snapshot(reader):
        version = queries.version(reader)
        total, rows = queries.round_stats_with_total(reader, "24h", _NEWEST_US + 1_000_000)
    bookmakers = tuple(row.bookmaker for row in rows)
    stats = [BookmakerStats(version=version, computed_at_us=_NEWEST_US, rounds=row) for row in rows]
    whole = BookmakerStats(version=version, computed_at_us=_NEWEST_US, rounds=total, bookmakers=bookmakers)
    return whole, stats


def _wall(name: str, value: float, yardstick: str, yardstick_value: float, target: float) -> Figure:
    return Figure(
        name=name,
        value=value,
        unit="us",
        yardstick=yardstick,
        yardstick_value=yardstick_value,
        target=ratio_at_most(target),
    )


def hearing(target: RedisTarget, events: int) -> Figure:
    """Measure from `cache_round` in another process to the callback here, and a bare channel beside it."""
    ours = _latencies_us(target, events, bare=False)
    bare = _latencies_us(target, events, bare=True)
    value, yardstick = _p99(ours) / 1_000, _p99(bare) / 1_000
    return Figure(
        name="round to subscriber's callback, p99",
        value=value,
        unit="ms",
        yardstick="a bare PUBLISH to a bare listener, p99",
        yardstick_value=yardstick,
        target=at_most(LATENCY_TARGET_MS),
    )


def _latencies_us(target: RedisTarget, events: int, *, bare: bool) -> list[float]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    publisher = context.Process(target=_publish, args=(theirs, target, events, bare), daemon=True)
    publisher.start()
    theirs.close()
    try:
        if not ours.poll(_WAIT_S):
            raise TimeoutError("the publisher did not start")
        ours.recv_bytes()
        return _listen_bare(target, ours, events) if bare else _listen(target, ours, events)
    finally:
        ours.close()
        publisher.join(_WAIT_S)


def _publish(link: Connection, target: RedisTarget, events: int, bare: bool) -> None:
    """Publish at a pace that lets each be heard before the next; a round says when it was published."""
    cache = RedisCache(target=target)
    client = redis.Redis(port=target.port)
    link.send_bytes(b"ready")
    link.recv_bytes()
    for number in range(events):
        time.sleep(_PAUSE_S)
        if bare:
            client.publish("bare", time.monotonic_ns())
        else:
            cache.cache_round(msgspec.structs.replace(a_round(number), received_at_us=time.monotonic_ns()))
    cache.close()


def _listen(target: RedisTarget, link: Connection, events: int) -> list[float]:
    found: list[float] = []

    def take(event: Event) -> None:
        heard_at = time.monotonic_ns()
        found.append((heard_at - msgspec.json.decode(event.data)["received_at_us"]) / 1_000)

    cache = RedisCache(target=target)
    subscription = cache.subscribe_to_events(
        take, channels=[names.ROUND_ENDED], on_connect=lambda: link.send_bytes(b"go")
    )
    deadline = time.monotonic() + _WAIT_S
    while len(found) < events and time.monotonic() < deadline:
        time.sleep(0.05)
    subscription.stop()
    cache.close()
    return found


def _listen_bare(target: RedisTarget, link: Connection, events: int) -> list[float]:
    client: Any = redis.Redis(port=target.port)
    found: list[float] = []
    with client.pubsub() as pubsub:
        pubsub.subscribe("bare")
        pubsub.get_message(timeout=_WAIT_S)
        link.send_bytes(b"go")
        while len(found) < events:
            message = pubsub.get_message(timeout=_WAIT_S)
            found.append((time.monotonic_ns() - int(message["data"])) / 1_000)
    client.close()
    return found


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _medians_us(ours: Callable[[], object], bare: Callable[[], object], calls: int) -> tuple[float, float]:
    """Return the best median of each, timed by turns."""
    best = [float("inf"), float("inf")]
    for _ in range(TURNS):
        for side, call in enumerate((ours, bare)):
            call()
            gc.collect()
            times = []
            for _ in range(max(1, calls // TURNS)):
                began = time.perf_counter()
                call()
                times.append(time.perf_counter() - began)
            best[side] = min(best[side], statistics.median(times) * 1e6)
    return best[0], best[1]
