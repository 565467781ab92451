"""A short field to type into, with the usual entries at hand."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QCompleter, QLineEdit, QSizePolicy, QWidget

from gui.theme import Theme, font, palette
from gui.widgets.fields import HEIGHT
from gui.widgets.menu import style_list
from gui.widgets.painting import draw_frame, draw_text, text_width
from gui.widgets.scroll_bar import slim

_RADIUS, _PIXELS = 6, 12
_PADDING = 10
_ARROW_ROOM = 24
# Padding of the list as a whole is not in the height that its entries are given.
_LIST_STYLE = "QAbstractItemView { padding: 0px; } QAbstractItemView::item { padding: 3px 5px; }"
_MOST_ENTRIES = 14  # of the list, before it scrolls


class EntryField(QWidget):
    """Says what was entered when Enter is pressed, an entry is chosen or the keyboard goes elsewhere."""

    entered = Signal(str)  # by the operator, never by `show_text`

    def __init__(
        self,
        name: str,
        entries: Sequence[str],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        label: str = "",
        width: int = 96,
        completes: bool = False,
    ) -> None:
        """`label` stands inside, before the text; `width` is that of the text; `completes` offers the entries
        that contain what is being typed."""
        super().__init__(parent)
        self._theme = theme
        self._label = label
        self._wide = width
        self._shown = ""  # what was last shown or entered
        self._in_force = ""
        self._wrong = False
        self._entries = tuple(entries)
        self._list: QCompleter | None = None
        self.line = QLineEdit(self)
        self.line.setFrame(False)
        self.line.setFont(font(_PIXELS))
        self.line.setAccessibleName(name)
        self.line.installEventFilter(self)
        self.line.returnPressed.connect(self._enter)
        if completes:
            self.line.textEdited.connect(self.open_entries)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusProxy(self.line)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._color()

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.line.text()

    @property
    def wrong(self) -> bool:
        """Whether what was entered has no meaning."""
        return self._wrong

    @property
    def entries(self) -> tuple[str, ...]:
        """What is at hand."""
        return self._entries

    def show_text(self, text: str, *, wrong: bool = False) -> None:
        """Show what is in force, or what was typed and has no meaning."""
        self._wrong = wrong
        self._shown = text
        if not wrong:
            self._in_force = text
        if text != self.text:
            self.line.setText(text)
            self.line.setCursorPosition(0)
        self.update()

    def show_entries(self, entries: Sequence[str]) -> None:
        """Offer other entries."""
        self._entries = tuple(entries)
        self._list = None

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._color()
        self.update()

    def _color(self) -> None:
        """Give the text the ground of the field, whatever the one around it is."""
        colors = self.line.palette()
        ground = self._theme.color("surface")
        if colors.color(QPalette.ColorRole.Base) != ground:
            colors.setColor(QPalette.ColorRole.Base, ground)
            self.line.setPalette(colors)

    def open_entries(self, containing: str = "") -> None:
        """Open the list of entries, of those that contain some letters."""
        if not self._entries:
            return
        if self._list is None:
            self._list = QCompleter(QStringListModel(list(self._entries), self), self)
            self._list.setFilterMode(Qt.MatchFlag.MatchContains)
            self._list.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            self._list.setMaxVisibleItems(_MOST_ENTRIES)
            self._list.setWidget(self.line)
            self._list.activated.connect(self._choose)
        if (popup := self._list.popup()) is not None:
            style_list(popup, palette(self._theme))
            popup.setStyleSheet(popup.styleSheet() + _LIST_STYLE)
            slim(popup, self._theme)
        self._list.setCompletionPrefix(containing)
        self._list.complete(self.rect().translated(-self.line.pos()))

    def _choose(self, text: str) -> None:
        self.line.setText(text)
        self._enter()

    def _enter(self) -> None:
        text = self.text.strip()
        if text != self._shown:
            self._shown = text
            self.entered.emit(text)

    # What Qt says.

    def sizeHint(self) -> QSize:
        """Return the room for label and text."""
        return QSize(round(self._left()) + self._wide + _ARROW_ROOM, HEIGHT)

    def _left(self) -> float:
        return _PADDING + (text_width(self._label, _PIXELS) + 6 if self._label else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the text between label and arrow."""
        left = round(self._left()) - 2  # what a line edit keeps free by itself
        self.line.setGeometry(left, 3, self.width() - left - _ARROW_ROOM, self.height() - 6)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See where the keyboard is, and what it wants of the list."""
        kind = event.type()
        if kind is QEvent.Type.PaletteChange:
            self._color()
        elif kind is QEvent.Type.FocusIn:
            self.update()
        elif kind is QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            self.update()
            if event.reason() is not Qt.FocusReason.PopupFocusReason:
                self._enter()
        elif kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down:
                self.open_entries()
                return True
            if event.key() == Qt.Key.Key_Escape and self.text != self._in_force:
                self.line.setText(self._in_force)
                self._enter()  # what was wrong is so no more
                return True
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the list with the arrow; the label leads to the text."""
        self.line.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.position().x() >= self.width() - _ARROW_ROOM:
            self.open_entries()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, label and an arrow; the text paints itself."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.line.hasFocus()
        border = theme.color("bad" if self._wrong else "accent" if focused else "line")
        wide = 2.0 if focused or self._wrong else 1.0
        draw_frame(painter, QRectF(self.rect()), theme.color("surface"), border, _RADIUS, wide)
        baseline = self.height() / 2 + _PIXELS * 0.36
        draw_text(painter, self._label, _PADDING, baseline, theme.color("muted"), _PIXELS)
        if not self._entries:
            return
        middle = QPointF(self.width() - 14, self.height() / 2)
        painter.setPen(QPen(theme.color("muted"), 1.5))
        painter.drawPolyline(
            [middle + QPointF(-3.5, -1.5), middle + QPointF(0, 2), middle + QPointF(3.5, -1.5)]
        )
