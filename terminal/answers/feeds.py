"""Whether feeds drift and whether they are what they say they are, as tables."""

from data_layer.analytics.questions import Drift, Integrity
from gui.view_models.analytics import drift, figures
from gui.view_models.words import count_text
from terminal import texts
from terminal.answers.place import Place, sentence, sheet_of
from terminal.texts import Column, Sheet

NO_FEEDS = "No two of these bookmakers were found to show one feed."

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
    for columns, rows in (
        (view.columns, view.rows),
        (view.goodness_columns, view.goodness),
        (view.cap_columns, view.caps),
    ):
        if rows:
            place.console.print()
            place.console.print(sheet_of(columns, rows))


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
