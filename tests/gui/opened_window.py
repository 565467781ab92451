"""A whole window over sample data that a test opens, and what is done to it."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.main_window import SLOW_EVERY, MainWindow
from gui.sample.window import Sample

Opener = Callable[..., MainWindow]


@pytest.fixture
def opened(qtbot: QtBot, sample: Sample) -> Iterator[Opener]:
    """Open windows that are closed at the end; their own timer stands still, tests take the samples."""
    windows: list[MainWindow] = []

    def open_window(given: Sample = sample, size: tuple[int, int] = (1366, 768)) -> MainWindow:
        window = MainWindow(given.dependencies)
        window.timer.stop()
        windows.append(window)
        window.resize(*size)
        with qtbot.waitSignal(window.settled):
            window.show()
        refresh(window)
        return window

    yield open_window
    for window in windows:
        window.close()
        window.deleteLater()


def refresh(window: MainWindow) -> None:
    """Take as many samples as bring everything up to date."""
    for _ in range(SLOW_EVERY):
        window.sample()


def press(window: QWidget, key: Qt.Key, held: Qt.KeyboardModifier | None = None) -> None:
    target = window.focusWidget() or window
    QTest.keyClick(target, key, held or Qt.KeyboardModifier.NoModifier)


def chosen(window: MainWindow) -> tuple[str, ...]:
    return window.wall.selection.names


def shown(widget: QWidget) -> bool:
    return widget.isVisible()


def detailed(window: MainWindow) -> str | None:
    return window.detailed
