"""A line or more of words over or under what they speak of; they wrap."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme, font
from gui.view_models.tones import Tone
from gui.widgets.painting import metrics

_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_HIGHEST = 2_000


class Caption(QWidget):
    """Its height follows from its width and its words."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, pixels: int = 11, tone: Tone = Tone.MUTED
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pixels = pixels
        self._tone = tone
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
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

    def _arrange(self) -> None:
        room = QRectF(0, 0, max(60, self.width()), _HIGHEST)
        height = round(metrics(self._pixels).boundingRect(room, _WRAP, self._text or " ").height()) + 1
        if height != self.height():
            self.setFixedHeight(height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words."""
        painter = QPainter(self)
        painter.setFont(font(self._pixels, tabular=False))
        painter.setPen(self._theme.color(self._tone))
        painter.drawText(QRectF(self.rect()), _WRAP, self._text)
