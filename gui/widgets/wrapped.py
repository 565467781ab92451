"""What the widgets of wrapping words share: their height follows from their width and what they say."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme
from gui.widgets.painting import metrics

WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop

_HIGHEST = 2_000
_NARROWEST = 60


class Wrapped(QWidget):
    """Takes any width, and sets its height for it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _fitting_height(self) -> int:
        """Break the lines for the width there is; return how high they are together."""
        raise AssertionError("each widget says this for itself")

    def _arrange(self) -> None:
        height = self._fitting_height()
        if height != self.height():
            self.setFixedHeight(height)

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


def height_of(text: str, pixels: int, width: float) -> int:
    """Return how high a text is when it wraps within a width."""
    room = QRectF(0, 0, max(_NARROWEST, width), _HIGHEST)
    return round(metrics(pixels).boundingRect(room, WRAP, text).height()) + 1
