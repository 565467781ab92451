"""A strip of totals: small muted labels with the numbers below them, as many to a line as fit."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import SEMIBOLD, Theme
from gui.view_models.figure import Figure
from gui.view_models.tones import Tone
from gui.widgets.painting import NORMAL, draw_text, elided, text_width

_LINE = 40
_GAP = 26
_LABEL, _VALUE = 11, 15  # pixels


class FigureStrip(QWidget):
    """Shows figures side by side and wraps them; its height follows from its width."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._figures: tuple[Figure, ...] = ()
        self._widths: list[float] = []  # widest ever, so that a growing number does not push its neighbours
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(0)

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(200, self.height())

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show other figures; nothing is painted when they are the same."""
        if tuple(figures) == self._figures:
            return
        if [figure.label for figure in figures] != [figure.label for figure in self._figures]:
            self._widths = [0.0] * len(figures)
        self._figures = tuple(figures)
        self._widths = [
            max(widest, text_width(figure.label, _LABEL), text_width(figure.text, _VALUE, SEMIBOLD))
            for widest, figure in zip(self._widths, self._figures, strict=True)
        ]
        self.setAccessibleName("; ".join(f"{figure.label}: {figure.text}" for figure in self._figures))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        self._fit()

    def _fit(self) -> None:
        lines = max((line for line, _ in self._places()), default=-1) + 1
        if self.height() != lines * _LINE:
            self.setFixedHeight(lines * _LINE)

    def _places(self) -> list[tuple[int, float]]:
        """Return line and left edge of each figure."""
        places: list[tuple[int, float]] = []
        line, left = 0, 0.0
        for width in self._widths:
            if left and left + width > self.width():
                line, left = line + 1, 0.0
            places.append((line, left))
            left += width + _GAP
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint labels and numbers."""
        painter = QPainter(self)
        for figure, (line, left) in zip(self._figures, self._places(), strict=True):
            room = self.width() - left
            top = line * _LINE
            label = elided(figure.label, _LABEL, NORMAL, int(room))
            text = elided(figure.text, _VALUE, SEMIBOLD, int(room))
            draw_text(painter, label, left, top + 12, self._theme.color(Tone.MUTED), _LABEL)
            draw_text(painter, text, left, top + 30, self._theme.color(figure.tone), _VALUE, SEMIBOLD)
