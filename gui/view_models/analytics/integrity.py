"""Faults of the feeds, and feeds that are one, as values."""

from dataclasses import dataclass

from data_layer.analytics.questions import Integrity, IntegrityFinding, SameFeed, VerifiedRounds
from gui.view_models import words
from gui.view_models.analytics import figures
from gui.view_models.analytics.choices import exact_words
from gui.view_models.condition import Light
from gui.view_models.finding import Finding
from gui.view_models.tables import Column, Row, number_cell, text_cell

_LIGHTS = {"critical": Light.BAD, "warning": Light.WARN, "info": Light.OFF}
_WORST_FIRST = ("critical", "warning", "info")
_MOST_NAMES = 3  # of bookmakers behind one thing that was looked for, before they are only counted


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrityView:
    """The panel as values."""

    light: Light = Light.LIVE
    summary: str = ""
    findings: tuple[Finding, ...] = ()
    feed_columns: tuple[Column, ...] = ()
    feeds: tuple[Row, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def view(answer: Integrity, timezone: str, now_us: int) -> IntegrityView:
    """Return the panel's content, the worst first."""
    ordered = sorted(answer.findings, key=lambda each: (_rank(each), -each.count))
    worst = min((_rank(each) for each in ordered), default=None)
    lights = (Light.BAD, Light.WARN, Light.LIVE)
    wrong = [_wrong(each) for each in answer.verified if each.no]
    return IntegrityView(
        light=Light.BAD if wrong else Light.LIVE if worst is None else lights[worst],
        summary=_summary(len(wrong) + len(ordered)),
        findings=(*wrong, *(_finding(each, timezone, now_us) for each in ordered)),
        feed_columns=_FEED_COLUMNS,
        feeds=tuple(_feed_row(feed) for feed in answer.feeds),
        facts=_facts(answer),
    )


def _rank(each: IntegrityFinding) -> int:
    return _WORST_FIRST.index(each.severity) if each.severity in _WORST_FIRST else len(_WORST_FIRST) - 1


def _summary(findings: int) -> str:
    if not findings:
        return "nothing found"
    return "1 finding" if findings == 1 else f"{findings} findings"


def _wrong(each: VerifiedRounds) -> Finding:
    return Finding(
        name=f"{each.bookmaker}: failed verification",
        word=f"{each.no:,} wrong",
        light=Light.BAD,
        text="Their hashes give other crash points than were shown. verify --bookmaker names them.",
    )


def verified_words(answer: Integrity) -> str:
    """Return how many rounds were recomputed from their hashes; empty where that was not asked."""
    if not answer.verified:
        return ""
    yes = sum(each.yes for each in answer.verified)
    no = sum(each.no for each in answer.verified)
    unknown = sum(each.unknown for each in answer.verified)
    if not yes + no:
        return "no round was recomputed from its hash"
    return f"{yes:,} rounds right, {no:,} wrong, {unknown:,} not known; of all time"


def _finding(each: IntegrityFinding, timezone: str, now_us: int) -> Finding:
    parts = [f"{each.count:,}" if each.count > 1 else "once"]
    if each.first_at_us is not None:
        parts.append(f"first {exact_words(each.first_at_us, timezone, now_us)}")
    if each.first_round:
        parts.append(f"round {each.first_round}")
    if each.p_value is not None:
        parts.append(f"p {figures.p_text(each.p_value)}")
    return Finding(
        name=f"{each.bookmaker}: {each.kind}",
        word=", ".join(parts),
        light=_LIGHTS.get(each.severity, Light.OFF),
        text=each.text,
    )


_FEED_COLUMNS = (
    Column(key="first", title="counted", tip="The one whose rounds are counted"),
    Column(key="others", title="show the same feed", stretch=True),
    Column(key="lag", title="later by", tip="How much later the others show a round, median", numeric=True),
    Column(key="matched", title="rounds in both", numeric=True),
)


def _feed_row(feed: SameFeed) -> Row:
    others = ", ".join(feed.bookmakers[1:])
    lag = words.NOTHING
    if feed.lag_us is not None:
        late_us = abs(feed.lag_us)
        lag = words.micros_text(late_us) if late_us < 10_000_000 else words.duration_text(late_us)
    return Row(
        key=" ".join(feed.bookmakers),
        cells=(
            text_cell(feed.bookmakers[0]),
            text_cell(others, tip=others),
            number_cell(lag, feed.lag_us),
            number_cell(words.count_text(feed.matched), feed.matched),
        ),
    )


def _facts(answer: Integrity) -> tuple[tuple[str, str], ...]:
    facts = []
    if answer.checked:
        facts.append(("looked for", "\n".join(checked_words(each) for each in answer.checked)))
    if recomputed := verified_words(answer):
        facts.append(("hashes", recomputed))
    if not answer.feeds:
        facts.append(("feeds", "no two bookmakers show the same feed"))
    if answer.note:
        facts.append(("note", answer.note))
    return tuple(facts)


def checked_words(remark: str) -> str:
    """Return "stalls (Admiral, Mozzart)" as it is, and with more names than help only how many they are."""
    if not remark.endswith(")"):
        return remark
    depth, begin = 0, len(remark)
    while begin and (depth or begin == len(remark)):  # names may have brackets of their own
        begin -= 1
        depth += {")": 1, "(": -1}.get(remark[begin], 0)
    names = remark[begin + 1 : -1].split(", ")
    if depth or len(names) <= _MOST_NAMES:
        return remark
    return f"{remark[:begin].rstrip()} ({len(names)} bookmakers)"
