"""What the painted charts share: a title that becomes the reading of what is pointed at, and a cursor."""

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme
from gui.view_models.tones import Tone
from gui.widgets.painting import NORMAL, draw_text, elided

TITLE = 22  # height of the title
LABEL = 11  # pixels


class Chart(QWidget):
    """A painted chart whose parts can be pointed at with the mouse or reached with the arrow keys."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._title = ""
        self.trouble = ""  # why nothing can be shown, said in place of the title
        self._cursor: int | None = None
        self._by_mouse = False
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def cursor_at(self) -> int | None:
        """Which part is pointed at."""
        return self._cursor

    def count(self) -> int:
        """Return how many parts there are."""
        raise AssertionError("each chart says this for itself")

    def part_at(self, x: float, y: float) -> int | None:
        """Return the part at a place."""
        raise AssertionError("each chart says this for itself")

    def reading(self, part: int) -> str:
        """Return what is said of a part."""
        raise AssertionError("each chart says this for itself")

    def step(self, key: Qt.Key) -> int:
        """Return how many parts further a key leads; 0 where it leads nowhere."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        steps |= {Qt.Key.Key_Home: -self.count(), Qt.Key.Key_End: self.count()}
        return steps.get(key, 0)

    def set_title(self, title: str) -> None:
        """Say what the chart shows."""
        if title != self._title:
            self._title = title
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme
        self.update()

    def point_at(self, part: int | None, *, by_mouse: bool = False) -> None:
        """Point at a part, or at none."""
        if part is not None and not 0 <= part < self.count():
            part = None
        self._by_mouse = by_mouse
        if part != self._cursor:
            self._cursor = part
            self.setAccessibleDescription("" if part is None else self.reading(part))
            self.update()

    def keep_cursor(self) -> None:
        """Point at nothing that is no longer there."""
        if self._cursor is not None and self._cursor >= self.count():
            self._cursor = None

    def paint_title(self, painter: QPainter) -> None:
        """Paint the title, or the reading in its place, and the ring of the focus."""
        said = self.trouble or (self._title if self._cursor is None else self.reading(self._cursor))
        tone = Tone.MUTED if self._cursor is None else Tone.TEXT
        text = elided(said, LABEL, NORMAL, self.width())
        draw_text(painter, text, 0, 13, self.theme.color(tone), LABEL)
        if self.hasFocus() and not self._by_mouse:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.theme.color("accent"), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            frame = QRectF(self.rect()).adjusted(0.7, TITLE - 3.3, -0.7, -0.7)
            painter.drawRoundedRect(frame, 5, 5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at what is under the mouse."""
        self.point_at(self.part_at(event.position().x(), event.position().y()), by_mouse=True)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        if self._by_mouse:
            self.point_at(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing."""
        self.point_at(None)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Lead to the next part; Escape points at nothing."""
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Escape and self._cursor is not None:
            self.point_at(None)
            return
        step = self.step(key)
        if not step or not self.count():
            super().keyPressEvent(event)
            return
        last = self.count() - 1
        if self._cursor is None:
            from_end = key in (Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Up)
            self.point_at(last if from_end else 0)
        else:
            self.point_at(min(max(self._cursor + step, 0), last))
