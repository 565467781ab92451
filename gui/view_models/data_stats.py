"""DataCollectorStats as values: recorded rounds of each bookmaker, and of all together, in one range."""

from collections.abc import Sequence

from data_layer.statistics import RoundStats
from gui.dependencies import CollectorStats
from gui.view_models import words
from gui.view_models.figure import Figure
from gui.view_models.stats_view import (
    StatsView,
    faded,
    freshness,
    in_order,
    is_old,
    newest_cell_text,
    unread,
)
from gui.view_models.tables import Cell, Column, Row, number_cell, text_cell
from gui.view_models.tones import Tone

TITLE = "Recorded rounds"

# Which shares give way first when the table is narrow. 2x and 10x, the game's own borders, always stay.
_SPARE_THRESHOLDS = {10_000: 10, 5_000: 9, 2_000: 8, 150: 7, 300: 6, 500: 4}


def view(stats: CollectorStats | None, *, names: Sequence[str], now_us: int, trouble: str = "") -> StatsView:
    """Return the widget's content; `names` are the configured bookmakers, which always have a row."""
    note, note_tone = freshness(stats, now_us, trouble)
    if stats is None:
        return StatsView(title=TITLE, note=note, note_tone=note_tone, empty=unread(trouble))
    found = {row.bookmaker: row for row in stats.rows if isinstance(row, RoundStats)}
    total = (
        stats.total if isinstance(stats.total, RoundStats) else RoundStats(bookmaker="", range=stats.range)
    )
    span = words.range_words(stats.range)
    thresholds = [each.threshold_centi for each in total.at_or_above]
    rows = [
        _row(found.get(name) or RoundStats(bookmaker=name, range=stats.range), thresholds, now_us)
        for name in in_order(names, list(found))
    ]
    shown = StatsView(
        title=TITLE,
        span=span,
        tag=words.origin_tag(total.origins),
        note=note,
        note_tone=note_tone,
        figures=_figures(total, span),
        columns=_columns(thresholds, span),
        rows=tuple(rows),
        empty="No bookmakers are configured and no rounds are recorded yet.",
    )
    return faded(shown) if is_old(stats, now_us) else shown


def _figures(total: RoundStats, span: str) -> tuple[Figure, ...]:
    return (
        Figure(label=f"rounds, {span}", text=words.count_text(total.count)),
        Figure(label=f"per hour, {span}", text=_per_hour(total.per_hour)),
        Figure(label=f"median, {span}", text=words.multiplier_text(total.median_centi)),
        Figure(label=f"at or above 2x, {span}", text=_share(total, 200)),
        Figure(label=f"at or above 10x, {span}", text=_share(total, 1000)),
        Figure(label=f"highest, {span}", text=words.multiplier_text(total.max_centi)),
    )


def _columns(thresholds: Sequence[int], span: str) -> tuple[Column, ...]:
    shares = tuple(
        Column(
            key=f"from_{each}",
            title=f"\N{GREATER-THAN OR EQUAL TO} {threshold_text(each)}",
            tip=f"Share of rounds with a crash point at or above {threshold_text(each)}, {span}",
            numeric=True,
            spare=_SPARE_THRESHOLDS.get(each, 0),
        )
        for each in thresholds
    )
    return (
        Column(key="bookmaker", title="bookmaker", stretch=True),
        Column(key="count", title="rounds", tip=f"Recorded rounds, {span}", numeric=True),
        Column(
            key="per_hour",
            title="per hour",
            tip=f"Rounds per hour over {span}, or since the first round where that is shorter",
            numeric=True,
        ),
        Column(key="median", title="median", tip=f"Median crash point, {span}", numeric=True),
        Column(
            key="mean",
            title="mean, never settles",
            tip=f"Mean crash point, {span}. However many rounds there are, a few high ones decide it: use the"
            " median",
            numeric=True,
            spare=5,
        ),
        Column(key="max", title="highest", tip=f"Highest crash point, {span}", numeric=True, spare=3),
        *shares,
        Column(
            key="current",
            title="below 2x now",
            tip="Rounds below 2.00x in a row, up to the newest one",
            numeric=True,
            spare=1,
        ),
        Column(
            key="longest",
            title="longest ever",
            tip="The longest run of rounds below 2.00x, all time",
            numeric=True,
            spare=2,
        ),
        Column(key="newest", title="newest", tip="Time since the newest recorded round", numeric=True),
    )


def _row(stats: RoundStats, thresholds: Sequence[int], now_us: int) -> Row:
    mean = stats.sum_centi / stats.count if stats.count else None
    counts = {each.threshold_centi: each.count for each in stats.at_or_above}
    newest = None if stats.newest_at_us is None else now_us - stats.newest_at_us
    return Row(
        key=stats.bookmaker,
        cells=(
            text_cell(stats.bookmaker, tag=words.origin_tag(stats.origins)),
            number_cell(words.count_text(stats.count), stats.count),
            number_cell(_per_hour(stats.per_hour), stats.per_hour),
            number_cell(words.multiplier_text(stats.median_centi), stats.median_centi),
            number_cell(words.multiplier_text(mean), mean, tone=Tone.MUTED),
            number_cell(words.multiplier_text(stats.max_centi), stats.max_centi),
            *(_share_cell(counts.get(each), stats.count) for each in thresholds),
            number_cell(words.count_text(stats.current_below_2x), stats.current_below_2x),
            number_cell(words.count_text(stats.longest_below_2x), stats.longest_below_2x),
            number_cell(newest_cell_text(stats.newest_at_us, now_us), newest),
        ),
    )


def _share_cell(count: int | None, whole: int) -> Cell:
    if count is None or not whole:
        return number_cell(words.NOTHING, None)
    return number_cell(words.percent_text(count, whole), count / whole, tip=f"{count:,} of {whole:,} rounds")


def _share(stats: RoundStats, threshold_centi: int) -> str:
    for each in stats.at_or_above:
        if each.threshold_centi == threshold_centi:
            return words.percent_text(each.count, stats.count)
    return words.NOTHING


def _per_hour(value: float | None) -> str:
    if value is None:
        return words.NOTHING
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def threshold_text(centi: int) -> str:
    """Return 150 as "1.5x" and 200 as "2x"."""
    return f"{centi / 100:g}x"
