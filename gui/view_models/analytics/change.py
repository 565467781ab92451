"""The shares now against those of the span of equal length before, as values."""

from dataclasses import dataclass

from data_layer.analytics.questions import Distribution, ShareChange
from gui.view_models import words
from gui.view_models.analytics import figures
from gui.view_models.tables import Column, Row, number_cell, text_cell
from gui.view_models.tones import Tone

_LEAST_ROUNDS = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeView:
    """The panel as values."""

    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    sentence: str = ""  # above the table, or in its place


def view(answer: Distribution, threshold_centi: int) -> ChangeView:
    """Return the panel's content; the chosen threshold is marked."""
    if answer.rounds_before is None:
        return ChangeView(sentence="Everything is shown, so there is no span before it to compare with.")
    before = words.count_text(answer.rounds_before)
    if answer.rounds_before < _LEAST_ROUNDS or not answer.changes:
        return ChangeView(sentence=f"{before} rounds in the span of equal length before: nothing to compare.")
    tests = len(answer.changes)
    return ChangeView(
        columns=_COLUMNS,
        rows=tuple(_row(each, chosen=each.threshold_centi == threshold_centi) for each in answer.changes),
        sentence=(
            f"{words.count_text(answer.sample.rounds)} rounds now, {before} in the span of equal length"
            f" before. Of {tests} fair comparisons about {tests / 20:.1g} show p below 0.05 by chance."
        ),
    )


_COLUMNS = (
    Column(key="threshold", title="cash-out", numeric=True),
    Column(key="now", title="now", tip="Share of rounds that reached it", numeric=True),
    Column(key="before", title="before", tip="The same in the span before", numeric=True),
    Column(key="change", title="change, points", tip="In percentage points", numeric=True),
    Column(key="interval", title="95 % interval", tip="Of the change", numeric=True, spare=1),
    Column(
        key="p",
        title="p",
        tip="How often chance alone changes a share as much, were both spans alike",
        numeric=True,
    ),
    Column(key="note", title="", stretch=True, spare=2),
)


def _row(each: ShareChange, *, chosen: bool) -> Row:
    tone = Tone.ACCENT if chosen else Tone.TEXT
    return Row(
        key=str(each.threshold_centi),
        cells=(
            number_cell(figures.threshold_text(each.threshold_centi), each.threshold_centi, tone=tone),
            number_cell(figures.share_text(each.now), each.now),
            number_cell(figures.share_text(each.before), each.before),
            number_cell(figures.signed_points(each.difference_points), each.difference_points),
            number_cell(
                figures.points_interval_text(each.interval_points),
                None if each.interval_points is None else each.interval_points.low,
            ),
            number_cell(
                figures.p_text(each.p_value), each.p_value, tone=figures.p_tone(each.p_value), tip=each.note
            ),
            text_cell(each.note, tone=Tone.MUTED, tip=each.note),
        ),
    )
