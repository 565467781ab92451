"""An outbox whose file is cut, flipped or overwritten: what is whole stays, the rest is set aside."""

import functools
import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration import outbox_frames as frames
from orchestration.outbox import FileOutbox
from tests.orchestration.outbox_contents import filled, positions
from tests.orchestration.records import STREAM, a_round


@functools.cache
def whole_file() -> bytes:
    """Return the bytes of an outbox of eight rounds."""
    with tempfile.TemporaryDirectory() as directory:
        return filled(Path(directory) / "a.log", 8)


@given(share=st.floats(0, 1))
def test_a_file_cut_anywhere_keeps_all_whole_entries(share: float) -> None:
    whole = whole_file()
    cut = round(share * len(whole))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "a.log"
        path.write_bytes(whole[:cut])
        found, damages = frames.read_all(whole[:cut])
        outbox = FileOutbox(path, durable=False)
        kept = positions(outbox)
        assert kept == list(range(1, len(kept) + 1))
        assert len(kept) == sum(frame.kind == frames.Kind.ENTRY for frame in found)
        assert len(kept) >= _entries_before(whole, cut)
        _assert_set_aside(path, damages)
        outbox.close()
        again = FileOutbox(path, durable=False)
        assert positions(again) == kept
        again.close()


@given(share=st.floats(0, 1), flip=st.integers(1, 255))
def test_a_flipped_byte_costs_one_entry_at_most_and_is_set_aside(share: float, flip: int) -> None:
    whole = bytearray(whole_file())
    whole[round(share * (len(whole) - 1))] ^= flip
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "a.log"
        path.write_bytes(whole)
        _, damages = frames.read_all(bytes(whole))
        outbox = FileOutbox(path, durable=False)
        kept = positions(outbox)
        assert len(set(range(1, 9)) - set(kept)) <= 1
        assert kept == sorted(set(kept))
        assert damages
        _assert_set_aside(path, damages)
        outbox.append(STREAM, [a_round(9)])
        outbox.close()
        again = FileOutbox(path, durable=False)
        assert positions(again) == [*kept, 9]
        again.close()


@given(rest=st.binary(max_size=300))
def test_whatever_is_no_frame_is_damage_and_nothing_gets_lost_between(rest: bytes) -> None:
    frame = frames.pack(frames.Kind.MARK, 5, frames.Mark(STREAM, 5))
    found, damages = frames.read_all(frame + rest + frame)
    assert len(found) >= 2
    assert sum(len(damage.data) for damage in damages) + sum(
        frames.HEADER_BYTES + len(one.body) for one in found
    ) == len(frame + rest + frame)


def test_damage_is_logged_with_its_size_and_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.log"
    whole = filled(path, 2)
    path.write_bytes(whole + b"torn")
    with caplog.at_level(logging.WARNING):
        FileOutbox(path).close()
    assert f"4 damaged bytes at offset {len(whole)}" in caplog.text
    assert "a.log.damaged" in caplog.text


def _entries_before(whole: bytes, cut: int) -> int:
    found, _ = frames.read_all(whole)
    end = entries = 0
    for frame in found:
        end += frames.HEADER_BYTES + len(frame.body)
        entries += frame.kind == frames.Kind.ENTRY and end <= cut
    return entries


def _assert_set_aside(path: Path, damages: list[frames.Damage]) -> None:
    aside = path.with_name(f"{path.name}.damaged")
    set_aside = aside.read_bytes() if aside.exists() else b""
    assert set_aside == b"".join(damage.data for damage in damages)
