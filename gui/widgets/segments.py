"""One choice of a few, side by side: the range of statistics, the theme, the size of the cards."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from gui.theme import Theme
from gui.view_models.tones import Tone
from gui.widgets.painting import is_figure, set_text, text_width

_HEIGHT = 26
_PADDING = 11


class _Segment(QAbstractButton):
    """One of the choices."""

    def __init__(self, text: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return what the text needs."""
        return QSize(round(text_width(self.text(), 12)) + 2 * _PADDING, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground of the chosen one, a ring around the focused one, and the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setPen(QPen(self.theme.color("line"), 1))
            painter.setBrush(self.theme.color("surface"))
            painter.drawRoundedRect(box, 5, 5)
        if self.hasFocus():
            painter.setPen(QPen(self.theme.color("accent"), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 5, 5)
        strong = self.isChecked() or self.underMouse()
        color = self.theme.color(Tone.TEXT if strong else Tone.MUTED)
        set_text(painter, 12, color, tabular=is_figure(self.text()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segments(QWidget):
    """Choices by key; the arrow keys move between them, the Tab key comes to the chosen one."""

    chosen = Signal(str)  # by the operator, never by `choose`

    def __init__(
        self, name: str, choices: Sequence[tuple[str, str]], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._group = QButtonGroup(self)
        self._keys = [key for key, _ in choices]
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, (_, text) in enumerate(choices):
            segment = _Segment(text, theme, self)
            self._group.addButton(segment, number)
            row.addWidget(segment)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group.idClicked.connect(lambda number: self.chosen.emit(self._keys[number]))

    @property
    def key(self) -> str:
        """The chosen key; empty while nothing is chosen."""
        number = self._group.checkedId()
        return self._keys[number] if number >= 0 else ""

    def choose(self, key: str) -> None:
        """Show `key` as chosen, without saying so."""
        if key in self._keys:
            self._group.button(self._keys.index(key)).setChecked(True)

    def click(self, key: str) -> None:
        """Choose `key` as the operator does, who is then heard."""
        if key in self._keys:
            self._group.button(self._keys.index(key)).click()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        for segment in self._group.buttons():
            if isinstance(segment, _Segment):
                segment.theme = theme
                segment.update()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the track behind the choices."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
