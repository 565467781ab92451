"""Fields to type into and to choose from, drawn as flat as the buttons beside them."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from gui.theme import Theme, font, palette
from gui.widgets.keys import keeps
from gui.widgets.menu import style_list
from gui.widgets.painting import NORMAL, draw_frame, draw_text, elided, text_width

HEIGHT = 30
_RADIUS = 6
_PIXELS = 12


class TextField(QLineEdit):
    """One line of text with a placeholder and a button that clears it."""

    def __init__(self, placeholder: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        self.setFrame(False)
        self.setFont(font(_PIXELS))
        self.setTextMargins(8, 0, 4, 0)
        self.setFixedHeight(HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, then a border over the edge."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        pen = QPen(self._theme.color("accent" if focused else "line"), 2 if focused else 1)
        half = pen.widthF() / 2
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), _RADIUS, _RADIUS)


class ChoiceField(QComboBox):
    """One of several entries, in a list that opens."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFont(font(_PIXELS))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel gives it none

    def sizeHint(self) -> QSize:
        """Return the room for the longest entry."""
        entries = (self.itemText(index) for index in range(self.count()))
        widest = max((text_width(entry, _PIXELS) for entry in entries), default=40)
        return QSize(round(min(widest, 160)) + 36, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return what still shows a few letters."""
        return QSize(70, HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def showPopup(self) -> None:
        """Open the list in the colours of the moment."""
        style_list(self.view(), palette(self._theme))
        super().showPopup()

    def event(self, event: QEvent) -> bool:
        """Keep letters here."""
        return keeps(event) or super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page: who scrolls past means to choose nothing."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, chosen entry and an arrow."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        fill = theme.blend("text", "raised", 0.06) if self.underMouse() else theme.color("raised")
        border = theme.color("accent" if focused else "line")
        draw_frame(painter, QRectF(self.rect()), fill, border, _RADIUS, 2.0 if focused else 1.0)
        text = elided(self.currentText(), _PIXELS, NORMAL, self.width() - 34)
        draw_text(painter, text, 10, self.height() / 2 + _PIXELS * 0.36, theme.color("text"), _PIXELS)
        middle = QPointF(self.width() - 14, self.height() / 2)
        painter.setPen(QPen(theme.color("muted"), 1.5))
        painter.drawPolyline(
            [middle + QPointF(-3.5, -1.5), middle + QPointF(0, 2), middle + QPointF(3.5, -1.5)]
        )
