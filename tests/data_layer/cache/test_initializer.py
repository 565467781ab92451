"""The metrics of every range, over a real database and a real Redis."""

from collections.abc import Iterator

import pytest

from data_layer.cache.initializer import MetricsInitializer
from data_layer.cache.redis_cache import RedisCache
from data_layer.database import queries
from tests.data_layer.cache.conftest import NEVER_S, NOW_US
from tests.data_layer.stored_rounds import StoredRounds, a_round
from tests.redis_server import RedisServer, wait_until


@pytest.fixture
def metrics(stored: StoredRounds, own_cache: RedisCache) -> Iterator[MetricsInitializer]:
    made = MetricsInitializer(stored.path, own_cache, life_s=60.0, refresh_s=NEVER_S, now=lambda: NOW_US)
    made.start()
    yield made
    made.stop()
    made.join(10.0)


def count(own_cache: RedisCache, range_name: str = "all") -> int:
    total, _ = own_cache.get_metrics(range_name, [])
    return -1 if total is None else total.rounds.count


def test_metrics_of_every_range_are_computed_at_the_start(
    metrics: MetricsInitializer, own_cache: RedisCache
) -> None:
    wait_until(lambda: metrics.ranges_ready == metrics.ranges == len(queries.RANGES), "all ranges")
    assert {name: count(own_cache, name) for name in queries.RANGES} == dict.fromkeys(queries.RANGES, 10)


def test_metrics_are_computed_again_on_demand_and_as_rounds_arrive(
    metrics: MetricsInitializer,
    stored: StoredRounds,
    own_cache: RedisCache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait_until(lambda: metrics.ranges_ready == metrics.ranges, "all ranges")
    stored.commit([a_round(11)])
    metrics.refresh()
    wait_until(lambda: count(own_cache) == 11, "the demanded ones")
    monkeypatch.setattr("data_layer.cache.initializer.AFTER_COMMITS_S", 0.0)
    stored.commit([a_round(12)])
    metrics.note_new_rounds()
    wait_until(lambda: count(own_cache) == 12, "those of the new round")


def test_metrics_are_computed_on_schedule(stored: StoredRounds, own_cache: RedisCache) -> None:
    made = MetricsInitializer(stored.path, own_cache, life_s=60.0, refresh_s=0.05, now=lambda: NOW_US)
    made.start()
    try:
        wait_until(lambda: made.ranges_ready == made.ranges, "all ranges")
        stored.commit([a_round(11)])
        wait_until(lambda: count(own_cache) == 11, "the next ones")
    finally:
        made.stop()
        made.join(10.0)


def test_metrics_wait_for_redis(own_server: RedisServer, stored: StoredRounds, own_cache: RedisCache) -> None:
    own_server.kill()
    assert not own_cache.ping()
    made = MetricsInitializer(stored.path, own_cache, life_s=60.0, refresh_s=NEVER_S, now=lambda: NOW_US)
    made.start()
    try:
        own_server.start()
        wait_until(lambda: made.ranges_ready == made.ranges, "all ranges")
    finally:
        made.stop()
        made.join(10.0)
