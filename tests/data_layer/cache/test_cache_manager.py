"""CacheManager: one suite over memory, fakeredis and a real server."""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from data_layer.cache.cache_manager import CacheManager
from data_layer.statistics import RoundStats
from tests.data_layer.cache.test_keys import HOSTILE
from tests.redis_server import wait_until

MISSING = object()
WAIT_S = 10.0


class Computation:
    """Something costly that counts how often it is done."""

    def __init__(self, result: Any = 1) -> None:
        self.result = result
        self.calls = 0

    def __call__(self) -> Any:
        self.calls += 1
        return self.result


@pytest.mark.parametrize("value", [None, False, 0, "", [], {}, 0.0, "x", [1, None], {"a": {"b": []}}, 2**60])
def test_every_value_is_a_value(manager: CacheManager, value: Any) -> None:
    manager.set("ns", "key", value)
    found = manager.get("ns", "key", MISSING)
    assert found == value
    assert type(found) is type(value)
    assert manager.stats().hits == 1
    assert manager.stats().misses == 0


def test_what_was_never_set_is_the_default(manager: CacheManager) -> None:
    assert manager.get("ns", "key") is None
    assert manager.get("ns", "key", MISSING) is MISSING
    assert manager.stats().misses == 2


def test_namespaces_and_keys_are_apart_whatever_they_are_called(manager: CacheManager) -> None:
    names = ["generation", "keys", "value", *HOSTILE]
    for namespace in names:
        for key in names:
            manager.set(namespace, key, [len(namespace), len(key), repr(namespace), repr(key)])
    for namespace in names:
        for key in names:
            expected = [len(namespace), len(key), repr(namespace), repr(key)]
            assert manager.get(namespace, key) == expected


def test_values_come_back_as_what_they_were(manager: CacheManager) -> None:
    stats = RoundStats(bookmaker="Admiral", range="24h", count=3, per_hour=0.5)
    manager.set("ns", "key", stats)
    assert manager.get("ns", "key", type=RoundStats) == stats


def test_a_kept_value_is_nobodys_to_change(manager: CacheManager) -> None:
    mine = [1]
    manager.set("ns", "key", mine)
    mine.append(2)
    manager.get("ns", "key").append(3)
    assert manager.get("ns", "key") == [1]


def test_a_value_of_another_shape_than_asked_for_is_a_miss(manager: CacheManager) -> None:
    manager.set("ns", "key", {"no": "stats"})
    assert manager.get("ns", "key", MISSING, type=RoundStats) is MISSING
    assert manager.stats().foreign == 1


def test_what_has_no_json_is_a_mistake(manager: CacheManager) -> None:
    with pytest.raises(TypeError):
        manager.set("ns", "key", object())


def test_a_life_ends(manager: CacheManager) -> None:
    manager.set("ns", "key", 1, ttl_s=0.001)
    gone = threading.Event()
    while manager.get("ns", "key", MISSING) is not MISSING:
        gone.wait(0.001)
    assert manager.stats().keys["ns"] == 0


def test_delete_forgets_one_key(manager: CacheManager) -> None:
    manager.set("ns", "one", 1)
    manager.set("ns", "other", 2)
    manager.delete("ns", "one")
    manager.delete("ns", "never set")
    assert manager.get("ns", "one", MISSING) is MISSING
    assert manager.get("ns", "other") == 2


def test_clear_forgets_one_namespace(manager: CacheManager) -> None:
    for namespace in ("one", "other"):
        for key in ("a", "b"):
            manager.set(namespace, key, 1)
    manager.clear("one")
    manager.clear("never used")
    assert manager.get("one", "a", MISSING) is manager.get("one", "b", MISSING) is MISSING
    assert manager.get("other", "a") == 1
    manager.set("one", "a", 2)
    assert manager.get("one", "a") == 2
    assert manager.get("one", "b", MISSING) is MISSING


def test_a_cached_function_computes_once_for_each_key(manager: CacheManager) -> None:
    calls = []

    @manager.cached("squares", 60)
    def square(number: int, *, sign: int = 1) -> int:
        calls.append(number)
        return sign * number * number

    assert [square(3), square(3), square(4), square(3, sign=-1), square(3, sign=-1)] == [9, 9, 16, -9, -9]
    assert calls == [3, 4, 3]
    assert square.__name__ == "square"


@pytest.mark.parametrize("result", [None, 0, "", []])
def test_falsy_results_are_computed_once_too(manager: CacheManager, result: Any) -> None:
    compute = Computation(result)
    assert manager.compute("ns", "key", compute) == result
    assert manager.compute("ns", "key", compute) == result
    assert compute.calls == 1


def test_a_key_function_decides_what_is_the_same(manager: CacheManager) -> None:
    calls = []

    @manager.cached("ns", 60, key=lambda name: name.lower())
    def count(name: str) -> RoundStats:
        calls.append(name)
        return RoundStats(bookmaker=name, range="all")

    assert count("Admiral") == count("ADMIRAL") == RoundStats(bookmaker="Admiral", range="all")
    assert calls == ["Admiral"]


def test_an_error_is_nobodys_result(manager: CacheManager) -> None:
    compute = Computation()

    def fail() -> int:
        raise ZeroDivisionError("cannot")

    with pytest.raises(ZeroDivisionError):
        manager.compute("ns", "key", fail)
    assert manager.compute("ns", "key", compute) == 1


class Gate:
    """A computation that waits inside until it is let go."""

    def __init__(self, result: Any = "late") -> None:
        self.entered = threading.Event()
        self.go = threading.Event()
        self.calls = 0
        self.result = result

    def __call__(self) -> Any:
        self.calls += 1
        self.entered.set()
        assert self.go.wait(WAIT_S)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def in_threads(count: int, do: Callable[[], Any]) -> tuple[list[threading.Thread], list[Any]]:
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(do())
        except ZeroDivisionError as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


def waits(thread: threading.Thread) -> bool:
    """Tell whether a thread stands where it waits for what another one computes."""
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code is Future.result.__code__:
            return True
        frame = frame.f_back
    return False


def test_threads_that_miss_together_share_one_computation(manager: CacheManager) -> None:
    gate = Gate()
    threads, results = in_threads(8, lambda: manager.compute("ns", "key", gate))
    wait_until(lambda: sum(map(waits, threads)) == 7, "seven wait for the eighth")
    gate.go.set()
    for thread in threads:
        thread.join(WAIT_S)
    assert results == ["late"] * 8
    assert gate.calls == 1


def test_threads_that_share_a_computation_share_its_error(manager: CacheManager) -> None:
    gate = Gate(ZeroDivisionError("cannot"))
    threads, results = in_threads(4, lambda: manager.compute("ns", "key", gate))
    wait_until(lambda: sum(map(waits, threads)) == 3, "three wait for the fourth")
    gate.go.set()
    for thread in threads:
        thread.join(WAIT_S)
    assert [type(result) for result in results] == [ZeroDivisionError] * 4


@pytest.mark.parametrize(
    "newer",
    [
        lambda manager: manager.set("ns", "key", "newer"),
        lambda manager: manager.delete("ns", "key"),
        lambda manager: manager.clear("ns"),
    ],
)
def test_what_is_said_during_a_computation_wins(
    manager: CacheManager, newer: Callable[[CacheManager], None]
) -> None:
    gate = Gate("older")
    (thread,), results = in_threads(1, lambda: manager.compute("ns", "key", gate))
    assert gate.entered.wait(WAIT_S)
    newer(manager)
    kept = manager.get("ns", "key", MISSING)
    fresh = manager.compute("ns", "key", lambda: "fresh")  # does not wait for what is overtaken
    gate.go.set()
    thread.join(WAIT_S)
    assert results == ["older"]
    assert fresh == ("newer" if kept == "newer" else "fresh")
    assert manager.get("ns", "key") == fresh


def test_a_computation_may_need_another_of_the_same_name(manager: CacheManager) -> None:
    assert manager.compute("ns", "key", lambda: manager.compute("ns", "key", lambda: 1) + 1) == 2


def test_a_commit_makes_versioned_results_stale(manager: CacheManager) -> None:
    compute = Computation()
    manager.note_version(5)
    for _ in range(2):
        manager.compute("ns", "key", compute, versioned=True)
    assert compute.calls == 1
    assert manager.get("ns", "key", MISSING, versioned=True) == 1
    manager.note_version(6)
    assert manager.get("ns", "key", MISSING, versioned=True) is MISSING
    manager.compute("ns", "key", compute, versioned=True)
    assert compute.calls == 2
    manager.note_version(5)  # news that come late
    assert manager.get("ns", "key", MISSING, versioned=True) == 1


def test_without_a_known_version_nothing_versioned_is_kept(manager: CacheManager) -> None:
    compute = Computation()
    for _ in range(2):
        manager.compute("ns", "key", compute, versioned=True)
    assert compute.calls == 2


def test_a_result_is_of_the_version_its_computation_began_with(manager: CacheManager) -> None:
    manager.note_version(5)
    gate = Gate("of 5")
    (thread,), _ = in_threads(1, lambda: manager.compute("ns", "key", gate, versioned=True))
    assert gate.entered.wait(WAIT_S)
    manager.note_version(6)
    assert manager.compute("ns", "key", lambda: "of 6", versioned=True) == "of 6"
    gate.go.set()
    thread.join(WAIT_S)
    assert manager.get("ns", "key", MISSING, versioned=True) in (MISSING, "of 6")


def test_warming_loads_what_is_missing(manager: CacheManager) -> None:
    manager.set("ns", "b", "kept")
    told = []
    report = manager.warm(
        "ns", str.upper, ["a", "b", "c", "a"], progress=lambda done, all: told.append((done, all))
    )
    assert (report.loaded, report.present, report.failed) == (2, 1, {})
    assert [manager.get("ns", key) for key in "abc"] == ["A", "kept", "C"]
    assert sorted(told) == [(1, 3), (2, 3), (3, 3)]


def test_warming_uses_no_more_threads_than_allowed(manager: CacheManager) -> None:
    lock = threading.Lock()
    running = most = 0
    full = threading.Barrier(3)

    def load(key: str) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        full.wait(WAIT_S)
        with lock:
            running -= 1
        return key

    report = manager.warm("ns", load, map(str, range(30)), threads=3)
    assert report.loaded == 30
    assert most == 3


def test_a_loader_that_fails_costs_its_own_key(manager: CacheManager, expected_errors: list[Any]) -> None:
    def load(key: str) -> int:
        return 10 // int(key)

    report = manager.warm("ns", load, ["1", "0", "2"])
    assert report.loaded == 2
    assert list(report.failed) == ["0"]
    assert "ZeroDivisionError" in report.failed["0"]
    assert manager.get("ns", "2") == 5
    assert len(expected_errors) == 1


def test_statistics_tell_how_the_cache_does(manager: CacheManager) -> None:
    assert manager.stats().hit_rate is None
    manager.set("one", "a", 1)
    manager.set("one", "b", 1)
    manager.set("other", "a", 1)
    manager.get("one", "a")
    manager.get("one", "b")
    manager.get("one", "a")
    manager.get("one", "c")
    stats = manager.stats()
    assert (stats.hits, stats.misses, stats.hit_rate) == (3, 1, 0.75)
    assert stats.keys == {"one": 2, "other": 1}
    assert stats.fallbacks == 0
    manager.clear("one")
    manager.delete("other", "a")
    assert manager.stats().keys == {"one": 0, "other": 0}


def test_memory_is_bounded() -> None:
    manager = CacheManager(memory_bytes=100_000)
    for number in range(1_000):
        manager.set("ns", str(number), "x" * 1_000)
    assert manager.stats().memory_bytes <= 100_000
    assert manager.get("ns", "999") == "x" * 1_000
    assert manager.get("ns", "0", MISSING) is MISSING
    manager.set("ns", "999", "x" * 200_000)
    assert manager.get("ns", "999", MISSING) is MISSING


def test_without_redis_the_cache_says_so() -> None:
    stats = CacheManager().stats()
    assert (stats.available, stats.trouble, stats.redis_memory_bytes) == (False, "not configured", None)
