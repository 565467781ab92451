"""The writer's publisher, over a real database and a real Redis."""

import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from data_layer.cache.cache_manager import CacheManager
from data_layer.cache.events import Event
from data_layer.cache.merged_commits import BRIEFS, merged
from data_layer.cache.payloads import committed_from
from data_layer.cache.redis_cache import RedisCache
from data_layer.cache.stats_publisher import StatsPublisher
from data_layer.messages import Committed, CommittedRounds, RoundBrief
from tests.data_layer.cache.conftest import NEVER_S, NOW_US
from tests.data_layer.stored_rounds import StoredRounds, a_round
from tests.redis_server import RedisServer, wait_until


@pytest.fixture
def publisher(stored: StoredRounds, own_server: RedisServer) -> Iterator[StatsPublisher]:
    made = StatsPublisher(
        stored.path, own_server.target, metrics_life_s=60.0, metrics_refresh_s=NEVER_S, now=lambda: NOW_US
    )
    made.start()
    yield made
    made.stop(10.0)


def test_what_is_there_is_published_before_any_commit(
    publisher: StatsPublisher, own_cache: RedisCache
) -> None:
    wait_until(lambda: own_cache.get_version() == 1, "the version")
    stats = own_cache.get_bookmaker_stats("Admiral")
    assert stats is not None
    assert (stats.version, stats.rounds.count) == (1, 10)


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: open files can be deleted")
def test_a_database_that_was_put_back_is_published_on(
    publisher: StatsPublisher,
    stored: StoredRounds,
    own_cache: RedisCache,
    expected_errors: list[logging.LogRecord],
) -> None:
    wait_until(lambda: own_cache.get_version() == 1, "the version")
    stored.path.unlink()
    publisher.committed(stored.commit([a_round(11)]))
    wait_until(lambda: own_cache.get_version() == 2, "the version of the commit")
    stats = own_cache.get_bookmaker_stats("Admiral")
    assert stats is not None
    assert stats.rounds.count == 11


def test_every_commit_is_told_once_when_its_results_are_in_place(
    publisher: StatsPublisher, stored: StoredRounds, own_cache: RedisCache
) -> None:
    wait_until(lambda: own_cache.get_version() == 1, "the version")
    told: list[Committed] = []
    counts: list[int] = []
    connected = threading.Event()

    def hear(event: Event) -> None:
        told.append(committed_from(event.data))
        stats = own_cache.get_bookmaker_stats("Admiral")
        counts.append(-1 if stats is None else stats.rounds.count)

    subscription = own_cache.subscribe_to_events(hear, channels=["stats_updated"], on_connect=connected.set)
    try:
        assert connected.wait(10.0)
        for number in range(11, 21):
            publisher.committed(stored.commit([a_round(number)]))
        at_once = [stored.commit([a_round(number)]) for number in range(21, 31)]
        for event in at_once:
            publisher.committed(event)
        wait_until(lambda: bool(told) and told[-1].version == 21, "the last commit")
    finally:
        subscription.stop()
    ids = [brief.round_id for event in told for share in event.rounds for brief in share.newest]
    assert ids == [str(number) for number in range(11, 31)]
    assert sum(share.count for event in told for share in event.rounds) == 20
    assert all(count >= event.version + 9 for count, event in zip(counts, told, strict=True))
    assert len(told) < 20  # several commits are told as one


def test_what_redis_holds_of_a_foreign_kind_is_told_and_costs_nothing_else(
    own_server: RedisServer, stored: StoredRounds, own_cache: RedisCache
) -> None:
    own_server.command("RPUSH", "version", "x")
    made = StatsPublisher(stored.path, own_server.target, metrics_life_s=60.0, metrics_refresh_s=NEVER_S)
    made.start()
    try:
        wait_until(lambda: own_cache.get_version() == 1, "the version in place of the list")
        own_server.command("SET", "version", "one")
        wait_until(lambda: "values of other programs" in made.health.remark, "the remark")
        wait_until(lambda: own_cache.get_version() == 1, "the version again")
    finally:
        made.stop(10.0)


def test_a_database_that_is_older_than_what_redis_holds_makes_computed_results_stale(
    own_server: RedisServer, stored: StoredRounds, own_cache: RedisCache
) -> None:
    for number in range(11, 15):
        stored.commit([a_round(number)])
    newer = StatsPublisher(stored.path, own_server.target, metrics_life_s=60.0, metrics_refresh_s=NEVER_S)
    newer.start()
    wait_until(lambda: own_cache.get_version() == 5, "the version")
    newer.stop(10.0)
    managers = [CacheManager(own_cache), CacheManager(own_cache)]
    for manager in managers:
        manager.note_version(5)
    assert managers[0].compute("ns", "key", lambda: "of the newer one", versioned=True) == "of the newer one"
    restored = StoredRounds(stored.path.with_name("restored.db"))
    for number in range(1, 4):
        restored.commit([a_round(number)])
    older = StatsPublisher(restored.path, own_server.target, metrics_life_s=60.0, metrics_refresh_s=NEVER_S)
    older.start()
    try:
        wait_until(lambda: own_cache.get_version() == 3, "the version of the older database")
        assert managers[1].compute("ns", "key", lambda: "of version 3", versioned=True) == "of version 3"
        for number in range(4, 6):
            older.committed(restored.commit([a_round(number)]))
        wait_until(lambda: own_cache.get_version() == 5, "the same version once more")
        assert managers[0].compute("ns", "key", lambda: "of version 5", versioned=True) == "of version 5"
        assert managers[1].get("ns", "key", versioned=True) == "of version 5"
    finally:
        older.stop(10.0)
        restored.close()


def commit(version: int, *numbers: int) -> Committed:
    briefs = [RoundBrief(round_id=str(number), crash_centi=100, crashed_at_us=number) for number in numbers]
    share = CommittedRounds(bookmaker="A", count=len(numbers), newest=tuple(briefs))
    return Committed(version=version, committed_at_us=version, rounds=(share,), bets=1)


def test_commits_told_as_one_keep_their_counts_and_the_newest_rounds() -> None:
    both = merged(commit(2, *range(30)), commit(3, *range(30, 40)))
    assert (both.version, both.committed_at_us, both.bets, both.rounds[0].count) == (3, 3, 2, 40)
    assert [brief.round_id for brief in both.rounds[0].newest] == [str(n) for n in range(40 - BRIEFS, 40)]
    assert merged(None, both) is both
