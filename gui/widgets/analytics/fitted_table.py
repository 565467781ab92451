"""A table that is as high as its rows, up to a limit from which it scrolls by itself."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.tables import Column, Row
from gui.widgets.table import ROW_HEIGHT, DataTable
from gui.widgets.table_cells import HEADER_HEIGHT


class FittedTable(DataTable):
    """For pages that scroll as a whole."""

    def __init__(
        self, theme: Theme, name: str, parent: QWidget | None = None, *, most_rows: int = 12
    ) -> None:
        super().__init__(theme, name, parent)
        self._most_rows = most_rows
        self._fit_height(0)

    def show_table(self, columns: tuple[Column, ...], rows: tuple[Row, ...], empty: str = "") -> None:
        """Show other content, at the height that it needs."""
        super().show_table(columns, rows, empty)
        self._fit_height(len(rows))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page, and hidden rows only in a table that has the keyboard: the page must not stop
        because a table came under the mouse."""
        bar = self.verticalScrollBar()
        sideways = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        if not sideways and (bar.maximum() <= bar.minimum() or not self.hasFocus()):
            event.ignore()
        else:
            super().wheelEvent(event)

    def _fit_height(self, rows: int) -> None:
        shown = max(1, min(rows, self._most_rows))
        # Half a row more tells that there are others.
        height = HEADER_HEIGHT + shown * ROW_HEIGHT + (ROW_HEIGHT // 2 if rows > shown else 2)
        if self.height() != height or self.minimumHeight() != height:
            self.setMinimumHeight(height)
            self.setMaximumHeight(height)
            self.setVerticalScrollBarPolicy(
                Qt.ScrollBarPolicy.ScrollBarAsNeeded
                if rows > shown
                else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            )
