"""Whether feeds drift and whether they are what they say they are, as tables."""

import math
from collections.abc import Sequence

from data_layer.analytics.questions import Drift, DriftLine, Integrity
from gui.view_models.analytics import drift, figures
from gui.view_models.analytics.integrity import verified_words
from gui.view_models.words import count_text
from terminal import texts
from terminal.answers.place import Place, sentence, sheet_of
from terminal.texts import Column, Sheet

NO_FEEDS = "No two of these bookmakers were found to show one feed."

_TOO_SMALL = "n too small"  # as the notes of the lines begin
_WEAK_LOG_E = math.log(10) / 2  # up to here evidence is hardly any
_AT_ONCE_US = 50_000  # less than this is shown as no time
_SEVERITIES = ("critical", "warning", "info")


def print_drift(place: Place, answer: Drift) -> None:
    """Print the sequential tests, the fit and the caps."""
    view = drift.view(answer)
    place.console.print(texts.safe(sentence(view.summary)))
    if answer.lines and all(line.log_e is None for line in answer.lines):
        place.say("None of the thresholds could be tested: see the evidence.")
    place.say(
        f"An alarm is an e-value over {figures.e_text(answer.limit_log_e)}; false alarms are at most"
        f" {100 * answer.alpha:g} % however often one looks."
    )
    lines = sorted(answer.lines, key=lambda line: (not line.alarm, -_log_e(line)))
    if lines:
        place.show(_drift_sheet(lines))
    if any(map(_is_too_small, lines)):
        place.say("n too small: 5 % less than claimed would not show yet in so many rounds.")
    for columns, rows in ((view.goodness_columns, view.goodness), (view.cap_columns, view.caps)):
        if rows:
            place.show(sheet_of(columns, rows))
    alarms = [line for line in lines if line.alarm]
    if alarms:
        place.show_facts([(_name(line), sentence(line.note)) for line in alarms])


def _drift_sheet(lines: Sequence[DriftLine]) -> Sheet:
    sheet = Sheet(
        Column("bookmaker"),
        Column("cash-out", number=True),
        Column("rounds", number=True),
        Column("claimed", number=True),
        Column("seen", number=True),
        Column("95 % interval", number=True, spare=1),
        Column("e-value", number=True),
        Column("evidence"),
    )
    for line in lines:
        sheet.add(
            texts.safe(line.bookmaker),
            figures.threshold_text(line.threshold_centi),
            count_text(line.rounds),
            figures.share_text(line.expected),
            figures.share_text(line.share),
            figures.share_interval_text(line.wilson),
            figures.e_text(line.log_e),
            _evidence(line),
        )
    return sheet


def _evidence(line: DriftLine) -> str:
    """Return what the e-value says in words, and whether so few rounds could say more."""
    if line.alarm:
        since = line.alarmed_at_round
        return "alarm" if since is None else f"alarm since round {since:,}"
    if line.log_e is None:
        return line.note or "cannot be told"
    found = figures.evidence(line.log_e)
    return f"{found}, {_TOO_SMALL}" if _is_too_small(line) else found


def _is_too_small(line: DriftLine) -> bool:
    """Tell whether the line says nothing because its rounds are few."""
    return not line.alarm and _log_e(line) <= _WEAK_LOG_E and line.note.startswith(_TOO_SMALL)


def _name(line: DriftLine) -> str:
    return f"{texts.safe(line.bookmaker).plain} {figures.threshold_text(line.threshold_centi)}"


def _log_e(line: DriftLine) -> float:
    return -math.inf if line.log_e is None else line.log_e


def print_integrity(place: Place, answer: Integrity) -> None:
    """Print the faults of the feeds, the worst first, and the feeds that are one."""
    if answer.checked:
        place.say(f"Looked for: {', '.join(answer.checked)}.")
    if not answer.findings:
        place.console.print("Nothing was found.")
    else:
        sheet = Sheet(
            Column("severity"),
            Column("bookmaker"),
            Column("what"),
            Column("count", number=True),
            Column("first", spare=1),
            Column("p", number=True, spare=2),
        )
        findings = sorted(answer.findings, key=lambda each: (_rank(each.severity), -each.count))
        for finding in findings:
            sheet.add(
                finding.severity,
                texts.safe(finding.bookmaker),
                finding.kind,
                count_text(finding.count),
                texts.safe(finding.first_round or place.when(finding.first_at_us)),
                figures.p_text(finding.p_value),
            )
        place.console.print(sheet)
        place.show_facts([(texts.safe(each.bookmaker).plain, sentence(each.text)) for each in findings])
    if recomputed := verified_words(answer):
        place.say(f"Recomputed from their hashes: {recomputed}.")
    if not answer.feeds and not answer.sample.scope.bookmaker:
        place.say(NO_FEEDS)
    for feed in answer.feeds:
        place.say(
            f"One feed: {', '.join(feed.bookmakers[1:])} with {feed.bookmakers[0]}{_lag_text(feed.lag_us)};"
            f" {count_text(feed.matched)} rounds match."
        )


def _lag_text(lag_us: int | None) -> str:
    """Return how much later or earlier the others show it; nothing where that is not known."""
    if lag_us is None:
        return ""
    if abs(lag_us) < _AT_ONCE_US:
        return ", at the same time"
    return f", {abs(lag_us) / 1e6:.1f} s {'later' if lag_us > 0 else 'earlier'}"


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
