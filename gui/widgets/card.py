"""One bookmaker on the wall: a single painted widget in one of three sizes."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gui.theme import SELECTED_SHARE, Theme
from gui.view_models.cards import CardModel
from gui.view_models.wall import CardSize
from gui.widgets.card_compact import paint_compact
from gui.widgets.card_full import changed_parts, has_foot, paint_full
from gui.widgets.card_row import paint_row
from gui.widgets.painting import draw_frame
from gui.widgets.tips import tip

_RADIUS = {CardSize.FULL: 10.0, CardSize.COMPACT: 8.0, CardSize.ROW: 4.0}

# The focus comes back to where it was: nobody has moved it.
_RETURNS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class Card(QWidget):
    """Shows a `CardModel` and paints again only what differs from the one before."""

    clicked = Signal(str, bool, bool)  # bookmaker, toggle, extend
    opened = Signal(str)
    menu_wanted = Signal(str, object)  # bookmaker, global QPoint
    focused = Signal(str)

    def __init__(self, model: CardModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._size = CardSize.FULL
        self._selected = False
        self._by_keyboard = False  # the focus came from there last
        self._ringed = False  # has the focus, and got it from the keyboard
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(model.head.name)
        self.setAccessibleDescription(model.description)

    @property
    def model(self) -> CardModel:
        """Return what is shown."""
        return self._model

    @property
    def selected(self) -> bool:
        """Return whether the card is selected."""
        return self._selected

    def show_model(self, model: CardModel) -> bool:
        """Show `model`; return whether anything has to be painted."""
        old = self._model
        if model is old:
            return False
        self._model = model
        if model.head != old.head:
            self._describe(old)
        if self._size is CardSize.FULL:
            parts = changed_parts(old, model, self.width(), self.height())
            for part in parts:
                self.update(part)
            return bool(parts)
        if (model.head, model.live, model.last, model.foot, model.alarm) == (
            old.head,
            old.live,
            old.last,
            old.foot,
            old.alarm,
        ):
            return False
        self.update()
        return True

    def _describe(self, old: CardModel) -> None:
        """Tell assistive technology, but not at every tick of a countdown."""
        if self._model.head.name != old.head.name:
            self.setAccessibleName(self._model.head.name)
        if self._model.head.light is not old.head.light or self._model.alarm is not old.alarm:
            self.setAccessibleDescription(self._model.description)

    def set_size(self, size: CardSize) -> None:
        """Paint as a full card, a compact one or a row."""
        if size is not self._size:
            self._size = size
            self.update()

    def set_selected(self, selected: bool) -> None:
        """Show whether the card is selected."""
        if selected is not self._selected:
            self._selected = selected
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts that the event's rectangle touches."""
        theme, model, dirty = self._theme, self._model, event.rect()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(dirty, theme.color("bg"))
        self._frame(painter)
        if self._size is CardSize.FULL:
            paint_full(painter, model, theme, self.width(), self.height(), dirty)
        elif self._size is CardSize.COMPACT:
            paint_compact(painter, model, theme, self.width(), self.height())
        else:
            paint_row(painter, model, theme, self.width(), self.height())
        painter.end()

    def _frame(self, painter: QPainter) -> None:
        theme = self._theme
        fill = theme.blend("accent", "surface", SELECTED_SHARE) if self._selected else theme.color("surface")
        alarm = self._model.alarm
        border = theme.color("line") if self._size is not CardSize.ROW else fill
        if alarm is not None:
            border = theme.blend(alarm, "surface", 0.6)
        if self._selected:
            border = theme.blend("accent", "surface", 0.7)
        pen = 1.0
        if self._ringed:
            border, pen = theme.color("accent"), 2.0
        draw_frame(painter, QRectF(self.rect()), fill, border, _RADIUS[self._size], pen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select; the right button keeps a selection that this card is part of."""
        right = event.button() == Qt.MouseButton.RightButton
        if not (right and self._selected):
            held = event.modifiers()
            toggle = bool(held & Qt.KeyboardModifier.ControlModifier)
            extend = bool(held & Qt.KeyboardModifier.ShiftModifier)
            self.clicked.emit(self._model.head.name, toggle, extend)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the bookmaker's details."""
        self.opened.emit(self._model.head.name)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of commands."""
        self.menu_wanted.emit(self._model.head.name, event.globalPos())
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring and say where the keyboard is."""
        self.focused.emit(self._model.head.name)
        self.setAccessibleDescription(self._model.description)
        super().focusInEvent(event)
        if event.reason() not in _RETURNS:
            self._by_keyboard = event.reason() is not Qt.FocusReason.MouseFocusReason
        self._ringed = self._by_keyboard
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self._ringed = False
        self.update()

    def event(self, event: QEvent) -> bool:
        """Make the tool tip only when one is asked for."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            head, foot = self._model.head, self._model.foot
            lines = [f"{head.name}  {head.tag}".strip(), head.reason]
            lines += [f"{label}: {value}" for label, value in foot.figures]
            lines.append(f"age of the data: {foot.age}")
            says_it_all = self._size is CardSize.FULL and has_foot(self.height())
            if not says_it_all or self._model.alarm is not None:
                QToolTip.showText(event.globalPos(), tip("\n".join(line for line in lines if line)), self)
            return True
        return super().event(event)
