"""One suite for every event feed. Another implementation joins by a publisher of its own in `PUBLISHERS`."""

import logging
import queue
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from config.redis_target import RedisTarget
from data_layer.cache.events import event_json
from data_layer.cache.payloads import committed_object
from data_layer.messages import Committed, CommittedRounds, RoundBrief
from data_layer.readers.event_feed import EventFeed, FeedEvent, Resynchronize
from data_layer.readers.local_event_feed import LocalEventFeed
from data_layer.readers.merged_event_feed import MergedEventFeed
from data_layer.readers.redis_event_feed import RedisEventFeed
from tests.data_layer.readers.tiny_writer import TinyWriter
from tests.redis_server import RedisServer, free_port

WAIT_S = 10.0


class Publisher(Protocol):
    """What stands at the other end of a feed."""

    def feed(self) -> EventFeed: ...
    def up(self) -> None: ...
    def down(self) -> None: ...
    def publish(self, event: Committed) -> None: ...
    def close(self) -> None: ...


class LocalPublisher(TinyWriter):
    def __init__(self) -> None:
        super().__init__("secret")

    def close(self) -> None:
        self.down()

    def feed(self) -> EventFeed:
        return LocalEventFeed(self.address, "secret", first_backoff_s=0.01, longest_backoff_s=0.05)


class RedisPublisher:
    """A real server; what is published goes the way of the writer's publisher."""

    def __init__(self) -> None:
        if shutil.which("redis-server") is None:
            pytest.skip("no redis-server on this machine")
        self._directory = tempfile.TemporaryDirectory()
        self._server = RedisServer(Path(self._directory.name))

    def feed(self) -> EventFeed:
        return RedisEventFeed(self._server.target)

    def up(self) -> None:
        self._server.start()

    def down(self) -> None:
        self._server.close()

    def publish(self, event: Committed) -> None:
        self._server.command(
            "PUBLISH",
            "stats_updated",
            event_json("stats_updated", 1, committed_object(event)).decode(),
        )

    def close(self) -> None:
        self._server.close()
        self._directory.cleanup()


class MergedPublisher(LocalPublisher):
    """The writer's own feed, with a Redis beside it that is never there."""

    def feed(self) -> EventFeed:
        made = MergedEventFeed(super().feed())
        made.listen_to(RedisEventFeed(RedisTarget(port=free_port())))
        return made


PUBLISHERS: dict[str, Callable[[], Publisher]] = {
    "local": LocalPublisher,
    "redis": RedisPublisher,
    "merged": MergedPublisher,
}


@pytest.fixture(params=list(PUBLISHERS))
def publisher(request: pytest.FixtureRequest) -> Iterator[Publisher]:
    made = PUBLISHERS[request.param]()
    yield made
    made.close()


@pytest.fixture
def feed(publisher: Publisher) -> Iterator[EventFeed]:
    made = publisher.feed()
    yield made
    made.stop()


class Listener:
    """Keeps what a feed told, in order."""

    def __init__(self) -> None:
        self._events: queue.Queue[FeedEvent] = queue.Queue()

    def __call__(self, event: FeedEvent) -> None:
        self._events.put(event)

    def next(self) -> FeedEvent:
        return self._events.get(timeout=WAIT_S)

    def expect_resynchronize(self) -> None:
        """Skip what is left of the last connection, and the confirmation that may follow."""
        while not isinstance(self.next(), Resynchronize):
            pass

    def next_with_rounds(self) -> Committed:
        while True:
            event = self.next()
            assert isinstance(event, Committed)
            if event.rounds:
                return event

    def is_empty(self) -> bool:
        return self._events.empty()


def commit(version: int) -> Committed:
    newest = RoundBrief(round_id=str(version), crash_centi=version + 100, crashed_at_us=version)
    share = CommittedRounds(bookmaker="Admiral", count=1, newest=(newest,))
    return Committed(version=version, committed_at_us=version, rounds=(share,), bets=1)


def connected(publisher: Publisher, feed: EventFeed) -> Listener:
    listener = Listener()
    feed.subscribe(listener)
    publisher.up()
    feed.start()
    listener.expect_resynchronize()
    return listener


def test_the_first_event_of_a_connection_asks_to_read_everything(
    publisher: Publisher, feed: EventFeed
) -> None:
    listener = Listener()
    feed.subscribe(listener)
    publisher.up()
    feed.start()
    assert listener.next() == Resynchronize()
    assert feed.trouble == ""


def test_commits_arrive_whole_and_in_order(publisher: Publisher, feed: EventFeed) -> None:
    listener = connected(publisher, feed)
    sent = [commit(version) for version in range(2, 502)]
    for event in sent:
        publisher.publish(event)
    assert [listener.next_with_rounds() for _ in sent] == sent


def test_a_feed_connects_when_the_publisher_comes_up_after_it(publisher: Publisher, feed: EventFeed) -> None:
    listener = Listener()
    feed.subscribe(listener)
    feed.start()
    assert feed.trouble != ""
    publisher.up()
    listener.expect_resynchronize()
    publisher.publish(commit(2))
    assert listener.next_with_rounds() == commit(2)


def test_after_a_lost_connection_everything_is_to_be_read_again(
    publisher: Publisher, feed: EventFeed
) -> None:
    listener = connected(publisher, feed)
    for version in (2, 3, 4):
        publisher.down()
        publisher.up()
        listener.expect_resynchronize()
        publisher.publish(commit(version))
        assert listener.next_with_rounds() == commit(version)


def test_every_subscriber_hears_every_event_until_it_leaves(publisher: Publisher, feed: EventFeed) -> None:
    stays = connected(publisher, feed)
    leaves = Listener()
    leave = feed.subscribe(leaves)
    publisher.publish(commit(2))
    assert stays.next_with_rounds() == leaves.next_with_rounds() == commit(2)
    leave()
    leave()
    publisher.publish(commit(3))
    assert stays.next_with_rounds() == commit(3)
    assert leaves.is_empty()


def test_a_subscriber_that_fails_takes_no_event_from_the_others(
    publisher: Publisher, feed: EventFeed, expected_errors: list[logging.LogRecord]
) -> None:
    def fail(event: FeedEvent) -> None:
        raise RuntimeError("cannot")

    feed.subscribe(fail)
    listener = connected(publisher, feed)
    publisher.publish(commit(2))
    assert listener.next_with_rounds() == commit(2)
    assert "a subscriber failed" in expected_errors[0].getMessage()


def test_a_silent_publisher_does_not_hold_up_stop(publisher: Publisher, feed: EventFeed) -> None:
    listener = connected(publisher, feed)
    feed.stop()
    publisher.publish(commit(2))
    assert listener.is_empty() or isinstance(listener.next(), Committed)
    assert listener.is_empty()
    feed.stop()


def test_an_absent_publisher_does_not_hold_up_stop(feed: EventFeed) -> None:
    feed.start()
    feed.stop()


def test_a_feed_that_was_never_started_can_be_stopped(feed: EventFeed) -> None:
    feed.stop()
