"""Runs of rounds below a threshold as values, with how likely each would be by chance."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from data_layer.analytics.questions import ConditionalShare, Run, RunCount, Streaks
from gui.view_models import words
from gui.view_models.analytics import figures
from gui.view_models.analytics.charts import Bar, Bars, log_height, log_ticks
from gui.view_models.analytics.choices import exact_words
from gui.view_models.analytics.figures import SMALL
from gui.view_models.figure import Figure
from gui.view_models.tables import Cell, Column, Row, number_cell, text_cell
from gui.view_models.tones import Tone, multiplier_tone

_FAR = 3.29  # standard errors, two-sided 0.001
NEVER_DUE = (
    "No round is ever due: however many in a row were below, the next one reaches {threshold} as often as"
    " any other."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StreaksView:
    """The panel as values."""

    figures: tuple[Figure, ...] = ()
    lengths: Bars
    lengths_title: str = ""
    conditional_columns: tuple[Column, ...] = ()
    conditional: tuple[Row, ...] = ()
    conditional_title: str = ""
    sentence: str = ""
    run_columns: tuple[Column, ...] = ()
    runs: tuple[Row, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def view(answer: Streaks, timezone: str, now_us: int) -> StreaksView:
    """Return the panel's content."""
    threshold = figures.threshold_text(answer.threshold_centi)
    many = not answer.sample.scope.bookmaker
    return StreaksView(
        figures=_figures(answer, threshold, many=many),
        lengths=_lengths(answer.counts),
        lengths_title=f"runs below {threshold} by length, logarithmic; ticks: what independent rounds give",
        conditional_columns=_conditional_columns(threshold),
        conditional=tuple(_conditional_row(each, answer.share) for each in answer.conditional),
        conditional_title=f"how often a round reached {threshold} after so many below{_small_words(answer)}",
        sentence=NEVER_DUE.format(threshold=threshold),
        run_columns=_run_columns(many=many),
        runs=tuple(
            _run_row(run, place, lambda at_us: exact_words(at_us, timezone, now_us), many=many)
            for place, run in enumerate(answer.newest)
        ),
        facts=_facts(answer),
    )


def _figures(answer: Streaks, threshold: str, *, many: bool) -> tuple[Figure, ...]:
    def length(run: Run | None) -> str:
        if run is None:
            return words.NOTHING
        return f"{run.length}, {run.bookmaker}" if many and run.bookmaker else f"{run.length}"

    current = answer.current
    now = Figure(label=f"below {threshold} in a row now", text=length(current) if current else "0")
    return (
        now,
        Figure(
            label="one as long somewhere here, by chance",
            text=figures.chance_text(answer.probability_of_current) if current else words.NOTHING,
        ),
        Figure(label="longest", text=length(answer.longest)),
        Figure(
            label="one as long, by chance",
            text=figures.chance_text(answer.probability_of_longest),
            tone=_rare(answer.probability_of_longest),
        ),
        Figure(label=f"rounds since {threshold}", text=words.count_text(answer.since_last)),
        Figure(label=f"share from {threshold}", text=figures.share_text(answer.share)),
    )


def _rare(probability: float | None) -> Tone:
    return Tone.WARN if probability is not None and probability < 0.01 else Tone.TEXT


def _facts(answer: Streaks) -> tuple[tuple[str, str], ...]:
    facts = []
    test = answer.runs_test
    if test is not None:
        text = f"{test.runs:,} runs, {test.expected:,.0f} expected of independent rounds"
        if test.p_value is not None:
            text += f", p {figures.p_text(test.p_value)}"
            text += (
                ": the order is not that of independent rounds"
                if test.p_value < 0.01
                else ": nothing in the order"
            )
        if test.note:
            text += f"; {test.note}"
        facts.append(("runs test", text))
    if answer.note:
        facts.append(("note", answer.note))
    return tuple(facts)


def _lengths(counts: tuple[RunCount, ...]) -> Bars:
    highest = max((max(each.runs, each.expected) for each in counts), default=0.0)
    ticks = log_ticks(highest)
    found = {each.length: each for each in counts}
    return Bars(
        # A length that nobody speaks of keeps its place, so that the axis stays even.
        bars=tuple(_bar(length, found.get(length)) for length in range(1, max(found, default=0) + 1)),
        ticks=ticks,
        top=ticks[-1][0],
        tone=Tone.LOW,
    )


def _bar(length: int, found: RunCount | None) -> Bar:
    name = f"{length} below in a row"
    if found is None:
        return Bar(label=str(length), value=None, reading=f"{name}: no runs")
    return Bar(
        label=str(length),
        value=log_height(found.runs),
        mark=log_height(found.expected),
        reading=f"{name}: {found.runs:,} runs, {_expected(found.expected)} expected",
    )


def _expected(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 0.1 else "under 0.1"


def _conditional_columns(threshold: str) -> tuple[Column, ...]:
    return (
        Column(key="k", title="below before", tip="At least so many right before were below", numeric=True),
        Column(key="rounds", title="rounds", tip="Rounds that had so many below before them", numeric=True),
        Column(key="share", title=f"reached {threshold}", numeric=True),
        Column(key="interval", title="95 % interval", tip="After Wilson (1927)", numeric=True, spare=1),
        Column(key="plain", title="any round", tip="The share of all rounds", numeric=True, spare=2),
    )


def _small_words(answer: Streaks) -> str:
    few = any(each.rounds < SMALL for each in answer.conditional)
    return f"; muted: n too small (under {SMALL} rounds)" if few else ""


def _conditional_row(each: ConditionalShare, plain: float | None) -> Row:
    outside = plain is not None and each.k > 0 and _unlike(each, plain)
    small = each.rounds < SMALL
    tone = Tone.MUTED if small else Tone.WARN if outside else Tone.TEXT
    tip = f"n too small ({each.rounds:,} rounds)" if small else f"{each.reached:,} of {each.rounds:,} rounds"
    return Row(
        key=str(each.k),
        cells=(
            number_cell("any" if each.k == 0 else str(each.k), each.k),
            number_cell(words.count_text(each.rounds), each.rounds),
            number_cell(figures.share_text(each.share), each.share, tone=tone, tip=tip),
            number_cell(
                figures.share_interval_text(each.wilson), None if each.wilson is None else each.wilson.low
            ),
            number_cell(figures.share_text(plain), plain),
        ),
    )


def _unlike(each: ConditionalShare, plain: float) -> bool:
    """Tell whether a share differs from that of all rounds by more than chance, among all that are shown.

    The normal approximation of the binomial at alpha 0.01, shared among ten rows after Bonferroni (1936). One
    row in twenty leaves its 95 % interval by chance, which must not make a round look due.
    """
    spread = math.sqrt(plain * (1 - plain) * each.rounds)
    return spread > 0 and abs(each.reached - plain * each.rounds) > _FAR * spread


def _run_columns(*, many: bool) -> tuple[Column, ...]:
    whose = (Column(key="bookmaker", title="bookmaker", stretch=True),) if many else ()
    return (
        *whose,
        Column(key="length", title="rounds", numeric=True),
        Column(key="began", title="began", numeric=True, spare=1),
        Column(key="ended", title="ended", numeric=True),
        Column(key="by", title="by", tip="The round that ended it", numeric=True),
    )


def _run_row(run: Run, place: int, words_of: Callable[[int], str], *, many: bool) -> Row:
    def moment(at_us: int | None) -> Cell:
        return number_cell(words.NOTHING if at_us is None else words_of(at_us), at_us)

    whose = (text_cell(run.bookmaker),) if many else ()
    by = run.ended_by_centi
    return Row(
        key=str(place),
        cells=(
            *whose,
            number_cell(str(run.length), run.length),
            moment(run.started_at_us),
            text_cell("open", tone=Tone.ACCENT) if run.open else moment(run.ended_at_us),
            number_cell(words.multiplier_text(by), by, tone=Tone.TEXT if by is None else multiplier_tone(by)),
        ),
    )
