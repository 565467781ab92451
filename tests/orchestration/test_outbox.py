"""The outbox: nothing that it took is lost, whatever happens to the process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from data_layer.errors import DataDirectoryError
from orchestration import outbox as outbox_module
from orchestration import outbox_frames as frames
from orchestration import outbox_storage
from orchestration.outbox import FileOutbox
from orchestration.outbox_memory import MemoryOutbox
from tests.orchestration.outbox_contents import filled, positions, taken
from tests.orchestration.records import STREAM, a_bet, a_round
from utils.syncing import sync_directory

_PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["file", "memory"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileOutbox | MemoryOutbox]:
    if request.param == "memory":
        yield MemoryOutbox()
        return
    kept = FileOutbox(tmp_path / "a.log")
    yield kept
    kept.close()


def test_entries_are_taken_in_order_and_only_once(outbox: FileOutbox | MemoryOutbox) -> None:
    for position in (1, 2, 3):
        outbox.append(STREAM, [a_round(position)])
    assert positions(outbox) == [1, 2, 3]
    assert outbox.peek() is None
    assert outbox.pending == outbox.entries == 3


def test_after_a_lost_connection_all_unacknowledged_are_taken_again(
    outbox: FileOutbox | MemoryOutbox,
) -> None:
    for position in range(1, 6):
        outbox.append(STREAM, [a_round(position)])
    taken(outbox)
    outbox.forget(2)
    outbox.append(STREAM, [a_round(6)])
    outbox.rewind()
    assert positions(outbox) == [3, 4, 5, 6]


def test_bets_are_not_counted_as_pending_inputs(outbox: FileOutbox | MemoryOutbox) -> None:
    outbox.append(STREAM, [a_round(1), a_bet(1, 900)])
    assert outbox.pending == 1
    assert len(taken(outbox)) == 2
    outbox.forget(1)
    assert outbox.pending == outbox.entries == 0


def test_a_record_that_cannot_be_encoded_is_refused_and_leaves_no_trace(
    outbox: FileOutbox | MemoryOutbox,
) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        outbox.append(STREAM, [a_round(1, round_id="\ud800")])
    outbox.append(STREAM, [a_round(2)])
    assert positions(outbox) == [2]


def test_what_was_not_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "outbox" / "a.log"
    first = FileOutbox(path)
    for position in range(1, 6):
        first.append(STREAM, [a_round(position)])
    taken(first)
    first.forget(3)
    first.close()
    second = FileOutbox(path)
    assert second.id == first.id
    assert second.pending == 2
    assert second.position(STREAM) == 5
    second.append(STREAM, [a_round(6)])
    assert positions(second) == [4, 5, 6]
    second.close()


def test_a_file_is_rewritten_when_most_of_it_is_acknowledged_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "REWRITE_BYTES", 10_000)
    path = tmp_path / "a.log"
    earlier = FileOutbox(path, durable=False)
    for position in range(1, 101):
        earlier.append(STREAM, [msgspec.structs.replace(a_round(position), seed="s" * 2_000)])
    whole = path.stat().st_size
    earlier.close()
    outbox = FileOutbox(path, durable=False)
    outbox.append(STREAM, [a_round(101)])
    taken(outbox)
    for position in range(1, 41):
        outbox.forget(position)
        assert path.stat().st_size > whole
    for position in range(41, 91):
        outbox.forget(position)
    assert path.stat().st_size < whole // 2
    outbox.close()
    again = FileOutbox(path)
    assert positions(again) == list(range(91, 102))
    again.close()


def test_the_position_of_every_stream_survives_a_rewritten_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "REWRITE_BYTES", 2_000)
    outbox = FileOutbox(tmp_path / "a.log", durable=False)
    outbox.append("earlier stream", [a_round(77)])
    for position in range(1, 200):
        outbox.append(STREAM, [a_round(position)])
        taken(outbox)
        outbox.forget(position)
    assert (tmp_path / "a.log").stat().st_size < 4_000
    outbox.append(STREAM, [a_round(200)])
    outbox.close()
    again = FileOutbox(tmp_path / "a.log")
    assert again.position("earlier stream") == 77
    assert again.position(STREAM) == 200
    assert again.position("another") is None
    assert again.id == outbox.id
    assert positions(again) == [199, 200]
    again.close()


def test_the_newest_bet_is_known_after_a_restart_and_whether_it_waits(tmp_path: Path) -> None:
    filled(tmp_path / "a.log", 3)
    outbox = FileOutbox(tmp_path / "a.log")
    bets = [(outbox.newest_bet, outbox.waiting_bet)]
    while outbox.take().sequence < 3:
        pass
    outbox.append(STREAM, [a_round(4)])
    outbox.forget(3)
    bets.append((outbox.newest_bet, outbox.waiting_bet))
    assert bets == [(a_bet(3, 997), a_bet(3, 997)), (a_bet(3, 997), None)]
    assert outbox.entries == 1
    outbox.close()


def test_a_new_directory_is_on_the_disk_before_anything_is_recorded_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []

    def sync(directory: Path) -> None:
        synced.append(directory)
        sync_directory(directory)

    monkeypatch.setattr(outbox_storage, "sync_directory", sync)
    path = tmp_path / "data" / "outbox" / "a.log"
    for _ in range(2):
        outbox = FileOutbox(path)
        outbox.append(STREAM, [a_round(1)])
        outbox.close()
    assert synced == [tmp_path, tmp_path / "data"]


def test_a_second_holder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.outbox_storage._LOCK_TIMEOUT_S", 0.05)
    outbox = FileOutbox(tmp_path / "a.log")
    with pytest.raises(DataDirectoryError, match="another process holds the outbox"):
        FileOutbox(tmp_path / "a.log")
    outbox.close()
    FileOutbox(tmp_path / "a.log").close()


def test_a_file_of_a_newer_release_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(frames.pack(frames.Kind.HEAD, 0, frames.Head(frames.FORMAT + 1, "0" * 32)))
    before = path.read_bytes()
    with pytest.raises(DataDirectoryError, match="newer release"):
        FileOutbox(path)
    assert path.read_bytes() == before


def test_a_whole_frame_with_unknown_content_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    strange = frames.pack(frames.Kind.ENTRY, 3, frames.Mark(STREAM, 5))
    path.write_bytes(filled(path, 2) + strange)
    outbox = FileOutbox(path)
    assert positions(outbox) == [1, 2]
    assert (tmp_path / "a.log.damaged").read_bytes() in strange
    outbox.close()


_APPEND_UNTIL_KILLED = """
import sys
from pathlib import Path
from orchestration.outbox import FileOutbox
from tests.orchestration.records import STREAM, a_round
outbox = FileOutbox(Path(sys.argv[1]))
position = outbox.position(STREAM) or 0
while True:
    position += 1
    outbox.append(STREAM, [a_round(position)])
    sys.stdout.write(f"{position}\\n")
    sys.stdout.flush()
    if position % 7 == 0:
        while outbox.peek() is not None:
            entry = outbox.take()
        outbox.forget(entry.sequence - 3)
"""


def test_whatever_was_appended_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    told = 0
    for lives in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", _APPEND_UNTIL_KILLED, str(path)],
            stdout=subprocess.PIPE,
            cwd=_PROJECT,
            env={**os.environ, "PYTHONPATH": str(_PROJECT)},
        )
        assert child.stdout is not None
        for line in child.stdout:
            told = int(line)
            if told >= 20 * (lives + 1):
                child.kill()
                break
        for line in child.stdout:  # what it still told before it died
            if line.endswith(b"\n"):
                told = int(line)
        child.wait()
        child.stdout.close()
    outbox = FileOutbox(path)
    kept = positions(outbox)
    newest = outbox.position(STREAM) or 0
    assert newest >= told
    assert kept == list(range(kept[0], newest + 1))
    assert kept[0] <= told - told % 7 + 1
    outbox.close()
