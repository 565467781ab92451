import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from utils.sole_process import sole


class Other:
    """Wants the same lock, in a thread of its own: a lock belongs to an open file, not to a process."""

    def __init__(self, path: Path) -> None:
        self.waits, self.inside = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._enter, args=(path,))
        self._thread.start()

    def _enter(self, path: Path) -> None:
        with sole(path, self.waits.set):
            self.inside.set()

    def end(self) -> None:
        self._thread.join(10)


def test_the_second_waits_says_so_and_goes_on_when_the_first_has_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("content")
    with sole(path, lambda: pytest.fail("nobody else is here")):
        second = Other(path)
        assert second.waits.wait(10)
        assert path.read_text() == "content"
        assert not second.inside.is_set()
    second.end()
    assert second.inside.is_set()


@pytest.mark.skipif(os.name != "posix", reason="only on POSIX systems")
def test_what_the_first_has_started_and_left_behind_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with sole(path, lambda: None):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    second = Other(path)
    assert second.waits.wait(10)
    assert not second.inside.is_set()
    child.communicate(b"\n")
    second.end()
    assert second.inside.is_set()
