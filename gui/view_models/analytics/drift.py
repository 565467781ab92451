"""Drift, goodness of fit and the cap of the tail as values."""

import math
from dataclasses import dataclass

from data_layer.analytics.questions import Drift, DriftLine, Goodness, TailCap
from gui.view_models import words
from gui.view_models.analytics import figures
from gui.view_models.condition import Light
from gui.view_models.tables import Cell, Column, Row, number_cell, state_cell, text_cell
from gui.view_models.tones import Tone
from utils.plurals import counted

_STRONG_LOG_E = 1.5 * math.log(10)  # from here on "very strong"
SENTENCE = (
    "Since the first round, or the first of two chosen times: a test that may be looked at after every round"
    " must not begin anew with every look."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftView:
    """The panel as values."""

    light: Light = Light.LIVE
    summary: str = ""
    sentence: str = SENTENCE
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    goodness_columns: tuple[Column, ...] = ()
    goodness: tuple[Row, ...] = ()
    cap_columns: tuple[Column, ...] = ()
    caps: tuple[Row, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def view(answer: Drift) -> DriftView:
    """Return the panel's content, the strongest evidence first."""
    lines = sorted(answer.lines, key=lambda line: (not line.alarm, -_log_e(line)))
    alarms = sum(line.alarm for line in lines)
    misfits = sum(_misfit(each) for each in answer.goodness)
    caps = sum(each.capped for each in answer.caps)
    found = [
        counted(count, what)
        for count, what in ((alarms, "alarm"), (misfits, "misfit"), (caps, "capped tail"))
        if count
    ]
    untested = all(line.log_e is None for line in lines)
    quiet = Light.OFF if untested else Light.LIVE
    return DriftView(
        light=Light.BAD if alarms else Light.WARN if found else quiet,
        summary=", ".join(found) or ("nothing to test against" if untested else "nothing found"),
        columns=_COLUMNS,
        rows=tuple(_row(line, answer.limit_log_e) for line in lines),
        goodness_columns=_GOODNESS_COLUMNS,
        goodness=tuple(_goodness_row(each) for each in answer.goodness),
        cap_columns=_CAP_COLUMNS,
        caps=tuple(_cap_row(each) for each in answer.caps),
        facts=(("note", answer.note),) if answer.note else (),
    )


def _log_e(line: DriftLine) -> float:
    return line.log_e if line.log_e is not None else float("-inf")


_COLUMNS = (
    Column(key="bookmaker", title="bookmaker", stretch=True),
    Column(key="threshold", title="cash-out", numeric=True),
    Column(key="rounds", title="rounds", numeric=True, spare=2),
    Column(key="claimed", title="claimed", tip="Share that the claimed return says", numeric=True),
    Column(key="share", title="seen", tip="Share of rounds that reached it", numeric=True),
    Column(
        key="evidence",
        title="evidence",
        tip="Of the newest round, in the words of Jeffreys (1961); an alarm once was over the limit",
    ),
    Column(
        key="e",
        title="e-value, to the limit",
        tip="How many times better drift explains the rounds than the claim; the bar ends at the limit",
        numeric=True,
    ),
)


def _row(line: DriftLine, limit_log_e: float) -> Row:
    tone = Tone.BAD if line.alarm else Tone.TEXT
    reach = None
    if line.log_e is not None and limit_log_e > 0:
        reach = min(max(line.log_e / limit_log_e, 0.0), 1.0)
    tip = line.note
    if line.highest_log_e is not None:
        highest = f"highest ever {figures.e_text(line.highest_log_e)}"
        tip = f"{highest}; limit {figures.e_text(limit_log_e)}" + (f"; {line.note}" if line.note else "")
    return Row(
        key=f"{line.bookmaker} {line.threshold_centi}",
        cells=(
            text_cell(line.bookmaker),
            number_cell(figures.threshold_text(line.threshold_centi), line.threshold_centi),
            number_cell(words.count_text(line.rounds), line.rounds),
            number_cell(figures.share_text(line.expected), line.expected),
            number_cell(
                figures.share_text(line.share),
                line.share,
                tip=f"{line.reached:,} of {line.rounds:,} rounds",
            ),
            _evidence_cell(line),
            number_cell(figures.e_text(line.log_e), line.log_e, tone=tone, tip=tip, bar=reach),
        ),
    )


def _evidence_cell(line: DriftLine) -> Cell:
    if line.alarm:
        since = "" if line.alarmed_at_round is None else f" since round {line.alarmed_at_round:,}"
        return state_cell(f"alarm{since}", Light.BAD, tone=Tone.BAD, tip=line.note)
    if line.log_e is None:
        return state_cell(line.note or "cannot be told", Light.OFF, tone=Tone.MUTED, tip=line.note)
    strong = line.log_e > _STRONG_LOG_E
    words_of_it = figures.evidence(line.log_e)
    return state_cell(words_of_it, Light.WARN if strong else Light.LIVE, tip=line.note)


_GOODNESS_COLUMNS = (
    Column(key="bookmaker", title="goodness of fit", stretch=True),
    Column(key="rounds", title="rounds", numeric=True),
    Column(
        key="chi", title="chi-square, p", tip="All crash points in fixed bins, after Pearson", numeric=True
    ),
    Column(
        key="pit",
        title="even spread, p",
        tip="Kolmogorov-Smirnov over randomised probability integral transforms",
        numeric=True,
    ),
    Column(
        key="ones",
        title="1.00x, expected",
        tip="Rounds of exactly 1.00x, and how many were to be expected",
        numeric=True,
        spare=1,
    ),
    Column(key="verdict", title="verdict"),
)


def _goodness_row(each: Goodness) -> Row:
    chi = figures.p_text(each.chi_square_p)
    statistic = "" if each.chi_square is None else f"{each.chi_square:.1f}, {each.degrees} degrees of freedom"
    ones = f"{each.ones:,}"
    if each.ones_expected is not None:
        ones += f", {each.ones_expected:,.0f}"
    return Row(
        key=each.bookmaker,
        cells=(
            text_cell(each.bookmaker),
            number_cell(words.count_text(each.rounds), each.rounds),
            number_cell(chi, each.chi_square_p, tone=figures.p_tone(each.chi_square_p), tip=statistic),
            number_cell(figures.p_text(each.pit_p), each.pit_p, tone=figures.p_tone(each.pit_p)),
            number_cell(ones, each.ones),
            _fit_cell(each),
        ),
    )


def _misfit(each: Goodness) -> bool:
    return any(p is not None and p < 0.01 for p in (each.chi_square_p, each.pit_p))


def _fit_cell(each: Goodness) -> Cell:
    if each.chi_square_p is None and each.pit_p is None:
        return state_cell(each.note or "cannot be told", Light.OFF, tone=Tone.MUTED, tip=each.note)
    if _misfit(each):
        return state_cell("does not fit", Light.WARN, tone=Tone.WARN, tip=each.note)
    return state_cell("fits", Light.LIVE, tip=each.note)


_CAP_COLUMNS = (
    Column(key="bookmaker", title="cap of the tail", stretch=True),
    Column(key="rounds", title="rounds", numeric=True, spare=2),
    Column(key="highest", title="highest seen", numeric=True),
    Column(
        key="expected",
        title="expected above",
        tip="Rounds that should have been above it",
        numeric=True,
        spare=1,
    ),
    Column(key="p", title="p", tip="How often chance alone shows none above it", numeric=True),
    Column(key="verdict", title="verdict"),
)


def _cap_row(each: TailCap) -> Row:
    if each.p_value is None:
        verdict = state_cell(each.note or "cannot be told", Light.OFF, tone=Tone.MUTED, tip=each.note)
    elif each.capped:
        verdict = state_cell("capped", Light.WARN, tone=Tone.WARN, tip=each.note)
    elif figures.p_tone(each.p_value) is Tone.WARN:
        tip = "Chance alone rarely shows none above it, but too few were expected to be sure"
        verdict = state_cell("n too small", Light.OFF, tone=Tone.MUTED, tip=each.note or tip)
    else:
        verdict = state_cell("no cap", Light.LIVE, tip=each.note)
    above = words.NOTHING if each.expected_above is None else f"{each.expected_above:,.1f}"
    return Row(
        key=each.bookmaker,
        cells=(
            text_cell(each.bookmaker),
            number_cell(words.count_text(each.rounds), each.rounds),
            number_cell(words.multiplier_text(each.highest_centi), each.highest_centi),
            number_cell(above, each.expected_above),
            number_cell(figures.p_text(each.p_value), each.p_value, tone=figures.p_tone(each.p_value)),
            verdict,
        ),
    )
