"""Runs of rounds below a threshold as tables."""

from data_layer.analytics.questions import Run, Streaks
from gui.view_models.analytics import figures
from gui.view_models.words import count_text, multiplier_text
from terminal import texts
from terminal.answers.place import Place, sentence
from terminal.texts import Column, Sheet

NEVER_DUE = (
    "no round is due: after any number of rounds below, the next one reaches {0} as often as any other"
)


def print_streaks(place: Place, answer: Streaks) -> None:
    """Print the runs, how likely chance makes them, and that they foretell nothing."""
    threshold = figures.threshold_text(answer.threshold_centi)
    place.say(sentence(NEVER_DUE.format(threshold)))
    if not answer.sample.rounds:
        return
    place.show_facts(_streak_facts(place, answer, threshold))
    lengths = Sheet(
        Column("length", number=True),
        Column("runs", number=True),
        Column("of independent rounds", number=True),
    )
    for count in answer.counts:
        lengths.add(str(count.length), count_text(count.runs), _expected(count.expected))
    after = Sheet(
        Column("after at least so many below", number=True),
        Column("rounds", number=True),
        Column(f"reached {threshold}", number=True),
        Column("95 % interval", number=True),
        Column("any round", number=True),
    )
    for row in answer.conditional:
        after.add(
            str(row.k) if row.k else "any",
            count_text(row.rounds),
            figures.share_text(row.share),
            figures.share_interval_text(row.wilson),
            figures.share_text(answer.share),
        )
    runs = Sheet(
        Column("bookmaker"),
        Column("newest runs", number=True),
        Column("began"),
        Column("ended"),
        Column("by", number=True),
    )
    for run in answer.newest:
        ended = "open" if run.open else place.when(run.ended_at_us)
        by = multiplier_text(run.ended_by_centi)
        runs.add(texts.safe(run.bookmaker), str(run.length), place.when(run.started_at_us), ended, by)
    for sheet, rows in ((lengths, answer.counts), (after, answer.conditional), (runs, answer.newest)):
        if rows:
            place.console.print()
            place.console.print(sheet)


def _streak_facts(place: Place, answer: Streaks, threshold: str) -> list[tuple[str, str]]:
    def told(run: Run | None, probability: float | None) -> str:
        if run is None:
            return "none"
        ending = "open" if run.open else f"ended {place.when(run.ended_at_us)}"
        chance = figures.chance_text(probability)
        return f"{run.length}, {run.bookmaker}, {ending}; one as long somewhere here by chance: {chance}"

    waited = f"rounds since {threshold}" if answer.sample.scope.bookmaker else f"longest wait for {threshold}"
    facts = [
        (f"share from {threshold}", figures.share_text(answer.share)),
        ("current run", told(answer.current, answer.probability_of_current)),
        ("longest run", told(answer.longest, answer.probability_of_longest)),
        (waited, count_text(answer.since_last)),
    ]
    test = answer.runs_test
    if test is not None:
        text = f"{count_text(test.runs)} runs, {test.expected:,.1f} expected of independent rounds"
        text += f", p {figures.p_text(test.p_value)}" if test.p_value is not None else ""
        facts.append(("runs test", f"{text}; {test.note}" if test.note else text))
    return facts


def _expected(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 0.1 else "under 0.1"
