"""Commands run as a user runs them: real processes, on the test's own configuration and data."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data_layer.messages import WorkerState, WorkerStatus
from orchestration.remote.workers import read_boards

MAIN = Path(__file__).resolve().parent.parent / "main.py"
PATIENCE_S = 60.0

Run = Callable[..., subprocess.CompletedProcess[str]]

SIMULATED = """
[[bookmakers]]
name = "Admiral"
source = { kind = "simulator", seed = "test", speed = 0, rounds = 300 }
[[bookmakers]]
name = "Моцарт / ..?"
source = { kind = "simulator", seed = "other", speed = 1 }
"""


@pytest.fixture
def environ() -> dict[str, str]:
    """Return the environment without what could change a command's behaviour."""
    ours = ("AVIATOR_", "REDIS_", "CACHE_", "QT_", "DISPLAY", "WAYLAND_DISPLAY")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture
def run(tmp_path: Path, environ: dict[str, str]) -> Run:
    """Run a command on the test's own configuration and data directory."""

    def run_command(*words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*words), cwd=tmp_path, env={**environ, **extra}, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=100, encoding="utf-8",
        )  # fmt: skip

    (tmp_path / "a.toml").write_text(SIMULATED, encoding="utf-8")
    return run_command


def command(*words: str) -> list[str]:
    return [sys.executable, str(MAIN), *words, "--config", "a.toml", "--data-dir", "data"]


@contextmanager
def running(tmp_path: Path, environ: dict[str, str], *words: str) -> "Iterator[subprocess.Popen[str]]":
    """Run `headless` until the block ends."""
    with started(command("headless", "--json", *words), tmp_path, environ) as process:
        yield process


@contextmanager
def started(words: list[str], tmp_path: Path, environ: dict[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """Run a command until the block ends, however it ends."""
    process = subprocess.Popen(
        words, cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def workers(tmp_path: Path) -> dict[str, WorkerStatus]:
    """Return what the live board says of the workers: as `status` has it, without a process for each look."""
    board = read_boards(tmp_path / "data")
    return {} if board is None else {view.status.bookmaker: view.status for view in board.workers}


def is_up(tmp_path: Path, *finished: str) -> bool:
    """Tell whether every worker has begun, and those of `finished` have come to their end."""
    found = workers(tmp_path)
    begun = (WorkerState.RUNNING, WorkerState.STOPPED)
    return (
        bool(found)
        and all(one.state in begun for one in found.values())
        and all(found[name].finished for name in finished)
    )
