"""Every key and what it does, over the window. Any key or click closes it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import MEDIUM, SEMIBOLD, Theme
from gui.widgets.painting import NORMAL, draw_frame, draw_text, draw_text_right, elided, text_width

_LINE = 24
_COLUMN = 440
_PAD = 24
_TOP = 58


Section = tuple[str, Sequence[tuple[str, str]]]  # a heading, and keys with what they do


class HelpOverlay(QWidget):
    """Covers its parent while it is open."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._theme = theme
        self._columns: Sequence[Sequence[Section]] = ()
        self._return_to: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("keys and commands")
        self.hide()

    def open(self, columns: Sequence[Sequence[Section]]) -> None:
        """Show columns of sections."""
        self._columns = columns
        self._return_to = self.window().focusWidget()
        lines = [f"{keys}: {words}" for column in columns for _, each in column for keys, words in each]
        self.setAccessibleDescription("; ".join(lines))
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def _close(self) -> None:
        self.hide()
        if self._return_to is not None:
            self._return_to.setFocus(Qt.FocusReason.PopupFocusReason)
            self._return_to = None
        self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what is below and paint the sections beside each other."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("bg", 0.72))
        most = max((_lines(column) for column in self._columns), default=0)
        count = len(self._columns)
        column_width = min(_COLUMN, (self.width() - 2 * _PAD - 40) // max(count, 1))
        width, height = count * column_width + 2 * _PAD, _TOP + most * _LINE + _PAD
        x, y = (self.width() - width) / 2, max((self.height() - height) / 2, 8)
        frame = QRectF(x, y, width, height)
        draw_frame(painter, frame, theme.color("surface"), theme.color("line"), 10, 1)
        draw_text(painter, "Keys and commands", x + _PAD, y + 34, theme.color("text"), 16, SEMIBOLD)
        draw_text_right(painter, "any key closes this", x + width - _PAD, y + 34, theme.color("muted"), 11)
        for index, column in enumerate(self._columns):
            left, top = x + _PAD + index * column_width, y + _TOP
            for heading, lines in column:
                last = index == count - 1
                self._section(painter, heading, lines, left, top, column_width - (0 if last else 36))
                top += _lines([(heading, lines)]) * _LINE
        painter.end()

    def _section(
        self,
        painter: QPainter,
        heading: str,
        lines: Sequence[tuple[str, str]],
        x: float,
        y: float,
        width: float,
    ) -> None:
        theme = self._theme
        draw_text(painter, heading, x, y + 12, theme.color("muted"), 11, SEMIBOLD)
        for keys, words in lines:
            y += _LINE
            keys_width = text_width(keys, 12, MEDIUM)
            shown = elided(words, 12, NORMAL, int(width - keys_width - 12))
            draw_text(painter, shown, x, y + 12, theme.color("text"), 12)
            draw_text_right(painter, keys, x + width, y + 12, theme.color("accent"), 12, MEDIUM)

    def event(self, event: QEvent) -> bool:
        """Take every key for itself while it is open, also those that are shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key but a modifier closes."""
        if event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta):
            self._close()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click closes."""
        self._close()


def _lines(column: Sequence[Section]) -> float:
    """Return the height of a column in lines: each section with its heading and some room."""
    return sum(len(lines) + 1.7 for _, lines in column)
