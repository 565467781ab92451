"""Alerts on their way to the writer: kept while there is none, brought again when an answer was lost."""

import itertools
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from data_layer import wire
from data_layer.alerts.model import Alert
from data_layer.database import alert_rows
from data_layer.database.connection import DATABASE_NAME, open_reader
from data_layer.messages import Ack, ClientFrame, Deliver, Hello, Welcome
from orchestration.alerts import delivery as alert_delivery
from orchestration.alerts.delivery import AlertDelivery
from tests.data_layer.database.test_alert_rows import an_alert
from tests.orchestration.writer_peers import SECRET, WriterHouse
from tests.redis_server import wait_until


@pytest.fixture
def house(tmp_path: Path) -> Iterator[WriterHouse]:
    """A writer process that was not started yet."""
    made = WriterHouse(tmp_path, start=False)
    yield made
    made.close()


@pytest.fixture
def delivery(house: WriterHouse) -> Iterator[AlertDelivery]:
    made = AlertDelivery(lambda: house.spec.address, SECRET)
    made.start()
    yield made
    made.stop(0.0)


def history(data_dir: Path) -> list[Alert]:
    """Return what is stored, in the order of the numbers."""
    reader = open_reader(data_dir / DATABASE_NAME)
    try:
        return sorted(alert_rows.newest(reader, 100_000), key=lambda one: int(one.uid.partition("-")[2]))
    finally:
        reader.close()


def alerts(count: int) -> list[Alert]:
    """Return alerts that are numbered from 0."""
    return [an_alert(f"run-{number}") for number in range(count)]


def test_alerts_are_stored_and_no_worker_is_counted(
    house: WriterHouse, delivery: AlertDelivery, tmp_path: Path
) -> None:
    house.start()

    for alert in alerts(250):
        delivery.offer(alert)
    wait_until(lambda: delivery.waiting == 0, "all are acknowledged")

    assert history(tmp_path) == alerts(250)
    assert house.until_health(lambda health: health.commits > 0).workers == 0


def test_what_comes_while_there_is_no_writer_is_stored_when_there_is(
    house: WriterHouse, delivery: AlertDelivery, tmp_path: Path
) -> None:
    for alert in alerts(3):
        delivery.offer(alert)
    ended = msgspec.structs.replace(alerts(1)[0], ended_at_us=9_000, end_reason="over")
    delivery.offer(ended)
    assert delivery.waiting == 3  # of each the newest state

    house.start()
    wait_until(lambda: delivery.waiting == 0, "all are acknowledged")

    assert history(tmp_path) == [ended, *alerts(3)[1:]]


def test_nothing_is_lost_when_the_writer_is_killed_again_and_again(
    house: WriterHouse, delivery: AlertDelivery, tmp_path: Path
) -> None:
    numbers = itertools.count()
    for _ in range(4):
        house.start()
        for number in itertools.islice(numbers, 500):
            delivery.offer(an_alert(f"run-{number}"))
        os.kill(house.child.pid, signal.SIGKILL)
        house.until_ended()
    house.start()
    wait_until(lambda: delivery.waiting == 0, "all are acknowledged")

    assert [one.uid for one in history(tmp_path)] == [f"run-{number}" for number in range(2_000)]


def test_a_wrong_secret_is_refused_and_nothing_is_lost(
    house: WriterHouse, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house.start()
    caplog.set_level("DEBUG")
    wrong = AlertDelivery(lambda: house.spec.address, "another")
    wrong.start()
    wrong.offer(alerts(1)[0])
    wait_until(lambda: "the secret is not this run's" in caplog.text, "it is refused")
    wrong.stop(0.0)

    assert wrong.waiting == 1
    assert history(tmp_path) == []


def test_what_waits_is_bounded(house: WriterHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_delivery, "MOST_WAITING", 4)
    delivery = AlertDelivery(lambda: house.spec.address, SECRET)
    for alert in alerts(10):
        delivery.offer(alert)

    assert (delivery.waiting, delivery.dropped) == (4, 6)
    house.start()
    delivery.start()
    delivery.stop(10.0)
    assert [one.uid for one in history(tmp_path)] == ["run-6", "run-7", "run-8", "run-9"]


def test_what_changes_while_it_is_under_way_is_delivered_again(tmp_path: Path) -> None:
    """The writer is played here: only so its answer can be held back."""
    changed = msgspec.structs.replace(alerts(1)[0], count=9)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        delivery = AlertDelivery(lambda: f"tcp:{listener.getsockname()[1]}", SECRET)
        delivery.start()
        delivery.offer(alerts(1)[0])
        with listener.accept()[0] as peer:
            frames = wire.client_frames()
            received: list[ClientFrame] = []

            def next_frame() -> ClientFrame:
                while not received:
                    received.extend(frames.feed(peer.recv(65_536)))
                return received.pop(0)

            assert isinstance(next_frame(), Hello)
            peer.sendall(wire.pack(Welcome(last_position=0)))
            first = next_frame()
            delivery.offer(changed)
            peer.sendall(wire.pack(Ack(upto=1, committed=0, duplicates=0, quarantined=0)))
            second = next_frame()
            peer.sendall(wire.pack(Ack(upto=2, committed=0, duplicates=0, quarantined=0)))
            wait_until(lambda: delivery.waiting == 0, "both are acknowledged")
        delivery.stop(0.0)
    assert isinstance(first, Deliver)
    assert isinstance(second, Deliver)
    assert (first.records, second.records) == (
        [alert_rows.record_of(alerts(1)[0])],
        [alert_rows.record_of(changed)],
    )
