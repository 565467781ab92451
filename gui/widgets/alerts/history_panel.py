"""The alerts of the past, the last first, and what of them is shown."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from data_layer.alerts.model import Severity
from gui.theme import Theme
from gui.view_models.alerts import HISTORY_COLUMNS, SEVERITY_CHOICES, HistoryFilter
from gui.view_models.tables import Row
from gui.widgets.analytics.fitted_table import FittedTable
from gui.widgets.fields import ChoiceField, TextField
from gui.widgets.panel import Panel
from gui.widgets.segments import Segments

_ANY = "Any rule"


class HistoryPanel(Panel):
    """A table under three filters."""

    filtered = Signal()  # the filters have changed

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("History", theme, parent)
        self.severities = Segments("Severity", SEVERITY_CHOICES, theme, self)
        self.severities.choose("info")
        self.severities.chosen.connect(lambda _: self.filtered.emit())
        self.rules = ChoiceField("Rule", theme, self)
        self.rules.addItem(_ANY, "")
        self.rules.currentIndexChanged.connect(lambda _: self.filtered.emit())
        self.search = TextField("Search the history", theme, self)
        self.search.setMinimumWidth(120)
        self.search.textChanged.connect(lambda _: self.filtered.emit())
        filters = QHBoxLayout()
        filters.setSpacing(10)
        filters.addWidget(self.severities)
        filters.addWidget(self.rules)
        filters.addWidget(self.search, 1)
        self.table = FittedTable(theme, "history of alerts", self, most_rows=9)
        self.body.addLayout(filters)
        self.body.addWidget(self.table)

    @property
    def wanted(self) -> HistoryFilter:
        """What the filters let through."""
        return HistoryFilter(
            least=Severity(self.severities.key or Severity.INFO),
            rule=self.rules.currentData() or "",
            text=self.search.text(),
        )

    def show_rules(self, names: tuple[str, ...]) -> None:
        """Offer other rules to filter by; the chosen one stays chosen while it is there."""
        if [self.rules.itemData(index) for index in range(1, self.rules.count())] == list(names):
            return
        chosen = self.rules.currentData()
        self.rules.blockSignals(True)
        self.rules.clear()
        self.rules.addItem(_ANY, "")
        for name in names:
            self.rules.addItem(name, name)
        self.rules.setCurrentIndex(max(0, self.rules.findData(chosen)))
        self.rules.blockSignals(False)
        self.rules.updateGeometry()

    def show_history(self, rows: tuple[Row, ...], note: str, empty: str) -> None:
        """Show other alerts, and in `note` how many these are of all."""
        self.table.show_table(HISTORY_COLUMNS, rows, empty)
        self.bar.show_state(note=note)

    def open_search(self) -> None:
        """Lead the keyboard to the search."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        super().set_theme(theme)
        for part in (self.severities, self.rules, self.search, self.table):
            part.set_theme(theme)
