"""RGBCollectorStats as values: how many colour samples each screen region has, and the newest colour."""

from collections.abc import Mapping

from data_layer.engine import WorkerView
from data_layer.messages import RgbSample
from data_layer.statistics import RgbStats
from gui.dependencies import CollectorStats
from gui.view_models import words
from gui.view_models.agents import AGENT_COLUMNS, agent_cells
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

TITLE = "Colour samples"
AGENT = "rgb"
EMPTY = "No colour samples yet: the first ones come when a bookmaker's colour agent has looked at its screen."

_COLUMNS = (
    Column(key="bookmaker", title="bookmaker", stretch=True),
    Column(key="region", title="region", tip="Named rectangle of the screen"),
    Column(key="colour", title="newest colour", tip="Mean colour of the newest sample"),
    Column(
        key="spread",
        title="spread",
        tip="Standard deviation of red, green and blue in the newest sample, each of 255",
        numeric=True,
        spare=3,
    ),
    Column(key="phase", title="phase", tip="Of the round, when the newest sample was taken", spare=4),
    Column(key="samples", title="samples", tip="Samples stored, all time", numeric=True),
    Column(key="newest", title="newest", tip="Time since the newest sample", numeric=True, spare=1),
    *AGENT_COLUMNS,
)


def view(
    stats: CollectorStats | None,
    *,
    workers: Mapping[str, WorkerView],
    now_us: int,
    monotonic_us: int,
    trouble: str = "",
) -> StatsView:
    """Return the widget's content; a configured bookmaker without samples still has a row."""
    note, note_tone = freshness(stats, now_us, trouble)
    found: dict[str, list[RgbStats]] = {}
    for each in stats.rows if stats else ():
        if isinstance(each, RgbStats):
            found.setdefault(each.bookmaker, []).append(each)
    rows: list[Row] = []
    for name in in_order(list(workers), list(found)):
        several = found.get(name) or [RgbStats(bookmaker=name)]
        rows.extend(
            _row(each, workers.get(name), now_us, monotonic_us, known=stats is not None) for each in several
        )
    sampled = [each for several in found.values() for each in several if each.samples]
    shown = StatsView(
        title=TITLE,
        span="all time",
        tag=_origins(workers),
        note=note,
        note_tone=note_tone,
        figures=_figures(sampled, now_us) if stats else (),
        columns=_COLUMNS,
        rows=tuple(rows),
        hint="" if sampled or stats is None else EMPTY,
        empty=EMPTY if stats else unread(trouble),
    )
    return faded(shown) if is_old(stats, now_us) else shown


def _origins(workers: Mapping[str, WorkerView]) -> str:
    return words.origin_tag(worker.live.origin for worker in workers.values() if worker.live is not None)


def _figures(sampled: list[RgbStats], now_us: int) -> tuple[Figure, ...]:
    moments = [each.newest.sampled_at_us for each in sampled if each.newest is not None]
    return (
        Figure(label="samples, all time", text=words.count_text(sum(each.samples for each in sampled))),
        Figure(label="regions", text=words.count_text(len(sampled))),
        Figure(label="bookmakers", text=words.count_text(len({each.bookmaker for each in sampled}))),
        Figure(label="newest sample", text=newest_cell_text(max(moments, default=None), now_us)),
    )


def _row(stats: RgbStats, worker: WorkerView | None, now_us: int, monotonic_us: int, *, known: bool) -> Row:
    samples = stats.samples if known else None
    newest = stats.newest
    tag = words.origin_tag((worker.live.origin,)) if worker is not None and worker.live is not None else ""
    at_us = newest.sampled_at_us if newest else None
    return Row(
        key=f"{stats.bookmaker}\n{newest.region if newest else ''}",
        cells=(
            text_cell(stats.bookmaker, tag=tag),
            text_cell(newest.region if newest else words.NOTHING),
            _colour_cell(newest),
            _spread_cell(newest),
            text_cell(newest.phase.value if newest else words.NOTHING),
            number_cell(words.count_text(samples), samples),
            number_cell(newest_cell_text(at_us, now_us), None if at_us is None else now_us - at_us),
            *agent_cells(worker, AGENT, monotonic_us),
        ),
    )


def _colour_cell(sample: RgbSample | None) -> Cell:
    """Return the mean colour as a swatch and as red, green and blue; sorted by brightness."""
    if sample is None:
        return text_cell(words.NOTHING)
    red, green, blue = (_byte(value) for value in (sample.mean_r, sample.mean_g, sample.mean_b))
    # Brightness as in ITU-R BT.709.
    brightness = 0.2126 * sample.mean_r + 0.7152 * sample.mean_g + 0.0722 * sample.mean_b
    return Cell(
        text=f"#{red:02x}{green:02x}{blue:02x}",
        sort=brightness,
        swatch=(red, green, blue),
        tip=f"red {sample.mean_r:.1f}, green {sample.mean_g:.1f}, blue {sample.mean_b:.1f} of 255",
    )


def _spread_cell(sample: RgbSample | None) -> Cell:
    if sample is None:
        return number_cell(words.NOTHING, None)
    spreads = (sample.spread_r, sample.spread_g, sample.spread_b)
    return number_cell("  ".join(f"{each:.1f}" for each in spreads), max(spreads))


def _byte(value: float) -> int:
    return min(255, max(0, round(value)))
