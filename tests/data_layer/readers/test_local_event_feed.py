import queue
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_layer import wire
from data_layer.messages import Committed
from data_layer.readers.event_feed import FeedEvent, Resynchronize
from data_layer.readers.local_event_feed import LocalEventFeed
from tests.data_layer.readers.tiny_writer import TinyWriter

WAIT_S = 10.0


@pytest.fixture
def writer() -> Iterator[TinyWriter]:
    made = TinyWriter("secret")
    yield made
    made.down()


@pytest.fixture
def events() -> "queue.Queue[FeedEvent]":
    return queue.Queue()


@pytest.fixture
def feed(writer: TinyWriter, events: "queue.Queue[FeedEvent]") -> Iterator[LocalEventFeed]:
    made = LocalEventFeed(writer.address, "secret", first_backoff_s=0.01, longest_backoff_s=0.05)
    made.subscribe(events.put)
    yield made
    made.stop()


def wait_for_trouble(feed: LocalEventFeed, words: str) -> None:
    seen = threading.Event()
    while words not in feed.trouble:
        assert not seen.wait(0.005)


def test_a_wrong_secret_is_told_in_the_writers_words(writer: TinyWriter) -> None:
    writer.up()
    feed = LocalEventFeed(writer.address, "guessed", first_backoff_s=0.01)
    feed.start()
    wait_for_trouble(feed, "the writer refuses: the secret is another one")
    feed.stop()


def test_a_missing_writer_is_named(feed: LocalEventFeed) -> None:
    feed.start()
    wait_for_trouble(feed, "the writer does not run")


def test_an_address_where_nobody_listens_is_tried_until_somebody_does(
    writer: TinyWriter, events: "queue.Queue[FeedEvent]"
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    addresses = iter([f"tcp:{port}", "nonsense", None])
    feed = LocalEventFeed(lambda: next(addresses, writer.address()), "secret", first_backoff_s=0.01)
    feed.subscribe(events.put)
    writer.up()
    feed.start()
    assert events.get(timeout=WAIT_S) == Resynchronize()
    feed.stop()


def test_a_writer_that_accepts_and_says_nothing_is_no_connection(
    writer: TinyWriter, feed: LocalEventFeed, events: "queue.Queue[FeedEvent]"
) -> None:
    writer.answers = False
    writer.up()
    feed.start()
    assert feed.trouble != ""
    feed.stop()
    assert events.empty()


def test_a_frame_that_comes_in_pieces_is_one_event(
    writer: TinyWriter, feed: LocalEventFeed, events: "queue.Queue[FeedEvent]"
) -> None:
    writer.up()
    feed.start()
    assert events.get(timeout=WAIT_S) == Resynchronize()
    assert events.get(timeout=WAIT_S) == Committed(version=1, committed_at_us=0)
    event = Committed(version=2, committed_at_us=2, bets=3)
    for byte in wire.pack(event):
        writer.send(bytes([byte]))
    assert events.get(timeout=WAIT_S) == event


def test_garbage_ends_the_connection_and_the_next_one_starts_over(
    writer: TinyWriter, feed: LocalEventFeed, events: "queue.Queue[FeedEvent]"
) -> None:
    writer.up()
    feed.start()
    assert events.get(timeout=WAIT_S) == Resynchronize()
    assert isinstance(events.get(timeout=WAIT_S), Committed)
    writer.send(b"\xff" * 64)
    assert events.get(timeout=WAIT_S) == Resynchronize()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="only on systems with Unix sockets")
def test_a_unix_socket_serves_as_well(tmp_path: Path, events: "queue.Queue[FeedEvent]") -> None:
    writer = TinyWriter("secret", tmp_path / "w.sock")
    writer.up()
    feed = LocalEventFeed(writer.address, "secret")
    feed.subscribe(events.put)
    feed.start()
    try:
        assert events.get(timeout=WAIT_S) == Resynchronize()
    finally:
        feed.stop()
        writer.down()


def test_a_feed_starts_only_once(feed: LocalEventFeed) -> None:
    feed.start()
    with pytest.raises(RuntimeError):
        feed.start()
