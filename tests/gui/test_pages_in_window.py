"""The pages inside the window: choices take effect, letters go where the keyboard is."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui import window_memory
from gui.main_window import MainWindow
from gui.pages.health import HealthPage
from gui.pages.logs import LogsPage
from gui.pages.page import Page
from gui.pages.registry import PAGES
from gui.pages.settings import SettingsPage
from gui.sample.window import Sample
from gui.view_models.wall import WallSize


@pytest.fixture
def window(qtbot: QtBot, sample: Sample) -> Iterator[MainWindow]:
    made = MainWindow(sample.dependencies)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()


def open_page(window: MainWindow, title: str) -> Page:
    window.open_page([page.title for page in PAGES].index(title))
    return window.stack.page


def test_choices_on_the_settings_page_are_the_windows_and_are_remembered(
    window: MainWindow, sample: Sample
) -> None:
    page = open_page(window, "Settings")
    assert isinstance(page, SettingsPage)
    assert (page.themes.key, page.sizes.key) == ("dark", "auto")
    page.themes.click("light")
    page.sizes.click("compact")
    assert window.theme.name == "light"
    assert window.wall.wanted_size is WallSize.COMPACT
    window.toggle_theme()
    window.next_wall_size()
    assert (page.themes.key, page.sizes.key) == ("dark", "table")
    window.close()
    remembered = window_memory.load(sample.dependencies.data_dir)
    assert (remembered.theme, remembered.wall_size) == ("dark", WallSize.ROW)


def test_letters_typed_into_a_table_or_the_log_command_no_bookmaker(
    qtbot: QtBot, window: MainWindow, sample: Sample
) -> None:
    health, logs = open_page(window, "Health"), open_page(window, "Logs")
    assert isinstance(health, HealthPage)
    assert isinstance(logs, LogsPage)
    focused: tuple[tuple[str, QWidget], ...] = (
        ("Health", health.table),
        ("Logs", logs.pane.view),
        ("Logs", logs.pane.text),
        ("Logs", logs.pane.level),
    )
    for title, widget in focused:
        open_page(window, title)
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        for key in (Qt.Key.Key_S, Qt.Key.Key_P, Qt.Key.Key_R, Qt.Key.Key_X, Qt.Key.Key_T):
            QTest.keyClick(widget, key)
    assert sample.engine.commands == []
    assert window.theme.name == "dark"


def test_select_all_in_a_table_selects_its_rows(qtbot: QtBot, window: MainWindow) -> None:
    page = open_page(window, "Health")
    assert isinstance(page, HealthPage)
    page.table.setFocus()
    qtbot.waitUntil(page.table.hasFocus)
    QTest.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(page.table.selectionModel().selectedRows()) == 8
    assert window.wall.selection.names == ()
