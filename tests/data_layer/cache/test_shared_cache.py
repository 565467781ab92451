"""CacheManagers of several processes over one Redis, and what stands there."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from data_layer.cache.cache_manager import CacheManager
from data_layer.cache.redis_cache import RedisCache
from data_layer.messages import Committed

MISSING = object()


def test_two_processes_see_one_cache(caches: list[RedisCache]) -> None:
    ours, theirs = map(CacheManager, caches)
    ours.set("ns", "key", 1)
    assert theirs.get("ns", "key") == 1
    theirs.clear("ns")
    assert ours.get("ns", "key", MISSING) is MISSING
    ours.set("ns", "key", 2)
    theirs.delete("ns", "key")
    assert ours.get("ns", "key", MISSING) is MISSING


def test_a_commit_makes_results_stale_for_all_processes(caches: list[RedisCache]) -> None:
    ours, theirs = map(CacheManager, caches)
    caches[0].cache_stats([], news=Committed(version=5, committed_at_us=1))
    assert ours.compute("ns", "key", lambda: "of 5", versioned=True) == "of 5"
    assert theirs.get("ns", "key", MISSING, versioned=True) == "of 5"
    caches[0].cache_stats([], news=Committed(version=6, committed_at_us=1))
    assert theirs.get("ns", "key", MISSING, versioned=True) is MISSING
    assert ours.get("ns", "key", MISSING, versioned=True) is MISSING


def test_a_namespace_cleared_elsewhere_during_a_computation_stays_clear(caches: list[RedisCache]) -> None:
    ours, theirs = map(CacheManager, caches)

    def compute() -> str:
        theirs.clear("ns")
        return "older"

    assert ours.compute("ns", "key", compute) == "older"
    assert theirs.get("ns", "key", MISSING) is MISSING


@pytest.mark.parametrize("blob", [b"", b"null", b"[]", b'{"generation": 1}', b"\xff", b"[" * 100_000])
def test_what_others_wrote_is_a_miss(cache: RedisCache, blob: bytes) -> None:
    manager = CacheManager(cache)
    manager.set("ns", "key", 1)
    cache.link.call(lambda client: client.set("cache:ns:value:key", blob))
    assert manager.get("ns", "key", MISSING) is MISSING
    assert manager.stats().foreign == 1
    manager.set("ns", "key", 2)
    assert manager.get("ns", "key") == 2


@pytest.mark.parametrize("spoil", [
    lambda client: client.set("cache:ns:generation", b"x" * 100),
    lambda client: client.set("cache:ns:generation", b"\xff\xfe"),
    lambda client: (client.delete("cache:ns:generation"), client.lpush("cache:ns:generation", "list")),
    lambda client: client.delete("cache:ns:generation"),
    lambda client: (client.delete("cache:ns:value:key"), client.lpush("cache:ns:value:key", "list")),
    lambda client: client.flushall(),
])  # fmt: skip
def test_spoilt_bookkeeping_costs_what_was_kept_and_no_more(
    cache: RedisCache, spoil: Callable[[Any], Any]
) -> None:
    manager = CacheManager(cache)
    manager.set("ns", "key", 1)
    cache.link.call(spoil)
    assert manager.get("ns", "key", MISSING) is MISSING
    assert manager.compute("ns", "key", lambda: 2) == 2
    assert manager.get("ns", "key") == 2
    assert manager.stats().fallbacks == 0


def test_an_older_generation_that_comes_back_brings_nothing_back(cache: RedisCache) -> None:
    """A replica that became primary before it had heard of the clearing."""
    manager = CacheManager(cache)
    manager.set("ns", "key", "older")
    keys = [b"cache:ns:generation", b"cache:ns:value:key"]
    before: Any = cache.link.call(lambda client: client.mget(keys))
    manager.clear("ns")
    cache.link.call(lambda client: client.mset(dict(zip(keys, before, strict=True))))
    assert manager.get("ns", "key", MISSING) is MISSING
    assert CacheManager(cache).get("ns", "key", MISSING) is MISSING


def test_values_stand_in_redis_as_json(cache: RedisCache) -> None:
    manager = CacheManager(cache)
    manager.set("name: a", "key/1", {"a": 1}, version=4)
    blob = cache.link.call(lambda client: client.get("cache:name%3A%20a:value:key%2F1"))
    assert isinstance(blob, bytes)
    held = msgspec.json.decode(blob)
    assert held["value"] == {"a": 1}
    assert held["version"] == 4
