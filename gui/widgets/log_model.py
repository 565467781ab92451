"""The lines of the log as Qt's views want them: a model that only adds at its end and trims at its front."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from data_layer.messages import LogLine
from gui.view_models import logs, words
from gui.widgets.tips import tip

_NO_PARENT = QModelIndex()


class LogModel(QAbstractTableModel):
    """The lines of a `LogBook` that its filter shows."""

    def __init__(self, book: logs.LogBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.book = book

    def take(self, lines: Sequence[LogLine]) -> logs.Arrival:
        """Take in new lines; views hear of at most one removal and one addition, however many there are."""
        arrival = self.book.arrival(lines)
        if arrival.removed:
            self.beginRemoveRows(_NO_PARENT, 0, arrival.removed - 1)
        self.book.retire(arrival)
        if arrival.removed:
            self.endRemoveRows()
        count = len(self.book.shown)
        if arrival.shown:
            self.beginInsertRows(_NO_PARENT, count, count + len(arrival.shown) - 1)
        self.book.admit(arrival)
        if arrival.shown:
            self.endInsertRows()
        return arrival

    def refilter(self, chosen: logs.LogFilter) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.book.refilter(chosen)
        self.endResetModel()

    def clear(self) -> None:
        """Forget every line."""
        self.beginResetModel()
        self.book.clear()
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:
        """Return the number of lines shown."""
        return 0 if parent.isValid() else len(self.book.shown)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:
        """Return one: the delegate paints the whole line."""
        return 0 if parent.isValid() else 1

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a line as text; painting takes the line itself."""
        if not index.isValid():
            return None
        line = self.book.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{words.clock_text(line.at_us)} {line.process} {logs.first_line(line)}"
        return tip(line.text) if role == Qt.ItemDataRole.ToolTipRole else None
