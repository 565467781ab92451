"""A line or more of words over or under what they speak of; they wrap."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.tones import Tone
from gui.widgets.painting import set_text
from gui.widgets.wrapped import WRAP, Wrapped, height_of


class Caption(Wrapped):
    """Its height follows from its width and its words."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, pixels: int = 11, tone: Tone = Tone.MUTED
    ) -> None:
        super().__init__(theme, parent)
        self._pixels = pixels
        self._tone = tone
        self._text = ""
        self._arrange()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def set_text(self, text: str) -> None:
        """Say something else."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self._arrange()
            self.update()

    def set_tone(self, tone: Tone) -> None:
        """Say it in another tone."""
        if tone != self._tone:
            self._tone = tone
            self.update()

    def _fitting_height(self) -> int:
        return height_of(self._text or " ", self._pixels, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words."""
        painter = QPainter(self)
        set_text(painter, self._pixels, self._theme.color(self._tone))
        painter.drawText(QRectF(self.rect()), WRAP, self._text)
