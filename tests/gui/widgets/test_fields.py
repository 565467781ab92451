"""The field that offers a list: what does not choose from it."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme import DARK
from gui.widgets.fields import ChoiceField


def test_the_wheel_chooses_nothing_and_is_left_to_the_page(qtbot: QtBot) -> None:
    field = ChoiceField("rule", DARK)
    qtbot.addWidget(field)
    field.addItems(["any rule", "stall", "gap"])
    field.show()
    at = QPointF(5, 5)
    turn = QWheelEvent(
        at,
        at,
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, turn)
    assert not turn.isAccepted()
    assert field.currentText() == "any rule"
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.currentText() == "stall"
