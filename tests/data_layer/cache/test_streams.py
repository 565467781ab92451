"""The two ends of `rounds:stream` against a real server, and what stands in it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.cache.stream_reader import StreamReader, StreamUnavailableError
from data_layer.cache.stream_sender import StreamSender, StreamUnreachableError
from data_layer.cache.streams import (
    GROUP,
    Answer,
    Entry,
    NoEntryError,
    decode_answer,
    decode_entry,
    decode_sign,
    raw_text,
)
from data_layer.messages import Gap, Origin, Record, Rejected, Round
from tests.redis_server import RedisServer, needs_redis_server, running, wait_until

ROUND = Round(
    bookmaker="Кладионица", round_id="7", crash_centi=123, received_at_us=1, origin=Origin.LIVE, position=7
)
RECORDS: list[Record] = [
    ROUND,
    Rejected(bookmaker="Кладионица", reason="no", place="row 1", raw="x", received_at_us=1, position=8),
    Gap(bookmaker="Кладионица", started_at_us=1, reason="asleep", position=9),
]


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running(RedisServer(tmp_path_factory.mktemp("redis"))) as server:
        yield server


@pytest.fixture
def server(shared_server: RedisServer) -> RedisServer:
    shared_server.flush()
    shared_server.configure("maxmemory", "0")
    return shared_server


@pytest.fixture
def sender(server: RedisServer) -> Iterator[StreamSender]:
    one = StreamSender(server.target)
    yield one
    one.close()


@pytest.fixture
def reader(server: RedisServer) -> Iterator[StreamReader]:
    one = StreamReader(server.target, "here")
    yield one
    one.close()


def entry(session: str = "s", after: int = 0) -> Entry:
    return Entry(session=session, bookmaker="Кладионица", stream="live:1", after=after, records=RECORDS)


def as_read(one: Entry) -> dict[bytes, bytes]:
    """Return an entry's fields as Redis gives them back."""
    return {_bytes(name): _bytes(value) for name, value in one.fields().items()}


def _bytes(value: str | bytes | int) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def read_all(reader: StreamReader, count: int) -> list[tuple[bytes, int]]:
    """Return ids and `after` of the next `count` entries."""
    found: list[tuple[bytes, int]] = []
    for _ in range(50):
        found += [(raw.id, decode_entry(raw.fields).after) for raw in reader.read(0.05)]
        if len(found) >= count:
            return found
    raise AssertionError(found)


def test_an_entry_is_read_as_it_was_sent() -> None:
    greeting = Entry(session="s", bookmaker="a:*", stream="x\r\nFLUSHALL")
    assert decode_entry(as_read(greeting)) == greeting
    assert decode_entry(as_read(entry(after=6))) == entry(after=6)


NAMES = [b"session", b"bookmaker", b"stream", b"after", b"records", b"?"]


@given(st.dictionaries(st.sampled_from(NAMES), st.binary()))
def test_whatever_stands_in_the_stream_is_an_entry_or_named_as_none(fields: dict[bytes, bytes]) -> None:
    try:
        found = decode_entry(fields)
    except NoEntryError as none:
        reason = str(none)
    else:
        reason = found.session
    assert reason
    assert len(reason.splitlines()) == 1
    assert len(raw_text(fields)) <= 4_096


@pytest.mark.parametrize("blob", [None, b"", b"{}x", b"\xff", b"[1]", b'{"position":"1"}', b"[" * 99_999])
def test_a_foreign_answer_is_none(blob: bytes | None) -> None:
    assert decode_answer(blob) is None
    assert decode_sign(blob) is None


@needs_redis_server
def test_entries_arrive_in_order_are_answered_and_leave_nothing_behind(
    server: RedisServer, sender: StreamSender, reader: StreamReader
) -> None:
    sent = sender.exchange([entry(after=number) for number in range(3)], {}, ["s"])
    assert len(set(sent.ids)) == 3
    assert not sent.answers
    found = read_all(reader, 3)
    assert [after for _, after in found] == [0, 1, 2]
    answer = Answer(position=9, committed=3)
    reader.settle([one for one, _ in found], {"s": answer})
    heard = sender.exchange([], {"s": found[0][0]}, ["s", "another"])
    assert heard.answers == {"s": answer}
    assert heard.missing == {"s"}
    assert heard.writer is not None
    assert heard.writer.place == "here"
    with server.client() as client:
        assert client.xlen("rounds:stream") == 0
        assert client.xpending("rounds:stream", GROUP)["pending"] == 0


@needs_redis_server
def test_an_entry_of_another_session_under_the_same_id_does_not_count_as_ours(sender: StreamSender) -> None:
    [entry_id] = sender.exchange([entry("theirs")], {}, []).ids
    assert entry_id is not None
    assert sender.exchange([], {"ours": entry_id}, []).missing == {"ours"}
    assert not sender.exchange([], {"theirs": entry_id}, []).missing


@needs_redis_server
def test_what_others_were_handed_comes_before_what_is_new(
    server: RedisServer, sender: StreamSender, reader: StreamReader
) -> None:
    assert reader.read(0.01) == []  # makes the group
    sender.exchange([entry(after=number) for number in range(6)], {}, [])
    with server.client() as client:
        for consumer in ("dead-1", "dead-2"):
            client.xreadgroup(GROUP, consumer, {"rounds:stream": ">"}, count=2)
    assert [after for _, after in read_all(reader, 6)] == [0, 1, 2, 3, 4, 5]


@needs_redis_server
def test_after_a_fault_what_was_handed_out_comes_again(
    server: RedisServer, sender: StreamSender, reader: StreamReader
) -> None:
    sender.exchange([entry(after=number) for number in range(3)], {}, [])
    first = read_all(reader, 3)
    server.configure("maxmemory", "1")
    with pytest.raises(StreamUnavailableError, match="out of memory"):
        reader.settle([first[0][0]], {"s": Answer(position=9)})
    server.configure("maxmemory", "0")
    assert read_all(reader, 2) == first[1:]  # the settled one was taken out: room comes before answers


@needs_redis_server
def test_deleted_entries_are_not_waited_for(
    server: RedisServer, sender: StreamSender, reader: StreamReader
) -> None:
    sender.exchange([entry(after=number) for number in range(3)], {}, [])
    ids = [one for one, _ in read_all(reader, 3)]
    with server.client() as client:
        client.xdel("rounds:stream", ids[1])
    again = StreamReader(server.target, "here")
    assert [after for _, after in read_all(again, 2)] == [0, 2]
    again.close()


@needs_redis_server
def test_a_deleted_group_or_stream_is_made_again(
    server: RedisServer, sender: StreamSender, reader: StreamReader
) -> None:
    for break_it in (("XGROUP", "DESTROY", "rounds:stream", GROUP), ("DEL", "rounds:stream"), ("FLUSHALL",)):
        sender.exchange([entry()], {}, [])
        found = read_all(reader, 1)
        reader.settle([one for one, _ in found], {})
        server.command(*break_it)


@needs_redis_server
def test_a_stream_that_is_deleted_while_a_read_waits_is_made_again(
    server: RedisServer, sender: StreamSender, reader: StreamReader
) -> None:
    sender.exchange([entry()], {}, [])
    found = read_all(reader, 1)
    reader.settle([one for one, _ in found], {})
    outcomes: list[object] = []

    def wait() -> None:
        try:
            outcomes.append(reader.read(10.0))
        except StreamUnavailableError as error:
            outcomes.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_until(lambda: "xreadgroup" in str(server.command("CLIENT", "LIST")), "it waits")
    server.flush()
    waiting.join(10.0)
    assert outcomes == [[]]
    sender.exchange([entry()], {}, [])
    assert len(read_all(reader, 1)) == 1


@needs_redis_server
def test_a_sign_of_another_type_is_none(server: RedisServer, reader: StreamReader) -> None:
    server.command("RPUSH", "stream:writer", "x")
    assert reader.read(0.01) == []
    reader.beat("")
    assert server.command("TYPE", "stream:writer") == b"string"


@needs_redis_server
def test_an_instance_with_another_database_has_to_wait(server: RedisServer, reader: StreamReader) -> None:
    reader.beat("")
    other = StreamReader(server.target, "there")
    with pytest.raises(StreamUnavailableError, match="another instance"):
        other.read(0.01)
    server.command("DEL", "stream:writer")  # as its life ends
    other.read(0.01)
    other.close()


@needs_redis_server
def test_refusals_are_told_entry_by_entry(server: RedisServer, sender: StreamSender) -> None:
    server.command("SET", "rounds:stream", "x")
    refused = sender.exchange([entry(), entry()], {"s": b"1-1"}, ["s"])
    assert refused.ids == (None, None)
    assert "WRONGTYPE" in refused.refusal
    assert not refused.missing


@needs_redis_server
def test_a_server_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    away = RedisServer(tmp_path)
    sender, reader = StreamSender(away.target), StreamReader(away.target, "here")
    with pytest.raises(StreamUnreachableError):
        sender.exchange([entry()], {}, [])
    with pytest.raises(StreamUnavailableError, match="cannot be reached"):
        reader.read(0.01)
    sender.close()
    reader.close()


@needs_redis_server
def test_a_prefix_keeps_two_systems_apart(server: RedisServer, sender: StreamSender) -> None:
    other = StreamReader(replace(server.target, prefix="b:"), "here")
    other.read(0.01)
    sender.exchange([entry()], {}, [])
    assert other.read(0.01) == []
    with server.client() as client:
        assert sorted(client.keys()) == [b"b:rounds:stream", b"rounds:stream"]
    other.close()
