"""What watching for alerts costs beside a running engine, and when everything is wrong at once."""

import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.harness import Figure, at_most
from config.alert_specs import USUAL_RULES, AlertKind
from config.specs import DEFAULT_THRESHOLDS_CENTI, BookmakerSpec, SimulatorSpec
from data_layer.alerts.book import AlertBook
from data_layer.alerts.conditions import find
from data_layer.alerts.facts import Facts, WorkerFacts
from data_layer.messages import WorkerState
from orchestration.alerts.delivery import AlertDelivery
from orchestration.alerts.watch import INTERVAL_S, AlertPlan, AlertWatch
from orchestration.engine import Engine
from utils import clock

BOOKMAKERS = 50
SECONDS, QUICK_SECONDS = 20, 3
TARGET_PERCENT = 0.5
_STEPS, _QUICK_STEPS = 2_000, 100


def run(quick: bool) -> list[Figure]:
    """Watch an engine, then step the rules through troubles without one."""
    with tempfile.TemporaryDirectory() as directory:
        watching, engine = _beside_an_engine(Path(directory), QUICK_SECONDS if quick else SECONDS)
    steps = _QUICK_STEPS if quick else _STEPS
    return [
        Figure(
            name=f"processor time of watching {BOOKMAKERS} simulators for alerts",
            value=watching,
            unit="% of a core",
            yardstick="the whole engine, its children too",
            yardstick_value=engine,
            target=at_most(TARGET_PERCENT),
        ),
        Figure(
            name=f"one step of all rules while {BOOKMAKERS} bookmakers come and go",
            value=_step_us(steps, flapping=True),
            unit="us",
            yardstick="the same while all is well",
            yardstick_value=_step_us(steps, flapping=False),
            target=None,
        ),
    ]


def _beside_an_engine(data_dir: Path, seconds: int) -> tuple[float, float]:
    """Return the processor time of the looks, and of everything together, in percent of a core."""
    names = tuple(f"Bookmaker {number}" for number in range(BOOKMAKERS))
    specs = [BookmakerSpec(name=name, source=SimulatorSpec(seed=name)) for name in names]
    engine = Engine(data_dir, specs, command="benchmark")
    engine.start()
    endpoint = engine.endpoint
    plan = AlertPlan(rules=USUAL_RULES, bookmakers=names, thresholds_centi=DEFAULT_THRESHOLDS_CENTI)
    watch = AlertWatch(
        plan,
        data_dir,
        engine.database_path,
        engine.live_view,
        AlertDelivery(lambda: endpoint.address, endpoint.secret),
    )
    try:
        engine.wait_until_running(60.0)
        watch.begin()
        watch.look()
        family = [psutil.Process(), *psutil.Process().children(recursive=True)]
        busy_before, began = _busy_s(family), time.monotonic()
        looked_s = 0.0
        for _ in range(seconds):
            time.sleep(INTERVAL_S)
            before = time.thread_time()
            watch.look()
            looked_s += time.thread_time() - before
        passed_s = time.monotonic() - began
        return 100 * looked_s / passed_s, 100 * (_busy_s(family) - busy_before) / passed_s
    finally:
        watch.stop()
        engine.stop(0.0)


def _busy_s(family: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in family)


def _step_us(steps: int, *, flapping: bool) -> float:
    """Return the median time of a step of rules and book, in microseconds."""
    book = AlertBook("benchmark")
    now_us = clock.now_us()
    times = []
    for step in range(steps):
        silent = flapping and step // 30 % 2 == 1
        workers = tuple(
            WorkerFacts(
                bookmaker=f"Bookmaker {number}",
                state=WorkerState.BACKING_OFF if silent and number % 2 else WorkerState.RUNNING,
                silent_us=60_000_000 if silent else 1_000_000,
                outbox=100 if silent else 0,
                taken_lately=not silent,
            )
            for number in range(BOOKMAKERS)
        )
        facts = Facts(now_us=now_us + step * 1_000_000, workers=workers, free_bytes=10**12, streaks={})
        began = time.perf_counter_ns()
        findings = {rule.name: find(rule, facts) for rule in USUAL_RULES if rule.kind is not AlertKind.DRIFT}
        book.step(USUAL_RULES, findings, (), now_us=facts.now_us, monotonic_us=step * 1_000_000)
        times.append(time.perf_counter_ns() - began)
    return sorted(times)[len(times) // 2] / 1_000
