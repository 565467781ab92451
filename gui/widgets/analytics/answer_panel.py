"""A panel that shows an answer, says how old it is, and draws back what is no longer what was asked for."""

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.theme import Theme
from gui.view_models.analytics.panels import PanelBar
from gui.view_models.condition import Light
from gui.widgets.analytics.fitted_table import FittedTable
from gui.widgets.caption import Caption
from gui.widgets.panel import Panel

SIDE_BY_SIDE_FROM = 760  # pixels of a panel's width
_VEIL = 0.55


class Themed(Protocol):
    """Anything with colours of its own."""

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        ...


class _Veil(QWidget):
    """Draws what is old back; everything below it stays usable."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground over it, not quite opaque."""
        QPainter(self).fillRect(event.rect(), self.theme.color("surface", _VEIL))


class AnswerPanel(Panel):
    """Its content is made when the first answer comes; until then a sentence stands in its place."""

    title = ""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(self.title, theme, parent)
        self._message = Caption(theme, self, pixels=13)
        self.content = QWidget(self)
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(10)
        self.content.hide()
        self._veil = _Veil(theme, self)
        self.body.addWidget(self._message)
        self.body.addWidget(self.content)
        self.content.installEventFilter(self)
        self._parts: list[Themed] = []
        self._pairs: list[QBoxLayout] = []
        self._built = False
        self._light: Light | None = None
        self._bar = PanelBar()

    # What each panel says for itself.

    def build(self) -> None:
        """Make the content."""
        raise AssertionError("each panel says this for itself")

    def show_content(self, view: Any) -> None:
        """Show an answer that was made ready."""
        raise AssertionError("each panel says this for itself")

    # What the page says.

    @property
    def shown_bar(self) -> PanelBar:
        """What the title says."""
        return self._bar

    def show_answer(self, view: Any) -> None:
        """Show another answer."""
        if not self._built:
            self._built = True
            self.build()
            self._arrange_pairs()
        self.show_content(view)

    def show_bar(self, bar: PanelBar) -> None:
        """Show of which rounds the answer speaks and how old it is, or why there is none."""
        self._bar = bar
        light = None if bar.message or bar.old else self._light
        self.bar.show_state(span=bar.span, tag=bar.tag, note=bar.note, tone=bar.tone, light=light)
        self._message.set_text(bar.message)
        self._message.setVisible(bool(bar.message))
        self.content.setVisible(self._built and not bar.message)
        self._veil.setVisible(bar.old and not bar.message)
        self._veil.raise_()

    def set_light(self, light: Light) -> None:
        """Show a light beside the age of the answer."""
        self._light = light

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        super().set_theme(theme)
        self._veil.theme = theme
        for part in (self._message, *self._parts):
            part.set_theme(theme)

    # What builds the content.

    def keep(self, *parts: Themed) -> None:
        """Have `parts` follow the theme."""
        self._parts.extend(parts)

    def add_pair(self, *parts: tuple[QWidget, int]) -> None:
        """Put parts side by side, with their shares of the width, or below each other where that is small."""
        pair = QHBoxLayout()
        pair.setSpacing(18)
        for part, share in parts:
            pair.addWidget(part, share, Qt.AlignmentFlag.AlignTop)
        self._pairs.append(pair)
        self.column.addLayout(pair)

    def table(self, name: str, most_rows: int = 12) -> FittedTable:
        """Return a table that is as high as its rows."""
        made = FittedTable(self._theme, name, self.content, most_rows=most_rows)
        self.keep(made)
        return made

    def captioned(self, *parts: QWidget) -> QWidget:
        """Return `parts` below each other as one."""
        whole = QWidget(self.content)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in parts:
            column.addWidget(part)
        return whole

    # What Qt says.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put parts side by side where they fit."""
        super().resizeEvent(event)
        self._arrange_pairs()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the veil over the content."""
        if watched is self.content and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._veil.setGeometry(self.content.geometry())
        return super().eventFilter(watched, event)

    def _arrange_pairs(self) -> None:
        wide = self.width() >= SIDE_BY_SIDE_FROM
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        for pair in self._pairs:
            if pair.direction() != direction:
                pair.setDirection(direction)


def visible_if(widget: QWidget, wanted: Sequence[object] | bool) -> None:
    """Show a part only where it has something to show."""
    widget.setVisible(bool(wanted))
