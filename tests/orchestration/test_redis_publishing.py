"""What workers and writer publish to a real Redis while a whole engine runs, and what outages do to it."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.redis_target import RedisTarget
from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.cache.redis_cache import RedisCache
from data_layer.database import queries
from data_layer.database.connection import open_reader
from data_layer.messages import LogLine, RedisHealth, WorkerState
from orchestration.backoff import BackoffPolicy
from orchestration.engine import Engine
from orchestration.supervised_child import SupervisionPolicy
from tests.redis_outages import OPTIONS, OUTAGES, TOLD
from tests.redis_server import RedisServer, needs_redis_server, wait_until

pytestmark = needs_redis_server

POLICY = SupervisionPolicy(
    hung_after_s=60.0,  # nobody is ended because the machine is busy
    backoff=BackoffPolicy(initial_s=0.05, ceiling_s=1.0),
)
NAMES = ("Admiral", "a:*", "{tag} \N{SNOWMAN}")

Start = Callable[..., Engine]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path, options=OPTIONS)
    made.start()
    yield made
    made.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    engines: list[Engine] = []

    def start_engine(redis: RedisTarget | None) -> Engine:
        specs = [
            BookmakerSpec(name=name, source=SimulatorSpec(seed=name, speed=600.0))  # some 25 rounds a second
            for name in NAMES
        ]
        engine = Engine(tmp_path / "data", specs, command="test", policy=POLICY, redis=redis)
        engines.append(engine)
        engine.start()
        return engine

    yield start_engine
    for engine in engines:
        engine.stop(drain_s=2.0)


@pytest.fixture
def cache(server: RedisServer) -> Iterator[RedisCache]:
    made = RedisCache(target=server.target)
    yield made
    made.close()


def health(engine: Engine) -> RedisHealth:
    writer = engine.live_view.snapshot().writer
    return (writer.redis if writer is not None else None) or RedisHealth()


def stored(engine: Engine) -> int:
    connection = open_reader(engine.database_path)
    try:
        return sum(one.committed for one in queries.counters(connection).values())
    finally:
        connection.close()


def until_more_is_stored(engine: Engine, count: int = 1) -> None:
    before = stored(engine)
    wait_until(lambda: stored(engine) >= before + count, "rounds go on")


def until_published(cache: RedisCache, engine: Engine) -> None:
    def complete() -> bool:
        wall = cache.get_wall(NAMES)
        return wall is not None and set(wall.stats) == set(wall.last_rounds) == set(NAMES)

    wait_until(complete, "rounds and stats of every bookmaker", 30.0)


def test_rounds_stats_metrics_states_and_events_are_there(
    start: Start, server: RedisServer, cache: RedisCache
) -> None:
    engine = start(server.target)
    until_published(cache, engine)
    wait_until(lambda: health(engine).ranges_ready == len(queries.RANGES), "metrics of every range", 30.0)
    for name in queries.RANGES:  # renewed as rounds arrive: the first computation found hardly any
        wait_until(lambda name=name: set(cache.get_metrics(name, NAMES)[1]) == set(NAMES), name, 30.0)  # type: ignore[misc]
    total, _ = cache.get_metrics("7d", NAMES)
    assert total is not None
    assert set(total.bookmakers) == set(NAMES)
    assert set(cache.get_worker_states()) == set(NAMES)
    assert {event.name for event in cache.recent_events()} >= {"round_ended", "threshold_crossed"}
    wall = cache.get_wall(NAMES)
    assert wall is not None
    assert wall.total is not None
    assert wall.total.version == wall.version
    assert all(one.version == wall.version for one in wall.stats.values())
    assert (cache.counts.foreign, health(engine).connected) == (0, True)


def test_redis_is_switched_on_and_off_while_everything_runs(
    start: Start, server: RedisServer, cache: RedisCache
) -> None:
    engine = start(None)
    wait_until(lambda: engine.wait_until_running(0.1), "workers", 30.0)
    assert health(engine) == RedisHealth()
    engine.use_redis(server.target)
    until_published(cache, engine)
    engine.use_redis(None)
    wait_until(lambda: engine.live_view.snapshot().writer.redis is None, "publishing has ended")  # type: ignore[union-attr]

    def silent() -> bool:  # what was under way then may come once more
        server.flush()
        until_more_is_stored(engine)
        return server.command("KEYS", "stats:*") == []

    wait_until(silent, "nothing more is published")


def test_an_outage_is_one_line_of_the_log_however_many_processes_meet_it(
    start: Start, server: RedisServer, cache: RedisCache
) -> None:
    engine = start(server.target)
    lines: list[LogLine] = []
    leave = engine.log_tap.subscribe(lines.append)
    until_published(cache, engine)
    del lines[:]
    server.kill()
    before = stored(engine)
    wait_until(lambda: "cannot be reached" in health(engine).trouble, "the outage is told")
    wait_until(lambda: stored(engine) > before + 20, "every worker has met it")
    server.start()
    wait_until(lambda: health(engine).connected, "publishing goes on")
    wait_until(lambda: any("is back" in line.text for line in lines), "its end is told")
    leave()
    said = [f"{line.process}: {line.text}" for line in lines if line.level >= logging.INFO]
    warned = [line for line in said if "going on without it" in line or "do not" in line or "cannot" in line]
    assert warned == [f"writer: Redis at {server.target.address} cannot be reached; going on without it"]
    assert sum("is back" in line for line in said) == 1


def test_a_worker_started_later_knows_where_redis_is(
    start: Start, server: RedisServer, cache: RedisCache
) -> None:
    engine = start(None)
    wait_until(lambda: engine.wait_until_running(0.1), "workers", 30.0)
    engine.controls.stop(["Admiral"])
    engine.use_redis(server.target)
    engine.controls.start(["Admiral"])
    wait_until(lambda: cache.get_last_round("Admiral") is not None, "a round of the new process", 30.0)


def test_values_of_another_type_under_our_keys_are_told_and_replaced(
    start: Start, server: RedisServer, cache: RedisCache
) -> None:
    server.command("SET", "events:recent", "x")
    server.command("RPUSH", "worker:states", "x")
    server.command("RPUSH", "stats:Admiral", "x")  # overwritten: what is set has no type
    engine = start(server.target)
    until_published(cache, engine)
    wait_until(lambda: "values of other programs ignored" in health(engine).remark, "the remark")
    wait_until(lambda: bool(cache.recent_events()), "events")
    wait_until(lambda: set(cache.get_worker_states()) == set(NAMES), "the states of all workers")


@pytest.mark.parametrize("fault", list(OUTAGES))
def test_collection_goes_on_without_redis_and_publishing_when_it_is_back(
    start: Start, server: RedisServer, cache: RedisCache, fault: str
) -> None:
    engine = start(server.target)
    until_published(cache, engine)
    OUTAGES[fault].strike(server, lambda: until_more_is_stored(engine))
    if fault in TOLD:
        wait_until(lambda: TOLD[fault] in health(engine).trouble, f"{fault} is told")
    until_more_is_stored(engine, 20)
    views = engine.live_view.snapshot().workers
    assert [view.status.state for view in views] == [WorkerState.RUNNING] * len(NAMES)
    assert all(view.live is not None and view.live.outbox < 100 for view in views)
    OUTAGES[fault].end(server)
    wait_until(cache.ping, "Redis is there")
    version = health(engine).version
    wait_until(lambda: health(engine).connected and health(engine).version > version, "publishing goes on")
    until_published(cache, engine)
