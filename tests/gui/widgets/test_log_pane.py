"""The log pane: filters, following, staying put, and copying."""

import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from data_layer.messages import LogLine
from gui.theme import DARK
from gui.widgets.log_pane import LogPane
from gui.widgets.log_view import LINE_HEIGHT
from tests.gui.fakes import NOW_US
from tests.gui.test_feed import Tap


class Lines(Tap):
    """A tap that can speak for any process at any level."""

    def say(self, text: str, level: int = logging.INFO, process: str = "Admiral") -> None:
        line = LogLine(at_us=NOW_US, level=level, logger="aviator", process=process, text=text)
        for callback in list(self.callbacks):
            callback(line)


@pytest.fixture
def tap() -> Lines:
    return Lines()


@pytest.fixture
def pane(qtbot: QtBot, tap: Lines) -> Iterator[LogPane]:
    made = LogPane(tap, DARK, kept=1_000)
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.release()


@pytest.fixture
def narrow(qtbot: QtBot, tap: Lines) -> Iterator[LogPane]:
    made = LogPane(tap, DARK, kept=100, compact=True)
    qtbot.addWidget(made)
    made.resize(260, 400)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.release()


def arrive(qtbot: QtBot, pane: LogPane, tap: Lines, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        tap.say(str(number))
    qtbot.waitUntil(lambda: bool(pane.book.shown) and pane.book.shown[-1].text == str(first + count - 1))


def shown(pane: LogPane) -> list[str]:
    return [line.text for line in pane.book.shown]


def following(pane: LogPane) -> bool:
    return pane.view.following


def first_in_sight(pane: LogPane) -> str:
    return pane.book.shown[pane.view.rowAt(LINE_HEIGHT // 2)].text


def test_the_newest_line_stays_in_sight(qtbot: QtBot, pane: LogPane, tap: Lines) -> None:
    for first in range(0, 3_000, 500):
        arrive(qtbot, pane, tap, 500, first)
        bar = pane.view.verticalScrollBar()
        assert bar.value() == bar.maximum()
    assert len(shown(pane)) == 1_000


def test_scrolling_away_stays_put_while_lines_come_and_go(qtbot: QtBot, pane: LogPane, tap: Lines) -> None:
    arrive(qtbot, pane, tap, 1_000)
    pane.view.verticalScrollBar().setValue(600 * LINE_HEIGHT)
    assert not pane.view.following
    assert first_in_sight(pane) == "600"
    arrive(qtbot, pane, tap, 300, 1_000)
    assert first_in_sight(pane) == "600"
    assert pane.follow_button.text() == "Follow, 300 new"


def test_the_button_and_the_end_key_follow_again(qtbot: QtBot, pane: LogPane, tap: Lines) -> None:
    arrive(qtbot, pane, tap, 200)
    QTest.mouseClick(pane.follow_button, Qt.MouseButton.LeftButton)
    assert following(pane) is False
    arrive(qtbot, pane, tap, 5, 200)
    assert first_in_sight(pane) != shown(pane)[-1]
    QTest.keyClick(pane.view, Qt.Key.Key_End)
    assert following(pane) is True
    assert pane.follow_button.text() == "Pause"
    bar = pane.view.verticalScrollBar()
    assert bar.value() == bar.maximum()


def test_filters_work_together_and_on_lines_of_the_past(qtbot: QtBot, pane: LogPane, tap: Lines) -> None:
    tap.say("committed", process="writer")
    tap.say("worker exited", logging.ERROR, "VolcanoBet")
    tap.say("silent", logging.WARNING, "VolcanoBet")
    tap.say("detail", logging.DEBUG, "VolcanoBet")
    qtbot.waitUntil(lambda: pane.book.count == 4)
    assert shown(pane) == ["committed", "worker exited", "silent"]
    pane.process.setCurrentText("VolcanoBet")
    assert shown(pane) == ["worker exited", "silent"]
    pane.level.setCurrentText("errors only")
    assert shown(pane) == ["worker exited"]
    pane.level.setCurrentText("everything")
    QTest.keyClicks(pane.text, "DETAIL")
    qtbot.waitUntil(lambda: shown(pane) == ["detail"])


def test_when_nothing_is_shown_the_reason_is_said(qtbot: QtBot, pane: LogPane, tap: Lines) -> None:
    assert pane.view.empty == "Nothing has been logged yet."
    tap.say("detail", logging.DEBUG)
    qtbot.waitUntil(lambda: pane.book.count == 1)
    assert pane.view.empty == "No line of the newest 1 passes these filters."


def test_a_copy_holds_the_selected_lines_whole(qtbot: QtBot, pane: LogPane, tap: Lines) -> None:
    tap.say("one")
    tap.say("two\nTraceback")
    qtbot.waitUntil(lambda: pane.book.count == 2)
    pane.view.selectRow(1)
    QTest.keyClick(pane.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.endswith("Admiral  two\nTraceback")
    assert "one" not in copied
    pane.view.clearSelection()
    pane.copy_button.click()
    assert "one" in QGuiApplication.clipboard().text()


def test_a_selection_survives_what_is_trimmed_before_it(qtbot: QtBot, pane: LogPane, tap: Lines) -> None:
    arrive(qtbot, pane, tap, 1_000)
    pane.view.selectRow(900)
    arrive(qtbot, pane, tap, 500, 1_000)
    assert [line.text for line in pane.view.selected_lines()] == ["900"]


def test_a_released_pane_has_left_the_tap(pane: LogPane, tap: Lines) -> None:
    pane.release()
    assert tap.callbacks == []


def test_the_newest_line_stays_in_sight_when_the_pane_shrinks(
    qtbot: QtBot, pane: LogPane, tap: Lines
) -> None:
    arrive(qtbot, pane, tap, 200)
    pane.resize(700, 200)
    bar = pane.view.verticalScrollBar()
    assert following(pane) is True
    assert bar.value() == bar.maximum()


def test_a_narrow_pane_wraps_long_lines_and_warnings_further(
    qtbot: QtBot, narrow: LogPane, tap: Lines
) -> None:
    for level in (logging.INFO, logging.WARNING):
        tap.say("long words " * 30, level)
    tap.say("short")
    qtbot.waitUntil(lambda: narrow.book.count == 3)
    quiet, loud, short = (narrow.view.rowHeight(row) for row in range(3))
    assert short == LINE_HEIGHT
    assert short < quiet < loud
    narrow.resize(2_500, 400)
    qtbot.waitUntil(lambda: narrow.view.rowHeight(0) == LINE_HEIGHT)


def test_a_narrow_pane_stays_put_while_wrapped_lines_go(qtbot: QtBot, narrow: LogPane, tap: Lines) -> None:
    for number in range(100):
        tap.say(f"{number} " + "long words " * (number % 3) * 4)
    qtbot.waitUntil(lambda: narrow.book.count == 100)
    narrow.view.scrollTo(narrow.view.model().index(50, 0), narrow.view.ScrollHint.PositionAtTop)
    assert first_in_sight(narrow).startswith("50 ")
    for number in range(20):
        tap.say(f"new {number}")
    qtbot.waitUntil(lambda: narrow.book.shown[-1].text == "new 19")
    assert first_in_sight(narrow).startswith("50 ")


def test_a_narrow_pane_says_when_it_does_not_show_the_newest(
    qtbot: QtBot, narrow: LogPane, tap: Lines
) -> None:
    arrive(qtbot, narrow, tap, 60)
    assert not narrow.follow_button.isVisible()
    narrow.view.verticalScrollBar().setValue(0)
    arrive(qtbot, narrow, tap, 7, 60)
    assert narrow.follow_button.isVisible()
    assert narrow.follow_button.text() == "Follow, 7 new"
    QTest.mouseClick(narrow.follow_button, Qt.MouseButton.LeftButton)
    assert following(narrow) is True
    assert not narrow.follow_button.isVisible()
    bar = narrow.view.verticalScrollBar()
    assert bar.value() == bar.maximum()
