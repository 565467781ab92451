"""A question before a command with large effect, over the window."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.theme import SEMIBOLD, Theme
from gui.widgets.buttons import FlatButton
from gui.widgets.painting import NORMAL, draw_frame, draw_text, elided

_WIDTH, _HEIGHT = 440, 132
_PAD = 20


class Question(QWidget):
    """Covers its parent while it is open. Enter presses the focused button, at first the cancelling one."""

    answered = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._theme = theme
        self._text = ""
        self._detail = ""
        self._accepted: Callable[[], None] | None = None
        self._return_to: QWidget | None = None
        self.accept_button = FlatButton("", theme, self)
        self.accept_button.clicked.connect(lambda: self._answer(True))
        self.cancel_button = FlatButton("Cancel", theme, self)
        self.cancel_button.clicked.connect(lambda: self._answer(False))
        self.hide()

    def ask(self, text: str, detail: str, verb: str, accepted: Callable[[], None]) -> None:
        """Ask, and call `accepted` if the button worded `verb` is the answer."""
        self._text, self._detail, self._accepted = text, detail, accepted
        self._return_to = self.window().focusWidget()
        self.accept_button.set_text(verb)
        self.setAccessibleName(text)
        self.setAccessibleDescription(detail)
        self.setGeometry(self._over.rect())
        self._place()
        self.show()
        self.raise_()
        self.cancel_button.setFocus(Qt.FocusReason.TabFocusReason)

    @property
    def text(self) -> str:
        """Return what is asked."""
        return self._text

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        for button in (self.accept_button, self.cancel_button):
            button.set_theme(theme)
        self.update()

    def _answer(self, accepted: bool) -> None:
        self.hide()
        if self._return_to is not None:
            self._return_to.setFocus(Qt.FocusReason.PopupFocusReason)
            self._return_to = None
        if accepted and self._accepted is not None:
            self._accepted()
        self._accepted = None
        self.answered.emit(accepted)

    def _corner(self) -> QPoint:
        return QPoint((self.width() - _WIDTH) // 2, max((self.height() - _HEIGHT) // 3, 8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the buttons in their places."""
        self._place()

    def _place(self) -> None:
        corner = self._corner()
        right = corner.x() + _WIDTH - _PAD
        for button in (self.accept_button, self.cancel_button):
            size = button.sizeHint()
            button.setGeometry(right - size.width(), corner.y() + _HEIGHT - _PAD - 30, size.width(), 30)
            right -= size.width() + 12

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what is below and paint the question."""
        theme, corner = self._theme, self._corner()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("bg", 0.72))
        frame = QRectF(corner.x(), corner.y(), _WIDTH, _HEIGHT)
        draw_frame(painter, frame, theme.color("surface"), theme.color("line"), 10, 1)
        x, y, room = corner.x() + _PAD, corner.y(), _WIDTH - 2 * _PAD
        text, detail = elided(self._text, 15, SEMIBOLD, room), elided(self._detail, 12, NORMAL, room)
        draw_text(painter, text, x, y + 35, theme.color("text"), 15, SEMIBOLD)
        draw_text(painter, detail, x, y + 58, theme.color("muted"), 12)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Take every key for itself while it is open, also those that are shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape cancels, arrows go from button to button; nothing else reaches the window."""
        if event.key() == Qt.Key.Key_Escape:
            self._answer(False)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            other = self.cancel_button if self.accept_button.hasFocus() else self.accept_button
            other.setFocus(Qt.FocusReason.TabFocusReason)
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays with the two buttons."""
        other = self.cancel_button if self.accept_button.hasFocus() else self.accept_button
        other.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the buttons does nothing."""
        event.accept()
