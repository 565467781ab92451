"""A table of the house: quiet headings, tabular figures, sorting, copying, columns that give way."""

from math import ceil, inf

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from gui.theme import Theme
from gui.view_models.tables import Column, Row, as_tsv
from gui.view_models.tones import Tone
from gui.widgets.keys import keeps
from gui.widgets.menu import make_menu
from gui.widgets.painting import set_text
from gui.widgets.scroll_bar import slim
from gui.widgets.table_cells import HEADER_HEIGHT, CellDelegate, Headings, Tags, cell_width, heading_width
from gui.widgets.table_model import TableModel

ROW_HEIGHT = 26
_WIDEST = 260  # of a column of words, before its text is elided
_NARROWEST = 120  # of the stretching column, before the table scrolls sideways
_ENOUGH = 170  # for a column of words, before other columns have to give way
_LOOSEST = 30  # added to each column where there is room to spare


class DataTable(QTableView):
    """Shows columns and rows of `gui.view_models.tables`."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._empty = ""
        self._needed: list[int] = []  # widest content of each column so far
        self._needed_short: list[int] = []  # the same with short tags
        self.table = TableModel(self)
        self._delegate = CellDelegate(theme, self.table, self)
        self._headings = Headings(theme, self.table, self)
        self.setAccessibleName(name)
        self.setModel(self.table)
        self.setItemDelegate(self._delegate)
        self.setHorizontalHeader(self._headings)
        self._headings.setHighlightSections(False)
        self._headings.sectionClicked.connect(self._sort_by)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(HEADER_HEIGHT + 2 * ROW_HEIGHT)
        slim(self, theme)

    def sizeHint(self) -> QSize:
        """Return what shows every row."""
        return QSize(400, HEADER_HEIGHT + max(2, len(self.table.rows)) * ROW_HEIGHT + 2)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = self._delegate.theme = self._headings.theme = theme
        slim(self, theme)
        self._headings.viewport().update()
        self.viewport().update()

    def show_table(self, columns: tuple[Column, ...], rows: tuple[Row, ...], empty: str = "") -> None:
        """Show other content; `empty` is said in place of rows where there are none."""
        before = self.table.columns
        self.table.show_table(columns, rows)
        if columns != before:
            self._needed = [heading_width(column) for column in columns]
            self._needed_short = list(self._needed)
        grown = self._measure(rows)
        if grown or columns != before:
            self._fit()
        if empty != self._empty:
            self._empty = empty
            self.viewport().update()

    def _measure(self, rows: tuple[Row, ...]) -> bool:
        """Widen what is needed for the cells; columns never shrink, so that nothing jumps at a refresh."""
        grown = False
        for index, column in enumerate(self.table.columns):
            cells = [row.cells[index] for row in rows]
            limit = inf if column.numeric else _WIDEST
            for needed, tags in ((self._needed, Tags.WHOLE), (self._needed_short, Tags.SHORT)):
                if tags is Tags.SHORT and not any(cell.tag for cell in cells):
                    needed[index] = max(needed[index], self._needed[index])
                    continue
                widest = max((cell_width(cell, column.numeric, tags) for cell in cells), default=0.0)
                if ceil(min(widest, limit)) > needed[index]:
                    needed[index] = ceil(min(widest, limit))
                    grown = True
        return grown

    def _fit(self) -> None:
        """Hide what does not fit, the most dispensable first, and give the rest of the room away."""
        columns = self.table.columns
        if not columns:
            return
        shown = set(range(len(columns)))
        room = self.viewport().width()
        least = [
            width if column.numeric or index == 0 else min(width, _ENOUGH)
            for index, (column, width) in enumerate(zip(columns, self._needed, strict=True))
        ]
        for index in sorted(shown, key=lambda index: -columns[index].spare):
            if sum(least[each] for each in shown) <= room or not columns[index].spare:
                break
            shown.discard(index)
        left_over = room - sum(self._needed[index] for index in shown)
        taker = next((index for index in sorted(shown) if columns[index].stretch), min(shown))
        loose = int(min(_LOOSEST, max(0, left_over) / max(1, len(shown))))
        widths = {index: self._needed[index] + loose for index in shown}
        self._shorten_spare_words(widths, taker, room)
        widths[taker] = max(room - sum(widths.values()) + widths[taker], min(_NARROWEST, widths[taker]))
        for index in sorted(shown):  # words can be elided, numbers cannot
            over = sum(widths.values()) - room
            if over > 0 and index != taker and not columns[index].numeric:
                widths[index] = max(widths[index] - over, min(_NARROWEST, widths[index]))
        for index in range(len(columns)):
            self.setColumnHidden(index, index not in shown)
            if index in shown:
                self.setColumnWidth(index, int(widths[index]))
                self._delegate.tags[index] = self._tags(index, int(widths[index]))

    def _shorten_spare_words(self, widths: dict[int, int], taker: int, room: int) -> None:
        """Where room is short, elide the most dispensable words before those of the stretching column."""
        columns = self.table.columns
        over = sum(widths.values()) - room
        for index in sorted(widths, key=lambda index: -columns[index].spare):
            if index != taker and columns[index].spare and not columns[index].numeric:
                given = min(max(over, 0), max(widths[index] - _ENOUGH, 0))
                widths[index] -= given
                over -= given

    def _tags(self, index: int, width: int) -> Tags:
        if width >= self._needed[index]:
            return Tags.WHOLE
        return Tags.SHORT if width >= self._needed_short[index] else Tags.NONE

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit()

    def _sort_by(self, column: int) -> None:
        """Numbers first come largest first; a third click goes back to the order they came in."""
        order = self.table.order
        first_descending = self.table.columns[column].numeric
        if order is None or order.column != column:
            self._sort(column, first_descending)
        elif order.descending == first_descending:
            self._sort(column, not first_descending)
        else:
            self._sort(-1, False)

    def _sort(self, column: int, descending: bool) -> None:
        direction = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.table.sort(column, direction)
        self._headings.viewport().update()

    def copy_rows(self, *, whole: bool = False) -> None:
        """Put the selected rows, or all of them, on the clipboard as tab-separated lines with headings."""
        selected = {index.row() for index in self.selectionModel().selectedRows()}
        rows = [row for place, row in enumerate(self.table.rows) if whole or place in selected]
        if rows:
            QGuiApplication.clipboard().setText(as_tsv(self.table.columns, rows))

    def event(self, event: QEvent) -> bool:
        """Keep letters and copying here."""
        return keeps(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with the system's shortcut; Escape clears the selection."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer copying, and sorting for those who use no mouse."""
        self.make_menu().popup(event.globalPos())

    def make_menu(self) -> QMenu:
        """Return the context menu; it deletes itself when it closes."""
        menu = make_menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy selected rows", self.copy_rows)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setEnabled(self.selectionModel().hasSelection())
        menu.addAction("Copy whole table", lambda: self.copy_rows(whole=True))
        sorting = menu.addMenu("Sort by")  # takes the looks of the menu it opens from
        for index, column in enumerate(self.table.columns):
            if not self.isColumnHidden(index):
                sorting.addAction(column.title, lambda index=index: self._sort_by(index))
        sorting.addSeparator()
        sorting.addAction("order of the configuration", lambda: self._sort(-1, False))
        return menu

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or say why there are none."""
        super().paintEvent(event)
        if self.table.rows or not self._empty:
            return
        painter = QPainter(self.viewport())
        set_text(painter, 13, self._theme.color(Tone.MUTED))
        box = self.viewport().rect().adjusted(16, 2, -16, -2)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)
