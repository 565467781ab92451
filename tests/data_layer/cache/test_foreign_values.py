"""What other programs write under our keys: over fakeredis and a real server."""

import json
from functools import partial

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from data_layer.cache.events import event_from
from data_layer.cache.json_shapes import WorkerStateObject
from data_layer.cache.payloads import ForeignValueError, round_from, stats_from
from data_layer.cache.redis_cache import RedisCache
from tests.data_layer.stored_rounds import a_round

FOREIGN = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"not json",
    b"\xff\xfe",
    b'{"bookmaker": "Admiral"}',
    b"[" * 100_000,
    b'"\xed\xa0\x80"',
    b"cos\nsystem\n(S'true'\ntR.",
]


@pytest.mark.parametrize("blob", FOREIGN)
def test_what_others_wrote_under_our_keys_is_a_counted_miss(cache: RedisCache, blob: bytes) -> None:
    keys = cache.keys
    for key in (
        keys.round("Admiral", "1"),
        keys.last_round("Admiral"),
        keys.stats("Admiral"),
        keys.stats_total,
    ):
        cache.link.call(partial(redis.Redis.set, name=key, value=blob))
    cache.link.call(lambda client: client.set(keys.version, blob))
    cache.link.call(lambda client: client.hset(keys.worker_states, "Admiral", blob))
    cache.link.call(lambda client: client.hset(keys.worker_states, b"\xff", blob))
    cache.link.call(lambda client: client.lpush(keys.recent_events, blob))
    assert cache.get_round("Admiral", "1") is None
    assert cache.get_last_round("Admiral") is None
    assert cache.get_bookmaker_stats("Admiral") is None
    assert cache.get_total_stats() is None
    assert cache.get_version() is None
    assert cache.get_worker_states() == {}
    assert cache.recent_events() == []
    assert cache.counts.foreign == 8
    assert cache.counts.last_foreign.startswith(keys.recent_events)
    assert cache.cache_round(a_round(1))
    assert cache.get_last_round("Admiral") == a_round(1)


def altered(**changes: object) -> bytes:
    """A round as it stands in Redis, but for `changes`."""
    held = {
        "bookmaker": "Admiral",
        "round_id": "1",
        "crash_point": 2.0,
        "crash_centi": 200,
        "received_at_us": 1,
        "origin": "live",
    }
    return json.dumps(held | changes).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"bookmaker": "Mozzart"},
        {"crash_centi": 99, "crash_point": 0.99},
        {"crash_point": 3.0},
        {"crash_centi": 2**63},
        {"crash_centi": "200"},
        {"crash_point": float("nan")},
        {"crash_point": float("inf")},
        {"origin": "invented"},
        {"flags": ["strange"]},
        {"players_total": -1},
        {"hash": "x" * 5_000},
        {"received_at_us": 1.5},
    ],
)
def test_a_round_that_cannot_be_is_foreign(cache: RedisCache, changes: dict[str, object]) -> None:
    key = cache.keys.last_round("Admiral")
    cache.link.call(lambda client: client.set(key, altered()))
    assert cache.get_last_round("Admiral") is not None
    cache.link.call(lambda client: client.set(key, altered(**changes)))
    assert cache.get_last_round("Admiral") is None
    assert cache.counts.foreign == 1


def test_a_round_under_the_key_of_another_is_foreign(cache: RedisCache) -> None:
    cache.link.call(lambda client: client.set(cache.keys.round("Admiral", "2"), altered()))
    assert cache.get_round("Admiral", "2") is None
    assert cache.counts.foreign == 1


@given(blob=st.binary(max_size=200))
def test_no_bytes_do_harm(blob: bytes) -> None:
    for read in (lambda: round_from(blob, "a"), lambda: stats_from(blob, "a"), lambda: event_from(blob)):
        with pytest.raises(ForeignValueError):
            read()


def test_keys_of_another_type_cost_their_own_command_only(cache: RedisCache) -> None:
    keys = cache.keys
    cache.link.call(lambda client: client.set(keys.worker_states, "text"))
    cache.link.call(lambda client: client.lpush(keys.last_round("Mozzart"), "list"))
    cache.link.call(lambda client: client.set(keys.recent_events, "text"))
    state = WorkerStateObject(bookmaker="Admiral", state="running", at_us=5)
    assert not cache.cache_round(a_round(1), state)
    assert cache.get_last_round("Admiral") == a_round(1)
    assert cache.get_worker_states() == {}
    assert cache.recent_events() == []
    assert cache.get_last_rounds(["Mozzart", "Admiral"]) == {"Admiral": a_round(1)}
    assert cache.counts.refused == 5
    assert "WRONGTYPE" in cache.counts.last_refused
    assert cache.available
    cache.cache_round(a_round(1, "Mozzart"))
    assert cache.get_last_round("Mozzart") == a_round(1, "Mozzart")
