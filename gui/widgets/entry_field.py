"""A short field to type into, with the usual entries at hand."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QCompleter, QLineEdit, QWidget

from gui.theme import Theme, font, palette
from gui.widgets.fields import HEIGHT
from gui.widgets.menu import style_list
from gui.widgets.painting import NORMAL, draw_frame, draw_text, text_width

_RADIUS, _PIXELS = 6, 12
_ARROW_ROOM = 26


class EntryField(QComboBox):
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
        self._shown = ""
        self._wrong = False
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.line = QLineEdit(self)
        self.line.setFrame(False)
        self.line.setFont(font(_PIXELS))
        self.line.setAccessibleName(name)
        self.setLineEdit(self.line)
        self._popup: QAbstractItemView | None = None
        self.setCompleter(self._completer() if completes else QCompleter(self))
        self.addItems(list(entries))
        self.setMaxVisibleItems(16)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFont(font(_PIXELS))
        self.setFixedHeight(HEIGHT)
        self.line.returnPressed.connect(self._enter)
        self.activated.connect(lambda _: self._enter())
        self._color()

    def _completer(self) -> QCompleter:
        completer = QCompleter(self.model(), self)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._popup = completer.popup()
        return completer

    @property
    def wrong(self) -> bool:
        """Whether what was entered has no meaning."""
        return self._wrong

    def show_text(self, text: str, *, wrong: bool = False) -> None:
        """Show what is in force, or what was typed and has no meaning."""
        self._wrong = wrong
        if not wrong:
            self._shown = text
        if text != self.currentText():
            self.setEditText(text)
        self.line.setCursorPosition(0)
        self.update()

    def show_entries(self, entries: Sequence[str]) -> None:
        """Offer other entries; what is typed stays."""
        text = self.currentText()
        self.blockSignals(True)
        self.clear()
        self.addItems(list(entries))
        self.setEditText(text)
        self.blockSignals(False)

    def _enter(self) -> None:
        text = self.currentText().strip()
        if text != self._shown or self._wrong:
            self._shown = text
            self.entered.emit(text)

    def sizeHint(self) -> QSize:
        """Return the room for label and text."""
        return QSize(round(self._label_room()) + self._wide + _ARROW_ROOM, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return `sizeHint`."""
        return self.sizeHint()

    def _label_room(self) -> float:
        return 10 + (text_width(self._label, _PIXELS) + 4 if self._label else 0)

    def resizeEvent(self, event: object) -> None:
        """Put the text between label and arrow."""
        left = round(self._label_room()) - 2
        self.line.setGeometry(left, 2, self.width() - left - _ARROW_ROOM + 4, self.height() - 4)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed when the keyboard goes elsewhere."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._enter()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape brings back what is in force."""
        if event.key() == Qt.Key.Key_Escape and self.currentText() != self._shown:
            self.setEditText(self._shown)
        else:
            super().keyPressEvent(event)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._color()
        self.update()

    def _color(self) -> None:
        colors = self.line.palette()
        colors.setColor(QPalette.ColorRole.Base, self._theme.color("raised"))
        colors.setColor(QPalette.ColorRole.Text, self._theme.color("text"))
        self.line.setPalette(colors)
        if self._popup is not None:
            style_list(self._popup, palette(self._theme))

    def showPopup(self) -> None:
        """Open the list in the colours of the moment."""
        style_list(self.view(), palette(self._theme))
        super().showPopup()

    def wheelEvent(self, event: QEvent) -> None:
        """A wheel scrolls the page: it must not change a number on its way."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, label and an arrow; the text paints itself."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus() or self.line.hasFocus()
        border = theme.color("bad" if self._wrong else "accent" if focused else "line")
        wide = 2.0 if focused or self._wrong else 1.0
        draw_frame(painter, QRectF(self.rect()), theme.color("raised"), border, _RADIUS, wide)
        baseline = self.height() / 2 + _PIXELS * 0.36
        draw_text(painter, self._label, 10, baseline, theme.color("muted"), _PIXELS, NORMAL)
        middle = QPointF(self.width() - 14, self.height() / 2)
        painter.setPen(QPen(theme.color("muted"), 1.5))
        painter.drawPolyline(
            [middle + QPointF(-3.5, -1.5), middle + QPointF(0, 2), middle + QPointF(3.5, -1.5)]
        )
