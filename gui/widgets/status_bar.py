"""The line along the bottom: database, Redis, outboxes; size of the cards, time zone and clock."""

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.condition import Light
from gui.view_models.status import StatusModel
from gui.view_models.tones import Tone
from gui.view_models.wall import WallSize
from gui.widgets.buttons import FlatButton
from gui.widgets.lights import paint_light
from gui.widgets.painting import NORMAL, draw_text, draw_text_right, elided, text_width

HEIGHT = 26
_PIXELS = 11
_RIGHT = 14
_CLOCK_WIDTH = 120


class StatusBar(QWidget):
    """Shows a `StatusModel`."""

    size_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = StatusModel((), "", "")
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("status")
        self._size_button = FlatButton("", theme, self, quiet=True)
        self._size_button.setToolTip("Size of the cards: auto, full, compact, table (V)")
        self._size_button.clicked.connect(self.size_wanted)

    def show_model(self, model: StatusModel) -> None:
        """Show another state."""
        old = self._model
        if model == old:
            return
        self._model = model
        if model.entries != old.entries:
            self.setAccessibleDescription(", ".join(words for _, words in model.entries))
            self.update()
        else:
            self.update(QRect(self.width() - _CLOCK_WIDTH - _RIGHT, 0, _CLOCK_WIDTH + _RIGHT, HEIGHT))

    def show_size(self, size: WallSize) -> None:
        """Say which size of card was asked for."""
        self._size_button.set_text(f"cards: {size.value}")
        self._place_button()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._size_button.set_theme(theme)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button beside the clock."""
        self._place_button()

    def _place_button(self) -> None:
        size = self._size_button.sizeHint()
        x = self.width() - _CLOCK_WIDTH - _RIGHT - size.width() - 6
        self._size_button.setGeometry(x, 4, size.width(), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, entries and clock."""
        theme, model = self._theme, self._model
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("surface"))
        painter.fillRect(QRect(0, 0, self.width(), 1), theme.color("line"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        end = self._size_button.x() - 12
        x = 14.0
        for light, words in model.entries:
            if light is not None:
                paint_light(painter, light, x + 3.5, 13.5, theme, 3.5)
                x += 13
            color = theme.color(light.tone if light in (Light.BAD, Light.WARN) else Tone.MUTED)
            words = elided(words, _PIXELS, NORMAL, int(end - x))
            x += draw_text(painter, words, x, 17.5, color, _PIXELS) + 20
            if x > end:
                break
        right = self.width() - _RIGHT
        left = draw_text_right(painter, model.clock, right, 17.5, theme.color("muted"), _PIXELS)
        zone_right = left - 11
        if text_width(model.zone, _PIXELS) < _CLOCK_WIDTH:
            draw_text_right(painter, model.zone, zone_right, 17.5, theme.color("muted"), _PIXELS)
        painter.end()
