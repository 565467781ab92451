"""Metrics that are computed anew on demand: the order and its progress go through a real Redis."""

from collections.abc import Iterator

import pytest

from data_layer.cache.initializer import MetricsInitializer
from data_layer.cache.metrics_orders import MetricsOrders, MetricsProgress
from data_layer.cache.redis_cache import RedisCache
from data_layer.ranges import RANGES
from tests.data_layer.cache.conftest import NEVER_S, NOW_US
from tests.data_layer.stored_rounds import StoredRounds, a_round
from tests.redis_server import RedisServer, wait_until


@pytest.fixture
def orders(own_cache: RedisCache) -> MetricsOrders:
    return MetricsOrders(own_cache.link, own_cache.keys)


@pytest.fixture
def metrics(stored: StoredRounds, own_cache: RedisCache) -> Iterator[MetricsInitializer]:
    made = MetricsInitializer(stored.path, own_cache, life_s=60.0, refresh_s=NEVER_S, now=lambda: NOW_US)
    made.start()
    wait_until(lambda: made.ranges_ready == made.ranges, "all ranges")
    yield made
    made.stop()
    made.join(10.0)


def test_an_order_is_taken_once_and_shows_its_progress(
    orders: MetricsOrders, metrics: MetricsInitializer, stored: StoredRounds, own_cache: RedisCache
) -> None:
    stored.commit([a_round(11)])
    order = orders.give()
    assert orders.progress(order) is None
    metrics.look_for_order()
    assert orders.take() == ""

    def done() -> bool:
        found = orders.progress(order)
        return found is not None and found.done

    wait_until(done, "all ranges anew")
    assert orders.progress(order) == MetricsProgress(order=order, ready=len(RANGES), ranges=len(RANGES))
    for name in RANGES:
        total, _ = own_cache.get_metrics(name, [])
        assert total is not None
        assert total.rounds.count == 11
    assert orders.progress("another") is None


def test_what_hinders_an_order_is_told(
    orders: MetricsOrders, metrics: MetricsInitializer, stored: StoredRounds
) -> None:
    stored.close()
    stored.path.rename(stored.path.with_suffix(".away"))
    order = orders.give()
    metrics.look_for_order()

    def told() -> bool:
        found = orders.progress(order)
        return found is not None and "the database cannot be read" in found.trouble

    wait_until(told, "the trouble")


@pytest.mark.parametrize("blob", ["", "*", "x" * 65, "\x80", '{"order": 1}'])
def test_what_is_no_order_is_dropped(orders: MetricsOrders, own_server: RedisServer, blob: str) -> None:
    own_server.command("SET", "metrics:order", blob)
    own_server.command("SET", "metrics:progress", blob)
    assert orders.take() == ""
    assert own_server.command("EXISTS", "metrics:order") == 0
    assert orders.progress("*") is None


def test_another_type_under_its_keys_costs_the_order_only(
    orders: MetricsOrders, own_server: RedisServer
) -> None:
    own_server.command("RPUSH", "metrics:progress", "x")
    order = orders.give()
    assert orders.progress(order) is None
    own_server.command("DEL", "metrics:order")
    own_server.command("RPUSH", "metrics:order", "x")
    assert orders.take() == ""
    assert orders.give() != ""  # what is set has no type


def test_without_redis_nothing_is_ordered(orders: MetricsOrders, own_server: RedisServer) -> None:
    own_server.kill()
    assert orders.give() == ""
    assert orders.take() == ""
