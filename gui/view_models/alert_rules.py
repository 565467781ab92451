"""The rules of the alerts as the alerts page lists and changes them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

from config.problems import RefusedValueError
from data_layer.alerts.model import KINDS, AlertKind, Rule, Severity
from gui.view_models.alert_mutes import seconds_of
from gui.view_models.condition import Light
from gui.view_models.tables import Cell, Column, Row, number_cell, state_cell, text_cell
from gui.view_models.tones import Tone
from gui.view_models.words import NOTHING, duration_text

RULE_COLUMNS = (
    Column(key="rule", title="rule"),
    Column(key="state", title="state"),
    Column(key="severity", title="severity"),
    Column(key="when", title="raised when", stretch=True),
    Column(key="hold_on", title="hold on", tip="How long it must be so before it is raised", numeric=True),
    Column(key="hold_off", title="hold off", tip="How long it must be over before it ends", numeric=True),
    Column(key="whose", title="bookmakers", spare=9),
)
SWITCH = (("on", "On"), ("off", "Off"))
POSTING = (("posted", "Webhook"), ("kept", "No webhook"))
SEVERITIES = tuple((severity.value, severity.value.capitalize()) for severity in Severity)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleField:
    """A number of a rule that can be typed."""

    name: str  # of `Rule`
    label: str
    text: str
    tip: str = ""


def rule_rows(rules: Sequence[Rule], configured: Sequence[Rule]) -> tuple[Row, ...]:
    """Return a row for each rule in the order of the configuration."""
    as_configured = {rule.name: rule for rule in configured}
    return tuple(_row(rule, as_configured.get(rule.name)) for rule in rules)


def fields_of(rule: Rule) -> tuple[RuleField, ...]:
    """Return the numbers of a rule that have a meaning."""
    facts = KINDS[rule.kind]
    found = []
    if facts.limit_words:
        text = limit_text(rule.kind, rule.limit)
        found.append(
            RuleField(name="limit", label=facts.limit_words, text=text, tip=facts.text.replace("`", ""))
        )
    if facts.has_threshold:
        found.append(RuleField(name="threshold", label="below", text=f"{rule.threshold:.2f}x"))
    if not facts.momentary:
        tip = "How long it must be so before the alert is raised"
        found.append(RuleField(name="hold_on_s", label="hold on", text=hold_text(rule.hold_on_s), tip=tip))
    tip = "How long it must be over before the alert ends"
    found.append(RuleField(name="hold_off_s", label="hold off", text=hold_text(rule.hold_off_s), tip=tip))
    return tuple(found)


def entered(rule: Rule, name: str, text: str) -> Rule:
    """Return `rule` with what was typed for one of its numbers. Raises `ValueError` for what is none."""
    value = _seconds(text) if name in ("hold_on_s", "hold_off_s") else _number(text)
    if name == "limit":
        return replace(rule, limit=value)
    if name == "threshold":
        return replace(rule, threshold=value)
    return replace(rule, hold_on_s=value) if name == "hold_on_s" else replace(rule, hold_off_s=value)


def refusal_text(error: Exception) -> str:
    """Return why a value was not taken, with the one that comes closest where there is one."""
    nearest = error.nearest if isinstance(error, RefusedValueError) else ""
    return f"{error}; nearest valid: {nearest}" if nearest else str(error)


def when_text(rule: Rule) -> str:
    """Return when a rule raises an alert, with its numbers."""
    facts = KINDS[rule.kind]
    text = (facts.text_of_one if rule.limit == 1 else "") or facts.text
    text = text.replace("`limit`", limit_text(rule.kind, rule.limit))
    return text.replace("`threshold`", f"{rule.threshold:.2f}x")


def limit_text(kind: AlertKind, limit: float) -> str:
    """Return a limit in the unit of its kind."""
    if kind is AlertKind.DRIFT:
        return f"{100 * limit:g} %"
    return f"{limit:,.2f}x" if kind is AlertKind.MULTIPLIER else f"{limit:,.10g}"


def hold_text(seconds: float) -> str:
    """Return a hold time: "none", "0.5 s", "2 min"."""
    if not seconds:
        return "none"
    return f"{seconds:g} s" if seconds < 60 else duration_text(round(seconds * 1_000_000))


def _row(rule: Rule, configured: Rule | None) -> Row:
    facts = KINDS[rule.kind]
    tone = Tone.TEXT if rule.enabled else Tone.MUTED
    when = when_text(rule)
    hold_on = NOTHING if facts.momentary else hold_text(rule.hold_on_s)
    light, word = (Light.LIVE, "on") if rule.enabled else (Light.OFF, "off")
    if rule.enabled and not rule.webhook:
        word = "on, no webhook"
    everyone = "all" if facts.by_bookmaker else NOTHING
    return Row(
        key=rule.name,
        cells=(
            text_cell(rule.name, tone=tone, tag="" if rule == configured else "changed"),
            state_cell(word, light, tone=tone),
            _severity_cell(rule),
            text_cell(when, tone=tone, tip=when),
            number_cell(hold_on, None if facts.momentary else rule.hold_on_s, tone=tone),
            number_cell(hold_text(rule.hold_off_s), rule.hold_off_s, tone=tone),
            text_cell(", ".join(rule.bookmakers) or everyone, tone=Tone.MUTED),
        ),
    )


def _severity_cell(rule: Rule) -> Cell:
    return Cell(text=rule.severity.value, sort=-rule.severity.rank, tone=Tone.MUTED)


def _number(text: str) -> float:
    cleaned = text.strip().lower().replace(",", "").replace(" ", "").removesuffix("x")
    percent = cleaned.endswith("%")
    try:
        value = float(cleaned.removesuffix("%"))
    except ValueError:
        raise ValueError(f"{text.strip() or 'nothing'} is no number") from None
    if not isfinite(value):
        raise ValueError(f"{text.strip()} is no number")
    return value / 100 if percent else value


def _seconds(text: str) -> float:
    cleaned = text.strip().lower()
    if cleaned in ("none", "0"):
        return 0.0
    try:
        return _number(cleaned)
    except ValueError:
        return seconds_of(cleaned)
