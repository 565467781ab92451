"""The file of the active alerts on a disk that is well, and on one that is full."""

import errno
import os
from pathlib import Path

import pytest

from data_layer.alerts import active_file
from data_layer.alerts.model import Alert, AlertKind, Severity


def alerts(count: int) -> tuple[Alert, ...]:
    """Return so many alerts, the first of which is the worst."""
    return tuple(
        Alert(
            uid=str(number),
            rule="disk",
            kind=AlertKind.DISK,
            severity=Severity.WARNING,
            title=f"Disk {number}: full",
            since_us=1,
            raised_at_us=1,
        )
        for number in range(count)
    )


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no new file take anything; what is there can be written over."""

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    for count in (0, 1, 500, 2):
        active_file.write(tmp_path, alerts(count))
        assert active_file.read(tmp_path, os.getpid()) == alerts(count)
    assert os.listdir(tmp_path) == [active_file.FILE_NAME]


def test_a_full_disk_is_told_of_in_the_room_that_is_there(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    active_file.write(tmp_path, ())
    size = (tmp_path / active_file.FILE_NAME).stat().st_size
    request.getfixturevalue("full_disk")

    active_file.write(tmp_path, alerts(5))
    assert active_file.read(tmp_path, os.getpid()) == alerts(5)
    active_file.write(tmp_path, alerts(500))
    found = active_file.read(tmp_path, os.getpid())
    assert found is not None
    assert 20 < len(found) < 500
    assert found == alerts(len(found))  # the worst of them
    active_file.write(tmp_path, ())

    assert active_file.read(tmp_path, os.getpid()) == ()
    assert (tmp_path / active_file.FILE_NAME).stat().st_size == size


@pytest.mark.usefixtures("full_disk")
def test_where_nothing_can_be_written_nothing_old_stays(tmp_path: Path) -> None:
    (tmp_path / active_file.FILE_NAME).mkdir()  # what cannot be written over either

    with pytest.raises(OSError, match="directory"):
        active_file.write(tmp_path, alerts(1))

    assert active_file.read(tmp_path, os.getpid()) is None
