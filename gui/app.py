"""Qt's side of the program: one application, one window, until it is closed."""

import gc
import logging
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from PySide6.QtCore import QLoggingCategory
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from gui.dependencies import WindowDependencies
from gui.main_window import MainWindow
from gui.theme import DARK, font
from gui.widgets.icons import paint_icon

log = logging.getLogger(__name__)

_SWITCH_INTERVAL_S = 0.001  # how long another Python thread may keep the window's thread waiting


def make_application(arguments: list[str] | None = None) -> QApplication:
    """Return the application, set up as the window needs it. There can be only one in a process."""
    # Qt tells of each font that lacks a script of some name: nothing an operator could do about.
    QLoggingCategory.setFilterRules("qt.text.font.db=false")
    application = QApplication(arguments if arguments is not None else sys.argv[:1])
    application.setApplicationName("aviator")
    application.setApplicationDisplayName("AVIATOR")
    application.setStyle("Fusion")
    application.setFont(font(13))
    return application


def run_window(dependencies: WindowDependencies) -> int:
    """Show the window until it is closed; return the exit code.

    Returns as soon as the window is gone: stopping the engine is the caller's. Must be called on the main
    thread. SIGINT and SIGTERM close the window.
    """
    application = make_application()
    window = MainWindow(dependencies)

    def settle() -> None:
        application.setWindowIcon(_icon())
        gc.collect()
        gc.freeze()  # what lives as long as the window need not be looked through again and again

    window.painted.connect(dependencies.painted)
    window.settled.connect(settle)
    with _fair_threads(), _reported_errors(), _closed_by_signals(window.close):
        window.open()
        code = application.exec()
    window.deleteLater()
    return code


def _icon() -> QIcon:
    pixmap = QPixmap(64, 64)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    paint_icon(painter, "health", 4, 4, 56, DARK.color("accent"))
    painter.end()
    return QIcon(pixmap)


@contextmanager
def _fair_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def _closed_by_signals(close: Callable[[], object]) -> Iterator[None]:
    """Close the window on SIGINT and SIGTERM. Python runs the handler at the next sample of the window."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        close()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _reported_errors() -> Iterator[None]:
    """Log what a slot raises; the same fault in the same place once, however often its timer fires."""
    told: set[tuple[str, str]] = set()

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)
            return
        place = str(traceback.extract_tb(trace)[-1:])
        if (kind.__name__, place) not in told:
            told.add((kind.__name__, place))
            log.error("the window met an error: %s", error, exc_info=(kind, error, trace))

    before = sys.excepthook
    sys.excepthook = report
    try:
        yield
    finally:
        sys.excepthook = before
