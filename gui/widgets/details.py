"""One bookmaker's details, painted, in the side pane."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from gui.theme import SEMIBOLD, Theme
from gui.view_models.details import DetailsModel
from gui.widgets.buttons import RailButton
from gui.widgets.lights import paint_light
from gui.widgets.painting import (
    CHIP_HEIGHT,
    NORMAL,
    chip_width,
    draw_chip,
    draw_tag,
    draw_text,
    draw_text_right,
    elided,
)
from gui.widgets.scroll_bar import slim

_HEAD = 100
_LINE = 18
_CHIP_GAP = 5
_SECTION_GAP = 14


class _Sheet(QWidget):
    """The painted part, as high as it needs to be."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.model: DetailsModel | None = None

    def sizeHint(self) -> QSize:
        """Return the height of everything."""
        return QSize(200, self._layout(None))

    def minimumSizeHint(self) -> QSize:
        """Return the height of everything."""
        return QSize(100, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Chips may need another number of lines."""
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self.theme.color("surface"))
        self._layout(painter)
        painter.end()

    def _layout(self, painter: QPainter | None) -> int:
        """Paint, or without a painter only measure; return the height."""
        model = self.model
        if model is None:
            return 0
        if painter is not None:
            self._head(painter, model)
        y = self._chips(painter, model, _HEAD)
        for heading, lines in model.sections:
            y += _SECTION_GAP
            if painter is not None:
                draw_text(painter, heading, 0, y + 11, self.theme.color("muted"), 11, SEMIBOLD)
            y += _LINE + 2
            for label, value in lines:
                if painter is not None:
                    self._line(painter, label, value, y)
                y += _LINE
        return round(y) + 6

    def _head(self, painter: QPainter, model: DetailsModel) -> None:
        theme, width = self.theme, self.width()
        paint_light(painter, model.light, 5, 9, theme)
        name = elided(model.name, 14, SEMIBOLD, width - 18 - 100)
        end = 18 + draw_text(painter, name, 18, 14, theme.color("text"), 14, SEMIBOLD)
        if model.tag:
            draw_tag(painter, model.tag, round(end) + 8, 2, theme)
        words = ", ".join(part for part in (model.reason, model.group) if part)
        words = elided(words, 12, NORMAL, width - 18)
        draw_text(painter, words, 18, 33, theme.color(model.reason_tone), 12)
        draw_text(painter, model.value, 0, 76, theme.color(model.value_tone), 28, SEMIBOLD)

    def _chips(self, painter: QPainter | None, model: DetailsModel, y: float) -> float:
        x = 0.0
        for text, tone in model.last:
            if x and x + chip_width(text) > self.width() - 4:
                x, y = 0.0, y + CHIP_HEIGHT + _CHIP_GAP
            if painter is not None:
                draw_chip(painter, text, tone, x, y, self.theme)
            x = round(x + chip_width(text) + _CHIP_GAP)
        return y + CHIP_HEIGHT if model.last else y

    def _line(self, painter: QPainter, label: str, value: str, y: float) -> None:
        right = self.width() - 6
        value = elided(value, 12, NORMAL, right // 2)
        draw_text(painter, label, 0, y + 12, self.theme.color("muted"), 12)
        draw_text_right(painter, value, right, y + 12, self.theme.color("text"), 12)


class Details(QWidget):
    """Shows a `DetailsModel`, scrolling where it is too high."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheet = _Sheet(theme)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._sheet)
        slim(self._area, theme)
        self._close = RailButton("close", "", theme, self)
        self._close.setFixedSize(26, 26)
        self._close.setToolTip("Back to the attention list (Esc)")
        self._close.setAccessibleName("close details")
        self._close.clicked.connect(self.closed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)
        self.setMinimumHeight(320)

    def show_model(self, model: DetailsModel) -> None:
        """Show another state, or another bookmaker."""
        old = self._sheet.model
        if model == old:
            return
        self._sheet.model = model
        if old is None or len(old.last) != len(model.last) or old.name != model.name:
            self._sheet.updateGeometry()
        self.setAccessibleName(f"details of {model.name}")
        self._sheet.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._sheet.theme = theme
        self._close.set_theme(theme)
        slim(self._area, theme)
        self._sheet.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the closing cross in the upper right corner."""
        self._close.move(self.width() - 26, 0)
        self._close.raise_()
