"""The header: the figures over everything at the left, the commands at the right."""

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.theme import SEMIBOLD, Theme
from gui.view_models.header import HeaderModel
from gui.view_models.levers import Lever, LeverModel
from gui.view_models.tones import Tone
from gui.widgets.buttons import FlatButton
from gui.widgets.painting import draw_tag, draw_text, tag_width, text_width

HEIGHT = 52
_GAP = 22
SHOWN_LEVERS = (Lever.START, Lever.PAUSE, Lever.STOP)


class HeaderFigures(QWidget):
    """The figures, as many as there is room for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = HeaderModel(())
        self.setAccessibleName("all bookmakers")

    def show_model(self, model: HeaderModel) -> None:
        """Show other figures."""
        if model != self._model:
            self._model = model
            self.setAccessibleDescription(", ".join(f"{label} {value}" for label, value in model.figures))
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint labels above values."""
        theme, model = self._theme, self._model
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = 18.0
        end = self.width() - (tag_width(model.short_tag) + _GAP if model.tag else 0)
        for label, value in model.figures:
            width = max(text_width(label, 10, SEMIBOLD), text_width(value, 13, SEMIBOLD))
            if x + width > end:
                break
            draw_text(painter, label, x, 20, theme.color("muted"), 10, SEMIBOLD)
            draw_text(painter, value, x, 36, theme.color("text"), 13, SEMIBOLD)
            x = round(x + width + _GAP)
        tag = model.tag if x + tag_width(model.tag) < self.width() else model.short_tag
        if tag:
            draw_tag(painter, tag, x, 25, theme)
        if model.age and x + text_width(model.age, 10, SEMIBOLD) < self.width():
            draw_text(painter, model.age, x, 20, theme.color(Tone.WARN), 10, SEMIBOLD)
        painter.end()


class Header(QWidget):
    """Figures, the three commands that reach all bookmakers or the selected ones, and the search."""

    lever_pulled = Signal(Lever)
    search_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedHeight(HEIGHT)
        self.figures = HeaderFigures(theme, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 18, 1)
        layout.setSpacing(18)
        layout.addWidget(self.figures, 1)
        self.buttons: dict[Lever, FlatButton] = {}
        for lever in SHOWN_LEVERS:
            button = FlatButton(lever.value.capitalize() + " all", theme, self)
            button.clicked.connect(lambda _checked=False, lever=lever: self.lever_pulled.emit(lever))
            self.buttons[lever] = button
            layout.addWidget(button)
        self.search = FlatButton("Search or run", theme, self)
        self.search.hint = "Ctrl K"
        self.search.clicked.connect(self.search_wanted)
        layout.addWidget(self.search)

    def show_lever(self, model: LeverModel) -> None:
        """Word a command for whom it reaches now."""
        button = self.buttons[model.lever]
        button.set_text(model.label)
        if button.isEnabled() != model.enabled:
            button.setEnabled(model.enabled)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.figures.set_theme(theme)
        for button in (*self.buttons.values(), self.search):
            button.set_theme(theme)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the line below it."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.color("surface"))
        painter.fillRect(QRect(0, HEIGHT - 1, self.width(), 1), self._theme.color("line"))
        painter.end()
