"""The distribution of crash points as values: figures, the table of thresholds, the survival curve."""

from collections.abc import Sequence
from dataclasses import dataclass

from data_layer.analytics.questions import Distribution, SurvivalPoint, ThresholdShare
from gui.view_models import words
from gui.view_models.analytics import figures
from gui.view_models.analytics.panels import feed_words, rtp_words, sentence
from gui.view_models.figure import Figure
from gui.view_models.tables import Cell, Column, Row, number_cell
from gui.view_models.tones import Tone

_FEW = 5  # rounds at either side of a threshold
_MOST_POINTS = 400  # of a curve: more than one a pixel are not seen


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """The survival curve and its bands; all sequences are of one length. Multipliers and shares above 0."""

    multipliers: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    wilson_low: tuple[float, ...] = ()
    wilson_high: tuple[float, ...] = ()
    dkw_low: tuple[float, ...] = ()
    dkw_high: tuple[float, ...] = ()
    claimed: tuple[float | None, ...] = ()
    marked: float = 2.0  # the chosen threshold
    claim: str = ""  # "claimed 97 %"

    def reading(self, place: int) -> str:
        """Return what is said when a point is pointed at."""
        share, claimed = figures.share_text(self.shares[place]), self.claimed[place]
        low, high = figures.share_text(self.wilson_low[place]), figures.share_text(self.wilson_high[place])
        text = f"{figures.threshold_text(round(100 * self.multipliers[place]))}: {share} reach it"
        text += f" ({low} to {high})"
        return text if claimed is None else f"{text}, claimed {figures.share_text(claimed)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class DistributionView:
    """The panel as values."""

    figures: tuple[Figure, ...] = ()
    curve: Curve = Curve()
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def view(answer: Distribution, threshold_centi: int) -> DistributionView:
    """Return the panel's content; the chosen threshold is marked in curve and table."""
    return DistributionView(
        figures=_figures(answer),
        curve=_curve(answer, threshold_centi),
        columns=_COLUMNS,
        rows=tuple(_row(each, chosen=each.threshold_centi == threshold_centi) for each in answer.thresholds),
        facts=_facts(answer),
    )


def _figures(answer: Distribution) -> tuple[Figure, ...]:
    median = words.multiplier_text(answer.median_centi)
    made = [Figure(label=_median_label(answer), text=median)]
    made += [
        Figure(label=f"{100 * each.probability:g} % quantile", text=words.multiplier_text(each.value_centi))
        for each in answer.quantiles
        if each.probability != 0.5
    ]
    made.append(Figure(label="highest", text=words.multiplier_text(answer.highest_centi)))
    ones = f"{answer.ones:,}"
    if answer.sample.rounds:
        ones += f" ({figures.share_text(answer.ones / answer.sample.rounds)})"
    made.append(Figure(label="exactly 1.00x", text=ones))
    return tuple(made)


def _median_label(answer: Distribution) -> str:
    if answer.median_interval_centi is None:
        return "median"
    low, high = answer.median_interval_centi
    return f"median, 95 %: {words.multiplier_text(low)} to {words.multiplier_text(high)}"


def _facts(answer: Distribution) -> tuple[tuple[str, str], ...]:
    facts = []
    edge = answer.edge
    if edge is not None:
        text = f"{figures.signed_share_text(edge.edge)}, {figures.signed_interval_text(edge.interval)}"
        text += f", measured at a cash-out of {figures.threshold_text(edge.threshold_centi)}"
        if edge.claimed is not None:
            text += f"; claimed {figures.signed_share_text(edge.claimed)}"
        facts.append(("house edge", text))
    if answer.mean_centi is not None and answer.mean_note:
        facts.append(("mean", f"{words.multiplier_text(answer.mean_centi)}. {sentence(answer.mean_note)}"))
    rounds = answer.sample.rounds
    if answer.note:
        facts.append(("note", answer.note))
    elif 0 < rounds < figures.SMALL:
        facts.append(("note", f"n too small ({rounds} rounds): only the intervals mean something"))
    feeds = feed_words(answer.sample)
    if feeds:
        facts.append(("feeds", feeds))
    return tuple(facts)


_COLUMNS = (
    Column(key="threshold", title="cash-out", tip="The multiplier a round has to reach", numeric=True),
    Column(key="count", title="rounds", tip="Rounds that reached it", numeric=True, spare=2),
    Column(key="share", title="share", tip="Share of rounds that reached it", numeric=True),
    Column(
        key="interval", title="95 % interval", tip="Of the share, after Wilson (1927)", numeric=True, spare=1
    ),
    Column(key="expected", title="claimed", tip="Share that the claimed return says", numeric=True),
    Column(
        key="payback",
        title="payback",
        tip="What cashing out there pays back of the stake: multiplier times share, with its standard error",
        numeric=True,
    ),
)


def _row(each: ThresholdShare, *, chosen: bool) -> Row:
    tone = Tone.ACCENT if chosen else Tone.TEXT
    exact = (
        f"{each.above:,} above, {each.at_or_above - each.above:,} exactly there, {each.below:,} below"
        if each.at_or_above >= each.above
        else ""
    )
    return Row(
        key=str(each.threshold_centi),
        cells=(
            number_cell(figures.threshold_text(each.threshold_centi), each.threshold_centi, tone=tone),
            number_cell(words.count_text(each.at_or_above), each.at_or_above, tip=exact),
            number_cell(figures.share_text(each.share), each.share, tone=_share_tone(each)),
            number_cell(
                figures.share_interval_text(each.wilson), None if each.wilson is None else each.wilson.low
            ),
            number_cell(figures.share_text(each.expected), each.expected),
            _payback_cell(each),
        ),
    )


def _share_tone(each: ThresholdShare) -> Tone:
    """A share whose interval leaves the claim out stands out; one in twenty does so by chance."""
    if each.expected is None or each.wilson is None:
        return Tone.TEXT
    return Tone.TEXT if each.wilson.low <= each.expected <= each.wilson.high else Tone.WARN


def _payback_cell(each: ThresholdShare) -> Cell:
    if each.payback is None:
        return number_cell(words.NOTHING, None)
    interval = figures.signed_interval_text(each.payback_interval)
    if min(each.at_or_above, each.below) < _FEW:
        # The error of next to no rounds is next to nothing, which would look certain.
        return number_cell(interval, each.payback, tone=Tone.MUTED, tip="n too small: its 95 % interval")
    text = f"{100 * each.payback:.1f}"
    if each.payback_error is not None:
        text += f" \N{PLUS-MINUS SIGN} {100 * each.payback_error:.1f}"
    return number_cell(f"{text} %", each.payback, tip=f"95 % interval: {interval}")


def _curve(answer: Distribution, threshold_centi: int) -> Curve:
    points = thinned([point for point in answer.survival if point.share > 0], _MOST_POINTS)
    rtp = rtp_words(answer.sample)
    return Curve(
        multipliers=tuple(point.multiplier_centi / 100 for point in points),
        shares=tuple(point.share for point in points),
        wilson_low=tuple(point.wilson.low for point in points),
        wilson_high=tuple(point.wilson.high for point in points),
        dkw_low=tuple(point.dkw.low for point in points),
        dkw_high=tuple(point.dkw.high for point in points),
        claimed=tuple(point.expected for point in points),
        marked=threshold_centi / 100,
        claim=f"claimed {rtp}" if rtp else "claimed",
    )


def thinned(points: Sequence[SurvivalPoint], most: int) -> Sequence[SurvivalPoint]:
    """Return at most `most` of the points, evenly, first and last among them."""
    if len(points) <= most:
        return points
    step = (len(points) - 1) / (most - 1)
    return [points[round(place * step)] for place in range(most)]
