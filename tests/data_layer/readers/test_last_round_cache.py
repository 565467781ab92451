import threading

from hypothesis import given
from hypothesis import strategies as st

from data_layer.messages import RoundBrief
from data_layer.readers.last_round_cache import LastRoundCache


def brief(number: int, *, at_us: int | None = -1, crash_centi: int = 200) -> RoundBrief:
    crashed_at_us = number * 1_000_000 if at_us == -1 else at_us
    return RoundBrief(round_id=str(number), crash_centi=crash_centi, crashed_at_us=crashed_at_us)


def ids(cache: LastRoundCache, bookmaker: str = "Admiral", count: int = 100) -> list[str]:
    return [known.round_id for known in cache.recent(bookmaker, count)]


def test_a_bookmaker_without_rounds_has_none() -> None:
    cache = LastRoundCache()
    assert cache.last("Admiral") is None
    assert cache.recent("Admiral", 5) == []
    assert cache.bookmakers() == []


def test_the_newest_round_is_the_last_and_recent_is_oldest_first() -> None:
    cache = LastRoundCache()
    for number in (1, 2, 3):
        cache.update("Admiral", brief(number))
    assert cache.last("Admiral") == brief(3)
    assert ids(cache) == ["1", "2", "3"]
    assert ids(cache, count=2) == ["2", "3"]
    assert ids(cache, count=0) == []


def test_only_as_many_rounds_as_the_capacity_are_kept() -> None:
    cache = LastRoundCache(capacity=2)
    for number in (1, 2, 3):
        cache.update("Admiral", brief(number))
    assert ids(cache) == ["2", "3"]


def test_bookmakers_do_not_mix() -> None:
    cache = LastRoundCache()
    cache.update("Mozzart", brief(2))
    cache.update("Admiral", brief(1))
    assert ids(cache, "Admiral") == ["1"]
    assert ids(cache, "Mozzart") == ["2"]
    assert cache.bookmakers() == ["Admiral", "Mozzart"]


def test_a_late_round_takes_its_place_and_displaces_no_newer_one() -> None:
    cache = LastRoundCache(capacity=3)
    for number in (1, 3, 4):
        cache.update("Admiral", brief(number))
    cache.update("Admiral", brief(2))
    assert ids(cache) == ["2", "3", "4"]
    cache.update("Admiral", brief(1))
    assert ids(cache) == ["2", "3", "4"]


def test_a_repeated_round_changes_nothing() -> None:
    cache = LastRoundCache(capacity=2)
    cache.update("Admiral", brief(1))
    cache.update("Admiral", brief(2))
    cache.update("Admiral", brief(1, crash_centi=999))
    assert cache.recent("Admiral", 9) == [brief(1), brief(2)]


def test_a_repeated_round_tells_what_was_not_known() -> None:
    cache = LastRoundCache()
    cache.update("Admiral", brief(1))
    cache.update("Admiral", brief(3, at_us=None))
    cache.update(
        "Admiral", RoundBrief(round_id="3", crash_centi=200, crashed_at_us=3_000_000, duration_ms=9_000)
    )
    last = cache.last("Admiral")
    assert last is not None
    assert (last.round_id, last.crashed_at_us, last.duration_ms) == ("3", 3_000_000, 9_000)


def test_rounds_without_times_keep_the_order_they_came_in_and_come_before_timed_ones() -> None:
    cache = LastRoundCache()
    for number in (7, 5, 6):
        cache.update("Admiral", brief(number, at_us=None))
    assert ids(cache) == ["7", "5", "6"]
    cache.update("Admiral", brief(1))
    cache.update("Admiral", brief(8, at_us=None))
    assert ids(cache) == ["7", "5", "6", "8", "1"]


def test_replace_forgets_what_was_held() -> None:
    cache = LastRoundCache(capacity=2)
    cache.update("Admiral", brief(9))
    cache.update("Mozzart", brief(9))
    cache.replace({"Admiral": [brief(1), brief(2), brief(3)]})
    assert ids(cache) == ["2", "3"]
    assert cache.last("Mozzart") is None


def test_what_recent_returned_does_not_change_afterwards() -> None:
    cache = LastRoundCache()
    cache.update("Admiral", brief(1))
    seen = cache.recent("Admiral", 5)
    cache.update("Admiral", brief(2))
    assert seen == [brief(1)]


@given(st.permutations(list(range(12))), st.integers(1, 6))
def test_the_order_of_arrival_does_not_matter_for_timed_rounds(order: list[int], capacity: int) -> None:
    cache = LastRoundCache(capacity)
    for number in order:
        cache.update("Admiral", brief(number))
    assert ids(cache) == [str(number) for number in range(12 - capacity, 12)]


def test_threads_that_update_and_read_at_once_see_rounds_in_order() -> None:
    cache = LastRoundCache()
    done = threading.Event()
    disorder: list[list[str]] = []

    def look() -> None:
        while not done.is_set():
            seen = [int(known) for known in ids(cache)]
            if seen != sorted(seen):
                disorder.append(ids(cache))

    def fill(first: int) -> None:
        for number in range(first, 3000, 3):
            cache.update("Admiral", brief(number))

    watcher = threading.Thread(target=look, daemon=True)
    writers = [threading.Thread(target=fill, args=(first,), daemon=True) for first in range(3)]
    watcher.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    watcher.join()
    assert disorder == []
    assert ids(cache) == [str(number) for number in range(2968, 3000)]
