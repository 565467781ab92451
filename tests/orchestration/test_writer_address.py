"""Where the writer listens: a place that is its user's alone."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_layer.errors import DataDirectoryError
from orchestration import writer_address
from orchestration.processes import best_start_method

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only on systems with Unix sockets")


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a data directory whose path is too long for a socket; what stands in for it is temporary."""
    with tempfile.TemporaryDirectory(prefix="a") as short:
        monkeypatch.setattr(tempfile, "gettempdir", lambda: short)
        yield tmp_path / ("a rather long name" * 10)


def directory_of(address: str) -> Path:
    return Path(address.removeprefix("unix:")).parent


def test_the_address_stays_the_same_from_run_to_run(tmp_path: Path, far: Path) -> None:
    for data_dir in (tmp_path, far):
        first = writer_address.choose_address(data_dir)
        assert writer_address.choose_address(data_dir) == first
        assert stat.S_IMODE(directory_of(first).stat().st_mode) == 0o700


def test_where_no_path_is_short_enough_the_writer_listens_on_loopback_and_nothing_is_forked(
    far: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(far))
    address = writer_address.choose_address(far)
    assert address.startswith("tcp:")
    with writer_address.listen(address) as listener:
        assert listener.getsockname() == ("127.0.0.1", int(address.removeprefix("tcp:")))
    assert best_start_method() == "spawn"


def test_a_link_in_the_place_of_its_directory_is_refused_and_not_followed(tmp_path: Path, far: Path) -> None:
    place = directory_of(writer_address.choose_address(far))
    place.rmdir()
    elsewhere = tmp_path / "of somebody"
    elsewhere.mkdir(mode=0o755)
    elsewhere.chmod(0o755)
    os.symlink(elsewhere, place)
    with pytest.raises(DataDirectoryError, match="belongs to somebody else"):
        writer_address.choose_address(far)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755
