"""Fields to type into, words that wrap, and parts that go on below."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, palette
from gui.widgets.caption import Caption
from gui.widgets.entry_field import EntryField
from gui.widgets.flow import Flow


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def field(qtbot: QtBot, heard: list[str]) -> EntryField:
    made = EntryField("Threshold", ("1.5x", "2x", "10x"), DARK, label="threshold")
    qtbot.addWidget(made)
    made.show_text("2x")
    made.entered.connect(heard.append)
    made.show()
    qtbot.waitExposed(made)
    return made


def replace_text(field: EntryField, text: str) -> None:
    field.line.selectAll()
    QTest.keyClicks(field.line, text)


def test_what_is_typed_is_said_with_enter_and_only_once(field: EntryField, heard: list[str]) -> None:
    replace_text(field, " 3x ")
    assert heard == []
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    assert heard == ["3x"]


def test_leaving_the_field_takes_what_was_typed(qtbot: QtBot, field: EntryField, heard: list[str]) -> None:
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.line.hasFocus)
    replace_text(field, "7")
    field.line.clearFocus()
    assert heard == ["7"]


def test_escape_brings_back_what_is_in_force(field: EntryField, heard: list[str]) -> None:
    replace_text(field, "0.5")
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    field.show_text("0.5", wrong=True)
    QTest.keyClick(field.line, Qt.Key.Key_Escape)
    assert field.text == "2x"
    assert heard == ["0.5", "2x"]


def test_the_usual_entries_are_at_hand(qtbot: QtBot, field: EntryField, heard: list[str]) -> None:
    QTest.keyClick(field.line, Qt.Key.Key_Down)
    popup = field._list.popup() if field._list else None
    assert popup is not None
    qtbot.waitUntil(popup.isVisible)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(popup, key)
    qtbot.waitUntil(lambda: not popup.isVisible())
    assert heard == ["10x"]


def test_letters_typed_here_command_nothing_elsewhere(field: EntryField, heard: list[str]) -> None:
    replace_text(field, "Europe/Tirane")
    assert field.text == "Europe/Tirane"


@pytest.fixture
def dark_again(qapp: QApplication) -> Iterator[None]:
    before = QApplication.palette()
    yield
    QApplication.setPalette(before)


@pytest.mark.usefixtures("dark_again")
def test_the_ground_follows_the_theme_whatever_is_around_it(field: EntryField) -> None:
    for theme in (LIGHT, DARK):
        QApplication.setPalette(palette(theme))
        field.set_theme(theme)
        QApplication.processEvents()
        picture = field.grab().toImage()
        assert picture.pixelColor(field.width() - 30, 15) == theme.color("surface")


def test_a_caption_is_as_high_as_its_words_need(qtbot: QtBot) -> None:
    caption = Caption(DARK)
    qtbot.addWidget(caption)
    caption.resize(600, caption.height())
    caption.show()
    caption.set_text("Some words that fit.")
    one = caption.height()
    caption.set_text("Some words that do not fit. " * 8)
    assert caption.height() >= 2 * one - 2
    caption.set_text("")
    assert caption.height() == one


def test_a_flow_goes_on_below_and_leaves_out_what_is_hidden(qtbot: QtBot) -> None:
    flow = Flow()
    qtbot.addWidget(flow)
    parts = [EntryField(str(number), (), DARK) for number in range(3)]
    for part in parts:
        flow.add(part)
    flow.resize(2_000, 40)
    flow.show()
    assert {part.y() for part in parts} == {0}
    one = flow.height()
    flow.resize(parts[0].width() + 20, 40)
    assert [part.x() for part in parts] == [0, 0, 0]
    assert flow.height() > 2 * one
    parts[1].hide()
    flow.arrange()
    assert parts[2].y() < 2 * one
    gone: QWidget = parts[0]
    flow.remove(gone)
    gone.hide()
    assert flow.height() == one
