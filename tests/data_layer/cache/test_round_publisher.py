"""A worker's publisher: nobody waits for it, and what Redis does not take in time is dropped and counted."""

from collections.abc import Iterator

import pytest

from data_layer.cache.redis_cache import RedisCache
from data_layer.cache.round_publisher import WAITING_ROUNDS, RoundPublisher
from data_layer.messages import LiveState, Phase, WorkerState
from tests.data_layer.stored_rounds import a_round
from tests.redis_server import RedisServer, wait_until


def picture() -> LiveState:
    return LiveState(bookmaker="Admiral", pid=7, heartbeat_us=1, phase=Phase.FLYING, multiplier_centi=150)


@pytest.fixture
def publisher(own_server: RedisServer) -> Iterator[RoundPublisher]:
    made = RoundPublisher(own_server.target, picture)
    made.start()
    yield made
    made.stop(10.0)


def last_id(own_cache: RedisCache) -> str:
    last = own_cache.get_last_round("Admiral")
    return "" if last is None else last.round_id


def test_rounds_and_the_live_state_are_published(publisher: RoundPublisher, own_cache: RedisCache) -> None:
    for number in (1, 2, 3):
        publisher.offer(a_round(number))
    wait_until(lambda: last_id(own_cache) == "3", "the last round")
    assert own_cache.get_round("Admiral", "1") == a_round(1)
    state = own_cache.get_worker_states()["Admiral"]
    assert (state.state, state.phase, state.multiplier_centi, state.pid) == ("running", "flying", 150, 7)
    publisher.stop(10.0)
    assert own_cache.get_worker_states()["Admiral"].state == WorkerState.STOPPED
    assert (publisher.published, publisher.dropped) == (3, 0)


def test_while_redis_is_frozen_the_newest_rounds_wait_and_older_ones_are_dropped(
    publisher: RoundPublisher, own_server: RedisServer, own_cache: RedisCache
) -> None:
    publisher.offer(a_round(1))
    wait_until(lambda: last_id(own_cache) == "1", "the first round")
    own_server.suspend()
    offered = WAITING_ROUNDS + 20
    for number in range(2, 2 + offered):
        publisher.offer(a_round(number))
    assert 20 <= publisher.dropped <= 21  # one may be on its way
    own_server.resume()
    wait_until(own_cache.ping, "Redis answers")
    wait_until(lambda: last_id(own_cache) == str(1 + offered), "the newest round")
    wait_until(lambda: publisher.published + publisher.dropped >= 1 + offered, "all are accounted for")


def test_what_another_program_put_in_the_place_of_shared_keys_is_deleted(
    own_server: RedisServer, own_cache: RedisCache
) -> None:
    assert not own_cache.mend()
    own_cache.cache_round(a_round(1))
    assert not own_cache.mend()
    assert len(own_cache.recent_events()) == 1
    own_server.command("SET", "worker:states", "x")
    own_server.command("DEL", "events:recent")
    own_server.command("SADD", "events:recent", "x")
    assert own_cache.mend()
    assert own_server.command("EXISTS", "worker:states", "events:recent") == 0
    assert own_cache.counts.foreign == 2
    assert own_cache.cache_round(a_round(2))


def test_a_key_of_another_type_costs_no_round(
    publisher: RoundPublisher, own_server: RedisServer, own_cache: RedisCache
) -> None:
    own_server.command("SET", "events:recent", "x")
    publisher.offer(a_round(1))
    wait_until(lambda: publisher.dropped == 1, "it is counted as not whole")
    assert last_id(own_cache) == "1"


def test_one_that_never_reaches_redis_ends_at_once(own_server: RedisServer) -> None:
    own_server.suspend()
    made = RoundPublisher(own_server.target, picture)
    made.start()
    made.offer(a_round(1))
    made.stop(10.0)
    assert made.published == 0
