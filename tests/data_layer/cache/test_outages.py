"""What becomes of the caches while a real Redis is dead, frozen, full, read-only or flushed; and after."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.redis_target import RedisTarget
from data_layer.cache.cache_manager import CacheManager
from data_layer.cache.json_shapes import WorkerStateObject
from data_layer.cache.redis_cache import RedisCache
from tests.data_layer.stored_rounds import a_round
from tests.redis_outages import load_quickly, load_slowly
from tests.redis_server import HOST, RedisServer, free_port, wait_until

MISSING = object()
STATE = WorkerStateObject(bookmaker="Admiral", state="running", at_us=1)


@pytest.fixture
def cache(own_cache: RedisCache) -> RedisCache:
    return own_cache


def wait_until_back(cache: RedisCache) -> None:
    wait_until(lambda: cache.available, "Redis is used again")


class Fault:
    """A way for Redis to be of no use, and what ends it."""

    def __init__(
        self, begin: Callable[[RedisServer], object], end: Callable[[RedisServer], object], trouble: str
    ) -> None:
        self.begin = begin
        self.end = end
        self.trouble = trouble


FAULTS = {
    "dead": Fault(RedisServer.kill, RedisServer.start, "cannot be reached"),
    "frozen": Fault(RedisServer.suspend, RedisServer.resume, "does not answer in time"),
    "full": Fault(
        lambda server: server.configure("maxmemory", "1"),
        lambda server: server.configure("maxmemory", "0"),
        "is out of memory",
    ),
    "read-only": Fault(
        lambda server: server.command("REPLICAOF", HOST, free_port()),
        lambda server: server.command("REPLICAOF", "NO", "ONE"),
        "is read-only (a replica)",
    ),
    "loading": Fault(load_slowly, load_quickly, "is loading its data"),
    "without enough replicas": Fault(
        lambda server: server.command("CONFIG", "SET", "min-replicas-to-write", "1"),
        lambda server: server.command("CONFIG", "SET", "min-replicas-to-write", "0"),
        "NOREPLICAS",
    ),
}

faults = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@faults
def test_calls_end_and_go_on_when_redis_is_back(
    cache: RedisCache, own_server: RedisServer, fault: Fault
) -> None:
    assert cache.cache_round(a_round(1))
    fault.begin(own_server)
    assert not cache.cache_round(a_round(2))
    assert not cache.available
    assert cache.trouble.startswith(fault.trouble)
    assert cache.get_last_round("Admiral") is None
    assert cache.get_wall(["Admiral"]) is None
    assert not cache.ping()
    fault.end(own_server)
    wait_until_back(cache)
    assert cache.trouble == ""
    assert cache.cache_round(a_round(3))
    assert cache.get_last_round("Admiral") == a_round(3)
    assert cache.link.outages == 1


@faults
def test_a_ping_finds_what_reading_alone_does_not(
    cache: RedisCache, own_server: RedisServer, fault: Fault
) -> None:
    assert cache.ping()
    fault.begin(own_server)
    assert not cache.ping()
    assert not cache.available
    fault.end(own_server)
    wait_until_back(cache)
    assert cache.ping()


@faults
def test_a_manager_goes_on_in_memory_and_serves_nothing_stale_afterwards(
    cache: RedisCache, own_server: RedisServer, fault: Fault
) -> None:
    manager = CacheManager(cache)
    for namespace in ("changed", "deleted", "cleared", "kept"):
        manager.set(namespace, "key", "older")
    fault.begin(own_server)
    manager.set("changed", "key", "newer")
    manager.delete("deleted", "key")
    manager.clear("cleared")
    assert manager.get("changed", "key") == "newer"
    assert manager.get("deleted", "key", MISSING) is MISSING
    assert manager.compute("computed", "key", lambda: "in memory") == "in memory"
    assert manager.get("computed", "key") == "in memory"
    stats = manager.stats()
    assert not stats.available
    assert stats.fallbacks > 0
    fault.end(own_server)
    wait_until_back(cache)
    assert manager.get("changed", "key", MISSING) in (MISSING, "newer")
    assert manager.get("deleted", "key", MISSING) is MISSING
    assert manager.get("cleared", "key", MISSING) is MISSING
    assert manager.get("kept", "key", "older") == "older"
    assert manager.stats().available
    others = CacheManager(cache)
    for namespace in ("changed", "deleted", "cleared"):
        assert others.get(namespace, "key", MISSING) is MISSING


def test_memory_of_an_earlier_outage_is_not_served_in_the_next(
    cache: RedisCache, own_server: RedisServer
) -> None:
    manager = CacheManager(cache)
    own_server.suspend()
    manager.set("ns", "key", "first outage")
    own_server.resume()
    wait_until_back(cache)
    assert manager.get("ns", "key", MISSING) is MISSING
    manager.set("ns", "key", "between")
    own_server.suspend()
    assert manager.get("ns", "key", MISSING) is MISSING
    own_server.resume()
    wait_until_back(cache)
    assert manager.get("ns", "key") == "between"


def test_a_result_computed_across_an_outage_is_not_kept(cache: RedisCache, own_server: RedisServer) -> None:
    manager = CacheManager(cache)

    def compute() -> str:
        own_server.suspend()
        manager.clear("ns")
        own_server.resume()
        wait_until_back(cache)
        return "from before"

    assert manager.compute("ns", "key", compute) == "from before"
    assert manager.get("ns", "key", MISSING) is MISSING


def test_a_flushed_redis_is_an_empty_one(cache: RedisCache, own_server: RedisServer) -> None:
    manager = CacheManager(cache)
    manager.set("ns", "key", 1)
    cache.cache_round(a_round(1))
    own_server.flush()
    assert cache.get_last_round("Admiral") is None
    assert manager.get("ns", "key", MISSING) is MISSING
    manager.set("ns", "key", 2)
    assert manager.get("ns", "key") == 2
    assert cache.available


def test_a_flapping_redis_is_used_whenever_it_is_there(cache: RedisCache, own_server: RedisServer) -> None:
    manager = CacheManager(cache)
    for number in range(3):
        wait_until_back(cache)
        assert cache.cache_round(a_round(number))
        manager.set("ns", "key", number)
        assert manager.get("ns", "key") == number
        own_server.kill()
        assert not cache.cache_round(a_round(number))
        manager.set("ns", "key", -number)
        assert manager.get("ns", "key") == -number
        own_server.start()
    wait_until_back(cache)
    assert manager.get("ns", "key", MISSING) is MISSING


def test_a_wrong_password_is_told_and_harms_nothing(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, password="right")
    try:
        server.start()
        for target in (replace(server.target, password="wrong"), replace(server.target, password=None)):
            cache = RedisCache(target=target)
            assert not cache.cache_round(a_round(1))
            assert cache.trouble == "refuses the password or user"
            assert "wrong" not in repr(cache.link.trouble) + cache.link.address
            cache.close()
        cache = RedisCache(target=server.target)
        assert cache.cache_round(a_round(1))
        cache.close()
    finally:
        server.close()


def test_a_user_that_may_not_write_everything_uses_the_rest(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, users=("worker on >pw ~* &* +@all -hset",))
    try:
        server.start()
        cache = RedisCache(target=replace(server.target, username="worker", password="pw"))
        assert cache.cache_round(a_round(1))
        assert not cache.set_worker_state(STATE)
        assert cache.counts.refused == 1
        assert cache.available
        assert cache.get_last_round("Admiral") == a_round(1)
        cache.close()
    finally:
        server.close()


def test_a_user_that_may_only_read_reads(own_server: RedisServer) -> None:
    own_server.command("ACL", "SETUSER", "viewer", "on", ">pw", "~*", "&*", "+@read", "+ping")
    writer = RedisCache(target=own_server.target)
    viewer = RedisCache(target=replace(own_server.target, username="viewer", password="pw"))
    writer.cache_round(a_round(1))
    assert viewer.ping()
    assert viewer.get_last_round("Admiral") == a_round(1)
    assert not viewer.cache_round(a_round(2))
    assert viewer.available
    writer.close()
    viewer.close()


def test_a_server_that_is_not_there_at_all_costs_one_attempt() -> None:
    cache = RedisCache(target=RedisTarget(host=HOST, port=free_port()))
    assert not cache.cache_round(a_round(1))
    assert cache.counts.unavailable == 1
    assert not cache.available
    cache.close()


def test_closing_ends_the_probing(own_server: RedisServer) -> None:
    cache = RedisCache(target=own_server.target)
    own_server.kill()
    assert not cache.ping()
    assert any(thread.name == "redis probe" for thread in threading.enumerate())
    cache.close()
    assert not any(thread.name == "redis probe" for thread in threading.enumerate())
    cache.close()


def test_many_threads_fail_together_and_return_together(cache: RedisCache, own_server: RedisServer) -> None:
    assert cache.ping()
    own_server.suspend()
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(cache.get_total_stats())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert results == [None] * 16
    own_server.resume()
    wait_until_back(cache)
    assert cache.link.outages == 1
    assert cache.ping()
