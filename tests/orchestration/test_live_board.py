"""The live board: whoever reads it sees whole values, however they are being written."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.errors import DataDirectoryError
from data_layer.messages import (
    AgentState,
    InstanceInfo,
    LiveState,
    WorkerState,
    WorkerStatus,
    WriterHealth,
)
from orchestration.live_board import SLOT_BYTES, LiveBoard

_PROJECT = Path(__file__).resolve().parents[2]


def status(name: str, state: WorkerState = WorkerState.RUNNING) -> WorkerStatus:
    return WorkerStatus(bookmaker=name, group="", state=state, reason="", since_us=1)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[LiveBoard]:
    made = LiveBoard.create(tmp_path / "live.board", 3)
    yield made
    made.close()


def test_a_fresh_board_is_empty(board: LiveBoard) -> None:
    snapshot = board.snapshot()
    assert (snapshot.instance, snapshot.writer, snapshot.workers) == (None, None, ())
    assert board.read_live(2) is None


def test_what_is_written_is_read_through_another_mapping(board: LiveBoard, tmp_path: Path) -> None:
    info = InstanceInfo(pid=1, started_at_us=2, heartbeat_us=3, command="window", writer_address="tcp:9")
    health = WriterHealth(pid=2, heartbeat_us=4, version=7)
    live = LiveState(bookmaker="B", pid=3, heartbeat_us=5)
    reader = LiveBoard.open(tmp_path / "live.board", readonly=True)
    board.write_instance(info)
    board.write_writer(health)
    board.write_status(0, status("A"))
    board.write_status(1, status("B"))
    board.write_live(1, live)
    snapshot = reader.snapshot()
    assert (snapshot.instance, snapshot.writer) == (info, health)
    assert [(view.status.bookmaker, view.live) for view in snapshot.workers] == [("A", None), ("B", live)]
    board.write_live(1, LiveState(bookmaker="B", pid=3, heartbeat_us=6))
    newest = reader.read_live(1)
    assert newest is not None
    assert newest.heartbeat_us == 6
    reader.close()


def test_a_new_board_replaces_one_that_others_still_have_open(board: LiveBoard, tmp_path: Path) -> None:
    board.write_status(0, status("old"))
    fresh = LiveBoard.create(tmp_path / "live.board", 1)
    assert fresh.snapshot().workers == ()
    assert fresh.count == 1
    assert board.snapshot().workers[0].status.bookmaker == "old"
    fresh.close()


def test_a_missing_board_is_a_readable_fault(tmp_path: Path) -> None:
    with pytest.raises(DataDirectoryError, match="cannot be opened"):
        LiveBoard.open(tmp_path / "none", readonly=True)
    (tmp_path / "empty").touch()
    with pytest.raises(DataDirectoryError, match="cannot be opened"):
        LiveBoard.open(tmp_path / "empty", readonly=True)


def test_texts_too_long_for_a_slot_are_cut(board: LiveBoard) -> None:
    agents = tuple(AgentState(name=name, running=False, reason="ü" * 900) for name in ("a", "b", "c"))
    board.write_live(
        0, LiveState(bookmaker="A", pid=1, heartbeat_us=2, trouble="x" * 5_000, agents=agents, received=9)
    )
    read = board.read_live(0)
    assert read is not None
    assert (read.bookmaker, read.received) == ("A", 9)
    assert read.trouble
    assert all(agent.reason for agent in read.agents)


def test_text_that_nothing_can_encode_is_shown_all_the_same(board: LiveBoard) -> None:
    agents = (AgentState(name="betting", running=False, reason="odd \ud800"),)
    board.write_live(
        0, LiveState(bookmaker="A", pid=1, heartbeat_us=1, round_id="r\ud800" * 60, agents=agents)
    )
    live = board.read_live(0)
    assert live is not None
    assert live.round_id.startswith("r\\ud800r")
    assert live.agents[0].reason == "odd \\ud800"


def test_a_value_that_cannot_be_cut_to_a_slot_is_refused(board: LiveBoard) -> None:
    with pytest.raises(ValueError, match="a slot holds"):
        board.write_live(0, LiveState(bookmaker="A" * 2_000, pid=1, heartbeat_us=2))
    assert board.read_live(0) is None


@given(at=st.integers(0, SLOT_BYTES - 1), flip=st.integers(1, 255))
def test_a_damaged_slot_is_never_shown_as_something_else(
    tmp_path_factory: pytest.TempPathFactory, at: int, flip: int
) -> None:
    path = tmp_path_factory.mktemp("board") / "live.board"
    board = LiveBoard.create(path, 1)
    live = LiveState(bookmaker="A", pid=1, heartbeat_us=2)
    board.write_live(0, live)
    with path.open("r+b") as file:
        file.seek(2 * SLOT_BYTES + at)
        byte = file.read(1)[0]
        file.seek(2 * SLOT_BYTES + at)
        file.write(bytes([byte ^ flip]))
    reader = LiveBoard.open(path, readonly=True)
    assert reader.read_live(0) in (None, live)
    board.write_live(0, live)
    assert reader.read_live(0) == live
    reader.close()
    board.close()


_WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from data_layer.messages import LiveState
from orchestration.live_board import LiveBoard
board = LiveBoard.open(Path(sys.argv[1]), readonly=False)
number = 0
while True:
    number += 1
    board.write_live(0, LiveState(
        bookmaker="A", pid=number, heartbeat_us=number, round_id="x" * (number % 300), received=number))
    if number == 1:
        print("on", flush=True)
"""


@contextlib.contextmanager
def busy_writer(path: Path) -> Iterator[None]:
    """Have another process write the board's first slot as fast as it can, and kill it at the end."""
    child = subprocess.Popen(
        [sys.executable, "-c", _WRITE_UNTIL_KILLED, str(path)], stdout=subprocess.PIPE, cwd=_PROJECT
    )
    assert child.stdout is not None
    try:
        child.stdout.readline()
        yield
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_reader_beside_a_busy_writer_sees_whole_and_rising_values(tmp_path: Path) -> None:
    path = tmp_path / "live.board"
    board = LiveBoard.create(path, 1)
    for _ in range(3):
        with busy_writer(path):
            seen: list[int] = []
            while len(seen) < 500:
                live = board.read_live(0)
                if live is None or (seen and live.received == seen[-1]):
                    continue
                number = live.received
                assert (live.pid, live.heartbeat_us, len(live.round_id)) == (number, number, number % 300)
                seen.append(number)
            assert seen[1:] == sorted(seen[1:])  # the first may be the last of the writer before
    quiet = LiveState(bookmaker="A", pid=1, heartbeat_us=1)
    board.write_live(0, quiet)
    other = LiveBoard.open(path, readonly=True)
    assert other.read_live(0) == quiet
    other.close()
    board.close()


def test_many_threads_may_read_one_board(board: LiveBoard) -> None:
    faults: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            live = board.read_live(0)
            if live is not None and live.pid != live.received:
                faults.append(live)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(5_000):
        board.write_live(0, LiveState(bookmaker="A", pid=number, heartbeat_us=number, received=number))
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []
