"""What the window's benchmark watches, each in a process of its own: the window, and bare cards as yardstick.

Run as `python -m benchmarks.window_probe whole_program SECONDS`; prints one JSON object.
"""

import itertools
import json
import math
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.board_feed import TICK_S, feed, status
from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.engine import BoardSnapshot, LiveView
from data_layer.messages import LiveState, Phase
from data_layer.readers.centralized_stats_reader import CentralizedStatsReader
from data_layer.readers.last_round_cache import LastRoundCache
from data_layer.readers.local_event_feed import LocalEventFeed
from orchestration.engine import Engine
from orchestration.live_board import LiveBoard
from utils import clock

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractEventDispatcher
    from PySide6.QtGui import QPaintEvent

    from gui.dependencies import WindowDependencies
    from gui.view_models.cards import CardModel

BOOKMAKERS = 50

_SPEED = 8.0  # of the simulators: a crash every three seconds each
_SETTLE_S = 2.0  # until everything has been painted once
_WAIT_S = 60.0
_PROBE_MS = 5
_CHANGE_S = 0.6  # from one choice on the analytics page to the next


class _Probe:
    """Lateness of a short timer of the window's thread: what any other event would have had to wait."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late_ms: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_PROBE_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late_ms.append(max((now - self._last) * 1000 - _PROBE_MS, 0.0))
        self._last = now

    def stop(self) -> list[float]:
        self._timer.stop()
        return self.late_ms


class _CrashWatch:
    """A live view that notes how long after a crash at the source its card was painted."""

    def __init__(self, board: LiveView, dispatcher: "QAbstractEventDispatcher") -> None:
        from gui.widgets.card import Card

        self.ages_ms: list[float] = []
        self._board = board
        self._live: dict[str, LiveState | None] = {}
        self._painted: list[CardModel | None] = []
        self._seen: set[tuple[str, str]] = set()
        paint = Card.paintEvent

        def painted(card: Card, event: "QPaintEvent") -> None:
            paint(card, event)
            self._painted.append(card.model)

        setattr(Card, "paintEvent", painted)  # noqa: B010  # the product has no need of such a hook
        dispatcher.aboutToBlock.connect(self._flushed)

    def snapshot(self) -> BoardSnapshot:
        """Return the board as it is now, as the window asks for it."""
        snapshot = self._board.snapshot()
        self._live = {view.status.bookmaker: view.live for view in snapshot.workers}
        return snapshot

    def _flushed(self) -> None:
        now_us = clock.now_us()
        for model in self._painted:
            live = None if model is None else self._live.get(model.head.name)
            if model is None or live is None or not getattr(model.live.figure, "crashed", False):
                continue
            key = (live.bookmaker, live.round_id)
            if live.phase is Phase.CRASHED and key not in self._seen:
                self._seen.add(key)
                self.ages_ms.append((now_us - live.phase_started_at_us) / 1000)
        self._painted.clear()


def live_board(seconds: float) -> dict[str, float]:
    """Measure stalls and processor time of a window whose board changes ten times a second everywhere."""
    from gui.app import make_application
    from gui.sample.window import make_sample

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "live.board"
        board = LiveBoard.create(path, BOOKMAKERS)
        for index in range(BOOKMAKERS):
            board.write_status(index, status(index))
        make_application(["bench"])
        names = [f"Bookmaker {index}" for index in range(BOOKMAKERS)]
        sample = make_sample(BOOKMAKERS, Path(directory), bookmakers=names)
        dependencies = replace(
            sample.dependencies, live=board, now_us=clock.now_us, monotonic_us=clock.monotonic_us
        )
        feeder = multiprocessing.get_context("spawn").Process(target=feed, args=(str(path), BOOKMAKERS))
        try:
            return _watch(dependencies, feeder.start, seconds)
        finally:
            if feeder.pid is not None:
                feeder.kill()
                feeder.join()


def whole_program(seconds: float) -> dict[str, float]:
    """Measure stalls, and crashes from their sources to the pixels, with the engine and all it starts."""
    from gui.app import make_application
    from gui.dependencies import WindowDependencies

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        specs = [
            BookmakerSpec(name=f"Book {number}", source=SimulatorSpec(seed=str(number), speed=_SPEED))
            for number in range(BOOKMAKERS)
        ]
        engine = Engine(Path(directory), specs, command="benchmark")
        engine.prepare()
        application = make_application(["bench"])
        watch = _CrashWatch(engine.live_view, application.eventDispatcher())
        feed = LocalEventFeed(lambda: engine.endpoint.address, engine.endpoint.secret)
        last_rounds = LastRoundCache()
        reader = CentralizedStatsReader(engine.database_path, feed, last_rounds)

        def begin() -> None:
            engine.start()
            feed.start()
            reader.start()
            if not engine.wait_until_running(_WAIT_S):
                raise RuntimeError(f"the workers did not start: {engine.live_view.snapshot()}")

        dependencies = WindowDependencies(
            live=watch,
            controls=engine.controls,
            logs=engine.log_tap,
            reader=reader,
            last_rounds=last_rounds,
            data_dir=Path(directory),
        )
        try:
            found = _watch(dependencies, begin, seconds, watch.ages_ms.clear)
        finally:
            reader.stop()
            feed.stop()
            engine.stop(drain_s=0.0)
    return {**found, "crash_to_pixel_p99_ms": _percentile(watch.ages_ms, 99)}


def analytics_page(seconds: float) -> dict[str, float]:
    """Measure stalls while the analytics page is first opened, then left, opened again and redrawn.

    A sample analyst computes in the same process over the rounds of fifty bookmakers, as the real one does.
    Every half second other rounds are chosen, or another page and back.
    """
    from gui.app import make_application
    from gui.main_window import MainWindow
    from gui.pages.registry import PAGES
    from gui.sample.window import SampleClock, make_sample

    application = make_application(["bench"])
    titles = [page.title for page in PAGES]
    with tempfile.TemporaryDirectory() as directory:
        at = SampleClock()
        sample = make_sample(BOOKMAKERS, Path(directory), clock=at)
        window = MainWindow(sample.dependencies)
        window.show()
        window.timer.stop()
        idle = _run(seconds / 3)
        # What was opened first would have had to load the answers' mathematics, too, on its thread.
        first = _run(max(seconds / 4, _SETTLE_S), lambda: window.open_page(titles.index("Analytics")))
        from gui.pages.analytics import AnalyticsPage  # loaded by now

        page = window.stack.page
        assert isinstance(page, AnalyticsPage)
        late: list[float] = []
        for choice in itertools.cycle(("7d", "Settings", "1h", "Settings", "all", "24h")):
            if choice == "Settings":
                late += _run(_CHANGE_S / 2, lambda: window.open_page(titles.index("Settings")))
                late += _run(_CHANGE_S / 2, lambda: window.open_page(titles.index("Analytics")))
            else:
                late += _run(_CHANGE_S, partial(page.line.ranges.click, choice))
            at.advance(_CHANGE_S)
            if len(late) * _PROBE_MS / 1000 > seconds:
                break
        window.close()
        application.processEvents()
    return {
        "first_opening_ms": max(first),
        "stall_p99_ms": _percentile(late, 99),
        "idle_p99_ms": _percentile(idle, 99),
    }


def _watch(
    dependencies: "WindowDependencies",
    begin: Callable[[], None],
    seconds: float,
    settled: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """Look at a window that stands still, then for `seconds` after `begin` has set it going."""
    from gui.main_window import MainWindow

    window = MainWindow(dependencies)
    window.show()
    window.timer.stop()
    idle = _run(seconds / 3)
    begin()
    window.timer.start()
    _run(min(_SETTLE_S, seconds))
    settled()
    began, processor = time.perf_counter(), time.process_time()
    late = _run(seconds)
    share = (time.process_time() - processor) / (time.perf_counter() - began)
    window.close()
    return {
        "stall_p99_ms": _percentile(late, 99),
        "idle_p99_ms": _percentile(idle, 99),
        "core_percent": 100 * share,
    }


def _run(seconds: float, begin: Callable[[], object] = lambda: None) -> list[float]:
    from PySide6.QtCore import QEventLoop, QTimer

    probe, loop = _Probe(), QEventLoop()  # quitting the application would close its windows
    QTimer.singleShot(_PROBE_MS, begin)
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    return probe.stop()


def bare_cards(seconds: float) -> dict[str, float]:
    """Measure the processor time of bare painted widgets that change ten times a second: the yardstick."""
    from PySide6.QtCore import QPointF, QTimer
    from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPolygonF
    from PySide6.QtWidgets import QWidget

    from gui.app import make_application

    application = make_application(["bench"])
    value, large = [1.0], QFont("Inter", 24)
    ground, ink = QColor("#161b22"), QColor("#58b8ff")

    class Bare(QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(ground)
            painter.drawRoundedRect(self.rect(), 10, 10)
            painter.setPen(ink)
            for line in range(8):
                painter.drawText(10, 14 + 5 * line, "1.42 flying")
            painter.setFont(large)
            painter.drawText(60, 50, f"{value[0]:.2f}x")
            painter.drawPolyline(QPolygonF([QPointF(100 + x * 3, 55 - x) for x in range(24)]))
            painter.end()

    wall = QWidget()
    wall.resize(1010, 690)
    cards = [Bare(wall) for _ in range(BOOKMAKERS)]
    for index, card in enumerate(cards):
        card.setGeometry(10 + index % 5 * 199, 10 + index // 5 * 68, 191, 60)

    def change() -> None:
        value[0] += 0.01
        for card in cards:
            card.update()

    timer = QTimer()
    timer.timeout.connect(change)
    timer.start(round(TICK_S * 1000))
    wall.show()
    _run(1.0)
    began, processor = time.perf_counter(), time.process_time()
    _run(seconds)
    share = (time.process_time() - processor) / (time.perf_counter() - began)
    timer.stop()
    wall.close()
    application.processEvents()
    return {"core_percent": 100 * share}


def _percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that `percent` of all do not exceed."""
    ordered = sorted(values)
    return (
        ordered[min(len(ordered) - 1, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else math.nan
    )


_PARTS: dict[str, Callable[[float], dict[str, float]]] = {
    "whole_program": whole_program,
    "live_board": live_board,
    "analytics_page": analytics_page,
    "bare_cards": bare_cards,
}

if __name__ == "__main__":
    print(json.dumps(_PARTS[sys.argv[1]](float(sys.argv[2]))))
