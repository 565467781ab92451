"""Alerts, mutes and their history as the alerts page and the attention list show them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from data_layer.alerts.model import Alert, AlertKind, Mute, Severity
from gui.view_models.condition import Light
from gui.view_models.tables import Cell, Column, Row, number_cell, state_cell, text_cell
from gui.view_models.tones import Tone
from gui.view_models.words import NOTHING, count_text, date_text, duration_text, moment_text

MOST_HISTORY = 500  # alerts that the page lists

ACTIVE_COLUMNS = (
    Column(key="severity", title="severity"),
    Column(key="alert", title="alert", stretch=True),
    Column(key="detail", title="detail", spare=9),
    Column(key="since", title="since", tip="When the trouble began", numeric=True),
    Column(key="lasts", title="for", tip="How long it has lasted", numeric=True),
    Column(key="rule", title="rule", tip="The rule that raised it", spare=8),
    Column(key="told", title="mute", tip="Muted alerts are shown here and told nowhere else"),
)
HISTORY_COLUMNS = (
    Column(key="raised", title="raised", tip="When it was raised, local time", numeric=True),
    Column(key="severity", title="severity"),
    Column(key="alert", title="alert", stretch=True),
    Column(key="detail", title="detail", spare=9),
    Column(key="lasted", title="lasted", numeric=True),
    Column(
        key="count", title="times", tip="How often it came back, or how many moments", numeric=True, spare=8
    ),
    Column(key="end", title="end", tip="How it ended", spare=6),
    Column(key="rule", title="rule", tip="The rule that raised it", spare=7),
)
MUTE_COLUMNS = (
    Column(key="what", title="what", stretch=True),
    Column(key="until", title="until", numeric=True),
    Column(key="left", title="left", numeric=True),
)
SEVERITY_CHOICES = (("info", "All"), ("warning", "From warning"), ("critical", "Critical"))

TROUBLE_LIGHT = Light.BAD

_RANKS = {severity: severity.rank for severity in Severity}

_LIGHTS = {Severity.CRITICAL: Light.BAD, Severity.WARNING: Light.WARN, Severity.INFO: Light.OFF}
_TONES = {Severity.CRITICAL: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.INFO: Tone.MUTED}
# Kinds whose troubles the attention list sees on the live board itself, in its own words.
BOARD_KINDS = (AlertKind.WORKER, AlertKind.WRITER)


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryFilter:
    """Which alerts of the history are shown."""

    least: Severity = Severity.INFO
    rule: str = ""  # empty: any
    text: str = ""  # occurs in title, detail, rule or bookmakers; capitals do not matter

    def lets(self, alert: Alert) -> bool:
        """Tell whether an alert is shown."""
        if _RANKS[alert.severity] < _RANKS[self.least] or self.rule not in ("", alert.rule):
            return False
        if not self.text:
            return True
        wanted = self.text.casefold().split()
        words = " ".join((alert.title, alert.detail, alert.rule, *alert.bookmakers)).casefold()
        return all(word in words for word in wanted)


def active_rows(alerts: Sequence[Alert], mutes: Sequence[Mute], now_us: int) -> tuple[Row, ...]:
    """Return a row for each alert that has not ended, in the order given: the worst first."""
    return tuple(
        Row(
            key=alert.uid,
            cells=(
                severity_cell(alert.severity),
                text_cell(alert.title, tip=_whole(alert)),
                text_cell(alert.detail, tone=Tone.MUTED, tip=_whole(alert)),
                number_cell(moment_text(alert.since_us, now_us), alert.since_us),
                _lasting(now_us - alert.since_us),
                text_cell(alert.rule, tone=Tone.MUTED),
                _mute_cell(alert, mutes, now_us),
            ),
        )
        for alert in alerts
    )


class HistoryRows:
    """Makes a row for each alert of the history; those of ended ones are made once a day."""

    def __init__(self) -> None:
        self._day = ""  # rows of another day say times without the date
        self._made: dict[str, tuple[Alert, Row]] = {}  # by uid

    def rows(self, alerts: Iterable[Alert], wanted: HistoryFilter, now_us: int) -> tuple[Row, ...]:
        """Return the rows of the alerts that the filter lets through, in the order given."""
        day = date_text(now_us)
        known, self._made = (self._made if day == self._day else {}), {}
        self._day = day
        found = []
        for alert in alerts:
            made = known.get(alert.uid)
            if made is None or made[0] != alert or alert.active:
                made = (alert, _history_row(alert, now_us))
            self._made[alert.uid] = made
            if wanted.lets(alert):
                found.append(made[1])
        return tuple(found)


def _history_row(alert: Alert, now_us: int) -> Row:
    return Row(
        key=alert.uid,
        cells=(
            number_cell(moment_text(alert.raised_at_us, now_us), alert.raised_at_us),
            severity_cell(alert.severity, active=alert.active),
            text_cell(alert.title, tip=_whole(alert)),
            text_cell(alert.detail, tone=Tone.MUTED, tip=_whole(alert)),
            _lasting((alert.ended_at_us or now_us) - alert.since_us),
            number_cell(count_text(alert.count) if alert.count > 1 else "", alert.count),
            _end_cell(alert),
            text_cell(alert.rule, tone=Tone.MUTED),
        ),
    )


def mute_rows(mutes: Sequence[Mute], now_us: int) -> tuple[Row, ...]:
    """Return a row for each mute, the one that ends first first."""
    return tuple(
        Row(
            key=mute_key(mute),
            cells=(
                text_cell(mute_words(mute), light=Light.PAUSED),
                number_cell(moment_text(mute.until_us, now_us), mute.until_us),
                _lasting(mute.until_us - now_us),
            ),
        )
        for mute in mutes
    )


def mute_key(mute: Mute) -> str:
    """Return what tells a mute from the others."""
    return f"{mute.rule}\n{mute.bookmaker}"


def mute_words(mute: Mute) -> str:
    """Return what is muted: "stall at StarBet", "everything at StarBet", "stall everywhere"."""
    if mute.bookmaker:
        return f"{mute.rule or 'everything'} at {mute.bookmaker}"
    return f"{mute.rule} everywhere"


def severity_cell(severity: Severity, *, active: bool = True) -> Cell:
    """Return a severity, with colour and light while it is about something that wants the operator."""
    light, tone = (_LIGHTS[severity], _TONES[severity]) if active else (Light.OFF, Tone.MUTED)
    cell = state_cell(severity.value, light, tone=tone)
    return replace(cell, sort=f"{len(Severity) - _RANKS[severity]} {not active}")


def summary(alerts: Sequence[Alert]) -> tuple[str, Light]:
    """Return all active alerts in a few words, with the light of the worst."""
    if not alerts:
        return "none", Light.LIVE
    counts = {severity: sum(alert.severity is severity for alert in alerts) for severity in Severity}
    plural = {Severity.WARNING: "warnings"}
    words = [
        f"{count} {severity.value if count == 1 else plural.get(severity, severity.value)}"
        for severity, count in reversed(counts.items())
        if count
    ]
    worst = max((alert.severity for alert in alerts), key=lambda severity: _RANKS[severity])
    return ", ".join(words), _LIGHTS[worst]


def explanation(alert: Alert, now_us: int) -> str:
    """Return everything that is known of one alert, in sentences."""
    parts = [alert.title]
    if alert.detail:
        parts.append(alert.detail)
    if len(alert.bookmakers) > 1:
        parts.append(f"about {', '.join(alert.bookmakers)}")
    if alert.recovered:
        parts.append(f"well again: {', '.join(alert.recovered)}")
    if alert.consequences:
        parts.append(f"what follows from it: {', '.join(alert.consequences)}")
    if alert.count > 1:
        parts.append(f"{alert.count:,} times")
    parts.append(f"raised {moment_text(alert.raised_at_us, now_us)} by the rule {alert.rule}")
    return "; ".join(parts)


def names_of_rules(rules: Iterable[str], history: Iterable[Alert]) -> tuple[str, ...]:
    """Return the rules that the history can be filtered by: those in force, then those of the past."""
    return tuple(dict.fromkeys((*rules, *(alert.rule for alert in history))))


def said_by_board(alert: Alert, broken: Collection[str]) -> bool:
    """Tell whether an alert is about what the attention list says of the live board already, given the
    bookmakers that it shows as broken, and "" where the engine itself is."""
    return alert.kind in BOARD_KINDS and all(name in broken for name in alert.bookmakers or ("",))


def _lasting(length_us: int) -> Cell:
    whole_us = max(0, length_us) // 1_000_000 * 1_000_000  # tenths would flicker
    text = f"{whole_us // 1_000_000} s" if whole_us < 60_000_000 else duration_text(whole_us)
    return number_cell(text, length_us)


def _mute_cell(alert: Alert, mutes: Sequence[Mute], now_us: int) -> Cell:
    ends = []
    for name in alert.bookmakers or ("",):
        covering = [mute.until_us for mute in mutes if mute.covers(alert.rule, name)]
        if not covering:
            return text_cell("") if not alert.muted else text_cell("muted", tone=Tone.PAUSED)
        ends.append(max(covering))
    return text_cell(f"until {moment_text(min(ends), now_us)}", tone=Tone.PAUSED, light=Light.PAUSED)


def _end_cell(alert: Alert) -> Cell:
    if alert.active:
        return text_cell("active", tone=Tone.ACCENT)
    words = alert.end_reason or NOTHING
    return text_cell(f"{words}, muted" if alert.muted else words, tone=Tone.MUTED)


def _whole(alert: Alert) -> str:
    return f"{alert.title}\n{alert.detail}" if alert.detail else alert.title
