"""The way of a log line: from a child over its control pipe into the log file and to those who watch."""

import collections
import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from data_layer.messages import LogLine
from orchestration.control import ChildControl
from utils import clock, logs

_MAX_WAITING_LINES = 10_000


def log_through(control: ChildControl, process: str, level: int) -> None:
    """Send everything a child logs from `level` on to the main process. `process` names it there."""

    def send(at_us: int, line_level: int, logger: str, text: str) -> None:
        control.report(LogLine(at_us=at_us, level=line_level, logger=logger, process=process, text=text))

    logs.install(logs.LineHandler(send), level)


class LogBook:
    """The lines of all processes: written to one file and told to subscribers, on a thread of its own.

    `write` never waits. A file that cannot be written costs lines in the file, not in the window.
    """

    def __init__(self, path: Path) -> None:
        self._file = logs.LogFile(path)
        self._changed = threading.Condition()
        self._waiting: collections.deque[LogLine] = collections.deque()
        self._dropped = 0
        self._closing = False
        self._subscribers: tuple[Callable[[LogLine], None], ...] = ()
        self._thread = threading.Thread(target=self._run, name="log-book", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def handler(self, process: str = "main") -> logging.Handler:
        """Return the logging handler for the main process's own records."""

        def write(at_us: int, level: int, logger: str, text: str) -> None:
            self.write(LogLine(at_us=at_us, level=level, logger=logger, process=process, text=text))

        return logs.LineHandler(write)

    def write(self, line: LogLine) -> None:
        """Take a line, on any thread. Under a flood the newest lines are dropped and counted."""
        with self._changed:
            if len(self._waiting) >= _MAX_WAITING_LINES:
                self._dropped += 1
                return
            self._waiting.append(line)
            self._changed.notify()

    def subscribe(self, callback: Callable[[LogLine], None]) -> Callable[[], None]:
        """Call `callback` on the book's thread for each line from now on; returns what ends that."""
        with self._changed:
            self._subscribers = (*self._subscribers, callback)

        def unsubscribe() -> None:
            with self._changed:
                self._subscribers = tuple(other for other in self._subscribers if other is not callback)

        return unsubscribe

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what is waiting and end, within `timeout_s`."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                lines = list(self._waiting)
                self._waiting.clear()
                if self._dropped:
                    lines.append(_drop_notice(self._dropped))
                    self._dropped = 0
                subscribers = self._subscribers
                closing = self._closing
            if lines:
                self._pass_on(lines, subscribers)
            if closing:
                self._file.close()
                return

    def _pass_on(self, lines: list[LogLine], subscribers: tuple[Callable[[LogLine], None], ...]) -> None:
        self._file.write(
            [logs.format_line(line.at_us, line.level, line.process, line.logger, line.text) for line in lines]
        )
        for line in lines:
            for callback in subscribers:
                with contextlib.suppress(Exception):  # a viewer's fault must not end the log
                    callback(line)


def _drop_notice(count: int) -> LogLine:
    return LogLine(
        at_us=clock.now_us(),
        level=logging.WARNING,
        logger=__name__,
        process="main",
        text=f"{count} log lines were dropped here: they came faster than they could be written",
    )
