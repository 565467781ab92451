"""What the window's benchmark watches, each in a process of its own: live cards, and bare ones as yardstick.

Run as `python -m benchmarks.window_probe live_window SECONDS`; prints one JSON object.
"""

import json
import math
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from data_layer.engine import BoardSnapshot
from data_layer.messages import LiveState, Origin, Phase, WorkerState, WorkerStatus
from orchestration.live_board import LiveBoard
from utils import clock

BOOKMAKERS = 50

_TICK_S = 0.1  # a source speaks ten times a second
_PROBE_MS = 5


def feed(path: str, count: int) -> None:
    """Be the workers: write every slot ten times a second, with a crash every two seconds each."""
    board = LiveBoard.open(Path(path), readonly=False)
    rng = random.Random(7)
    begins_us = [clock.now_us() - rng.randrange(2_000_000) for _ in range(count)]
    rounds = [0] * count
    while True:
        for index in range(count):
            board.write_live(index, _live_state(index, begins_us, rounds))
            time.sleep(_TICK_S / count)


def _live_state(index: int, begins_us: list[int], rounds: list[int]) -> LiveState:
    """Half a second of betting, a flight of one second, half a second after the crash."""
    now_us = clock.now_us()
    if now_us - begins_us[index] > 2_000_000:
        begins_us[index], rounds[index] = now_us, rounds[index] + 1
    elapsed_us = now_us - begins_us[index]
    takes_off = begins_us[index] + 500_000
    phase, centi = Phase.BETTING, 0
    if elapsed_us >= 500_000:
        phase = Phase.FLYING if elapsed_us < 1_500_000 else Phase.CRASHED
        centi = round(100 * math.exp(min(elapsed_us - 500_000, 1_000_000) * (0.3 + index / 10) / 1_000_000))
    return LiveState(
        bookmaker=f"Bookmaker {index}",
        pid=1,
        heartbeat_us=clock.monotonic_us(),
        origin=Origin.SIMULATOR,
        phase=phase,
        round_id=str(rounds[index]),
        multiplier_centi=centi,
        phase_started_at_us=takes_off,
        phase_ends_at_us=takes_off if phase is Phase.BETTING else 0,
        observed_at_us=now_us,
        connected=True,
    )


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
    """Notes how long after the source saw a crash its card was painted and on its way to the screen."""

    def __init__(self, dispatcher: Any) -> None:
        from gui.widgets.card import Card

        self.ages_ms: list[float] = []
        self._painted: list[Any] = []
        self._seen: set[tuple[str, str]] = set()
        paint = Card.paintEvent

        def painted(card: Card, event: Any) -> None:
            paint(card, event)
            self._painted.append(card.model)

        setattr(Card, "paintEvent", painted)  # noqa: B010  # the product has no need of such a hook
        dispatcher.aboutToBlock.connect(self._flushed)

    def take(self, snapshot: BoardSnapshot) -> None:
        self._live = {view.status.bookmaker: view.live for view in snapshot.workers}

    def _flushed(self) -> None:
        now_us = clock.now_us()
        for model in self._painted:
            live = self._live.get(model.head.name)
            if live is None or not getattr(model.live.figure, "crashed", False):
                continue
            key = (live.bookmaker, live.round_id)
            if live.phase is Phase.CRASHED and key not in self._seen:
                self._seen.add(key)
                self.ages_ms.append((now_us - live.observed_at_us) / 1000)
        self._painted.clear()


def live_window(seconds: float, count: int = BOOKMAKERS) -> dict[str, float]:
    """Measure stalls, crashes and processor time of a window with `count` live cards."""
    from gui.app import make_application
    from gui.main_window import MainWindow
    from gui.sample.window import make_sample

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "live.board"
        board = LiveBoard.create(path, count)
        for index in range(count):
            board.write_status(index, _status(index))
        application = make_application(["bench"])
        sample = make_sample(count, Path(directory), bookmakers=[f"Bookmaker {i}" for i in range(count)])
        watch = _CrashWatch(application.eventDispatcher())
        view = _Watched(board, watch)
        window = MainWindow(
            replace(sample.dependencies, live=view, now_us=clock.now_us, monotonic_us=clock.monotonic_us)
        )
        window.show()
        window.timer.stop()
        idle = _run(seconds / 3)
        feeder = multiprocessing.get_context("spawn").Process(target=feed, args=(str(path), count))
        feeder.start()
        try:
            window.timer.start()
            _run(2.0)  # until the feeder is there and everything has been painted once
            watch.ages_ms.clear()
            began, processor = time.perf_counter(), time.process_time()
            late = _run(seconds)
            share = (time.process_time() - processor) / (time.perf_counter() - began)
        finally:
            feeder.kill()
            feeder.join()
        window.close()
    return {
        "stall_p50_ms": _percentile(late, 50),
        "stall_p99_ms": _percentile(late, 99),
        "idle_p99_ms": _percentile(idle, 99),
        "crashes": float(len(watch.ages_ms)),
        "crash_to_pixel_p50_ms": _percentile(watch.ages_ms, 50),
        "crash_to_pixel_p99_ms": _percentile(watch.ages_ms, 99),
        "core_percent": 100 * share,
    }


class _Watched:
    """A live view that lets the watch see what the window sees."""

    def __init__(self, board: LiveBoard, watch: _CrashWatch) -> None:
        self._board = board
        self._watch = watch

    def snapshot(self) -> BoardSnapshot:
        snapshot = self._board.snapshot()
        self._watch.take(snapshot)
        return snapshot


def _status(index: int) -> WorkerStatus:
    return WorkerStatus(
        bookmaker=f"Bookmaker {index}",
        group="A",
        state=WorkerState.RUNNING,
        reason="",
        since_us=clock.now_us(),
        pid=1,
    )


def _run(seconds: float) -> list[float]:
    from PySide6.QtCore import QEventLoop, QTimer

    probe, loop = _Probe(), QEventLoop()  # quitting the application would close its windows
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    return probe.stop()


def bare_cards(seconds: float, count: int = BOOKMAKERS) -> dict[str, float]:
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
    cards = [Bare(wall) for _ in range(count)]
    for index, card in enumerate(cards):
        card.setGeometry(10 + index % 5 * 199, 10 + index // 5 * 68, 191, 60)

    def change() -> None:
        value[0] += 0.01
        for card in cards:
            card.update()

    timer = QTimer()
    timer.timeout.connect(change)
    timer.start(round(_TICK_S * 1000))
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
    "live_window": live_window,
    "bare_cards": bare_cards,
}

if __name__ == "__main__":
    print(json.dumps(_PARTS[sys.argv[1]](float(sys.argv[2]))))
