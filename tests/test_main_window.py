"""The window as a user has it: the engine starts after its first paint and ends with it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.commands import MAIN, Run, environ, run

__all__ = ["environ", "run"]  # fixtures

_WINDOW = """
import os, sys
from dataclasses import replace

def start():
    import gui.app, main, psutil
    from orchestration.engine import Engine
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    show = gui.app.run_window
    def run_window(dependencies):
        def painted():
            states = {view.status.state.value for view in dependencies.live.snapshot().workers}
            print("painted", *sorted(states), len(psutil.Process().children()), flush=True)
            dependencies.painted()
            print("trouble", dependencies.trouble(), flush=True)
            QTimer.singleShot(0, QApplication.closeAllWindows)
        return show(replace(dependencies, painted=painted))
    gui.app.run_window = run_window
    CHANGE
    return main.main(["--config", "a.toml", "--data-dir", "data"])

if __name__ == "__main__":
    sys.exit(start())
"""


def window(tmp_path: Path, run: Run, change: str = "") -> subprocess.CompletedProcess[str]:
    """Open the window on the test's configuration, close it after its first paint, and let all end."""
    script = tmp_path / "window.py"
    script.write_text(_WINDOW.replace("CHANGE", change))
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(MAIN.parent)}
    found = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environ, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=100, encoding="utf-8",
    )  # fmt: skip
    assert run("status").returncode == 3  # nothing is left running
    return found


def test_the_engine_starts_after_the_first_paint_and_ends_with_the_window(run: Run, tmp_path: Path) -> None:
    found = window(tmp_path, run)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines() == ["painted starting 0", "trouble "]
    log = (tmp_path / "data" / "logs" / "aviator.log").read_text(encoding="utf-8")
    places = [
        log.index(text)
        for text in ("the window was painted", "started on ", "main: orchestration.engine: stopped")
    ]
    assert places == sorted(places)


def test_an_engine_that_fails_after_the_paint_is_told_in_the_window(run: Run, tmp_path: Path) -> None:
    change = """
    def no_thread(engine):
        raise RuntimeError("can't start new thread")
    Engine.start = no_thread
    """
    found = window(tmp_path, run, change)
    assert (found.returncode, found.stderr) == (0, "")
    trouble = "trouble the engine could not be started: can't start new thread"
    assert found.stdout.splitlines() == ["painted starting 0", trouble]


def test_a_window_that_cannot_be_shown_starts_nothing(run: Run, tmp_path: Path) -> None:
    change = """
    def no_window(dependencies):
        raise OSError("no window today")
    gui.app.run_window = no_window
    """
    found = window(tmp_path, run, change)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == "aviator: no window today\n"
    assert not (tmp_path / "data" / "aviator.db").exists()


def test_a_database_that_cannot_be_used_shows_no_window(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "aviator.db").write_bytes(b"no database" * 1000)
    found = window(tmp_path, run)
    assert (found.returncode, found.stdout) == (1, "")
    assert len(found.stderr.splitlines()) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["aviator.db"]
