"""First paint: from the start of the interpreter to the window on the screen, as an operator starts it.

That is `python main.py` with the shipped configuration, its engine and a database that is there already. The
moment is the log's own line, written before anything is started that the paint did not wait for. The
yardstick is an interpreter that shows a bare widget with a word in it.

Both find their bytecode where a first start has left it. Without a display, and on Linux wherever Xvfb is
installed, they are also shown without any screen and on a virtual one.
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from benchmarks.harness import Figure, at_most

STARTS, QUICK_STARTS = 9, 1
TARGET_MS = 400.0

_WAIT_S = 30.0
_POLL_S = 0.02
_PAINTED = "the window was painted"
_ROOT = Path(__file__).resolve().parents[1]
_BARE = """
import time
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget
class Bare(QWidget):
    def paintEvent(self, event):
        QPainter(self).drawText(20, 20, "1.42x")
        print(time.time(), flush=True)
        QApplication.exit()
app = QApplication([])
bare = Bare()
bare.resize(1366, 768)
bare.show()
app.exec()
"""


def bare_ms(environment: Mapping[str, str]) -> float:
    """Return what the yardstick takes."""
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _BARE], cwd=_ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return (float(done.stdout) - began) * 1_000


def window_ms(environment: Mapping[str, str], data_dir: Path) -> float:
    """Return what the program takes; then close it as a session that ends would."""
    log = data_dir / "logs" / "aviator.log"
    seen = log.stat().st_size if log.exists() else 0
    command = [sys.executable, str(_ROOT / "main.py"), "--data-dir", str(data_dir), "--log-level", "info"]
    began = time.time()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            painted = _painted_at(log, seen, process)
        finally:
            process.terminate()
    return (painted - began) * 1_000


def _painted_at(log: Path, seen: int, process: "subprocess.Popen[bytes]") -> float:
    """Return the time that the log's line tells, in seconds since 1970."""
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(_POLL_S)
        if not log.exists():
            continue
        with log.open(encoding="utf-8") as file:
            file.seek(seen)
            for line in file:
                if line.rstrip().endswith(_PAINTED):
                    return datetime.fromisoformat(" ".join(line.split()[:2])).timestamp()
    raise RuntimeError("the window did not appear")


def run(quick: bool) -> list[Figure]:
    """Measure all screens by turns with their yardsticks; compare medians."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as named, _screens() as screens:
        directory = Path(named)
        bytecode = {"PYTHONPYCACHEPREFIX": str(directory / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
        ours = ("AVIATOR_", "REDIS_", "CACHE_", "QT_", "DISPLAY", "WAYLAND_DISPLAY")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        environments = {name: {**inherited, **bytecode, **screen} for name, screen in screens.items()}
        bare: dict[str, list[float]] = {name: [] for name in screens}
        paints: dict[str, list[float]] = {name: [] for name in screens}
        for turn in range((QUICK_STARTS if quick else STARTS) + 1):
            for name, environment in environments.items():
                took = bare_ms(environment), window_ms(environment, directory / "data")
                if turn:  # the first leaves the bytecode behind
                    bare[name].append(took[0])
                    paints[name].append(took[1])
        return [
            Figure(
                name=f"first paint, from the start of the interpreter, {name}",
                value=statistics.median(paints[name]),
                unit="ms",
                yardstick="a bare painted widget",
                yardstick_value=statistics.median(bare[name]),
                target=at_most(TARGET_MS),
            )
            for name in screens
        ]


@contextlib.contextmanager
def _screens() -> Iterator[dict[str, dict[str, str]]]:
    """Offer the screens there are, each with the environment that leads to it."""
    if not sys.platform.startswith("linux"):
        yield {"on the desktop": {}}
        return
    without = {"without a screen": {"QT_QPA_PLATFORM": "offscreen"}}
    if not shutil.which("Xvfb"):
        yield without
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        try:
            yield {**without, "on a virtual screen": {"DISPLAY": f":{number}"}} if number else without
        finally:
            server.terminate()
