"""The reader with a real Redis beside the database, or without a database, and through every outage."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.redis_target import RedisTarget
from data_layer.cache import breaker, events, stats_publisher
from data_layer.cache.merged_commits import merged
from data_layer.cache.stats_publisher import StatsPublisher
from data_layer.database import queries
from data_layer.errors import AviatorError
from data_layer.messages import Committed
from data_layer.readers.centralized_stats_reader import CentralizedStatsReader
from data_layer.readers.collector_stats import COLLECTOR_TYPES
from data_layer.readers.last_round_cache import LastRoundCache
from data_layer.readers.merged_event_feed import MergedEventFeed
from data_layer.readers.redis_event_feed import RedisEventFeed
from data_layer.readers.redis_stats import RedisStats
from tests.data_layer.readers.hand_feed import HandFeed
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_bet, a_round, a_sample
from tests.redis_outages import OUTAGES
from tests.redis_server import RedisServer, needs_redis_server, wait_until

pytestmark = needs_redis_server

NAMES = ("Admiral", "a:*", "x\r\nFLUSHALL", "total", "\N{SNOWMAN}" * 200)
BACK_WITHIN_S = 5.0


class Clock:
    """A wall clock that the test turns."""

    def __init__(self) -> None:
        self.us = START_US + 3_600_000_000

    def __call__(self) -> int:
        return self.us


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stored(stored: StoredRounds) -> StoredRounds:
    for name in NAMES:
        rounds = [a_round(number, name, crash_centi=100 + 37 * number) for number in range(1, 41)]
        stored.commit([*rounds, a_bet(40, name), a_sample(40, name)])
    return stored


@pytest.fixture
def publisher(stored: StoredRounds, server: RedisServer, clock: Clock) -> Iterator[StatsPublisher]:
    made = StatsPublisher(
        stored.path, server.target, metrics_life_s=3600.0, metrics_refresh_s=3600.0, now=clock
    )
    made.start()
    yield made
    made.stop(10.0)


class Reading:
    """A reader as the window has it, with the feed of Redis, and perhaps a database."""

    def __init__(self, path: Path | None, target: RedisTarget | None, clock: Clock) -> None:
        self.last_rounds = LastRoundCache()
        self.writer = HandFeed()
        self.feed = MergedEventFeed(self.writer if path is not None else None)
        self.reader = CentralizedStatsReader(
            path, self.feed, self.last_rounds, coalesce_s=0.0, retry_s=0.05, look_s=0.1, now=clock
        )
        self.redis = None if target is None else RedisStats(target)
        if target is not None:
            self.feed.listen_to(RedisEventFeed(target))
        self.reader.use_redis(self.redis)
        self.feed.start()
        self.reader.start()

    def version(self) -> int:
        result = self.reader.peek("data_collector")
        return -1 if result is None else result.version

    def until_version(self, version: int) -> None:
        wait_until(lambda: self.version() >= version, f"version {version}, there is {self.version()}", 20.0)

    def until_on_redis(self) -> None:
        wait_until(lambda: self.reader.on_redis and not self.reader.trouble, "results of Redis", 20.0)

    def close(self) -> None:
        self.reader.stop()
        self.feed.stop()
        if self.redis is not None:
            self.redis.close()


Open = Callable[..., Reading]


@pytest.fixture
def reading(clock: Clock) -> Iterator[Open]:
    made: list[Reading] = []

    def open_one(path: Path | None, target: RedisTarget | None) -> Reading:
        made.append(Reading(path, target, clock))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


def ready(publisher: StatsPublisher) -> None:
    everything = len(queries.RANGES)
    wait_until(lambda: publisher.health.ranges_ready == everything, "metrics of every range", 20.0)
    wait_until(lambda: publisher.health.version > 0, "statistics", 20.0)


def test_what_redis_holds_equals_what_the_database_says(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher, reading: Open
) -> None:
    ready(publisher)
    here, there = reading(stored.path, None), reading(None, server.target)
    for kind in COLLECTOR_TYPES:
        assert here.reader.get_stats(kind) == there.reader.get_stats(kind)
    for name in queries.RANGES:
        assert here.reader.get_round_stats(name) == there.reader.get_round_stats(name)
    wait_until(lambda: there.last_rounds.bookmakers() == sorted(NAMES), "last rounds")
    for name in NAMES:
        assert here.last_rounds.recent(name, 32) == there.last_rounds.recent(name, 32)
    assert (here.reader.on_redis, there.reader.on_redis) == (False, True)


def test_a_window_without_a_database_follows_every_commit(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher, reading: Open
) -> None:
    ready(publisher)
    there = reading(None, server.target)
    there.until_on_redis()
    for number in range(41, 46):
        event = stored.commit([a_round(number)])
        publisher.committed(event)
        there.until_version(event.version)
        wait_until(lambda number=number: last_id(there) == str(number), "the round")  # type: ignore[misc]


def last_id(reading: Reading) -> str:
    brief = reading.last_rounds.last("Admiral")
    return "" if brief is None else brief.round_id


def test_what_is_older_than_the_database_is_not_taken_from_redis(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher, reading: Open, clock: Clock
) -> None:
    ready(publisher)
    here = reading(stored.path, server.target)
    here.until_on_redis()
    publisher.stop(10.0)
    clock.us += 2_000_000
    event = stored.commit([a_round(41)])
    server.command("PUBLISH", "stats_updated", "not JSON")
    here.reader.use_redis(here.redis)
    here.until_version(event.version)
    assert not here.reader.on_redis


def test_what_another_program_wrote_under_our_keys_is_read_from_the_database(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher, reading: Open
) -> None:
    ready(publisher)
    publisher.stop(10.0)
    for blob in ("{}", "[1]", "\x80\x05.", '{"version": NaN}', "null", "x" * 100_000):
        server.command("SET", "wall", blob)
        here = reading(stored.path, server.target)
        result = here.reader.get_stats("data_collector")
        assert [row.bookmaker for row in result.rows] == sorted(NAMES)
        wait_until(lambda here=here: here.reader.trouble == "", "the whole pass")  # type: ignore[misc]
        assert not here.reader.on_redis
        here.close()


@pytest.mark.parametrize("fault", list(OUTAGES))
def test_during_an_outage_results_come_from_the_database_and_afterwards_from_redis_again(
    stored: StoredRounds,
    server: RedisServer,
    publisher: StatsPublisher,
    reading: Open,
    clock: Clock,
    fault: str,
) -> None:
    ready(publisher)
    here = reading(stored.path, server.target)
    here.until_on_redis()
    outage = OUTAGES[fault]
    numbers = itertools.count(41)

    def a_commit_is_read() -> None:
        clock.us += 2_000_000
        event = stored.commit([a_round(next(numbers))])
        publisher.committed(event)
        here.writer.tell(event)
        here.until_version(event.version)

    outage.strike(server, a_commit_is_read)
    for _ in range(3):
        a_commit_is_read()
    assert here.reader.trouble == ""
    outage.end(server)
    a_commit_is_read()
    here.until_on_redis()


def test_a_redis_that_comes_and_goes_costs_no_commit(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher, reading: Open, clock: Clock
) -> None:
    ready(publisher)
    here = reading(stored.path, server.target)
    for number in range(41, 53):
        server.kill() if number % 2 else server.start()
        clock.us += 2_000_000
        event = stored.commit([a_round(number)])
        publisher.committed(event)
        here.writer.tell(event)
        here.until_version(event.version)
    assert server.running
    here.until_on_redis()


def test_without_a_database_an_outage_is_told_and_the_results_keep_their_age(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher, reading: Open, clock: Clock
) -> None:
    ready(publisher)
    there = reading(None, server.target)
    there.until_on_redis()
    before = there.reader.peek("data_collector")
    assert before is not None
    server.suspend()
    clock.us += 60_000_000
    wait_until(lambda: "Redis does not answer in time" in there.reader.trouble, "the outage is told")
    assert there.reader.peek("data_collector") == before
    with pytest.raises(AviatorError, match="Redis"):
        there.reader.get_round_stats("7d")
    server.resume()
    there.until_on_redis()
    event = stored.commit([a_round(41)])
    publisher.committed(event)
    there.until_version(event.version)


def test_a_redis_that_is_switched_off_is_not_asked_any_more(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher, reading: Open
) -> None:
    ready(publisher)
    here = reading(stored.path, server.target)
    here.until_on_redis()
    here.reader.use_redis(None)
    here.feed.listen_to(None)
    wait_until(lambda: not here.reader.on_redis, "results of the database")
    assert here.reader.get_stats("data_collector").version == queries_version(stored)


def queries_version(stored: StoredRounds) -> int:
    return stored.commit([]).version


def test_what_bounds_the_way_back_to_redis_is_below_the_promise() -> None:
    found_by_reader = breaker.LONGEST_PROBE_PAUSE_S + breaker.PROBE_S
    published = found_by_reader + stats_publisher.LOOK_S + stats_publisher.COALESCE_S
    noticed = 0.5 + breaker.CALL_S  # the reader looks twice a second
    assert published + noticed < BACK_WITHIN_S
    assert 0.5 + breaker.CALL_S < 1.0  # and so it is on the database within a second
    assert breaker.CALL_S <= 0.25
    assert 2 * events.SILENCE_S + events.POLL_S <= BACK_WITHIN_S


def test_two_commits_are_told_as_one() -> None:
    first = Committed(version=2, committed_at_us=1, bets=1)
    assert merged(None, first) == first
    assert merged(first, Committed(version=3, committed_at_us=2, bets=2)) == Committed(
        version=3, committed_at_us=2, bets=3
    )


def test_beside_a_database_that_cannot_be_used_results_still_come_from_redis(
    stored: StoredRounds, server: RedisServer, publisher: StatsPublisher, reading: Open, tmp_path: Path
) -> None:
    ready(publisher)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database at all" * 1000)
    here = reading(damaged, server.target)
    here.until_on_redis()
    assert {row.bookmaker for row in here.reader.get_stats("data_collector").rows} == set(NAMES)
