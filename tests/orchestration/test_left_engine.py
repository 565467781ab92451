"""Engines whose main process leaves them: however it goes, nothing of them outlives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data_layer.instance import running_instance
from orchestration.processes import StartMethod
from tests.processes import any_lives
from tests.redis_server import wait_until

METHODS: list[StartMethod] = ["forkserver", "spawn"] if sys.platform == "linux" else ["spawn"]

LEAVING = """
import os, signal, sys, time
from pathlib import Path
from config.specs import BookmakerSpec, SimulatorSpec
from orchestration.engine import Engine

if __name__ == "__main__":
    specs = [BookmakerSpec(name="Book", source=SimulatorSpec(seed="a", speed=1.0))]
    engine = Engine(Path(sys.argv[1]), specs, command="test", start_method=sys.argv[2])
    engine.start()
    assert engine.wait_until_running(30.0)
    while engine.live_view.snapshot().writer is None:
        time.sleep(0.01)
    board = engine.live_view.snapshot()
    children = [board.workers[0].status.pid, board.writer.pid]
    print(*children, flush=True)
    {leave}
"""


@pytest.fixture
def leave(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run an engine in a main process that leaves it in its own way; its output are its children's pids."""

    def run(how: str, method: StartMethod) -> "subprocess.CompletedProcess[str]":
        program = tmp_path / "leaving.py"
        program.write_text(LEAVING.format(leave=how))
        return subprocess.run(
            [sys.executable, str(program), str(tmp_path / "data"), method],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            stdout=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("how", "code"), [("sys.exit(4)", 4), ("raise RuntimeError('a mistake')", 1)])
def test_a_main_process_that_leaves_without_stopping_ends_all_the_same(
    tmp_path: Path, leave: Callable[..., "subprocess.CompletedProcess[str]"], how: str, code: int,
    method: StartMethod,
) -> None:  # fmt: skip
    found = leave(how, method)
    assert found.returncode == code
    wait_until(lambda: not any_lives(map(int, found.stdout.split())), "its children have ended")
    assert running_instance(tmp_path / "data") is None


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: stopped children are woken")
@pytest.mark.parametrize("method", METHODS)
def test_children_that_were_stopped_end_when_the_main_process_is_killed(
    leave: Callable[..., "subprocess.CompletedProcess[str]"], method: StartMethod
) -> None:
    stop = "for child in children: os.kill(child, signal.SIGSTOP)"
    found = leave(f"{stop}\n    os.kill(os.getpid(), signal.SIGKILL)", method)
    assert found.returncode == -signal.SIGKILL
    wait_until(lambda: not any_lives(map(int, found.stdout.split())), "its children have ended")
