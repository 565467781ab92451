"""The window: stalls of its thread, a crash at the source to changed pixels, and its processor time.

Each figure comes from a process of its own, without a display unless one is there, and stands beside a
yardstick: the idle thread for stalls, the interval at which the board is sampled for a crash, bare painted
cards for processor time.

Stalls and processor time are measured twice where that differs: with a board that is written ten times a
second for every bookmaker, and with the whole engine and its 50 workers on the same machine.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import Figure, at_most

SECONDS, QUICK_SECONDS = 20.0, 1.5
STALL_TARGET_MS = 16.0
CRASH_TARGET_MS = 120.0
CORE_TARGET_PERCENT = 15.0

_SAMPLE_MS = 40.0  # gui.main_window.SAMPLE_MS, which is not imported here: it would load Qt
_ROOT = Path(__file__).resolve().parents[1]


def run(quick: bool) -> list[Figure]:
    """Measure everything, by turns with its yardsticks."""
    seconds = QUICK_SECONDS if quick else SECONDS
    whole, live = _watched("whole_program", seconds), _watched("live_board", seconds)
    bare, page = _watched("bare_cards", seconds / 2), _watched("analytics_page", seconds / 2)
    return [
        Figure(
            name="crash at the source to changed pixel, 50 simulators, p99",
            value=whole["crash_to_pixel_p99_ms"],
            unit="ms",
            yardstick="the interval at which the board is sampled",
            yardstick_value=_SAMPLE_MS,
            target=at_most(CRASH_TARGET_MS),
        ),
        *(
            Figure(
                name=f"stall of the window's thread, {what}, p99",
                value=found["stall_p99_ms"],
                unit="ms",
                yardstick="the same thread idle",
                yardstick_value=found["idle_p99_ms"],
                target=at_most(STALL_TARGET_MS),
            )
            for what, found in (
                ("50 simulators", whole),
                ("50 cards at 10 changes a second", live),
                ("analytics page opened again and redrawn", page),
            )
        ),
        Figure(
            name="processor time of the window, 50 cards at 10 changes a second",
            value=live["core_percent"],
            unit="% of a core",
            yardstick="50 bare painted widgets that change as often",
            yardstick_value=bare["core_percent"],
            target=at_most(CORE_TARGET_PERCENT),
        ),
        Figure(
            name="first opening of the analytics page, longest stall of the window's thread",
            value=page["first_opening_ms"],
            unit="ms",
            yardstick="the same thread idle",
            yardstick_value=page["idle_p99_ms"],
            target=None,
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
