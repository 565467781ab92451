"""Loading pyqtgraph without holding the window up for long.

What it needs of Qt are types that PySide6 makes when they are first named. Made on another thread beside the
running window they have ended the program, rarely, with a segmentation fault. So numpy alone is loaded on a
thread; the types are made on the window's thread, some milliseconds in each turn of its loop, and what is
left of pyqtgraph then takes about 70 ms.
"""

import importlib
import logging
import time
from collections.abc import Callable, Iterator
from types import ModuleType

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer

from gui.errands import Errands

_STEP_S = 0.004

log = logging.getLogger(__name__)


class PlotLibrary(QObject):
    """Loads pyqtgraph for its parent, who must not ask again before the answer came."""

    def __init__(self, errands: Errands, parent: QObject) -> None:
        super().__init__(parent)
        self._errands = errands
        self._types: Iterator[tuple[ModuleType, str]] = iter(())
        self._done: Callable[[ModuleType], None] = lambda _: None
        self._failed: Callable[[str], None] = lambda _: None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)

    def load(self, done: Callable[[ModuleType], None], failed: Callable[[str], None]) -> None:
        """Call `done` with the module or `failed` with the reason, later and on the window's thread."""
        self._done, self._failed = done, failed
        self._errands.run(lambda: importlib.import_module("numpy"), lambda _: self._begin(), failed)

    def _begin(self) -> None:
        self._types = _types()
        self._timer.start()

    def _step(self) -> None:
        until = time.monotonic() + _STEP_S
        for module, name in self._types:
            getattr(module, name)
            if time.monotonic() >= until:
                return
        self._timer.stop()
        try:
            graph = importlib.import_module("pyqtgraph")
        except Exception as error:
            log.warning("pyqtgraph cannot be loaded: %s", error, exc_info=True)
            self._failed(str(error) or type(error).__name__)
        else:
            self._done(graph)


def _types() -> Iterator[tuple[ModuleType, str]]:
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            yield module, name
