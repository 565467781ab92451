"""50 workers: how soon they are ready, what each takes of the memory, and what they burn when idle.

The yardstick is as many children, started in the same way, that only say that they are there and stay. Memory
is the proportional set size, where the system tells it (Linux).
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
from benchmarks.harness import Figure, at_most
from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.messages import Ready
from orchestration.engine import Engine
from orchestration.processes import Launcher, best_start_method, make_project_importable

WORKERS = 50
READY_TARGET_S = 1.0
MEMORY_TARGET_MIB = 12.0
IDLE_TARGET_PERCENT = 15.0
STARTS, QUICK_STARTS = 3, 1  # the best is compared
IDLE_S, QUICK_IDLE_S = 20.0, 1.0

_SETTLE_S = 3.0  # between the start and the idle time

_WAIT_S = 60.0
_ROOT = Path(__file__).resolve().parent.parent


def start_bare() -> None:
    """Print the seconds until as many bare children have all reported, and the largest one's memory."""
    make_project_importable()
    began = time.monotonic()
    launcher = Launcher(best_start_method())
    children = [launcher.start(say_hello, number, "bare") for number in range(WORKERS)]
    waiting = set(children)
    while waiting:
        multiprocessing.connection.wait([child.waitables()[0] for child in waiting])
        waiting = {child for child in waiting if not any(isinstance(one, Ready) for one in child.receive())}
    ready_s = time.monotonic() - began
    memory_mib = max(_memory_mib(psutil.Process(child.pid)) for child in children)
    print(json.dumps({"ready_s": ready_s, "memory_mib": memory_mib}))
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
    time.sleep(min(_SETTLE_S, idle_s))
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
    starts, idle_s = (QUICK_STARTS, QUICK_IDLE_S) if quick else (STARTS, IDLE_S)
    bare, engines = [], []
    for turn in range(starts):
        bare.append(_measured("start_bare()"))
        engines.append(_measured(f"start_engine({idle_s if turn == starts - 1 else 0.0})"))
    found = engines[-1]
    on_linux = sys.platform == "linux"
    return [
        Figure(
            name=f"{WORKERS} workers ready, the fork server's start included",
            value=min(start["ready_s"] for start in engines),
            unit="s",
            yardstick=f"{WORKERS} children that only report",
            yardstick_value=min(start["ready_s"] for start in bare),
            target=at_most(READY_TARGET_S) if on_linux else None,
        ),
        Figure(
            name="memory of the largest worker",
            value=found["memory_mib"],
            unit="MiB",
            yardstick="the largest child that only reports",
            yardstick_value=bare[-1]["memory_mib"],
            target=at_most(MEMORY_TARGET_MIB) if on_linux else None,
        ),
        Figure(
            name=f"{WORKERS} simulators at their own speed: workers and writer together",
            value=found["busy_percent"],
            unit="% of a core",
            yardstick="one core",
            yardstick_value=100.0,
            target=at_most(IDLE_TARGET_PERCENT),
        ),
    ]
