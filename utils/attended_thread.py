"""A thread that waits for something to do, until it is told to end."""

import threading
from abc import ABC, abstractmethod


class AttendedThread(ABC):
    """Starts once and ends once. Whoever gives it something to do notifies `_changed`, which guards that."""

    def __init__(self, name: str) -> None:
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin. Returns at once."""
        self._thread.start()

    def _end(self, within_s: float | None = None) -> None:
        """Have the thread end, and wait for that at most `within_s`; None: however long it takes."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if within_s != 0 and self._thread.is_alive():
            self._thread.join(within_s)

    @abstractmethod
    def _run(self) -> None:
        """Do everything, on the thread, until `_stopping`."""
