"""Tests of the window run without a display, and none may leave a timer or a thread behind."""

import contextlib
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QThread, QTimer
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from gui.sample.window import Sample, SampleClock, make_sample
from gui.theme import interface_family

PATIENCE_MS = 30_000  # on a machine that is busy; what is waited for usually comes at once


class PatientBot(QtBot):
    """Waits longer than the five seconds that a busy machine may need for something simple."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> SignalBlocker:
        return super().waitSignal(signal, timeout=timeout, **options)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture
def sample_clock() -> SampleClock:
    """A clock that stands still until it is moved."""
    return SampleClock()


@pytest.fixture
def sample(tmp_path: Path, sample_clock: SampleClock) -> Sample:
    """Eight bookmakers, one silent and one backing off."""
    return make_sample(8, tmp_path, clock=sample_clock)


@pytest.fixture
def inter(qapp: QCoreApplication) -> None:
    """Skip a test of widths where the window has another font than the one it is drawn for."""
    if interface_family() != "Inter":
        pytest.skip("the font Inter is not installed")


def _running() -> list[QObject]:
    """Return the timers and threads that run and are still reachable."""
    # By type: to ask each of so many objects for its class would take longer than most tests.
    timed = [each for each in gc.get_objects() if issubclass(type(each), (QTimer, QThread))]
    found: list[QObject] = []
    for each in timed:
        with contextlib.suppress(RuntimeError):  # a Qt object that is gone
            if _runs(each):
                found.append(each)
    return found


def _runs(each: QTimer | QThread) -> bool:
    if isinstance(each, QTimer):
        return each.isActive()
    return each.isRunning() and each is not QThread.currentThread()


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a running timer or thread behind. View models have none."""
    if "view_models" in request.path.parts:
        yield
        return
    request.getfixturevalue("qapp")
    yield
    left = _running()
    if left:
        del left
        gc.collect()  # what only a cycle of references keeps is no longer in use
        left = _running()
    for each in left:
        if isinstance(each, QTimer):
            each.stop()
    assert not left, f"left running: {left}"
