"""Rows of cells as Qt's views want them: sorted, and announced as changed only where they did."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.view_models.tables import Cell, Column, Order, Row, ordered
from gui.widgets.tips import tip

AnyIndex = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class TableModel(QAbstractTableModel):
    """Holds columns and rows. Selections follow a row's key through refreshes and sorting."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[Column, ...] = ()
        self._given: tuple[Row, ...] = ()  # in the order they came in
        self._rows: list[Row] = []  # in the order they are shown
        self._order: Order | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, all of them."""
        return self._columns

    @property
    def rows(self) -> Sequence[Row]:
        """The rows in the order they are shown."""
        return self._rows

    @property
    def order(self) -> Order | None:
        """What the rows are sorted by; None leaves them as they came in."""
        return self._order

    def cell(self, index: AnyIndex) -> Cell:
        """Return the cell at a valid index."""
        return self._rows[index.row()].cells[index.column()]

    def show_table(self, columns: tuple[Column, ...], rows: tuple[Row, ...]) -> None:
        """Show other content. Views hear of one changed block, of moved rows only when rows moved."""
        if columns != self._columns:
            self._reset(columns, rows)
            return
        if rows == self._given:
            return
        self._given = rows
        self._remove_gone({row.key for row in rows})
        self._append_new(rows)
        self._take(ordered(rows, self._order))

    def _reset(self, columns: tuple[Column, ...], rows: tuple[Row, ...]) -> None:
        same = [column.key for column in columns] == [column.key for column in self._columns]
        self.beginResetModel()
        if not same:
            self._order = None
        self._columns, self._given = columns, rows
        self._rows = ordered(rows, self._order)
        self.endResetModel()

    def _remove_gone(self, keys: set[str]) -> None:
        for position in range(len(self._rows) - 1, -1, -1):
            if self._rows[position].key not in keys:
                self.beginRemoveRows(_NO_PARENT, position, position)
                del self._rows[position]
                self.endRemoveRows()

    def _append_new(self, rows: Sequence[Row]) -> None:
        known = {row.key for row in self._rows}
        new = [row for row in rows if row.key not in known]
        if new:
            self.beginInsertRows(_NO_PARENT, len(self._rows), len(self._rows) + len(new) - 1)
            self._rows.extend(new)
            self.endInsertRows()

    def _take(self, rows: list[Row]) -> None:
        """Show `rows`, whose keys are those shown already."""
        if [row.key for row in rows] != [row.key for row in self._rows]:
            self._move(rows)
        changed = [
            position
            for position, row in enumerate(rows)
            if row is not self._rows[position] and row != self._rows[position]
        ]
        self._rows = rows
        if changed:
            last = len(self._columns) - 1
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], last))

    def _move(self, rows: list[Row]) -> None:
        """Put the shown rows, with the content they have, into the order of `rows`."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        shown = {row.key: row for row in self._rows}
        keys = [self._rows[index.row()].key for index in before]
        position = {row.key: place for place, row in enumerate(rows)}
        self._rows = [shown[row.key] for row in rows]
        after = [self.index(position[key], index.column()) for key, index in zip(keys, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # What Qt asks.

    def rowCount(self, parent: AnyIndex = _NO_PARENT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = _NO_PARENT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, tip or alignment; painting takes the cell itself."""
        if not index.isValid():
            return None
        cell = self.cell(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(cell.tip) if cell.tip else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{cell.text}, {cell.tag}" if cell.tag else cell.text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self._columns[index.column()].numeric else _LEFT
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's heading or its tip."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        return column.tip or None if role == Qt.ItemDataRole.ToolTipRole else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 goes back to the order the rows came in."""
        descending = order is Qt.SortOrder.DescendingOrder
        self._order = (
            Order(column=column, descending=descending) if 0 <= column < len(self._columns) else None
        )
        self._take(ordered(self._given, self._order))
