"""What a session may answer: never more than what is committed, however takes and commits interleave."""

import pytest

from data_layer.cache.stream_reader import RawEntry
from data_layer.cache.streams import Entry
from data_layer.messages import Deliver, Gap, Hello, Subscribe, Welcome
from orchestration.remote.stream_session import StreamBatch, StreamSession
from orchestration.writer_connection import Peer


class Server:
    """Takes everything in and commits nothing by itself."""

    def __init__(self) -> None:
        self.delivered_upto: list[int] = []

    def identified(self, connection: Peer, frame: Hello | Subscribe) -> str:
        """See `Host`."""
        return ""

    def delivered(self, connection: Peer, frame: Deliver) -> None:
        """See `Host`."""
        self.delivered_upto.append(frame.upto)

    def lost(self, connection: Peer) -> None:
        """See `Host`."""


def entry(after: int, *positions: int) -> Entry:
    gaps = [
        Gap(bookmaker="Admiral", started_at_us=1, ended_at_us=2, reason="x", position=position)
        for position in positions
    ]
    return Entry(session="s", bookmaker="Admiral", stream="chain", after=after, records=gaps)


def batch_of(*entries: Entry) -> StreamBatch:
    return StreamBatch([(RawEntry(b"%d-0" % number, {}), one) for number, one in enumerate(entries)])


@pytest.fixture
def session() -> StreamSession:
    return StreamSession(Server(), "s", "Admiral", "chain", Welcome(last_position=0))


def test_a_commit_between_taking_and_handing_on_answers_only_what_was_handed_on(
    session: StreamSession,
) -> None:
    first, second = entry(0, 1, 2), entry(2, 3)
    earlier, later = batch_of(first), batch_of(second)
    session.take(earlier, b"0-0", first)
    session.hand_on()
    earlier.all_taken()
    session.take(later, b"1-0", second)
    session.acknowledge()  # the commit of the first came meanwhile, because another session filled it up
    later.all_taken()
    assert earlier.done.is_set()
    assert earlier.answers["s"].position == 2
    assert not later.done.is_set()
    session.hand_on()
    assert not later.done.is_set()
    session.acknowledge()
    assert later.done.is_set()
    assert later.answers["s"].position == 3
    assert not session.busy


def test_whoever_is_to_begin_again_hears_of_no_more_than_is_committed(session: StreamSession) -> None:
    first, beyond = entry(0, 1, 2), entry(7, 8)
    batch, gap = batch_of(first), batch_of(beyond)
    session.take(batch, b"0-0", first)
    session.hand_on()
    session.take(gap, b"1-0", beyond)
    gap.all_taken()
    assert gap.answers["s"].again
    assert gap.answers["s"].position == 0


def test_an_entry_without_any_record_holds_nobody_up(session: StreamSession) -> None:
    nothing = entry(0)
    batch = batch_of(nothing)
    session.take(batch, b"0-0", nothing)
    session.hand_on()
    batch.all_taken()
    assert batch.done.is_set()
