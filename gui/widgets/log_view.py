"""The lines of the log as the operator sees them: painted in columns, the newest one kept in sight."""

from collections.abc import Sequence

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
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from data_layer.messages import LogLine
from gui.theme import Theme, font, mono_font
from gui.view_models import logs, words
from gui.view_models.tones import Tone
from gui.widgets.keys import keeps
from gui.widgets.log_model import LogModel
from gui.widgets.scroll_bar import slim

LINE_HEIGHT = 17
_PIXELS = 11
_TIME, _LEVEL, _PROCESS = 66, 62, 112  # widths of the columns
_EDGE = 4
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class LineDelegate(QStyledItemDelegate):
    """Paints one line: time, and in the wide form level and process, in columns."""

    def __init__(self, theme: Theme, model: LogModel, compact: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._model = model
        self._compact = compact

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the line."""
        theme = self.theme
        line = self._model.book.shown[index.row()]
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("raised"))
        tone = logs.level_tone(line.level)
        quiet = theme.color(tone if tone is not Tone.MUTED else Tone.MUTED)
        painter.setFont(mono_font(_PIXELS))
        left = rect.left() + _EDGE
        painter.setPen(theme.color(Tone.MUTED))
        self._put(painter, rect, left, words.clock_text(line.at_us))
        left += _TIME
        painter.setPen(quiet)
        if self._compact:
            self._put(painter, rect, left, f"{line.process} {logs.first_line(line)}")
            return
        self._put(painter, rect, left, logs.level_word(line.level))
        left += _LEVEL
        painter.setPen(theme.color(Tone.MUTED))
        self._put(painter, rect.adjusted(0, 0, left + _PROCESS - 8 - rect.right(), 0), left, line.process)
        left += _PROCESS
        painter.setPen(theme.color(Tone.TEXT if tone is Tone.MUTED else tone))
        self._put(painter, rect, left, logs.first_line(line))

    def _put(self, painter: QPainter, rect: QRect, left: int, text: str) -> None:
        room = rect.right() - left - _EDGE
        # A fixed pitch: how many letters fit needs no measuring of each line.
        fitting = max(0, int(room / painter.fontMetrics().horizontalAdvance("0")))
        if len(text) > fitting:
            text = text[: max(0, fitting - 1)] + "\N{HORIZONTAL ELLIPSIS}"
        painter.drawText(QRectF(left, rect.top(), room + _EDGE, rect.height()), _LEFT, text)


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
            if self._following:
                self.scrollToBottom()
            elif arrival.removed:
                bar.setValue(max(0, before - arrival.removed * LINE_HEIGHT))
        finally:
            self._moving = False
        return len(arrival.shown)

    def show_filter(self, chosen: logs.LogFilter) -> None:
        """Show other lines, from the newest on."""
        self._moving = True
        try:
            self._lines.refilter(chosen)
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
        if self._lines.book.shown or not self.empty:
            return
        painter = QPainter(self.viewport())
        painter.setFont(font(12))
        painter.setPen(self._theme.color(Tone.MUTED))
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
