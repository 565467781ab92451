"""A table of the house: quiet headings, tabular figures, sorting, copying, columns that give way."""

from functools import lru_cache
from math import ceil

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.theme import Theme, font
from gui.view_models.tables import Cell, Column, Row, as_tsv
from gui.view_models.tones import Tone
from gui.widgets.keys import keeps
from gui.widgets.lights import paint_light
from gui.widgets.painting import (
    NORMAL,
    TAG_HEIGHT,
    draw_tag,
    elided,
    is_figure,
    metrics,
    tag_width,
    text_width,
)
from gui.widgets.scroll_bar import slim
from gui.widgets.table_model import TableModel

ROW_HEIGHT = 26
HEADER_HEIGHT = 26
_PADDING = 8
_GAP = 7
_SWATCH = 14
_LIGHT = 9
_WIDEST = 260  # of a column of words, before its text is elided
_NARROWEST = 96  # of the stretching column, before the table scrolls sideways
_ENOUGH = 170  # for a column of words, before other columns have to give way
_LOOSEST = 30  # added to each column where there is room to spare
_TEXT_PIXELS, _HEADING_PIXELS = 13, 11
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _width(text: str, numeric: bool) -> float:
    """Return the advance of a cell's text: all figures of a numeric column are of one width."""
    return _figures_width(text) if numeric else text_width(text, _TEXT_PIXELS)


@lru_cache(maxsize=8192)
def _figures_width(text: str) -> float:
    return metrics(_TEXT_PIXELS, tabular=True).horizontalAdvance(text)


def cell_width(cell: Cell, numeric: bool) -> float:
    """Return the width a cell needs, padding included."""
    width = _width(cell.text, numeric) + 2 * _PADDING
    if cell.light is not None:
        width += _LIGHT + _GAP
    if cell.swatch is not None:
        width += _SWATCH + _GAP
    if cell.tag:
        width += tag_width(cell.tag) + _GAP
    return width


class CellDelegate(QStyledItemDelegate):
    """Paints one cell: light, swatch, text, tag."""

    def __init__(self, theme: Theme, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._model = model

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint ground and content; everything comes from the cell."""
        theme = self.theme
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("raised"))
            if index.column() == 0:
                focused = bool(state & QStyle.StateFlag.State_Active)
                bar = QRect(rect.left(), rect.top(), 2, rect.height())
                painter.fillRect(bar, theme.color("accent" if focused else "line"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.blend("raised", "surface", 0.5))
        painter.setPen(QPen(theme.blend("line", "surface", 0.6), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        numeric = self._model.columns[index.column()].numeric
        self._paint_content(painter, QRectF(rect), self._model.cell(index), numeric)

    def _paint_content(self, painter: QPainter, rect: QRectF, cell: Cell, numeric: bool) -> None:
        left, right = rect.left() + _PADDING, rect.right() - _PADDING
        middle = rect.center().y()
        if cell.light is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_light(painter, cell.light, left + _LIGHT / 2, middle, self.theme)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            left += _LIGHT + _GAP
        if cell.swatch is not None:
            self._paint_swatch(
                painter, QColor(*cell.swatch), QRectF(left, middle - _SWATCH / 2, _SWATCH, _SWATCH)
            )
            left += _SWATCH + _GAP
        room = right - left
        tag = cell.tag
        if tag:
            beside = room - tag_width(tag) - _GAP
            # The name comes first: where there is no room for both, the panel's own tag has to do.
            tag, room = (tag, beside) if _width(cell.text, numeric) <= beside else ("", room)
        text = (
            cell.text
            if _width(cell.text, numeric) <= room
            else elided(cell.text, _TEXT_PIXELS, NORMAL, int(room))
        )
        painter.setFont(font(_TEXT_PIXELS, tabular=numeric or is_figure(text)))
        painter.setPen(self.theme.color(cell.tone))
        painter.drawText(
            QRectF(left, rect.top(), right - left, rect.height() - 1), _RIGHT if numeric else _LEFT, text
        )
        if tag:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            at = left + _width(text, numeric) + _GAP
            draw_tag(painter, tag, round(at), round(middle - TAG_HEIGHT / 2), self.theme)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_swatch(self, painter: QPainter, color: QColor, box: QRectF) -> None:
        """A sampled colour, outlined so that it shows on a ground of the same colour."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color("line"), 1))
        painter.setBrush(color)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class Headings(QHeaderView):
    """Small muted headings over a line; the sorted one carries a small arrow."""

    def __init__(self, theme: Theme, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.theme = theme
        self._model = model
        self.setSectionsClickable(True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFixedHeight(HEADER_HEIGHT)
        self.setMinimumSectionSize(24)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Paint one heading."""
        column = self._model.columns[logicalIndex]
        painter.fillRect(rect, self.theme.color("surface"))
        painter.setPen(QPen(self.theme.color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        box = QRectF(rect).adjusted(_PADDING, 0, -_PADDING, -1)
        title = elided(column.title, _HEADING_PIXELS, NORMAL, int(box.width()))
        painter.setFont(font(_HEADING_PIXELS, tabular=is_figure(title)))
        order = self._model.order
        sorted_by = order is not None and order.column == logicalIndex
        painter.setPen(self.theme.color(Tone.TEXT if sorted_by else Tone.MUTED))
        painter.drawText(box, _RIGHT if column.numeric else _LEFT, title)
        if sorted_by and order is not None:
            width = text_width(title, _HEADING_PIXELS)
            tip = box.right() - width - 8 if column.numeric else box.left() + width + 8
            self._paint_arrow(painter, QPoint(round(tip), rect.center().y()), order.descending)

    def _paint_arrow(self, painter: QPainter, middle: QPoint, descending: bool) -> None:
        step = 2 if descending else -2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color(Tone.TEXT), 1.4))
        painter.drawPolyline(
            [middle + QPoint(-3, -step), middle + QPoint(0, step), middle + QPoint(3, -step)]
        )
        painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill what is right of the last section, then paint the sections."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self.theme.color("surface"))
        painter.end()
        super().paintEvent(event)


class DataTable(QTableView):
    """Shows columns and rows of `gui.view_models.tables`."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._empty = ""
        self._needed: list[int] = []  # widest content of each column so far
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
            self._needed = [_heading_width(column) for column in columns]
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
            widest = ceil(max((cell_width(row.cells[index], column.numeric) for row in rows), default=0.0))
            if not column.numeric:
                widest = min(widest, _WIDEST)
            if widest > self._needed[index]:
                self._needed[index] = widest
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
        widths[taker] = max(room - sum(widths.values()) + widths[taker], min(_NARROWEST, widths[taker]))
        for index in sorted(shown):  # words can be elided, numbers cannot
            over = sum(widths.values()) - room
            if over > 0 and index != taker and not columns[index].numeric:
                widths[index] = max(widths[index] - over, min(_NARROWEST, widths[index]))
        for index in range(len(columns)):
            self.setColumnHidden(index, index not in shown)
            if index in shown:
                self.setColumnWidth(index, int(widths[index]))

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
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy selected rows", self.copy_rows)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setEnabled(self.selectionModel().hasSelection())
        menu.addAction("Copy whole table", lambda: self.copy_rows(whole=True))
        sorting = menu.addMenu("Sort by")
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
        painter.setFont(font(_TEXT_PIXELS))
        painter.setPen(self._theme.color(Tone.MUTED))
        box = self.viewport().rect().adjusted(16, 8, -16, -8)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)


def _heading_width(column: Column) -> int:
    # Room for the arrow of the sorted column, so that sorting moves nothing.
    return ceil(text_width(column.title, _HEADING_PIXELS)) + 2 * _PADDING + 12
