"""Pairs of a short name and a sentence, one below the other; sentences wrap."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme, font
from gui.view_models.tones import Tone
from gui.widgets.painting import draw_text, metrics, text_width

_PIXELS = 12
_LINE_GAP = 6
_COLUMN_GAP = 20
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class Facts(QWidget):
    """Muted names at the left, sentences at the right. A pair without a name spans both columns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._facts: tuple[tuple[str, str], ...] = ()
        self._heights: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show other pairs."""
        if tuple(facts) != self._facts:
            self._facts = tuple(facts)
            self.setAccessibleName("; ".join(f"{name}: {text}" for name, text in facts))
            self._arrange()
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break lines anew."""
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _name_width(self) -> float:
        return max((text_width(name, _PIXELS) for name, _ in self._facts if name), default=0.0) + _COLUMN_GAP

    def _arrange(self) -> None:
        self._heights = []
        for name, text in self._facts:
            left = self._name_width() if name else 0
            room = QRectF(0, 0, max(60, self.width() - left), 1_000)
            self._heights.append(round(metrics(_PIXELS).boundingRect(room, _WRAP, text).height()) + 1)
        height = sum(self._heights) + _LINE_GAP * max(0, len(self._heights) - 1)
        if height != self.height():
            self.setFixedHeight(height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pairs."""
        painter = QPainter(self)
        top = 0
        for (name, text), height in zip(self._facts, self._heights, strict=True):
            left = self._name_width() if name else 0
            draw_text(painter, name, 0, top + 12, self._theme.color(Tone.MUTED), _PIXELS)
            painter.setFont(font(_PIXELS, tabular=False))
            painter.setPen(self._theme.color(Tone.TEXT if name else Tone.MUTED))
            painter.drawText(QRectF(left, top, self.width() - left, height), _WRAP, text)
            top += height + _LINE_GAP
