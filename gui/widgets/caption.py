"""A line or two of muted words over or under what they speak of."""

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.theme import Theme, font
from gui.view_models.tones import Tone


class Caption(QLabel):
    """Small words that wrap."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, pixels: int = 11, tone: Tone = Tone.MUTED
    ) -> None:
        super().__init__(parent)
        self._tone = tone
        self.setWordWrap(True)
        self.setFont(font(pixels, tabular=False))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        colors = self.palette()
        colors.setColor(self.foregroundRole(), theme.color(self._tone))
        self.setPalette(colors)
