"""The switches and numbers of one rule. What is entered takes effect at once, or is refused with a reason."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from data_layer.alerts.model import AlertKind, Rule
from gui.theme import Theme
from gui.view_models.alert_rules import POSTING, SEVERITIES, SWITCH, fields_of
from gui.view_models.tones import Tone
from gui.widgets.buttons import FlatButton
from gui.widgets.caption import Caption
from gui.widgets.entry_field import EntryField
from gui.widgets.flow import Flow
from gui.widgets.segments import Segments

_HOLDS = ("none", "5 s", "15 s", "30 s", "1 min", "5 min", "10 min")


class RuleEditor(QWidget):
    """Says what was entered for the rule it shows."""

    switched = Signal(bool)
    severity_chosen = Signal(str)
    posting_switched = Signal(bool)
    entered = Signal(str, str)  # name of the field, text
    reset_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rule: Rule | None = None
        self.switch = Segments("Rule", SWITCH, theme, self)
        self.switch.chosen.connect(lambda key: self.switched.emit(key == "on"))
        self.severities = Segments("Severity", SEVERITIES, theme, self)
        self.severities.chosen.connect(self.severity_chosen)
        self.posting = Segments("Webhook", POSTING, theme, self)
        self.posting.setToolTip("Whether its alerts are posted to the webhook of the configuration")
        self.posting.chosen.connect(lambda key: self.posting_switched.emit(key == "posted"))
        self.reset_button = FlatButton("As configured", theme, self)
        self.reset_button.clicked.connect(lambda: self.reset_wanted.emit())
        self._lines: dict[AlertKind, tuple[Flow, dict[str, EntryField]]] = {}  # each kind has other numbers
        self.problem = Caption(theme, self, pixels=12, tone=Tone.BAD)
        self.problem.hide()
        switches = Flow(self)
        for part in (self.switch, self.severities, self.posting, self.reset_button):
            switches.add(part)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(switches)
        self._column.addWidget(self.problem)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def fields(self) -> dict[str, EntryField]:
        """The fields of the rule that is shown, by their names in `Rule`."""
        return {} if self._rule is None else self._lines[self._rule.kind][1]

    def show_rule(self, rule: Rule, *, changed: bool) -> None:
        """Show a rule as it is in force; of the one that is shown already what is being typed stays."""
        before, self._rule = self._rule, rule
        if before is None or before.name != rule.name:
            for kind, (line, _) in self._lines.items():
                line.setVisible(kind is rule.kind)
            if rule.kind not in self._lines:
                self._lines[rule.kind] = self._make_line(rule)
            self.put_back()
        elif before != rule:
            self.put_back()
        self.switch.choose("on" if rule.enabled else "off")
        self.severities.choose(rule.severity.value)
        self.posting.choose("posted" if rule.webhook else "kept")
        for part in (self.switch, self.severities, self.posting, *self.fields.values()):
            part.setAccessibleDescription(rule.name)
        self.reset_button.setEnabled(changed)

    def show_problem(self, text: str, field: str) -> None:
        """Say why something was refused, and mark the field that it is about."""
        self.problem.set_text(text)
        self.problem.show()
        for name, entry in self.fields.items():
            if name == field:
                entry.show_text(entry.text, wrong=True)

    def put_back(self) -> None:
        """Show what is in force instead of what was typed."""
        self.problem.hide()
        if self._rule is not None:
            for field in fields_of(self._rule):
                self.fields[field.name].show_text(field.text)

    def _make_line(self, rule: Rule) -> tuple[Flow, dict[str, EntryField]]:
        line, made = Flow(self), {}
        for field in fields_of(rule):
            entries = _HOLDS if field.name in ("hold_on_s", "hold_off_s") else ()
            entry = EntryField(field.label, entries, self._theme, line, label=field.label, width=72)
            entry.setToolTip(field.tip or field.label)
            entry.entered.connect(lambda text, name=field.name: self.entered.emit(name, text))
            line.add(entry)
            made[field.name] = entry
        self._column.insertWidget(1, line)
        return line, made

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        for part in (self.switch, self.severities, self.posting, self.reset_button, self.problem):
            part.set_theme(theme)
        for _, fields in self._lines.values():
            for entry in fields.values():
                entry.set_theme(theme)
