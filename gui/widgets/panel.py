"""The frame of a part of a page: a rounded surface with a title, a tag, and a note about its age."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import SEMIBOLD, Theme
from gui.view_models.condition import Light
from gui.view_models.tones import Tone
from gui.widgets.lights import paint_light
from gui.widgets.painting import NORMAL, TAG_HEIGHT, draw_tag, draw_text, draw_text_right, elided
from gui.widgets.tips import tip

RADIUS = 10
MARGIN = 14
_GAP = 8
_LIGHT = 9


class TitleBar(QWidget):
    """One line: title, tag and, at the right end, a note with or without a light."""

    def __init__(self, title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._span = ""
        self._tag = ""
        self._note = ""
        self._tone = Tone.MUTED
        self._light: Light | None = None
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """One line of text, however long it is: it is elided where it does not fit."""
        return QSize(200, 24)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def show_state(
        self,
        *,
        span: str = "",
        tag: str = "",
        note: str = "",
        tone: Tone = Tone.MUTED,
        light: Light | None = None,
    ) -> None:
        """Show other words beside the title: the window of the numbers, a tag, a note at the right end."""
        state = (span, tag, note, tone, light)
        if state == (self._span, self._tag, self._note, self._tone, self._light):
            return
        self._span, self._tag, self._note, self._tone, self._light = state
        self.setAccessibleName(", ".join(part for part in (self._title, span, tag, note) if part))
        self.setToolTip(tip(note))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        theme, middle = self._theme, self.height() / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        muted = theme.color(Tone.MUTED)
        left = draw_text(painter, self._title, 0, middle + 5, theme.color(Tone.TEXT), 14, SEMIBOLD) + _GAP
        if self._span:
            left += draw_text(painter, self._span, left, middle + 4.5, muted, 12) + _GAP
        if self._tag:
            left += draw_tag(painter, self._tag, left, round(middle - TAG_HEIGHT / 2), theme) + _GAP
        room = self.width() - left - _GAP - (_LIGHT + 6 if self._light else 0)
        note = elided(self._note, 12, NORMAL, int(room))
        color = theme.color(self._tone)
        begins = draw_text_right(painter, note, self.width() - 1, middle + 4.5, color, 12)
        if self._light is not None:
            paint_light(painter, self._light, begins - _LIGHT / 2 - 6, middle, theme)


class Panel(QWidget):
    """A card that holds other widgets below its title; `tools` stand at the right of the title."""

    def __init__(self, title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(title)
        self.bar = TitleBar(title, theme, self)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(_GAP)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.bar, 1)
        head.addLayout(self.tools)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(MARGIN, 10, MARGIN, 10)
        self.body.setSpacing(8)
        self.body.addLayout(head)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.bar.set_theme(theme)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface and its border."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
