"""50 workers: how soon they are ready, what each takes of the memory, and what they burn when idle.

The yardstick of the start is as many children, started in the same way, that only say that they are
there. Memory is the proportional set size, where the system tells it (Linux).
"""

import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.bare_child import say_hello
from benchmarks.harness import Figure
from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.messages import Ready
from orchestration.engine import Engine
from orchestration.processes import Launcher, best_start_method, make_project_importable

WORKERS = 50
READY_TARGET_S = 1.0
MEMORY_TARGET_MIB = 12.0
IDLE_TARGET_PERCENT = 15.0
STARTS = 3  # the best is compared
SETTLE_S, IDLE_S = 3.0, 20.0
QUICK_IDLE_S = 5.0

_WAIT_S = 60.0
_ROOT = Path(__file__).resolve().parent.parent


def start_bare() -> None:
    """Print the seconds until as many bare children have all reported."""
    make_project_importable()
    began = time.monotonic()
    launcher = Launcher(best_start_method())
    children = [launcher.start(say_hello, number, "bare") for number in range(WORKERS)]
    waiting = set(children)
    while waiting:
        multiprocessing.connection.wait([child.waitables()[0] for child in waiting])
        waiting = {child for child in waiting if not any(isinstance(one, Ready) for one in child.receive())}
    print(json.dumps({"ready_s": time.monotonic() - began}))
    for child in children:
        child.kill()
        child.close()


def start_engine(idle_s: float) -> None:
    """Print the seconds until all workers of an engine were ready; watch them idle unless `idle_s` is 0."""
    specs = [
        BookmakerSpec(name=f"Book {number}", source=SimulatorSpec(seed=str(number)))
        for number in range(WORKERS)
    ]
    with tempfile.TemporaryDirectory() as directory:
        engine = Engine(Path(directory), specs, command="benchmark")
        began = time.monotonic()
        engine.start()
        try:
            if not engine.wait_until_running(_WAIT_S):
                raise RuntimeError(f"the workers did not start: {engine.live_view.snapshot()}")
            found = {"ready_s": time.monotonic() - began}
            if idle_s:
                found |= look_idle(engine, idle_s)
            print(json.dumps(found))
        finally:
            engine.stop(drain_s=0.0)


def look_idle(engine: Engine, idle_s: float) -> dict[str, float]:
    """Return the largest worker's memory and the share of one core that workers and writer burn together."""
    time.sleep(SETTLE_S)
    board = engine.live_view.snapshot()
    workers = [psutil.Process(view.status.pid) for view in board.workers]
    everybody = [*workers, *([psutil.Process(board.writer.pid)] if board.writer else [])]
    memory_mib = max(_memory_mib(worker) for worker in workers)
    before, began = _cpu_s(everybody), time.monotonic()
    time.sleep(idle_s)
    busy_percent = (_cpu_s(everybody) - before) / (time.monotonic() - began) * 100
    return {"memory_mib": memory_mib, "busy_percent": busy_percent}


def _memory_mib(process: psutil.Process) -> float:
    memory = process.memory_full_info()
    return float(getattr(memory, "pss", memory.uss)) / 2**20


def _cpu_s(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _measured(call: str) -> dict[str, float]:
    """Run a function of this module in a process where nothing is loaded yet; return its answer."""
    code = f"from benchmarks import bench_start; bench_start.{call}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run(quick: bool) -> list[Figure]:
    """Measure starts by turns with the yardstick, and watch the last one idle."""
    bare_s, ready_s = [], []
    found: dict[str, float] = {}
    for turn in range(STARTS):
        bare_s.append(_measured("start_bare()")["ready_s"])
        last = turn == STARTS - 1
        found = _measured(f"start_engine({(QUICK_IDLE_S if quick else IDLE_S) if last else 0.0})")
        ready_s.append(found["ready_s"])
    ready, bare = min(ready_s), min(bare_s)
    return [
        Figure(
            name=f"{WORKERS} workers ready, the fork server's start included",
            value=ready,
            unit="s",
            yardstick=f"{WORKERS} children that only report",
            yardstick_value=bare,
            ratio=ready / bare,
            target=READY_TARGET_S,
            met=ready <= READY_TARGET_S or sys.platform != "linux",
        ),
        Figure(
            name="memory of the largest worker",
            value=found["memory_mib"],
            unit="MiB",
            yardstick="what one may take",
            yardstick_value=MEMORY_TARGET_MIB,
            ratio=found["memory_mib"] / MEMORY_TARGET_MIB,
            target=MEMORY_TARGET_MIB,
            met=found["memory_mib"] <= MEMORY_TARGET_MIB or sys.platform != "linux",
        ),
        Figure(
            name=f"{WORKERS} simulators at their own speed: workers and writer together",
            value=found["busy_percent"],
            unit="% of a core",
            yardstick="one core",
            yardstick_value=100.0,
            ratio=found["busy_percent"] / 100,
            target=IDLE_TARGET_PERCENT,
            met=found["busy_percent"] <= IDLE_TARGET_PERCENT,
        ),
    ]
