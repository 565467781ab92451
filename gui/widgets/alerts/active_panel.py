"""The alerts that have not ended, what is known of the chosen one, and the buttons that mute it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.alert_mutes import EXAMPLES, LENGTHS, SCOPES
from gui.view_models.alerts import ACTIVE_COLUMNS
from gui.view_models.condition import Light
from gui.view_models.tables import Row
from gui.view_models.tones import Tone
from gui.widgets.alerts.chosen_rows import chosen_keys
from gui.widgets.analytics.fitted_table import FittedTable
from gui.widgets.buttons import FlatButton
from gui.widgets.caption import Caption
from gui.widgets.entry_field import EntryField
from gui.widgets.fields import ChoiceField
from gui.widgets.flow import Flow
from gui.widgets.panel import Panel

_HINT = "Choose an alert to see all of it, and to mute it."


class ActivePanel(Panel):
    """Says what the operator wants muted; what comes of it is shown by others."""

    chosen = Signal()
    mute_wanted = Signal(str)  # until when, as `gui.view_models.alert_mutes.mute_end` understands it

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Active", theme, parent)
        self.table = FittedTable(theme, "active alerts", self, most_rows=8)
        self.table.selectionModel().selectionChanged.connect(lambda: self.chosen.emit())
        self.words = Caption(theme, self, pixels=12)
        self.scope = ChoiceField("What to mute", theme, self)
        for key, words in SCOPES:
            self.scope.addItem(f"Mute {words}", key)
        self.buttons = {key: FlatButton(words, theme, self) for key, words in LENGTHS}
        for key, button in self.buttons.items():
            button.clicked.connect(lambda _=False, key=key: self.mute_wanted.emit(key))
        self.other = EntryField(
            "For how long, or until when", EXAMPLES, theme, self, label="for or until", width=96
        )
        self.other.entered.connect(self._enter)
        self.problem = Caption(theme, self, pixels=12, tone=Tone.BAD)
        self.problem.hide()
        line = Flow(self)
        for part in (self.scope, *self.buttons.values(), self.other):
            line.add(part)
        line.hide()
        for part in (self.table, self.words, line, self.problem):
            self.body.addWidget(part)
        self._line = line

    @property
    def keys(self) -> tuple[str, ...]:
        """The chosen alerts."""
        return chosen_keys(self.table)

    def show_alerts(self, rows: tuple[Row, ...], empty: str) -> None:
        """Show other alerts; `empty` is said where there are none."""
        self.table.show_table(ACTIVE_COLUMNS, rows, empty)
        self.words.setVisible(bool(rows))

    def show_chosen(self, words: str, *, changeable: bool) -> None:
        """Say what is known of the chosen alerts, and offer to mute them."""
        self.words.set_text(words or _HINT)
        self._line.setVisible(changeable and bool(words))
        if not words:
            self.show_problem("")

    def show_state(self, note: str, tone: Tone, light: Light | None) -> None:
        """Say how many there are, or what keeps them from being watched."""
        self.bar.show_state(note=note, tone=tone, light=light)

    def show_problem(self, text: str, *, of_entry: bool = False) -> None:
        """Say why something was not muted; nothing when it was."""
        self.problem.set_text(text)
        self.problem.setVisible(bool(text))
        self.other.show_text(self.other.text if of_entry else "", wrong=bool(text) and of_entry)

    def _enter(self, text: str) -> None:
        if text:
            self.mute_wanted.emit(text)
        else:
            self.show_problem("")

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        super().set_theme(theme)
        parts: Sequence[FittedTable | Caption | ChoiceField | FlatButton | EntryField] = (
            self.table,
            self.words,
            self.scope,
            self.other,
            self.problem,
            *self.buttons.values(),
        )
        for part in parts:
            part.set_theme(theme)
