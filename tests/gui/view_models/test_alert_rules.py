"""Rules as rows, and what is typed for their numbers."""

from dataclasses import replace

import pytest

from config.alert_checks import check_rule
from config.alert_specs import KINDS, USUAL_RULES, AlertKind, Severity, usual
from config.problems import RefusedValueError
from gui.view_models.alert_rules import (
    entered,
    fields_of,
    hold_text,
    limit_text,
    refusal_text,
    rule_rows,
    when_text,
)
from gui.view_models.tones import Tone


@pytest.mark.parametrize("rule", USUAL_RULES, ids=lambda rule: rule.name)
def test_what_is_shown_of_a_rule_can_be_typed_and_changes_nothing(rule) -> None:  # type: ignore[no-untyped-def]
    for field in fields_of(rule):
        again = entered(rule, field.name, field.text)
        assert again == rule
        check_rule(again)


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_rule_says_when_with_its_numbers(kind: AlertKind) -> None:
    text = when_text(usual(kind))
    assert "`" not in text
    if KINDS[kind].limit_words:
        assert limit_text(kind, KINDS[kind].limit) in text


def test_rules_say_whether_they_are_on_how_patient_they_are_and_whether_they_were_changed() -> None:
    stall, gap = usual(AlertKind.STALL), usual(AlertKind.GAP)
    off = replace(gap, enabled=False, bookmakers=("A", "B"))
    one, other = rule_rows([stall, off], [stall, gap])
    assert [cell.text for cell in one.cells] == [
        "stall",
        "on",
        "warning",
        when_text(stall),
        "5 s",
        "15 s",
        "all",
    ]
    assert (one.cells[0].tag, other.cells[0].tag) == ("", "changed")
    assert [other.cells[place].text for place in (1, 4, 5, 6)] == ["off", "\N{EN DASH}", "2 min", "A, B"]
    assert other.cells[0].tone is Tone.MUTED
    assert rule_rows([stall], [])[0].cells[0].tag == "changed"
    [silent] = rule_rows([replace(stall, webhook=False)], [stall])
    assert (silent.cells[0].tag, silent.cells[1].text) == ("changed", "on, no webhook")


def test_one_is_one_and_many_are_many() -> None:
    gap = usual(AlertKind.GAP)
    assert when_text(gap) == "at least 1 round was missed, or an unknown number"
    assert when_text(replace(gap, limit=20)) == "at least 20 rounds were missed, or an unknown number"


def test_a_rule_has_only_the_numbers_that_mean_something() -> None:
    names = {kind: [field.name for field in fields_of(usual(kind))] for kind in AlertKind}
    assert names[AlertKind.STREAK] == ["limit", "threshold", "hold_on_s", "hold_off_s"]
    assert names[AlertKind.GAP] == ["limit", "hold_off_s"]
    assert names[AlertKind.REDIS] == ["hold_on_s", "hold_off_s"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("limit", "1,000", 1_000),
        ("limit", " 2.5 ", 2.5),
        ("limit", "5 %", 0.05),
        ("limit", "1,000.00x", 1_000),
        ("threshold", "10x", 10),
        ("hold_on_s", "90", 90),
        ("hold_on_s", "1 min 30 s", 90),
        ("hold_off_s", "none", 0),
        ("hold_off_s", "2h", 7_200),
    ],
)
def test_numbers_are_understood_as_they_are_typed(name: str, text: str, value: float) -> None:
    assert getattr(entered(usual(AlertKind.STREAK), name, text), name) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "many", "1e", "nan", "inf", "1..2", "5 %%"])
@pytest.mark.parametrize("name", ["limit", "hold_on_s"])
def test_what_is_no_number_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"is no number|number and s"):
        entered(usual(AlertKind.STREAK), name, text)


def test_a_refusal_names_the_value_that_comes_closest() -> None:
    with pytest.raises(RefusedValueError) as refused:
        check_rule(entered(usual(AlertKind.STREAK), "limit", "1"))
    assert refusal_text(refused.value).endswith("nearest valid: 2")
    assert refusal_text(ValueError("no number")) == "no number"


def test_hold_times_are_short_and_exact() -> None:
    assert [hold_text(seconds) for seconds in (0, 0.5, 15, 60, 90, 7_200)] == [
        "none",
        "0.5 s",
        "15 s",
        "1 min",
        "1 min 30 s",
        "2 h",
    ]


def test_severities_sort_the_worst_first() -> None:
    rules = [replace(usual(AlertKind.STALL), severity=severity) for severity in Severity]
    sorts = [row.cells[2].sort for row in rule_rows(rules, rules)]
    assert sorts == sorted(sorts, reverse=True, key=lambda sort: float(sort or 0))
