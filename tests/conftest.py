"""What every test is held to, and where the recorded rounds are."""

import contextlib
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, settings

from tests.processes import lives

_END_WITHIN_S = 10.0  # what a test has stopped may still need to be gone, on a machine that is busy

# Without a display Qt ends the interpreter unless it is told to draw in memory.
if (
    sys.platform.startswith("linux")
    and not os.environ.get("DISPLAY")
    and not os.environ.get("WAYLAND_DISPLAY")
):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# In the background of a shell, or under nohup, these are ignored, and what is started from here would
# ignore them, too. A handler stays behind when another program is started.
for _name in ("SIGINT", "SIGHUP"):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda number, frame: None)

# Slow examples on a busy machine are no failure.
settings.register_profile("aviator", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("aviator")


def pytest_collection_finish() -> None:
    """Spare every collection of garbage to come a look at all that was imported for the tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the directory of recorded rounds; the test is skipped where there is none.

    It is `AVIATOR_SHARED_DATA`, or `shared/data` beside the checkout.
    """
    named = os.environ.get("AVIATOR_SHARED_DATA")
    directory = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not directory.is_dir():
        pytest.skip(f"no recorded rounds: {directory} is no directory (AVIATOR_SHARED_DATA names another)")
    return directory


@pytest.fixture
def expected_errors() -> list[logging.LogRecord]:
    """Return the records of level ERROR and above as they come; a test that asks for them expects some."""
    return []


class _Collector(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.ERROR)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


@pytest.fixture(autouse=True)
def _no_unexpected_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which something was logged as an error, unless it asked for `expected_errors`."""
    expected = "expected_errors" in request.fixturenames
    records: list[logging.LogRecord] = request.getfixturevalue("expected_errors") if expected else []
    handler = _Collector(records)
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if records and not expected:
        lines = [f"{record.name}: {record.getMessage()}" for record in records]
        pytest.fail("errors were logged: " + "; ".join(lines))


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread or a process running, and end the processes it left."""
    threads_before, processes_before = _threads(), _processes()
    yield
    deadline = time.monotonic() + _END_WITHIN_S
    while True:
        threads = _threads() - threads_before
        processes = _processes() - processes_before
        if not threads and not processes:
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    left = sorted([repr(thread) for thread in threads] + [repr(process) for process in processes])
    _end(threads, processes)
    pytest.fail("left running: " + ", ".join(left))


def _threads() -> set[threading.Thread]:
    # A foreign thread that once called Python (Qt makes such) stays listed for ever.
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


def _processes() -> set[psutil.Process]:
    """Return the living descendants but for the helpers that multiprocessing keeps for the whole run."""
    helpers = {_helper("forkserver", "_forkserver_pid"), _helper("resource_tracker", "_pid")}
    return {
        process
        for process in psutil.Process().children(recursive=True)
        if process.pid not in helpers and lives(process)
    }


def _helper(name: str, attribute: str) -> int | None:
    module = sys.modules.get(f"multiprocessing.{name}")  # not imported here: Windows has no use for it
    pid = getattr(getattr(module, f"_{name}", None), attribute, None)
    return pid if isinstance(pid, int) else None


def _end(threads: set[threading.Thread], processes: set[psutil.Process]) -> None:
    """End what a test left, so that the next ones do not meet it: one failure stays one."""
    for thread in threads:  # a supervisor would start again what is ended here
        supervisor = getattr(getattr(thread, "_target", None), "__self__", None)
        if supervisor is not None and hasattr(supervisor, "shut_down"):
            supervisor.shut_down(0.0)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, _END_WITHIN_S)
    for thread in threads:
        if getattr(thread, "name", "") == "supervisor":
            thread.join(_END_WITHIN_S)
