"""The rules by which alerts are raised; the chosen one can be changed below the table."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from data_layer.alerts.model import Rule
from gui.theme import Theme
from gui.view_models.alert_rules import RULE_COLUMNS
from gui.view_models.tables import Row
from gui.widgets.alerts.chosen_rows import chosen_keys
from gui.widgets.alerts.rule_editor import RuleEditor
from gui.widgets.analytics.fitted_table import FittedTable
from gui.widgets.caption import Caption
from gui.widgets.panel import Panel


class RulesPanel(Panel):
    """Table above, editor below."""

    chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Rules", theme, parent)
        self.table = FittedTable(theme, "rules", self, most_rows=14)
        self.table.setSelectionMode(FittedTable.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(lambda: self.chosen.emit())
        self.words = Caption(theme, self, pixels=12)
        self.editor = RuleEditor(theme, self)
        for part in (self.table, self.words, self.editor):
            self.body.addWidget(part)

    @property
    def key(self) -> str:
        """The name of the chosen rule, empty where none is."""
        return next(iter(chosen_keys(self.table)), "")

    def show_rules(self, rows: tuple[Row, ...], empty: str, note: str) -> None:
        """Show other rules."""
        self.table.show_table(RULE_COLUMNS, rows, empty)
        self.bar.show_state(note=note)

    def show_chosen(self, rule: Rule | None, words: str, *, changed: bool) -> None:
        """Offer the numbers of `rule` to be changed, or none; `words` are said above them."""
        self.words.set_text(words)
        self.words.setVisible(bool(words))
        self.editor.setVisible(rule is not None)
        if rule is not None:
            self.editor.show_rule(rule, changed=changed)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        super().set_theme(theme)
        for part in (self.table, self.words, self.editor):
            part.set_theme(theme)
