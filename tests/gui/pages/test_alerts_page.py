"""The alerts page: what it shows, what it does when told to, and what it says when that cannot be."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from config.alert_specs import Rule, Severity
from gui.pages.alerts import AlertsPage
from gui.sample.alerts import SampleAlerts
from gui.sample.window import Sample, SampleClock
from gui.theme import DARK
from gui.widgets.entry_field import EntryField
from gui.widgets.table import DataTable
from tests.gui.fakes import empty_dependencies


@pytest.fixture
def page(qtbot: QtBot, sample: Sample) -> Iterator[AlertsPage]:
    made = AlertsPage(sample.dependencies, DARK)
    qtbot.addWidget(made)
    made.resize(1_000, 640)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.release()


@pytest.fixture
def alerts(sample: Sample) -> SampleAlerts:
    return sample.alerts


def keys(table: DataTable) -> list[str]:
    return [row.key for row in table.table.rows]


def column(table: DataTable, name: str) -> list[str]:
    place = [each.key for each in table.table.columns].index(name)
    return [row.cells[place].text for row in table.table.rows]


def choose(table: DataTable, key: str) -> None:
    table.selectRow(keys(table).index(key))


def test_the_worst_is_first_and_ages_go_on(page: AlertsPage, sample_clock: SampleClock) -> None:
    assert column(page.active.table, "severity") == ["critical", "warning", "warning", "info"]
    assert column(page.active.table, "lasts")[1] == "43 s"
    sample_clock.advance(10)
    page.refresh()
    assert column(page.active.table, "lasts")[1] == "53 s"
    assert "1 critical, 2 warnings, 1 info" in page.active.bar.accessibleName()


def test_nothing_can_be_muted_before_an_alert_is_chosen(page: AlertsPage, alerts: SampleAlerts) -> None:
    assert not page.active.scope.isVisible()
    page.mute("1h")
    assert alerts.calls == []
    choose(page.active.table, "sample-2")
    assert page.active.scope.isVisible()
    assert page.active.words.text.startswith("StarBet: no data; silent")


def test_an_alert_is_muted_shown_as_muted_and_unmuted(page: AlertsPage, alerts: SampleAlerts) -> None:
    choose(page.active.table, "sample-2")
    page.active.buttons["15m"].click()
    assert alerts.calls == ["mute stall@StarBet"]
    assert column(page.active.table, "told")[1].startswith("until ")
    assert column(page.mutes.table, "what") == ["stall at StarBet", "integrity at Soccer"]
    assert column(page.mutes.table, "left") == ["15 min", "52 min"]
    assert not page.mutes.button.isEnabled()
    choose(page.mutes.table, "stall\nStarBet")
    page.mutes.button.click()
    assert alerts.calls[-1] == "unmute stall@StarBet"
    assert column(page.active.table, "told")[1] == ""
    assert column(page.mutes.table, "what") == ["integrity at Soccer"]


def test_the_mutes_go_away_with_the_last_of_them(page: AlertsPage, sample_clock: SampleClock) -> None:
    assert page.mutes.isVisible()
    sample_clock.advance(53 * 60)
    page.refresh()
    assert not page.mutes.isVisible()


def test_what_is_muted_can_be_the_rule_or_the_bookmaker(page: AlertsPage, alerts: SampleAlerts) -> None:
    choose(page.active.table, "sample-2")
    for scope, call in ((1, "mute stall@"), (2, "mute @StarBet")):
        page.active.scope.setCurrentIndex(scope)
        page.active.buttons["tomorrow"].click()
        assert alerts.calls[-1] == call


def test_several_alerts_are_muted_at_once(page: AlertsPage, alerts: SampleAlerts) -> None:
    page.active.table.selectAll()
    assert page.active.words.text == "4 alerts are chosen."
    page.active.buttons["1h"].click()
    assert sorted(alerts.calls) == [
        "mute integrity@Soccer",
        "mute stall@StarBet",
        "mute streak@Mozzart",
        "mute worker@VolcanoBet",
    ]


def test_a_length_of_ones_own_is_typed_and_nonsense_is_refused_in_words(
    page: AlertsPage, alerts: SampleAlerts, sample_clock: SampleClock
) -> None:
    choose(page.active.table, "sample-2")
    entry = page.active.other
    QTest.keyClicks(entry.line, "25 foo")
    QTest.keyClick(entry.line, Qt.Key.Key_Return)
    assert entry.wrong
    assert page.active.problem.isVisible()
    assert page.active.problem.text.startswith("Not muted: 25 foo is neither a length nor a time")
    assert alerts.calls == []
    page.refresh()
    assert entry.text == "25 foo"  # to be mended
    entry.line.selectAll()
    QTest.keyClicks(entry.line, "25 min")
    QTest.keyClick(entry.line, Qt.Key.Key_Return)
    assert alerts.mutes()[0].until_us == sample_clock.now_us() + 25 * 60_000_000
    assert not page.active.problem.isVisible()
    assert (entry.wrong, entry.text) == (False, "")


def test_the_choice_outlives_a_refresh_in_which_others_come_before_it(
    page: AlertsPage, alerts: SampleAlerts
) -> None:
    choose(page.active.table, "sample-4")
    newest = msgspec.structs.replace(
        alerts.alerts[0], uid="new", raised_at_us=alerts.alerts[0].raised_at_us + 9
    )
    alerts.alerts.append(newest)
    page.refresh()
    assert keys(page.active.table)[0] == "new"
    assert page.active.keys == ("sample-4",)


# The history.


def test_the_history_is_filtered_as_one_types(page: AlertsPage) -> None:
    table, history = page.history.table, page.history
    assert len(keys(table)) == 11
    history.severities.click("critical")
    assert column(table, "rule") == ["worker", "worker"]
    history.severities.click("info")
    history.rules.setCurrentIndex(history.rules.findData("stall"))
    assert set(column(table, "rule")) == {"stall"}
    history.rules.setCurrentIndex(0)
    history.search.setText("admiral")
    assert len(keys(table)) == 2
    assert "2 of the last 11" in history.bar.accessibleName()
    history.search.setText("never seen")
    assert keys(table) == []
    page.refresh()
    assert keys(table) == []


def test_the_search_of_the_page_is_that_of_the_history(qtbot: QtBot, page: AlertsPage) -> None:
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    assert page.open_search()
    qtbot.waitUntil(page.history.search.hasFocus)


def test_the_chosen_rule_stays_chosen_when_others_join_the_filter(
    page: AlertsPage, alerts: SampleAlerts
) -> None:
    page.history.rules.setCurrentIndex(page.history.rules.findData("stall"))
    alerts.alerts.append(msgspec.structs.replace(alerts.alerts[0], uid="new", rule="a rule of the past"))
    page.refresh()
    assert page.history.rules.findData("a rule of the past") > 0
    assert page.history.rules.currentData() == "stall"


# The rules.


def rule_of(alerts: SampleAlerts, name: str) -> Rule:
    return next(rule for rule in alerts.rules() if rule.name == name)


def test_a_rule_is_switched_and_given_another_severity(page: AlertsPage, alerts: SampleAlerts) -> None:
    choose(page.rules.table, "streak")
    editor = page.rules.editor
    assert (editor.switch.key, editor.severities.key) == ("on", "info")
    editor.switch.click("off")
    editor.severities.click("critical")
    assert editor.posting.key == "posted"
    editor.posting.click("kept")
    rule = rule_of(alerts, "streak")
    assert (rule.enabled, rule.severity, rule.webhook) == (False, Severity.CRITICAL, False)
    assert column(page.rules.table, "state")[2] == "off"
    assert "1 changed in this window" in page.rules.bar.accessibleName()


def type_into(page: AlertsPage, field: str, text: str) -> None:
    line = page.rules.editor.fields[field].line
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_numbers_of_a_rule_take_effect_when_they_are_entered(page: AlertsPage, alerts: SampleAlerts) -> None:
    choose(page.rules.table, "stall")
    type_into(page, "limit", "4.5")
    type_into(page, "hold_on_s", "1 min 30 s")
    type_into(page, "hold_off_s", "none")
    rule = rule_of(alerts, "stall")
    assert (rule.limit, rule.hold_on_s, rule.hold_off_s) == (4.5, 90, 0)
    assert column(page.rules.table, "hold_on")[0] == "1 min 30 s"
    choose(page.rules.table, "streak")
    type_into(page, "threshold", "10")
    assert rule_of(alerts, "streak").threshold == 10
    assert page.rules.editor.fields["threshold"].text == "10.00x"


def test_a_number_that_makes_no_sense_is_refused_beside_its_field(
    page: AlertsPage, alerts: SampleAlerts
) -> None:
    choose(page.rules.table, "streak")
    editor = page.rules.editor
    type_into(page, "limit", "1")
    assert editor.fields["limit"].wrong
    assert editor.problem.isVisible()
    assert editor.problem.text.endswith("nearest valid: 2")
    type_into(page, "limit", "many")
    assert editor.problem.text == "Not changed: many is no number"
    assert alerts.calls == []
    page.refresh()
    assert editor.fields["limit"].text == "many"
    type_into(page, "limit", "20")
    assert rule_of(alerts, "streak").limit == 20
    assert (editor.problem.isVisible(), editor.fields["limit"].wrong) == (False, False)


def test_going_back_to_the_number_in_force_is_no_mistake_any_more(page: AlertsPage) -> None:
    choose(page.rules.table, "streak")
    editor = page.rules.editor
    type_into(page, "limit", "1")
    type_into(page, "limit", "18.0")
    assert (editor.fields["limit"].text, editor.fields["limit"].wrong) == ("18", False)
    assert not editor.problem.isVisible()


def test_another_rule_shows_its_own_numbers(qtbot: QtBot, page: AlertsPage) -> None:
    choose(page.rules.table, "streak")
    type_into(page, "limit", "nonsense")
    choose(page.rules.table, "gap")
    editor = page.rules.editor
    assert sorted(editor.fields) == ["hold_off_s", "limit"]
    assert editor.fields["limit"].text == "1"
    page.grab()  # by now what was put into the layout is shown
    qtbot.waitUntil(lambda: sum(entry.isVisible() for entry in editor.findChildren(EntryField)) == 2)
    assert not editor.problem.isVisible()
    choose(page.rules.table, "streak")
    assert editor.fields["limit"].text == "18"
    assert not editor.fields["limit"].wrong


def test_rules_of_one_kind_do_not_mix_up_their_numbers(page: AlertsPage, alerts: SampleAlerts) -> None:
    choose(page.rules.table, "disk")
    choose(page.rules.table, "disk full")
    assert page.rules.editor.fields["limit"].text == "0.1"
    type_into(page, "limit", "0.2")
    assert (rule_of(alerts, "disk").limit, rule_of(alerts, "disk full").limit) == (1, 0.2)


def test_a_changed_rule_is_put_back_as_configured(page: AlertsPage, alerts: SampleAlerts) -> None:
    choose(page.rules.table, "stall")
    editor = page.rules.editor
    assert not editor.reset_button.isEnabled()
    type_into(page, "limit", "9")
    assert editor.reset_button.isEnabled()
    editor.reset_button.click()
    assert alerts.calls[-1] == "reset stall"
    assert (editor.fields["limit"].text, editor.reset_button.isEnabled()) == ("3", False)


def test_what_is_being_typed_outlives_a_refresh(page: AlertsPage, sample_clock: SampleClock) -> None:
    choose(page.rules.table, "stall")
    line = page.rules.editor.fields["limit"].line
    line.selectAll()
    QTest.keyClicks(line, "7")
    sample_clock.advance(1)
    page.refresh()
    assert line.text() == "7"


# What may be missing.


def test_a_window_of_another_machine_shows_and_changes_nothing(
    page: AlertsPage, alerts: SampleAlerts
) -> None:
    alerts.changeable = False
    page.refresh()
    choose(page.active.table, "sample-2")
    choose(page.rules.table, "stall")
    assert not page.active.scope.isVisible()
    assert not page.rules.editor.isVisible()
    assert page.rules.words.text.startswith("Rules and mutes are changed in the window of the machine")
    choose(page.mutes.table, "integrity\nSoccer")
    assert not page.mutes.button.isEnabled()


def test_rules_that_are_on_another_machine_are_not_called_off(
    page: AlertsPage, alerts: SampleAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts.changeable, alerts.alerts = False, []
    monkeypatch.setattr(alerts, "rules", tuple)
    page.refresh()
    assert page.active.table._empty == "No alert is active."
    assert page.rules.table._empty.startswith("Rules and mutes are changed in the window of the machine")


def test_trouble_with_the_alerts_themselves_is_said_first(page: AlertsPage, alerts: SampleAlerts) -> None:
    alerts.trouble = "the webhook answers 500"
    page.refresh()
    assert "the webhook answers 500" in page.active.bar.accessibleName()


def test_without_alerts_and_rules_the_page_says_so(qtbot: QtBot, tmp_path: Path, sample: Sample) -> None:
    bare = AlertsPage(empty_dependencies(tmp_path), DARK)
    quiet = SampleAlerts(sample.engine.now_us, troubles=False)
    quiet.alerts = []
    healthy = AlertsPage(replace(sample.dependencies, alerts=quiet), DARK)
    for page in (bare, healthy):
        qtbot.addWidget(page)
        page.show()
        page.grab()
    assert bare.active.table._empty.startswith("This window was given no alerts")
    assert healthy.active.table._empty == "No alert is active."
    assert healthy.history.table._empty == "There has been no alert yet."
    quiet.switch_off_all()
    healthy.refresh()
    assert healthy.active.table._empty == "Every rule is off, so nothing is watched."
    for page in (bare, healthy):
        page.release()


def test_a_wide_page_has_the_rules_beside_the_rest(qtbot: QtBot, page: AlertsPage) -> None:
    assert page.rules.y() > page.history.y()
    page.resize(1_700, 900)
    qtbot.waitUntil(lambda: page.rules.y() == page.active.y() and page.rules.x() > page.active.x())
    page.resize(700, 500)
    qtbot.waitUntil(lambda: page.rules.x() == page.active.x() and page.rules.y() > page.history.y())
