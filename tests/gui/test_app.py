"""The window as a process of its own: how it starts, what it imports and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gui.screenshots import main

ROOT = Path(__file__).resolve().parents[2]
ENVIRON = os.environ | {"QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}  # Qt remarks on any other kind
_WINDOW = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from gui.app import run_window
from gui.sample.window import make_sample

def painted():
    names = {"numpy", "scipy", "pyqtgraph", "pydantic", "redis", "apsw", "rich"}
    heavy = (names | {"data_layer.analytics", "gui.view_models.analytics"}) & set(sys.modules)
    print("painted", sorted(heavy), flush=True)
    ENDING

code = run_window(replace(make_sample(8, Path(sys.argv[1])).dependencies, painted=painted))
print("closed", code, flush=True)
"""


def run(tmp_path: Path, ending: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _WINDOW.replace("ENDING", ending), str(tmp_path)],
        cwd=ROOT,
        env=ENVIRON,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals")
def test_a_signal_closes_the_window_and_what_it_knew_is_kept(tmp_path: Path) -> None:
    done = run(tmp_path, "os.kill(os.getpid(), signal.SIGTERM)")
    assert done.stdout.splitlines() == ["painted []", "closed 0"]
    assert done.stderr == ""
    assert (tmp_path / "window.ini").is_file()


def test_an_error_in_a_slot_is_logged_once_and_the_window_goes_on(tmp_path: Path) -> None:
    ending = """
    from PySide6.QtWidgets import QApplication
    from gui.main_window import MainWindow
    window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))
    def broken(looks=iter(range(5))):
        if next(looks, None) is None:
            QApplication.closeAllWindows()
        return 1 / 0
    window.dependencies.live.snapshot = broken
    """
    done = run(tmp_path, ending)
    assert done.stdout.splitlines() == ["painted []", "closed 0"]
    assert done.stderr.count("the window met an error: division by zero") == 1


def test_pictures_are_the_same_each_time(tmp_path: Path) -> None:
    def take(name: str) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "gui.screenshots", str(tmp_path / name), "--size", "800x600"],
            cwd=ROOT,
            env=ENVIRON,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0
        return (tmp_path / name).read_bytes()

    assert take("one.png") == take("two.png")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--page", "cellar"], "invalid choice: 'cellar'"),
        (["--size", "big"], "'big' is no size: give pixels as 1366x768"),
        (["--size", "0x5"], "'0x5' is no size"),
    ],
)
def test_a_picture_that_makes_no_sense_is_refused_in_words(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["out.png", *words])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_is_told_in_a_line(
    qapp: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "nowhere" / "out.png"), "--page", "HEALTH", "--bookmakers", "1"])
    assert ended.value.code == 1
    assert capsys.readouterr().err.endswith("out.png cannot be written\n")


def test_a_picture_can_be_taken_of_every_page_in_both_themes(qapp: object, tmp_path: Path) -> None:
    for number, page in enumerate(("Data", "Analytics", "Alerts", "Agents", "Health", "Logs", "Settings")):
        out = tmp_path / f"{page}.png"
        theme = ("dark", "light")[number % 2]
        assert main([str(out), "--page", page, "--theme", theme, "--bookmakers", "3"]) == 0
        assert out.stat().st_size > 5_000
