"""The distribution of crash points as tables."""

from data_layer.analytics.questions import Distribution, ThresholdShare
from gui.view_models.analytics import change, figures
from gui.view_models.words import NOTHING, count_text, multiplier_text
from terminal.answers.place import Place, sentence, sheet_of
from terminal.texts import Column, Sheet

_SURVIVAL_CENTI = (120, 150, 200, 300, 500, 1_000, 2_000, 5_000, 10_000, 100_000)  # of the curve's points


def print_distribution(place: Place, answer: Distribution) -> None:
    """Print counts, quantiles, edge, survival and what changed."""
    _print_thresholds(place, answer)
    if not answer.sample.rounds:
        return
    place.show_facts(_distribution_facts(answer))
    place.say(sentence(answer.mean_note))
    _print_survival(place, answer)
    if answer.rounds_before is not None:
        view = change.view(answer, 0)
        place.console.print()
        place.say(view.sentence)
        if view.rows:
            place.console.print(sheet_of(view.columns, view.rows))


def _print_thresholds(place: Place, answer: Distribution) -> None:
    sheet = Sheet(
        Column("cash-out", number=True),
        Column("at or above", number=True),
        Column("above", number=True, spare=3),
        Column("exactly", number=True, spare=4),
        Column("at or below", number=True, spare=2),
        Column("below", number=True, spare=1),
        Column("share", number=True),
        Column("95 % interval", number=True),
        Column("claimed", number=True),
        Column("payback", number=True),
        Column("error", number=True, spare=5),
    )
    for row in answer.thresholds:
        sheet.add(
            figures.threshold_text(row.threshold_centi),
            count_text(row.at_or_above),
            count_text(row.above),
            count_text(row.at_or_above - row.above),
            count_text(row.at_or_below),
            count_text(row.below),
            figures.share_text(row.share),
            figures.share_interval_text(row.wilson),
            figures.share_text(row.expected),
            figures.signed_share_text(row.payback),
            _error_text(row),
        )
    if answer.thresholds:
        place.console.print(sheet)


def _error_text(row: ThresholdShare) -> str:
    """Return the standard error of a return; nothing where all rounds are on one side and it says nothing."""
    if row.payback_error is None or not (row.at_or_above and row.below):
        return NOTHING
    return f"\N{PLUS-MINUS SIGN} {100 * row.payback_error:.2f} %"


def _distribution_facts(answer: Distribution) -> list[tuple[str, str]]:
    median = multiplier_text(answer.median_centi)
    if answer.median_interval_centi is not None:
        low, high = answer.median_interval_centi
        median += f", 95 % interval {multiplier_text(low)} to {multiplier_text(high)}"
    parts = ", ".join(
        f"{100 * quantile.probability:g} %: {multiplier_text(quantile.value_centi)}"
        for quantile in answer.quantiles
    )
    ones = f"{count_text(answer.ones)} ({figures.share_text(answer.ones / answer.sample.rounds)})"
    facts = [
        ("median", median),
        ("quantiles", parts),
        (
            "lowest, highest",
            f"{multiplier_text(answer.lowest_centi)}, {multiplier_text(answer.highest_centi)}",
        ),
        ("exactly 1.00x", ones),
        ("mean", multiplier_text(answer.mean_centi)),
    ]
    edge = answer.edge
    if edge is not None:
        interval = figures.signed_interval_text(edge.interval)
        text = f"{figures.signed_share_text(edge.edge)}, 95 % interval {interval}"
        text += f", cashing out at {figures.threshold_text(edge.threshold_centi)}"
        if edge.claimed is not None:
            text += f"; claimed {figures.signed_share_text(edge.claimed)}"
        facts.insert(0, ("house edge", text))
    return facts


def _print_survival(place: Place, answer: Distribution) -> None:
    sheet = Sheet(
        Column("survival at", number=True),
        Column("share", number=True),
        Column("95 %, each (Wilson)", number=True),
        Column("95 %, all at once (DKW)", number=True),
        Column("claimed", number=True),
    )
    shown = [point for point in answer.survival if point.multiplier_centi in _SURVIVAL_CENTI]
    for point in shown:
        sheet.add(
            figures.threshold_text(point.multiplier_centi),
            figures.share_text(point.share),
            figures.share_interval_text(point.wilson),
            figures.share_interval_text(point.dkw),
            figures.share_text(point.expected),
        )
    if shown:
        place.show(sheet)
