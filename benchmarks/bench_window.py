"""The window: first paint, stalls of its thread, a crash on the board to changed pixels, and processor time.

Each figure comes from a process of its own, without a display unless one is there, and stands beside a
yardstick of the same run: a bare painted widget for the first paint, bare painted cards for processor time,
the idle thread for stalls, and for a crash the interval at which the board is sampled.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import Figure

SECONDS, QUICK_SECONDS = 20.0, 6.0
FIRST_PAINTS, QUICK_FIRST_PAINTS = 5, 2  # the best of each is compared
FIRST_PAINT_TARGET_MS = 400.0
STALL_TARGET_MS = 16.0
CRASH_TARGET_MS = 120.0
CORE_TARGET_PERCENT = 15.0

_SAMPLE_MS = 40.0  # gui.main_window.SAMPLE_MS, which is not imported here: it would load Qt
_ROOT = Path(__file__).resolve().parents[1]

_BARE_PAINT = """
import sys, time
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget
class Bare(QWidget):
    def paintEvent(self, event):
        QPainter(self).drawText(20, 20, "1.42x")
        print(time.monotonic_ns(), flush=True)
        QApplication.exit()
app = QApplication([])
bare = Bare()
bare.resize(1366, 768)
bare.show()
app.exec()
"""
# The product's own start, with its engine and workers, which import this file again; only the end of the
# first paint is told and ends it.
_PRODUCT_PAINT = """
import sys

def start():
    import time
    from dataclasses import replace
    import gui.app
    import main
    original = gui.app.run_window
    def run_window(dependencies):
        def painted():
            print(time.monotonic_ns(), flush=True)
            from PySide6.QtWidgets import QApplication
            QApplication.closeAllWindows()
        return original(replace(dependencies, painted=painted))
    gui.app.run_window = run_window
    return main.main(["--data-dir", sys.argv[1]])

if __name__ == "__main__":
    sys.exit(start())
"""


def first_paint_ms(script: str) -> float:
    """Return the time from the start of an interpreter to the end of the first paint."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        file = Path(directory) / "start.py"
        file.write_text(script, encoding="utf-8")
        environment = _environment() | {"PYTHONPATH": str(_ROOT)}
        began = time.monotonic_ns()
        words = [sys.executable, str(file), str(Path(directory) / "data")]
        done = subprocess.run(words, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not done.stdout:
            raise RuntimeError(f"the window did not start: {done.stderr.strip()}")
        return (int(done.stdout.split()[0]) - began) / 1e6


def run(quick: bool) -> list[Figure]:
    """Measure everything, by turns with its yardsticks."""
    bare_paints, paints = [], []
    for _ in range(QUICK_FIRST_PAINTS if quick else FIRST_PAINTS):
        bare_paints.append(first_paint_ms(_BARE_PAINT))
        paints.append(first_paint_ms(_PRODUCT_PAINT))
    bare_paint, paint = min(bare_paints), min(paints)
    seconds = QUICK_SECONDS if quick else SECONDS
    live, bare = _watched("live_window", seconds), _watched("bare_cards", seconds / 2)
    stall, crash = live["stall_p99_ms"], live["crash_to_pixel_p99_ms"]
    return [
        Figure(
            name="first paint, from the start of the interpreter",
            value=paint,
            unit="ms",
            yardstick="a bare painted widget",
            yardstick_value=bare_paint,
            ratio=paint / bare_paint,
            target=FIRST_PAINT_TARGET_MS,
            met=paint <= FIRST_PAINT_TARGET_MS,
        ),
        Figure(
            name="stall of the window's thread with 50 live cards, p99",
            value=stall,
            unit="ms",
            yardstick="the same thread idle",
            yardstick_value=live["idle_p99_ms"],
            ratio=stall / max(live["idle_p99_ms"], 0.01),
            target=STALL_TARGET_MS,
            met=stall < STALL_TARGET_MS,
        ),
        Figure(
            name="crash at the source to changed pixel with 50 live cards, p99",
            value=crash,
            unit="ms",
            yardstick="the interval at which the board is sampled",
            yardstick_value=_SAMPLE_MS,
            ratio=crash / _SAMPLE_MS,
            target=CRASH_TARGET_MS,
            met=crash <= CRASH_TARGET_MS,
        ),
        Figure(
            name="processor time of the window with 50 live cards",
            value=live["core_percent"],
            unit="% of a core",
            yardstick="50 bare painted widgets that change as often",
            yardstick_value=bare["core_percent"],
            ratio=live["core_percent"] / bare["core_percent"],
            target=CORE_TARGET_PERCENT,
            met=live["core_percent"] <= CORE_TARGET_PERCENT,
        ),
    ]


def _watched(name: str, seconds: float) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.window_probe", name, str(seconds)]
    done = subprocess.run(words, cwd=_ROOT, env=_environment(), stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(environment):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    return environment
