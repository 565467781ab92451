"""A log tap that remembers, so that a log pane opened late still shows what was said before."""

import threading
from collections import deque
from collections.abc import Callable

from data_layer.engine import LogTap
from data_layer.messages import LogLine

REMEMBERED = 20_000


class LogHistory:
    """Stands before another log tap; a subscriber first hears the lines of the past, then new ones."""

    def __init__(self, tap: LogTap, remembered: int = REMEMBERED) -> None:
        # Callbacks run under the lock, so that no line is missed or told twice while somebody subscribes. It
        # is reentrant because a callback may itself write a log line.
        self._lock = threading.RLock()
        self._lines: deque[LogLine] = deque(maxlen=remembered)
        self._callbacks: list[Callable[[LogLine], None]] = []
        self._end = tap.subscribe(self.tell)

    def subscribe(self, callback: Callable[[LogLine], None]) -> Callable[[], None]:
        """See `LogTap.subscribe`; the remembered lines come at once, on the caller's thread."""

        def call(line: LogLine) -> None:
            callback(line)

        with self._lock:
            for line in self._lines:
                call(line)
            self._callbacks.append(call)

        def remove() -> None:
            with self._lock:
                self._callbacks = [each for each in self._callbacks if each is not call]

        return remove

    def stop(self) -> None:
        """Hear no more lines."""
        self._end()

    def tell(self, line: LogLine) -> None:
        """Take in a line, from the tap or from the window itself. May be called from any thread."""
        with self._lock:
            self._lines.append(line)
            for callback in self._callbacks:
                callback(line)
