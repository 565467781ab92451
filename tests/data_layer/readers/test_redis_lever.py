"""Redis switched on and off under a reader that goes on reading."""

import threading
from collections.abc import Iterator

import pytest

from config.redis_target import RedisTarget
from data_layer.cache.stats_publisher import StatsPublisher
from data_layer.readers.reading import Reading
from tests.data_layer.readers.hand_feed import HandFeed
from tests.data_layer.stored_rounds import StoredRounds, a_round
from tests.redis_server import RedisServer, free_port, needs_redis_server, wait_until

pytestmark = needs_redis_server


class Switches:
    """What others were told of switches."""

    def __init__(self) -> None:
        self.told: list[RedisTarget | None] = []
        self._news = threading.Condition()

    def __call__(self, target: RedisTarget | None) -> None:
        with self._news:
            self.told.append(target)
            self._news.notify_all()


@pytest.fixture
def stored(stored: StoredRounds) -> StoredRounds:
    stored.commit([a_round(1)])
    return stored


@pytest.fixture
def publisher(stored: StoredRounds, server: RedisServer) -> Iterator[StatsPublisher]:
    made = StatsPublisher(stored.path, server.target, metrics_life_s=60.0, metrics_refresh_s=60.0)
    made.start()
    yield made
    made.stop(10.0)


def test_it_is_switched_on_and_off_and_others_hear_of_it(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher
) -> None:
    switches = Switches()
    reading = Reading(stored.path, None, server.target, redis_on=False, on_switch=switches)
    reading.start()
    try:
        assert not reading.redis.status().enabled
        assert reading.reader.get_stats("data_collector").version == 1
        for _ in range(2):
            reading.redis.switch(on=True)
            assert reading.redis.status().enabled
            wait_until(lambda: reading.reader.on_redis, "results of Redis")
            assert reading.redis.status().connected
            reading.redis.switch(on=False)
            wait_until(lambda: not reading.reader.on_redis, "results of the database")
        wait_until(lambda: len(switches.told) == 4, "every switch is told")
        assert switches.told == [server.target, None] * 2
    finally:
        reading.stop()


def test_what_is_enabled_from_the_beginning_is_no_switch(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher
) -> None:
    switches = Switches()
    reading = Reading(stored.path, None, server.target, redis_on=True, on_switch=switches)
    reading.start()
    try:
        wait_until(lambda: reading.reader.on_redis, "results of Redis")
        assert switches.told == []
    finally:
        reading.stop()


def test_computed_results_are_shared_while_redis_is_on_and_stale_after_a_commit(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher
) -> None:
    feed = HandFeed()
    reading = Reading(stored.path, feed, server.target, redis_on=False)
    reading.start()
    results = iter(range(100))

    def compute() -> int:
        return reading.cache.compute("ns", "key", lambda: next(results), versioned=True)

    try:
        feed.tell(stored.commit([a_round(2)]))
        assert (compute(), compute()) == (0, 0)
        feed.tell(stored.commit([a_round(3)]))
        assert (compute(), compute()) == (1, 1)
        assert reading.cache.stats().trouble == "not configured"
        reading.redis.switch(on=True)
        wait_until(lambda: reading.cache.stats().available, "the cache in Redis")
        assert (compute(), compute()) == (2, 2)
        assert server.command("EXISTS", "cache:ns:value:key") == 1
        reading.redis.switch(on=False)
        wait_until(lambda: not reading.cache.stats().available, "the cache in memory")
        assert (compute(), compute()) == (3, 3)
    finally:
        reading.stop()


def test_a_redis_that_is_not_there_is_told_and_the_database_read(stored: StoredRounds) -> None:
    target = RedisTarget(port=free_port())
    reading = Reading(stored.path, None, target, redis_on=True)
    reading.start()
    try:
        wait_until(lambda: reading.redis.status().trouble == "cannot be reached", "the trouble")
        assert not reading.redis.status().connected
        assert reading.reader.get_stats("data_collector").version == 1
    finally:
        reading.stop()


def test_one_that_was_never_started_can_be_stopped(stored: StoredRounds) -> None:
    Reading(stored.path, None, RedisTarget(), redis_on=True).stop()
