"""Work that may take long, done on a thread of its own, with its result handed to the window's thread."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)


class Errands(QObject):
    """Does one piece of work after the other on one thread, which begins with the first one.

    The thread is a daemon: work that hangs, a query or a look at a dead network drive, must not keep a closed
    window from ending the program.
    """

    _returned = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._queue: queue.SimpleQueue[Callable[[], Callable[[], None]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._returned.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None]
    ) -> None:
        """Call `work` on the thread, then `done(result)` or `failed(reason)` on the window's thread."""

        def errand() -> Callable[[], None]:
            try:
                result = work()
            except Exception as error:
                log.warning("%s failed: %s", self._name, error, exc_info=True)
                reason = str(error) or type(error).__name__
                return lambda: failed(reason)
            return lambda: done(result)

        if self._stopped:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._queue.put(errand)

    def stop(self) -> None:
        """Take no more work and hand over no more results; what is being done may end by itself."""
        self._stopped = True
        self._queue.put(None)

    def _work(self) -> None:
        while (errand := self._queue.get()) is not None:
            outcome = errand()
            if self._stopped:
                return
            try:
                self._returned.emit(outcome)
            except RuntimeError:  # the window was destroyed in between
                return

    def _hand_over(self, outcome: Callable[[], None]) -> None:
        if not self._stopped:
            outcome()
