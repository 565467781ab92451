"""Pairs of a short name and a sentence, one below the other; sentences wrap."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.tones import Tone
from gui.widgets.painting import draw_text, set_text, text_width
from gui.widgets.wrapped import WRAP, Wrapped, height_of

_PIXELS = 12
_LINE_GAP = 6
_COLUMN_GAP = 20


class Facts(Wrapped):
    """Muted names at the left, sentences at the right. A pair without a name spans both columns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._facts: tuple[tuple[str, str], ...] = ()
        self._heights: list[int] = []

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show other pairs."""
        if tuple(facts) != self._facts:
            self._facts = tuple(facts)
            self.setAccessibleName("; ".join(f"{name}: {text}" for name, text in facts))
            self._arrange()
            self.update()

    def _name_width(self) -> float:
        return max((text_width(name, _PIXELS) for name, _ in self._facts if name), default=0.0) + _COLUMN_GAP

    def _fitting_height(self) -> int:
        self._heights = []
        for name, text in self._facts:
            left = self._name_width() if name else 0
            self._heights.append(height_of(text, _PIXELS, self.width() - left))
        return sum(self._heights) + _LINE_GAP * max(0, len(self._heights) - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pairs."""
        painter = QPainter(self)
        top = 0
        for (name, text), height in zip(self._facts, self._heights, strict=True):
            left = self._name_width() if name else 0
            draw_text(painter, name, 0, top + 12, self._theme.color(Tone.MUTED), _PIXELS)
            set_text(painter, _PIXELS, self._theme.color(Tone.TEXT if name else Tone.MUTED))
            painter.drawText(QRectF(left, top, self.width() - left, height), WRAP, text)
            top += height + _LINE_GAP
