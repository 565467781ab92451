"""From any thread to the window's thread: news of the reader and log lines, handed over at a pace.

A callback on a foreign thread only appends to a deque. The first one after a quiet time wakes the window's
thread, which then collects what has come until `PACE_MS` later: an idle feed costs nothing, a busy one a
fixed number of signals a second however much comes.
"""

import contextlib
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from data_layer.engine import LogTap
from data_layer.messages import LogLine
from gui.dependencies import StatsReader

PACE_MS = 50
MOST_LINES = 20_000  # waiting for the window at once; older ones are let go, the log file has them


class Feed(QObject):
    """Hears reader and log tap on their threads and says so on the thread it lives on."""

    stats_changed = Signal(str)  # a collector type: "data_collector", "betting_agent", "rgb_collector"
    lines_came = Signal(list)  # of LogLine, oldest first

    _woken = Signal()

    def __init__(
        self, reader: StatsReader | None = None, logs: LogTap | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._news: deque[str] = deque()
        self._lines: deque[LogLine] = deque(maxlen=MOST_LINES)
        self._waiting = False  # a wake-up is under way
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PACE_MS)
        self._timer.timeout.connect(self._drain)
        self._stopped = False
        self._woken.connect(self._arm, Qt.ConnectionType.QueuedConnection)
        self._ends: list[Callable[[], None]] = []
        if reader is not None:
            self._ends.append(reader.subscribe(self._on_stats))
        if logs is not None:
            self._ends.append(logs.subscribe(self._on_line))

    def stop(self) -> None:
        """End the subscriptions and hand over nothing more. May be called more than once."""
        self._stopped = True
        while self._ends:
            self._ends.pop()()
        self._timer.stop()

    def _on_stats(self, collector_type: str) -> None:
        self._news.append(collector_type)
        self._wake()

    def _on_line(self, line: LogLine) -> None:
        self._lines.append(line)
        self._wake()

    def _wake(self) -> None:
        # Two threads may both find nobody waiting; a second wake-up only restarts the short timer.
        if self._waiting or self._stopped:
            return
        self._waiting = True
        # A callback may still be on its way while the window is being destroyed.
        with contextlib.suppress(RuntimeError):
            self._woken.emit()

    def _arm(self) -> None:
        if not self._stopped:
            self._timer.start()

    def _drain(self) -> None:
        self._waiting = False  # first, so that whatever comes from here on wakes again
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        news = dict.fromkeys(self._news.popleft() for _ in range(len(self._news)))
        if lines:
            self.lines_came.emit(lines)
        for collector_type in news:
            self.stats_changed.emit(collector_type)
