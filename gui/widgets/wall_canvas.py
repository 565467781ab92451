"""The ground the cards stand on: it takes the keys that move between cards and paints table headings."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.tones import Tone
from gui.view_models.wall import CardSize, Placement
from gui.widgets.card_row import paint_heading
from gui.widgets.painting import NORMAL, draw_text, elided, text_width

STARTING = "Starting: the bookmakers appear here as soon as the engine runs"
_TO_THE_END = 1_000_000
_MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Home: (0, -_TO_THE_END),
    Qt.Key.Key_End: (0, _TO_THE_END),
}
_OPEN_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class WallCanvas(QWidget):
    """Parent of the cards, which let keys they do not use rise to it."""

    moved = Signal(int, int, bool, bool)  # right, down, extend the selection, move without selecting
    chosen = Signal(bool)  # the card the keyboard is at: opened, or else its selection toggled
    cleared = Signal()
    menu_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._placement: Placement | None = None
        self._count = 0
        self._words = STARTING
        self._tone = Tone.MUTED
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("wall")

    def show_placement(self, placement: Placement, count: int) -> None:
        """Paint headings where `count` rows of a table have their columns."""
        if placement != self._placement or count != self._count:
            self._placement, self._count = placement, count
            self._describe()
            self.update()

    def say(self, words: str, tone: Tone = Tone.MUTED) -> None:
        """Say on an empty wall why it is empty."""
        if (words, tone) != (self._words, self._tone):
            self._words, self._tone = words, tone
            self._describe()
            self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription("" if self._count else self._words)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, and on it headings or, on an empty wall, why it is empty."""
        theme, placement = self._theme, self._placement
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("bg"))
        if not self._count:
            words = elided(self._words, 13, NORMAL, self.width() - 24)
            x = (self.width() - text_width(words, 13)) / 2
            draw_text(painter, words, x, self.height() * 0.45, theme.color(self._tone), 13)
        elif placement is not None and placement.size is CardSize.ROW:
            for column in range(-(-self._count // placement.rows)):
                x = placement.margin + column * (placement.width + placement.gap)
                paint_heading(painter, theme, x, placement.margin - 2, placement.width)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End move (Shift extends, Ctrl moves only the focus); Space selects, Enter opens."""
        key, held = Qt.Key(event.key()), event.modifiers()
        if key in _MOVES:
            right, down = _MOVES[key]
            extend = bool(held & Qt.KeyboardModifier.ShiftModifier)
            only_focus = bool(held & Qt.KeyboardModifier.ControlModifier)
            self.moved.emit(right, down, extend, only_focus)
        elif key is Qt.Key.Key_Space or key in _OPEN_KEYS:
            self.chosen.emit(key in _OPEN_KEYS)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the cards selects nothing."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.cleared.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the commands for all."""
        self.menu_wanted.emit(event.globalPos())
