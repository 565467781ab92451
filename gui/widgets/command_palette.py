"""Search or run: a line to type into and what it finds, over the window."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.theme import MEDIUM, Theme, font
from gui.view_models.search import Entry, find
from gui.widgets.painting import NORMAL, draw_frame, draw_text, draw_text_right, elided
from gui.widgets.scroll_bar import slim

_WIDTH = 520
_ROW = 32
_MOST_ROWS = 10
_Index = QModelIndex | QPersistentModelIndex


class _Found(QAbstractListModel):
    """The entries that were found, as a list model."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: Sequence[Entry] = ()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return the number of entries."""
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return the title, also for a screen reader; the rest is painted by the delegate."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            entry = self.entries[index.row()]
            return (
                f"{entry.title}, {entry.kind}" if role == Qt.ItemDataRole.AccessibleTextRole else entry.title
            )
        return None


class _Painter(QStyledItemDelegate):
    """Paints an entry: title, and muted at the right its hint and kind."""

    def __init__(self, theme: Theme, model: _Found) -> None:
        super().__init__(model)
        self.theme = theme
        self._found = model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of every row."""
        return QSize(100, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one row."""
        entry, theme = self._found.entries[index.row()], self.theme
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = index.row() == self._current
        if chosen:
            ground = theme.blend("accent", "surface", 0.16)
            draw_frame(painter, QRectF(rect).adjusted(6, 1, -6, -1), ground, ground, 6, 1)
        baseline = rect.y() + 21
        right = draw_text_right(painter, entry.kind, rect.right() - 16, baseline, theme.color("muted"), 11)
        if entry.hint:
            hint = elided(entry.hint, 11, NORMAL, 180)
            right = draw_text_right(painter, hint, right - 16, baseline, theme.color("muted"), 11)
        title = elided(entry.title, 13, MEDIUM, int(right - rect.x() - 32))
        draw_text(painter, title, rect.x() + 16, baseline, theme.color("text"), 13, MEDIUM)
        painter.restore()

    _current = 0

    def set_current(self, row: int) -> None:
        """Mark the row that Enter runs."""
        self._current = row


class CommandPalette(QFrame):
    """Opens over its parent, finds while one types, runs with Enter, goes with Escape."""

    run = Signal(str)  # the key of the chosen entry

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._theme = theme
        self._entries: Sequence[Entry] = ()
        self._return_to: QWidget | None = None
        self.line = QLineEdit(self)
        self.line.setFrame(False)
        self.line.setFont(font(15))
        self.line.setPlaceholderText("Bookmaker, page or command")
        self.line.setAccessibleName("search or run")
        self.line.textChanged.connect(self._find)
        self.line.installEventFilter(self)
        self._found = _Found(self)
        self._painter = _Painter(theme, self._found)
        self.list = QListView(self)
        self.list.setModel(self._found)
        self.list.setItemDelegate(self._painter)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMouseTracking(True)
        self.list.clicked.connect(lambda index: self._run(index.row()))
        self.list.entered.connect(lambda index: self._go(index.row()))
        slim(self.list, theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 12, 1, 6)
        layout.setSpacing(10)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.line.setTextMargins(14, 0, 14, 0)
        self.hide()

    def open(self, entries: Sequence[Entry]) -> None:
        """Show the palette with an empty line."""
        self._entries = entries
        self._return_to = self.window().focusWidget()
        self.line.clear()
        self._find("")
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_palette(self) -> None:
        """Hide the palette and give the focus back."""
        self.hide()
        if self._return_to is not None:
            self._return_to.setFocus(Qt.FocusReason.PopupFocusReason)
            self._return_to = None

    def found(self) -> Sequence[Entry]:
        """Return what is listed now."""
        return self._found.entries

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._painter.theme = theme
        slim(self.list, theme)
        self.update()

    def _find(self, text: str) -> None:
        self._found.show_entries(find(self._entries, text, limit=40))
        self._go(0)
        self._place()

    def _place(self) -> None:
        rows = min(max(len(self._found.entries), 1), _MOST_ROWS)
        parent = self._over
        width = min(_WIDTH, parent.width() - 24)
        height = 12 + self.line.sizeHint().height() + 10 + rows * _ROW + 8
        self.setGeometry((parent.width() - width) // 2, min(70, parent.height() // 8), width, height)

    def _go(self, row: int) -> None:
        count = len(self._found.entries)
        if not count:
            return
        self._row = row % count
        self._painter.set_current(self._row)
        self.list.scrollTo(self._found.index(self._row, 0))
        self.list.viewport().update()

    _row = 0

    def _run(self, row: int) -> None:
        if row < len(self._found.entries):
            key = self._found.entries[row].key
            self.close_palette()
            self.run.emit(key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down choose, Enter runs, Escape and a click elsewhere close."""
        if watched is not self.line:
            return False
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
            return False
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()  # it is a shortcut of the window, too
            return True
        return event.type() == QEvent.Type.KeyPress and self._take_key(Qt.Key(event.key()))

    def _take_key(self, key: Qt.Key) -> bool:
        """Return whether `key` was for the list rather than for the line."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self._row)
        elif key is Qt.Key.Key_Escape:
            self.close_palette()
        elif key in steps:
            self._go(self._row + steps[key])
        else:
            return False
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, border and the line below the text."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_frame(painter, QRectF(self.rect()), theme.color("surface"), theme.color("accent"), 10, 1)
        painter.fillRect(1, self.list.y() - 6, self.width() - 2, 1, theme.color("line"))
        if not self._found.entries:
            y = self.list.y() + 21
            draw_text(painter, "Nothing found", 16, y, theme.color("muted"), 13)
        painter.end()
