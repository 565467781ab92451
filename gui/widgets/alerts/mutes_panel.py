"""What is muted, until when, and the button that ends it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.alerts import MUTE_COLUMNS
from gui.view_models.tables import Row
from gui.widgets.alerts.chosen_rows import chosen_keys
from gui.widgets.analytics.fitted_table import FittedTable
from gui.widgets.buttons import FlatButton
from gui.widgets.panel import Panel


class MutesPanel(Panel):
    """There only while something is muted."""

    unmute_wanted = Signal()  # the chosen ones

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Muted", theme, parent)
        self.table = FittedTable(theme, "mutes", self, most_rows=5)
        self.table.selectionModel().selectionChanged.connect(lambda: self._show_button())
        self.button = FlatButton("Unmute", theme, self)
        self.button.clicked.connect(lambda: self.unmute_wanted.emit())
        self.tools.addWidget(self.button)
        self.body.addWidget(self.table)
        self._changeable = False
        self.hide()

    @property
    def keys(self) -> tuple[str, ...]:
        """The chosen mutes."""
        return chosen_keys(self.table)

    def show_mutes(self, rows: tuple[Row, ...], *, changeable: bool) -> None:
        """Show other mutes."""
        self._changeable = changeable
        self.table.show_table(MUTE_COLUMNS, rows)
        self.setVisible(bool(rows))
        self._show_button()

    def _show_button(self) -> None:
        self.button.setEnabled(self._changeable and bool(self.keys))

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        super().set_theme(theme)
        self.table.set_theme(theme)
        self.button.set_theme(theme)
