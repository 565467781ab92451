"""The lines of the log as the operator sees them: painted in columns, the newest one kept in sight."""

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from data_layer.messages import LogLine
from gui.theme import Theme, mono_font
from gui.view_models import logs, words
from gui.view_models.tones import Tone
from gui.widgets.keys import keeps
from gui.widgets.log_model import LogModel
from gui.widgets.painting import set_text
from gui.widgets.scroll_bar import slim

LINE_HEIGHT = 17
_NEXT_HEIGHT = 14  # of each further row of a wrapped line
_PIXELS = 11
_TIME, _LEVEL, _PROCESS = 66, 62, 112  # widths of the columns
_NARROW_TIME = 60
_EDGE = 4
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@lru_cache(maxsize=1)
def _pitch() -> float:
    """Return the width of every letter."""
    return QFontMetricsF(mono_font(_PIXELS)).horizontalAdvance("0")


class LineDelegate(QStyledItemDelegate):
    """Paints one line: in the wide form in columns, in the narrow one wrapped behind its time."""

    def __init__(self, theme: Theme, model: LogModel, compact: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._model = model
        self._compact = compact

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the line."""
        line = self._model.book.shown[index.row()]
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self.theme.color("raised"))
        painter.setFont(mono_font(_PIXELS))
        (self._narrow if self._compact else self._wide)(painter, rect, line)

    def _narrow(self, painter: QPainter, rect: QRect, line: LogLine) -> None:
        painter.setPen(self.theme.color(Tone.MUTED))
        self._put(painter, rect, rect.left(), words.clock_text(line.at_us))
        painter.setPen(self.theme.color(logs.level_tone(line.level)))
        row = QRect(rect.left(), rect.top(), rect.width(), LINE_HEIGHT)
        for text in narrow_rows(line, rect.width()):
            self._put(painter, row, rect.left() + _NARROW_TIME, text)
            row.translate(0, _NEXT_HEIGHT)

    def _wide(self, painter: QPainter, rect: QRect, line: LogLine) -> None:
        theme, tone = self.theme, logs.level_tone(line.level)
        left = rect.left() + _EDGE
        painter.setPen(theme.color(Tone.MUTED))
        self._put(painter, rect, left, words.clock_text(line.at_us))
        left += _TIME
        painter.setPen(theme.color(tone))
        self._put(painter, rect, left, logs.level_word(line.level))
        left += _LEVEL
        painter.setPen(theme.color(Tone.MUTED))
        self._put(painter, rect.adjusted(0, 0, left + _PROCESS - 8 - rect.right(), 0), left, line.process)
        left += _PROCESS
        painter.setPen(theme.color(Tone.TEXT if tone is Tone.MUTED else tone))
        self._put(painter, rect, left, logs.first_line(line))

    def _put(self, painter: QPainter, rect: QRect, left: int, text: str) -> None:
        room = rect.right() - left
        # A fixed pitch: how many letters fit needs no measuring of each line.
        text = logs.cut(text, int(room / _pitch()))
        painter.drawText(QRectF(left, rect.top(), room + _EDGE, min(rect.height(), LINE_HEIGHT)), _LEFT, text)


def narrow_rows(line: LogLine, width: int) -> list[str]:
    """Return the rows on which `line` stands in a view of `width` pixels, its time apart."""
    room = int((width - _NARROW_TIME - 1) / _pitch())
    return logs.wrapped(logs.brief_text(line), room, logs.most_rows(line.level))


class LogView(QTableView):
    """Follows the newest line until the operator scrolls away from it, and again once he is back."""

    following_changed = Signal(bool)

    def __init__(
        self, model: LogModel, theme: Theme, *, compact: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lines = model
        self._theme = theme
        self._following = True
        self._moving = False  # the view scrolls itself, not the operator
        self._wraps = compact
        self._wrapped_at = 0  # the width that rows are as high as they need to be for
        self._forgotten = 0  # the height of the rows that are about to go
        self.empty = ""
        self._delegate = LineDelegate(theme, model, compact, self)
        self.setAccessibleName("log lines")
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        # A table with rows of fixed height takes additions in a time that does not grow with its length; a
        # list would lay out all its rows anew.
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(LINE_HEIGHT)
        self.verticalHeader().setDefaultSectionSize(LINE_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        slim(self, theme)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def following(self) -> bool:
        """Tell whether the newest line is kept in sight."""
        return self._following

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = self._delegate.theme = theme
        slim(self, theme)
        self.viewport().update()

    def follow(self, following: bool) -> None:
        """Keep the newest line in sight, or stay where the view is."""
        if following:
            self._to_end()
        if following != self._following:
            self._following = following
            self.following_changed.emit(following)

    def take(self, lines: Sequence[LogLine]) -> int:
        """Show new lines and return how many of them the filter lets through; what is read stays in place."""
        bar = self.verticalScrollBar()
        before = bar.value()
        self._moving = True
        try:
            arrival = self._lines.take(lines)
            self._wrap(len(arrival.shown))
            if self._following:
                self.scrollToBottom()
            elif arrival.removed:
                bar.setValue(max(0, before - self._forgotten))
        finally:
            self._moving = False
        return len(arrival.shown)

    def _wrap(self, count: int) -> None:
        """Give the newest `count` lines the height they need."""
        if not self._wraps:
            return
        shown, width = self._lines.book.shown, self.viewport().width()
        for row in range(len(shown) - count, len(shown)):
            further = len(narrow_rows(shown[row], width)) - 1
            height = LINE_HEIGHT + further * _NEXT_HEIGHT
            if height != self.rowHeight(row):
                self.setRowHeight(row, height)

    def rowsAboutToBeRemoved(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        """Note how much shorter the lines are going to be."""
        header = self.verticalHeader()
        self._forgotten = header.sectionPosition(end) + header.sectionSize(end)
        super().rowsAboutToBeRemoved(parent, start, end)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break lines anew, and keep the newest one in sight while following."""
        self._moving = True
        try:
            super().resizeEvent(event)
            if self._wraps and self.viewport().width() != self._wrapped_at:
                self._wrapped_at = self.viewport().width()
                self._wrap(len(self._lines.book.shown))
            if self._following:
                self.scrollToBottom()
        finally:
            self._moving = False

    def show_filter(self, chosen: logs.LogFilter) -> None:
        """Show other lines, from the newest on."""
        self._moving = True
        try:
            self._lines.refilter(chosen)
            self._wrap(len(self._lines.book.shown))
        finally:
            self._moving = False
        self.follow(True)

    def selected_lines(self) -> list[LogLine]:
        """Return the selected lines, oldest first."""
        shown = self._lines.book.shown
        return [shown[row] for row in sorted(index.row() for index in self.selectedIndexes())]

    def copy(self) -> None:
        """Put the selected lines, or all that are shown, on the clipboard."""
        lines = self.selected_lines() or self._lines.book.shown
        if lines:
            QGuiApplication.clipboard().setText(logs.as_text(lines))

    def event(self, event: QEvent) -> bool:
        """Keep letters and copying here."""
        return keeps(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with the system's shortcut; End follows again."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_End and not event.modifiers():
            self.follow(True)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines, or say why there are none."""
        super().paintEvent(event)
        if not self.empty:
            return
        painter = QPainter(self.viewport())
        set_text(painter, 12, self._theme.color(Tone.MUTED))
        box = self.viewport().rect().adjusted(12, 12, -12, -12)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)

    def _to_end(self) -> None:
        self._moving = True
        try:
            self.scrollToBottom()
        finally:
            self._moving = False

    def _on_scrolled(self, value: int) -> None:
        if self._moving:
            return
        at_end = value >= self.verticalScrollBar().maximum() - 2
        if at_end != self._following:
            self._following = at_end
            self.following_changed.emit(at_end)
