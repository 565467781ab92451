"""The writer as a process: what it acknowledges is on disk, and no peer disturbs another."""

import logging
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import psutil
import pytest

from data_layer.messages import Ack, Committed, Deliver, Ending, Hello, Ready, Refused, Stop, Subscribe
from orchestration import writer_address, writer_server
from orchestration.writer_process import run_writer
from tests.orchestration.records import a_round
from tests.orchestration.writer_peers import SECRET, Peer, WriterHouse
from tests.redis_server import free_port

Build = Callable[..., WriterHouse]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    houses: list[WriterHouse] = []

    def build_house(directory: Path = tmp_path, *, address: str = "", start: bool = True) -> WriterHouse:
        houses.append(WriterHouse(directory, address=address, start=start))
        return houses[-1]

    yield build_house
    for house in houses:
        house.close()


def deliver_on_a_thread(worker: Peer, rows: int) -> threading.Thread:
    """Deliver rounds 2 to `rows`, a hundred a frame, as fast as the writer takes them."""

    def deliver() -> None:
        for first in range(2, rows + 1, 100):
            worker.deliver([a_round(position) for position in range(first, min(first + 99, rows) + 1)])

    thread = threading.Thread(target=deliver)
    thread.start()
    return thread


def count_rounds(house: WriterHouse) -> object:
    return house.rows("SELECT count(*) FROM rounds")[0][0]


@pytest.mark.parametrize("address", ["", "tcp"])
def test_what_is_acknowledged_is_in_the_database(build: Build, address: str) -> None:
    house = build(address=f"tcp:{free_port()}" if address else "")
    worker = house.worker()
    worker.deliver([a_round(position) for position in range(1, 4)])
    assert worker.next(Ack) == Ack(upto=3, committed=3, duplicates=0, quarantined=0)
    assert count_rounds(house) == 3
    worker.deliver([a_round(4), a_round(5, round_id="r1")], urgent=False)
    ack = worker.until_acknowledged(5)
    assert (ack.committed, ack.quarantined + ack.duplicates) == (4, 1)
    assert count_rounds(house) == 4


def test_a_worker_that_comes_back_is_told_where_to_go_on_and_nothing_is_stored_twice(build: Build) -> None:
    house = build()
    worker = house.worker()
    worker.deliver([a_round(position) for position in range(1, 101)])
    worker.until_acknowledged(100)
    os.kill(house.child.pid, signal.SIGKILL)
    house.until_ended()
    house.start()
    again = house.worker()
    assert again.welcome is not None
    assert again.welcome.last_position == 100
    again.deliver(
        [a_round(position) for position in range(51, 151)]
    )  # as if half of it had not been acknowledged
    assert again.until_acknowledged(100).committed == 50
    assert count_rounds(house) == 150
    assert house.rows("SELECT count(DISTINCT round_id) FROM rounds") == [(150,)]


def test_a_killed_writer_has_acknowledged_nothing_that_is_lost(build: Build) -> None:
    house = build()
    worker = house.worker()
    for position in range(1, 2_001):
        worker.deliver([a_round(position)], urgent=position % 7 == 0)
    acknowledged = worker.next(Ack).upto
    os.kill(house.child.pid, signal.SIGKILL)
    house.until_ended()
    stored = {number for (number,) in house.rows("SELECT round_id FROM rounds")}
    assert {f"r{position}" for position in range(1, acknowledged + 1)} <= stored
    house.start()


def test_what_a_lost_worker_delivered_is_committed_all_the_same(build: Build) -> None:
    house = build()
    worker = house.worker()
    worker.deliver([a_round(1)], urgent=False)
    worker.close()
    house.until_health(lambda health: health.rows == 1)
    assert count_rounds(house) == 1


@pytest.mark.parametrize(
    "nonsense",
    [b"\xff\xff\xff\xff rubbish", b"\x04\x00\x00\x00rubb", b"GET / HTTP/1.1\r\n\r\n"],
    ids=["too long a frame", "no message", "another protocol"],
)
def test_nonsense_ends_only_its_own_connection(build: Build, nonsense: bytes) -> None:
    house = build()
    good, bad = house.worker("Admiral"), house.worker("Soccer")
    bad.deliver([a_round(1, "Soccer")])
    bad.until_acknowledged(1)
    bad.socket.sendall(nonsense)
    assert isinstance(bad.next(Refused), Refused)
    assert bad.has_ended()
    good.deliver([a_round(1)])
    assert good.until_acknowledged(1).committed == 1
    house.until_health(lambda health: health.workers == 1)
    house.child.send(Stop(drain_s=1.0))
    house.until_ended()
    assert any("the connection of Soccer is refused" in line.text for line in house.lines)


@pytest.mark.parametrize(
    "first",
    [
        Hello(secret="guessed", bookmaker="Admiral", stream="s", pid=1),
        Hello(secret="gue\u00dfed \U0001f3b2", bookmaker="Admiral", stream="s", pid=1),
        Subscribe(secret=""),
        Deliver(upto=1, records=[a_round(1)]),
    ],
    ids=["a wrong secret", "a strange secret", "a viewer without it", "records without a greeting"],
)
def test_who_does_not_show_the_secret_is_refused(build: Build, first: Hello | Subscribe | Deliver) -> None:
    house = build()
    stranger = house.peer()
    stranger.send(first)
    assert SECRET not in stranger.next(Refused).reason
    assert stranger.has_ended()
    assert count_rounds(house) == 0


def test_a_name_that_no_row_could_carry_is_refused_and_the_writer_goes_on(build: Build) -> None:
    house = build()
    for bookmaker, stream in (("", "s"), ("x" * 201, "s"), ("Admiral", "replay:\0"), ("Admiral", "s" * 201)):
        nameless = house.peer()
        nameless.send(Hello(secret=SECRET, bookmaker=bookmaker, stream=stream, pid=1))
        assert "name" in nameless.next(Refused).reason
        assert nameless.has_ended()
    worker = house.worker()
    worker.deliver([a_round(1)])
    assert worker.until_acknowledged(1).committed == 1


def test_a_second_greeting_is_refused(build: Build) -> None:
    house = build()
    worker = house.worker()
    worker.send(Hello(secret=SECRET, bookmaker="Soccer", stream="other", pid=1))
    worker.next(Refused)
    assert worker.has_ended()


def test_a_locked_database_is_reported_and_nothing_is_acknowledged_until_it_is_free(build: Build) -> None:
    house = build()
    worker = house.worker()
    other = apsw.Connection(str(house.spec.database_path))
    other.set_busy_timeout(20_000)  # until whatever the writer writes is written
    other.execute("BEGIN IMMEDIATE")
    worker.deliver([a_round(1)])
    assert house.until_health(lambda health: health.trouble != "").pending == 1
    assert worker.nothing_comes(within_s=0.2)
    other.execute("ROLLBACK")
    other.close()
    assert worker.next(Ack).committed == 1
    house.until_health(lambda health: health.trouble == "" and health.pending == 0)


@pytest.mark.parametrize("obstacle", ["a lock", "a disk"])
def test_a_writer_that_cannot_begin_says_why_and_begins_when_it_can(
    build: Build, tmp_path: Path, obstacle: str
) -> None:
    other = apsw.Connection(str(tmp_path / "aviator.db"))
    if obstacle == "a lock":
        other.execute("BEGIN EXCLUSIVE")
    else:
        (tmp_path / "aviator.db-wal").mkdir()  # as if no file could be made there
    house = build(start=False)
    house.child = house._launcher.start(run_writer, house.spec, "writer")
    trouble = house.until_health(lambda health: health.trouble != "").trouble
    assert ("locked" if obstacle == "a lock" else "I/O") in trouble
    other.close()
    if obstacle == "a disk":
        (tmp_path / "aviator.db-wal").rmdir()
    house.until_reported(Ready)
    house.until_health(lambda health: health.trouble == "")
    [told] = [line.text for line in house.lines if line.level == logging.ERROR]
    assert trouble in told


def test_with_a_locked_database_the_writer_stops_reading_and_drops_nothing(build: Build) -> None:
    house = build()
    rows = writer_server.MAX_PENDING_ROWS + 15_000
    other = apsw.Connection(str(house.spec.database_path))
    other.set_busy_timeout(20_000)  # until whatever the writer writes is written
    other.execute("BEGIN IMMEDIATE")
    worker = house.worker()
    worker.deliver([a_round(1)])
    house.until_health(lambda health: health.trouble != "")
    sender = deliver_on_a_thread(worker, rows)
    full = house.until_health(lambda health: health.pending >= writer_server.MAX_PENDING_ROWS)
    assert full.pending < rows
    assert sender.is_alive()
    other.execute("ROLLBACK")
    other.close()
    assert worker.until_acknowledged(rows).committed == rows
    sender.join()
    assert count_rounds(house) == rows


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: limits set on a process")
def test_a_full_disk_is_reported_and_nothing_is_acknowledged_until_there_is_room(build: Build) -> None:
    house = build()
    worker = house.worker()
    worker.deliver([a_round(1)])
    worker.until_acknowledged(1)
    writer = psutil.Process(house.child.pid)
    largest = house.spec.database_path.with_name("aviator.db-wal").stat().st_size + 8_192
    writer.rlimit(psutil.RLIMIT_FSIZE, (largest, psutil.RLIM_INFINITY))
    worker.deliver([a_round(position) for position in range(2, 502)])
    house.until_health(lambda health: health.trouble != "" and health.pending == 500)
    assert worker.nothing_comes(within_s=0.2)
    assert count_rounds(house) == 1
    writer.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    assert worker.until_acknowledged(501).committed == 501
    assert count_rounds(house) == 501


def test_a_viewer_is_told_of_every_commit_from_its_subscription_on(build: Build) -> None:
    house = build()
    worker = house.worker()
    worker.deliver([a_round(1)])
    worker.until_acknowledged(1)
    viewer = house.viewer()
    first = viewer.next(Committed)
    assert first.rounds == ()
    worker.deliver([a_round(2), a_round(3)])
    news = viewer.next(Committed)
    assert news.version > first.version
    [share] = news.rounds
    assert (share.bookmaker, share.count) == ("Admiral", 2)
    assert [brief.round_id for brief in share.newest] == ["r2", "r3"]


def test_a_viewer_that_does_not_read_is_sent_away_and_delays_nobody(build: Build) -> None:
    house = build()
    house.viewer()  # reads nothing, ever
    reader = house.viewer()
    reader.next(Committed)
    worker = house.worker()
    position = 0
    while house.board.read_writer() is None or house.until_health(lambda _: True).viewers == 2:
        for _ in range(100):
            position += 1
            worker.deliver([a_round(position, round_id=f"{position:0200}")])
            assert worker.until_acknowledged(position).upto == position
            assert reader.next(Committed).rounds[0].count == 1
        assert position < 100_000
    assert count_rounds(house) == position


def test_a_second_writer_waits_until_the_first_is_gone(build: Build) -> None:
    house = build()
    first = house.child
    house.child = house._launcher.start(run_writer, house.spec, "writer")
    assert "another process still writes" in house.until_health(lambda health: health.trouble != "").trouble
    os.kill(first.pid, signal.SIGKILL)
    house.until_reported(Ready)
    worker = house.worker()
    worker.deliver([a_round(1)])
    worker.until_acknowledged(1)
    while not first.has_ended():
        first.receive()
    first.close()


def test_a_stopped_writer_commits_what_it_has_and_leaves_no_log_behind(build: Build) -> None:
    house = build()
    worker = house.worker()
    worker.deliver([a_round(1)], urgent=False)
    house.child.send(Stop(drain_s=5.0))
    assert worker.until_acknowledged(1).committed == 1
    assert worker.has_ended()
    assert house.until_reported(Ending) == Ending(reason="stopped")
    house.until_ended()
    assert not house.spec.database_path.with_name("aviator.db-wal").exists()
    assert count_rounds(house) == 1


def test_a_writer_whose_parent_is_gone_commits_what_it_has_and_ends(build: Build) -> None:
    house = build()
    worker = house.worker()
    worker.deliver([a_round(1)], urgent=False)
    house.child._link.close()
    assert worker.until_acknowledged(1).committed == 1
    house.child._process.join(20)
    assert house.child._process.exitcode is not None
    assert count_rounds(house) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with Unix sockets")
def test_only_its_user_reaches_the_socket_even_with_a_long_path(build: Build, tmp_path: Path) -> None:
    long = tmp_path.joinpath(*["a rather long directory name"] * 5)
    long.mkdir(parents=True)
    for directory in (tmp_path, long):
        house = build(directory)
        path = Path(house.spec.address.removeprefix("unix:"))
        assert path.is_socket()
        assert len(os.fsencode(path)) <= 100
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        writer_address.remove(house.spec.address)
        assert not path.parent.exists()


def test_a_database_that_cannot_be_used_is_reported_and_left_as_it_is(build: Build, tmp_path: Path) -> None:
    (tmp_path / "aviator.db").write_bytes(b"this is no database, whatever its name says" * 100)
    before = (tmp_path / "aviator.db").read_bytes()
    house = build(start=False)
    house.child = house._launcher.start(run_writer, house.spec, "writer")
    ending = house.until_reported(Ending)
    assert isinstance(ending, Ending)
    assert ending.permanent
    assert "aviator.db" in ending.reason
    house.until_ended()
    assert (tmp_path / "aviator.db").read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: limits set on a process")
def test_a_writer_that_fails_after_it_has_served_is_worth_starting_again_at_once(build: Build) -> None:
    house = build()
    house.worker()
    psutil.Process(house.child.pid).rlimit(psutil.RLIMIT_NOFILE, (3, 1_024))
    house.peer()  # finds no descriptor left for it
    ending = house.until_reported(Ending)
    assert isinstance(ending, Ending)
    assert not ending.permanent
    house.until_ended()
    house.start()


def test_the_writer_stays_small() -> None:
    code = (
        "import sys, orchestration.writer_process\n"
        "print(*{'PySide6', 'numpy', 'pydantic', 'redis', 'sqlite3'} & set(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
