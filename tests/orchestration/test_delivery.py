"""Delivery: in order, once, and nobody waits for a writer that is dead or stopped."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from data_layer import wire
from data_layer.messages import Ack, Phase, RgbSample, Round
from orchestration.delivery import SAMPLES_KEPT, Delivery
from orchestration.outbox import FileOutbox
from orchestration.outbox_entries import Outbox
from orchestration.outbox_memory import MemoryOutbox
from tests.orchestration.memory_writer import SECRET, MemoryWriter
from tests.orchestration.records import STREAM, a_bet, a_round


@pytest.fixture(params=["unix", "tcp"])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryWriter]:
    made = MemoryWriter(tmp_path, request.param)
    made.start()
    yield made
    made.stop()


@asynccontextmanager
async def delivering(
    writer: MemoryWriter, outbox: Outbox, *, secret: str = SECRET, stream: str = STREAM
) -> AsyncIterator[Delivery]:
    delivery = Delivery(outbox, address=writer.address, secret=secret, bookmaker="Admiral", stream=stream)
    task = asyncio.create_task(delivery.run())
    try:
        async with asyncio.timeout(30):
            yield delivery
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def put(outbox: Outbox, delivery: Delivery, first: int, last: int) -> None:
    for position in range(first, last + 1):
        outbox.append(STREAM, [a_round(position)])
        delivery.offer()


def positions(writer: MemoryWriter, stream: str = STREAM) -> list[int]:
    return [one.position for one in writer.rounds(stream)]


def test_what_is_offered_is_committed_acknowledged_and_forgotten(writer: MemoryWriter) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            welcome = await delivery.welcomed()
            assert welcome.last_position == 0
            put(outbox, delivery, 1, 3)
            await delivery.drained()
            assert delivery.committed == 3
            assert (delivery.connected, delivery.trouble, outbox.pending) == (True, "", 0)

    asyncio.run(run())
    assert positions(writer) == [1, 2, 3]
    hello = writer.hellos[0]
    assert (hello.bookmaker, hello.stream) == ("Admiral", STREAM)


def test_what_waits_before_there_is_a_writer_is_delivered_when_it_comes(tmp_path: Path) -> None:
    writer = MemoryWriter(tmp_path)

    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            put(outbox, delivery, 1, 1_200)
            assert delivery.trouble == "waiting for the writer"
            await asyncio.to_thread(writer.start)
            await delivery.drained()

    asyncio.run(run())
    writer.stop()
    assert positions(writer) == list(range(1, 1_201))


def test_no_more_than_a_window_is_under_way(writer: MemoryWriter) -> None:
    writer.acknowledges = False

    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            put(outbox, delivery, 1, 2_000)
            await asyncio.to_thread(writer.wait_for, lambda w: len(w.committed) >= wire.WINDOW_RECORDS)
            for _ in range(100):
                await asyncio.sleep(0)

    asyncio.run(run())
    assert len(writer.committed) == wire.WINDOW_RECORDS
    assert [frame.urgent for frame in writer.frames] == [False] * (len(writer.frames) - 1) + [True]


def test_a_sender_that_can_wait_has_room_again_after_an_acknowledgement(writer: MemoryWriter) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            for position in range(1, 5_001):
                outbox.append(STREAM, [a_round(position), a_bet(position, position)])
                delivery.offer()
                await delivery.room()
                assert outbox.entries < wire.WINDOW_RECORDS
            await delivery.drained()

    asyncio.run(run())
    assert positions(writer) == list(range(1, 5_001))
    assert len(writer.bets()) == 5_000


def test_a_single_round_is_sent_urgently(writer: MemoryWriter) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            put(outbox, delivery, 1, 1)
            await delivery.drained()

    asyncio.run(run())
    assert [frame.urgent for frame in writer.frames] == [True]


def test_a_writer_that_dies_and_comes_back_gets_everything_once(writer: MemoryWriter) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            for last, death in ((700, 300), (1_400, 900), (2_000, 1_500)):
                writer.dies_after = death
                put(outbox, delivery, last - 699 if last < 2_000 else 1_401, last)
                await asyncio.to_thread(writer.wait_for, lambda w: w.dies_after == 0)
                await asyncio.to_thread(writer.stop)
                await asyncio.to_thread(writer.start)
            await delivery.drained()
            assert delivery.connected

    asyncio.run(run())
    assert positions(writer) == list(range(1, 2_001))


def test_lost_acknowledgements_lead_to_a_resend_and_not_to_duplicates(writer: MemoryWriter) -> None:
    writer.acknowledges = False

    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            put(outbox, delivery, 1, 10)
            await asyncio.to_thread(writer.wait_for, lambda w: len(w.committed) == 10)
            await asyncio.to_thread(writer.stop)
            writer.acknowledges = True
            await asyncio.to_thread(writer.start)
            await delivery.drained()

    asyncio.run(run())
    assert positions(writer) == list(range(1, 11))
    assert writer.resent == 10


def test_counts_go_on_over_connections(writer: MemoryWriter) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            put(outbox, delivery, 1, 10)
            await delivery.drained()
            await asyncio.to_thread(writer.stop)
            await asyncio.to_thread(writer.start)
            put(outbox, delivery, 11, 15)
            await delivery.drained()
            assert delivery.committed == 15

    asyncio.run(run())


def test_entries_of_an_earlier_stream_go_first_and_under_their_own_name(
    writer: MemoryWriter, tmp_path: Path
) -> None:
    async def run() -> None:
        outbox = FileOutbox(tmp_path / "a.log")
        for position in range(1, 8):
            outbox.append("earlier", [a_round(position, round_id=f"e{position}")])
        outbox.append(STREAM, [a_round(1)])
        async with delivering(writer, outbox) as delivery:
            welcome = await delivery.welcomed()
            assert welcome.last_position == 0
            put(outbox, delivery, 2, 5)
            await delivery.drained()
        outbox.close()

    asyncio.run(run())
    assert positions(writer, "earlier") == list(range(1, 8))
    assert positions(writer) == [1, 2, 3, 4, 5]
    assert [hello.stream for hello in writer.hellos] == ["earlier", STREAM]


def test_a_refusal_is_shown_and_tried_again(
    writer: MemoryWriter, expected_errors: list[logging.LogRecord]
) -> None:
    writer.refuses = "not now"

    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            put(outbox, delivery, 1, 1)
            await asyncio.to_thread(writer.wait_for, lambda w: len(w.hellos) >= 3)
            assert delivery.trouble == "refused by the writer: not now"
            writer.refuses = ""
            await delivery.drained()
            assert delivery.trouble == ""

    asyncio.run(run())
    assert len(expected_errors) == 1


def test_a_writer_that_takes_nothing_never_blocks_the_source(writer: MemoryWriter) -> None:
    writer.commits = False

    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            put(outbox, delivery, 1, 20_000)
            assert outbox.entries == 20_000
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await delivery.room()

    asyncio.run(run())


def test_large_records_are_spread_over_frames_that_the_writer_accepts(writer: MemoryWriter) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            for position in range(1, 301):
                outbox.append(STREAM, [a_round(position, round_id=f"{position}-" + "é" * 20_000)])
            delivery.offer()
            await delivery.drained()

    asyncio.run(run())
    assert positions(writer) == list(range(1, 301))


def test_an_acknowledgement_of_what_was_never_sent_ends_the_connection(
    writer: MemoryWriter, expected_errors: list[logging.LogRecord]
) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            delivery._received(Ack(upto=5, committed=5, duplicates=0, quarantined=0))
            await asyncio.to_thread(writer.wait_for, lambda w: len(w.hellos) == 2)
            put(outbox, delivery, 1, 1)
            await delivery.drained()
            assert delivery.committed == 1

    asyncio.run(run())
    assert len(expected_errors) == 1


def sample(at_us: int) -> RgbSample:
    return RgbSample(
        bookmaker="Admiral",
        region="canvas",
        sampled_at_us=at_us,
        phase=Phase.FLYING,
        mean_r=1.0,
        mean_g=2.0,
        mean_b=3.0,
        spread_r=0.0,
        spread_g=0.0,
        spread_b=0.0,
    )


def test_colour_samples_are_delivered_beside_the_rounds(writer: MemoryWriter) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            await delivery.welcomed()
            delivery.offer_samples([sample(1), sample(2)])
            await asyncio.to_thread(writer.wait_for, lambda w: len(w.samples) == 2)
            put(outbox, delivery, 1, 1)
            delivery.offer_samples([sample(3)])
            await delivery.drained()

    asyncio.run(run())
    assert [one.sampled_at_us for one in writer.samples] == [1, 2, 3]
    assert positions(writer) == [1]


def test_without_a_writer_the_oldest_samples_are_dropped_and_counted(tmp_path: Path) -> None:
    writer = MemoryWriter(tmp_path)

    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            for at_us in range(SAMPLES_KEPT + 7):
                delivery.offer_samples([sample(at_us)])
            assert delivery.samples_dropped == 7
            await asyncio.to_thread(writer.start)
            await asyncio.to_thread(writer.wait_for, lambda w: len(w.samples) == SAMPLES_KEPT)

    asyncio.run(run())
    writer.stop()
    assert writer.samples[0].sampled_at_us == 7


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(wire.WireError, match="no address"):
        Delivery(MemoryOutbox(), address="redis:1", secret="", bookmaker="A", stream=STREAM)


def test_a_round_is_delivered_as_it_was_recorded(writer: MemoryWriter) -> None:
    async def run() -> None:
        outbox = MemoryOutbox()
        async with delivering(writer, outbox) as delivery:
            put(outbox, delivery, 42, 42)
            await delivery.drained()

    asyncio.run(run())
    (stored,) = writer.rounds()
    assert isinstance(stored, Round)
    assert stored == a_round(42)
