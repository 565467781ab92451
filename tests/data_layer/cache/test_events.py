"""Subscriptions: what is published arrives, and a lost connection is told of."""

import json
import queue
from collections.abc import Iterator
from typing import Any

import pytest

from data_layer.cache.events import Event, Subscription
from data_layer.cache.keys import ALERT, ROUND_ENDED, STATS_UPDATED, THRESHOLD_CROSSED
from data_layer.cache.payloads import committed_from
from data_layer.cache.redis_cache import RedisCache
from data_layer.messages import Committed, CommittedRounds, RoundBrief
from tests.data_layer.cache.test_redis_cache import FULL_ROUND
from tests.redis_server import RedisServer, wait_until

WAIT_S = 10.0
CONNECTED = "connected"


class Ear:
    """A subscription and what it heard, connections included."""

    def __init__(self, cache: RedisCache, **options: Any) -> None:
        self.heard: queue.Queue[Event | str] = queue.Queue()
        self.subscription: Subscription = cache.subscribe_to_events(
            self.heard.put, on_connect=lambda: self.heard.put(CONNECTED), **options
        )

    def next(self) -> Event | str:
        return self.heard.get(timeout=WAIT_S)

    def next_event(self) -> Event:
        event = self.next()
        assert isinstance(event, Event)
        return event

    def expect_connection(self) -> None:
        while self.next() != CONNECTED:
            pass


@pytest.fixture
def ear(caches: list[RedisCache]) -> Iterator[Ear]:
    made = Ear(caches[1])
    yield made
    made.subscription.stop()


def test_a_round_tells_of_its_crossings_and_its_end(cache: RedisCache, ear: Ear) -> None:
    ear.expect_connection()
    assert ear.subscription.trouble == ""
    cache.cache_round(FULL_ROUND)
    events = [ear.next_event() for _ in range(3)]
    assert [event.name for event in events] == [THRESHOLD_CROSSED, THRESHOLD_CROSSED, ROUND_ENDED]
    assert [json.loads(event.data).get("threshold_centi") for event in events] == [150, 200, None]
    assert json.loads(events[-1].data)["crash_point"] == 2.57
    assert events == cache.recent_events()[::-1][:0] + events


def test_a_commit_arrives_as_it_was(cache: RedisCache, ear: Ear) -> None:
    ear.expect_connection()
    brief = RoundBrief(round_id="1", crash_centi=200, crashed_at_us=5, duration_ms=None)
    share = CommittedRounds(bookmaker="x\r\ny", count=1, newest=(brief,))
    sent = Committed(version=9, committed_at_us=3, rounds=(share,), bets=2, rgb_samples=1)
    cache.cache_stats([], news=sent)
    event = ear.next_event()
    assert event.name == STATS_UPDATED
    assert committed_from(event.data) == sent


def test_every_event_arrives_in_order(cache: RedisCache, ear: Ear) -> None:
    ear.expect_connection()
    for number in range(300):
        cache.publish_event(ALERT, {"number": number})
    assert [json.loads(ear.next_event().data)["number"] for _ in range(300)] == list(range(300))


def test_only_the_channels_asked_for_are_heard(caches: list[RedisCache]) -> None:
    ear = Ear(caches[1], channels=[ALERT])
    try:
        ear.expect_connection()
        caches[0].cache_round(FULL_ROUND)
        caches[0].publish_event(ALERT, {})
        assert ear.next_event().name == ALERT
    finally:
        ear.subscription.stop()
        ear.subscription.stop()


@pytest.mark.parametrize(
    "blob", [b"", b"null", b"not json", b"\xff", b"[" * 100_000, b'{"event":"alert","at_us":1,"data":{}}']
)
def test_what_others_publish_is_counted_and_not_told(caches: list[RedisCache], ear: Ear, blob: bytes) -> None:
    ear.expect_connection()
    caches[0].link.call(lambda client: client.publish(ROUND_ENDED, blob))
    caches[0].publish_event(ALERT, {})
    assert ear.next_event().name == ALERT
    assert caches[1].counts.foreign == 1


def test_a_subscriber_that_fails_hears_the_next_event(
    caches: list[RedisCache], expected_errors: list[Any]
) -> None:
    heard: queue.Queue[Event] = queue.Queue()
    connected: queue.Queue[int] = queue.Queue()

    def take(event: Event) -> None:
        heard.put(event)
        raise RuntimeError("cannot")

    subscription = caches[1].subscribe_to_events(take, on_connect=lambda: connected.put(1))
    try:
        connected.get(timeout=WAIT_S)
        for _ in range(2):
            caches[0].publish_event(ALERT, {})
            heard.get(timeout=WAIT_S)
    finally:
        subscription.stop()
    assert len(expected_errors) == 2


def test_a_subscription_may_be_stopped_by_what_it_tells(caches: list[RedisCache]) -> None:
    ear = Ear(caches[1])
    ear.expect_connection()
    stopper: list[Subscription] = []
    stopped: queue.Queue[int] = queue.Queue()

    def stop(event: Event) -> None:
        stopper[0].stop()
        stopped.put(1)

    connected: queue.Queue[int] = queue.Queue()
    stopper.append(caches[1].subscribe_to_events(stop, on_connect=lambda: connected.put(1)))
    connected.get(timeout=WAIT_S)
    caches[0].publish_event(ALERT, {})
    stopped.get(timeout=WAIT_S)
    ear.subscription.stop()


@pytest.mark.parametrize(
    ("begin", "end"),
    [(RedisServer.kill, RedisServer.start), (RedisServer.suspend, RedisServer.resume)],
    ids=["dead", "frozen"],
)
def test_a_lost_connection_is_told_and_made_again(own_server: RedisServer, begin: Any, end: Any) -> None:
    cache = RedisCache(target=own_server.target)
    ear = Ear(cache)
    try:
        ear.expect_connection()
        begin(own_server)
        wait_until(lambda: ear.subscription.trouble != "", "the loss is noticed")
        end(own_server)
        ear.expect_connection()
        wait_until(lambda: cache.ping(), "Redis is used again")
        cache.publish_event(ALERT, {"after": 1})
        event = ear.next()
        while event == CONNECTED:
            event = ear.next()
        assert isinstance(event, Event)
        assert json.loads(event.data) == {"after": 1}
    finally:
        ear.subscription.stop()
        cache.close()


def test_a_subscription_waits_for_a_server_that_comes_later(own_server: RedisServer) -> None:
    own_server.stop()
    cache = RedisCache(target=own_server.target)
    ear = Ear(cache)
    try:
        wait_until(lambda: "cannot be reached" in ear.subscription.trouble, "the trouble is told")
        own_server.start()
        ear.expect_connection()
        assert ear.subscription.trouble == ""
    finally:
        ear.subscription.stop()
        cache.close()


def test_a_silent_connection_stays(own_server: RedisServer) -> None:
    """Silence is asked for a sign of life, and a server that gives one has not been lost."""
    cache = RedisCache(target=own_server.target)
    ear = Ear(cache)
    try:
        ear.expect_connection()
        wait_until(lambda: _pings(own_server) >= 2, "the server was asked twice")
        cache.publish_event(ALERT, {})
        assert isinstance(ear.next(), Event)
    finally:
        ear.subscription.stop()
        cache.close()


def _pings(server: RedisServer) -> int:
    with server.client() as client:
        stats = client.info("commandstats")
    return int(stats.get("cmdstat_ping", {"calls": 0})["calls"]) - 1  # its own start asked once
