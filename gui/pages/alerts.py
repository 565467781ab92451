"""The alerts page: what wants the operator now, what is muted, what was, and the rules behind it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from config.problems import RefusedValueError
from data_layer.alerts.model import Alert, Rule, Severity
from data_layer.engine import Alerts
from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.theme import Theme
from gui.view_models import alert_mutes, alert_rules
from gui.view_models import alerts as words
from gui.view_models.tones import Tone
from gui.widgets.alerts.active_panel import ActivePanel
from gui.widgets.alerts.history_panel import HistoryPanel
from gui.widgets.alerts.mutes_panel import MutesPanel
from gui.widgets.alerts.rules_panel import RulesPanel
from gui.widgets.scroll_bar import scrolling, slim

_SECOND_MS = 1_000
_GAP = 12
_TWO_COLUMNS_FROM = 1_560  # pixels of width
_NOBODY = "This window was given no alerts: nothing is watched here."
_ELSEWHERE = "Rules and mutes are changed in the window of the machine that has the database."
_CHOOSE = (
    "Choose a rule to change it; what you enter takes effect at once. The severity also decides what is"
    " posted to a webhook: alerts.webhook.least in the configuration is the mildest."
)


class AlertsPage(Page):
    """Looks at the alerts every second while it can be seen, and after everything it was told to do."""

    title = "Alerts"
    icon = "alerts"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self._history: tuple[Alert, ...] = ()
        self._history_rows = words.HistoryRows()
        self.active = ActivePanel(theme, self)
        self.mutes = MutesPanel(theme, self)
        self.history = HistoryPanel(theme, self)
        self.rules = RulesPanel(theme, self)
        self._arrange(theme)
        self._connect()
        self._ticks = QTimer(self)
        self._ticks.setInterval(_SECOND_MS)
        self._ticks.timeout.connect(self.refresh)

    def _arrange(self, theme: Theme) -> None:
        content = QWidget(self)
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_GAP)
        self._columns = (QVBoxLayout(), QVBoxLayout())
        for column in self._columns:
            column.setSpacing(_GAP)
            self._row.addLayout(column, 1)
        self._two = True
        self._share(two=False)
        self._area = scrolling(content, theme, self)
        page = QVBoxLayout(self)
        page.setContentsMargins(14, 14, 14, 14)
        page.addWidget(self._area)

    def _share(self, *, two: bool) -> None:
        """Put the rules into a column of their own, or below the rest."""
        if two == self._two:
            return
        self._two = two
        left, right = self._columns
        for column in self._columns:
            while column.count():
                column.takeAt(0)
        for panel in (self.active, self.mutes, self.history):
            left.addWidget(panel)
        (right if two else left).addWidget(self.rules)
        for column in self._columns:
            column.addStretch(1)
        self._row.setStretch(1, int(two))
        self._row.setSpacing(_GAP if two else 0)

    def _connect(self) -> None:
        self.active.chosen.connect(self._show_chosen_alerts)
        self.active.mute_wanted.connect(self.mute)
        self.mutes.unmute_wanted.connect(self.unmute)
        self.history.filtered.connect(self._show_history)
        self.rules.chosen.connect(self._show_chosen_rule)
        editor = self.rules.editor
        editor.switched.connect(lambda on: self._change(lambda rule: replace(rule, enabled=on), ""))
        editor.severity_chosen.connect(
            lambda key: self._change(lambda rule: replace(rule, severity=Severity(key)), "")
        )
        editor.posting_switched.connect(
            lambda posted: self._change(lambda rule: replace(rule, webhook=posted), "")
        )
        editor.entered.connect(
            lambda name, text: self._change(lambda rule: alert_rules.entered(rule, name, text), name)
        )
        editor.reset_wanted.connect(self.reset_rule)

    # What is shown.

    @property
    def _alerts(self) -> Alerts | None:
        return self.dependencies.alerts

    def refresh(self) -> None:
        """Show everything as it is at this moment."""
        alerts, now_us = self._alerts, self.dependencies.now_us()
        if alerts is None:
            self._show_nobody()
            return
        active, mutes, rules = alerts.active(), alerts.mutes(), alerts.rules()
        note, light = words.summary(active)
        tone = light.tone if light.tone in (Tone.WARN, Tone.BAD) else Tone.MUTED
        if alerts.trouble:
            note, tone, light = alerts.trouble, Tone.BAD, words.TROUBLE_LIGHT
        self.active.show_state(note, tone, light)
        watched = not alerts.changeable or any(rule.enabled for rule in rules)
        empty = "No alert is active." if watched else "Every rule is off, so nothing is watched."
        self.active.show_alerts(words.active_rows(active, mutes, now_us), empty)
        self.mutes.show_mutes(words.mute_rows(mutes, now_us), changeable=alerts.changeable)
        configured = alerts.configured_rules()
        changed = sum(rule not in configured for rule in rules)
        note = f"{changed} changed in this window" if changed else ""
        without = "There are no rules." if alerts.changeable else _ELSEWHERE
        self.rules.show_rules(alert_rules.rule_rows(rules, configured), without, note)
        self._history = tuple(alerts.history(words.MOST_HISTORY))
        self._show_history()
        self._show_chosen_alerts()
        self._show_chosen_rule()

    def _show_nobody(self) -> None:
        self.active.show_alerts((), _NOBODY)
        self.history.show_history((), "", "There is no history.")
        self.rules.show_rules((), "There are no rules.", "")
        self.rules.show_chosen(None, "", changed=False)

    def _show_history(self) -> None:
        alerts = self._alerts
        if alerts is None:
            return
        history, now_us = self._history, self.dependencies.now_us()
        self.history.show_rules(words.names_of_rules((rule.name for rule in alerts.rules()), history))
        rows = self._history_rows.rows(history, self.history.wanted, now_us)
        of_all = (
            f"{len(rows)} of the last {len(history)}" if len(rows) < len(history) else f"the last {len(rows)}"
        )
        empty = "No alert of the past is like this." if history else "There has been no alert yet."
        self.history.show_history(rows, of_all if history else "", empty)

    def _show_chosen_alerts(self) -> None:
        alerts, now_us = self._alerts, self.dependencies.now_us()
        if alerts is None:
            return
        chosen = self._chosen_alerts(alerts)
        told = words.explanation(chosen[0], now_us) if len(chosen) == 1 else ""
        if len(chosen) > 1:
            told = f"{len(chosen)} alerts are chosen."
        self.active.show_chosen(told, changeable=alerts.changeable)

    def _chosen_alerts(self, alerts: Alerts) -> list[Alert]:
        keys = self.active.keys
        return [alert for alert in alerts.active() if alert.uid in keys]

    def _show_chosen_rule(self) -> None:
        alerts = self._alerts
        if alerts is None:
            return
        rule = self._chosen_rule(alerts)
        if not alerts.changeable:
            self.rules.show_chosen(None, _ELSEWHERE, changed=False)
        elif rule is None:
            self.rules.show_chosen(None, _CHOOSE if alerts.rules() else "", changed=False)
        else:
            sentence = alert_rules.when_text(rule)
            changed = rule not in alerts.configured_rules()
            self.rules.show_chosen(rule, f"{rule.name}: {sentence}", changed=changed)

    def _chosen_rule(self, alerts: Alerts) -> Rule | None:
        return next((rule for rule in alerts.rules() if rule.name == self.rules.key), None)

    # What the operator can do.

    def mute(self, until: str) -> None:
        """Mute what is chosen, `until` as `gui.view_models.alert_mutes.mute_end` understands it."""
        alerts = self._alerts
        chosen = [] if alerts is None else self._chosen_alerts(alerts)
        if alerts is None or not chosen:
            return
        scope = self.active.scope.currentData()
        pairs = {pair: None for alert in chosen for pair in alert_mutes.targets(alert, scope)}
        of_entry = until not in dict(alert_mutes.LENGTHS)
        try:
            until_us = alert_mutes.mute_end(until, self.dependencies.now_us())
            for rule, bookmaker in pairs:
                alerts.mute(until_us=until_us, rule=rule, bookmaker=bookmaker)
        except ValueError as error:  # RefusedValueError is one
            self.active.show_problem(f"Not muted: {alert_rules.refusal_text(error)}", of_entry=of_entry)
            return
        self.active.show_problem("")
        self.refresh()

    def unmute(self) -> None:
        """End the chosen mutes."""
        alerts = self._alerts
        if alerts is None:
            return
        keys = self.mutes.keys
        for mute in alerts.mutes():
            if words.mute_key(mute) in keys:
                alerts.unmute(rule=mute.rule, bookmaker=mute.bookmaker)
        self.refresh()

    def _change(self, make: Callable[[Rule], Rule], field: str) -> None:
        """Put what `make` returns into the place of the chosen rule, or say why that cannot be."""
        alerts = self._alerts
        rule = None if alerts is None else self._chosen_rule(alerts)
        if alerts is None or rule is None:
            return
        editor = self.rules.editor
        try:
            alerts.change_rule(make(rule))
        except ValueError as error:  # RefusedValueError is one
            at: Sequence[str | int] = error.at if isinstance(error, RefusedValueError) else ()
            editor.show_problem(
                f"Not changed: {alert_rules.refusal_text(error)}", str(at[0]) if at else field
            )
            return
        self.refresh()
        editor.put_back()

    def reset_rule(self) -> None:
        """Use the chosen rule as the configuration has it."""
        alerts, name = self._alerts, self.rules.key
        if alerts is not None and name:
            alerts.reset_rule(name)
            self.refresh()
            self.rules.editor.put_back()

    # What Qt and the window say.

    def open_search(self) -> bool:
        """Lead the keyboard to the search of the history."""
        self._area.ensureWidgetVisible(self.history.search)
        self.history.open_search()
        return True

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up and go on."""
        self.refresh()
        self._ticks.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        self._ticks.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in two columns where they fit."""
        super().resizeEvent(event)
        self._share(two=event.size().width() >= _TWO_COLUMNS_FROM)

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        slim(self._area, theme, "bg")
        for panel in (self.active, self.mutes, self.history, self.rules):
            panel.set_theme(theme)

    def release(self) -> None:
        """End the clock."""
        self._ticks.stop()
