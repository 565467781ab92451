"""An outbox on a full disk: nothing is lost, and the trouble is told until it is over."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.outbox import FileOutbox
from tests.orchestration.outbox_contents import filled, positions, taken
from tests.orchestration.records import STREAM, a_round


@contextlib.contextmanager
def disk_full_beyond(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size`: the system writes short, then gives errors."""
    resource = pytest.importorskip("resource", reason="the system has no limit on file sizes")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_loses_nothing_and_is_told(
    tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    path = tmp_path / "a.log"
    outbox = FileOutbox(path)
    outbox.append(STREAM, [a_round(1)])
    with disk_full_beyond(path.stat().st_size + 50):
        outbox.append(STREAM, [a_round(2)])
        outbox.append(STREAM, [a_round(3)])
        assert outbox.unwritten == 2
        assert outbox.trouble.endswith("entries in memory only: 2")
    assert len(expected_errors) == 1
    outbox.retry()
    assert outbox.unwritten == 0
    assert outbox.trouble == ""
    outbox.close()
    again = FileOutbox(path)
    assert positions(again) == [1, 2, 3]
    assert not (tmp_path / "a.log.damaged").exists()
    again.close()


def test_what_a_full_disk_did_not_take_is_delivered_all_the_same(
    tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    path = tmp_path / "a.log"
    outbox = FileOutbox(path)
    with disk_full_beyond(path.stat().st_size + 10):
        outbox.append(STREAM, [a_round(1)])
        outbox.append(STREAM, [a_round(2)])
        assert positions(outbox) == [1, 2]
        outbox.forget(1)
        assert outbox.unwritten == 1
    outbox.retry()
    outbox.close()
    again = FileOutbox(path)
    assert positions(again) == [2]
    again.close()
    assert expected_errors


def test_a_write_that_was_cut_short_leaves_no_torn_tail(
    tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    path = tmp_path / "a.log"
    outbox = FileOutbox(path)
    size = path.stat().st_size
    with disk_full_beyond(size + 30):
        outbox.append(STREAM, [a_round(1)])
        assert path.stat().st_size == size
    outbox.close()
    assert expected_errors


def test_trouble_stays_until_the_disk_takes_something(
    tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    path = tmp_path / "a.log"
    outbox = FileOutbox(path)
    with disk_full_beyond(path.stat().st_size + 10):
        outbox.append(STREAM, [a_round(1)])
        taken(outbox)
        outbox.forget(1)
        outbox.retry()
        assert outbox.unwritten == 0
        assert outbox.trouble
        outbox.append(STREAM, [a_round(2)])
    assert len(expected_errors) == 1
    outbox.retry()
    assert outbox.trouble == ""
    outbox.close()


def test_an_outbox_begins_on_a_full_disk_and_is_written_later(
    tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    path = tmp_path / "a.log"
    with disk_full_beyond(0):
        outbox = FileOutbox(path)
        outbox.append(STREAM, [a_round(1)])
        assert outbox.unwritten == 1
    outbox.append(STREAM, [a_round(2)])
    assert outbox.unwritten == 0
    outbox.close()
    again = FileOutbox(path)
    assert again.id == outbox.id
    assert positions(again) == [1, 2]
    again.close()
    assert expected_errors


def test_a_torn_tail_on_a_full_disk_does_not_stop_the_start(
    tmp_path: Path, expected_errors: list[logging.LogRecord]
) -> None:
    path = tmp_path / "a.log"
    whole = filled(path, 3)
    path.write_bytes(whole[:-5])
    with disk_full_beyond(0):
        outbox = FileOutbox(path)
        assert positions(outbox) == [1, 2]
        outbox.append(STREAM, [a_round(4)])
        assert outbox.unwritten == 1
    outbox.retry()
    outbox.close()
    again = FileOutbox(path)
    assert positions(again) == [1, 2, 4]
    assert (tmp_path / "a.log.damaged").exists()
    again.close()
    assert expected_errors
