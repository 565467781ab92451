"""BettingAgentStats as values: bets on paper, of all time. No bet shown here was ever placed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from data_layer.engine import WorkerView
from data_layer.messages import Origin
from data_layer.statistics import BettingStats
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

TITLE = "Paper bets"
TAG = "paper"
AGENT = "betting"
EMPTY = (
    "No paper bets yet: the first one is settled when a round ends at a bookmaker whose betting agent runs."
)

_SPAN = "all time"

_COLUMNS = (
    Column(key="bookmaker", title="bookmaker", stretch=True),
    Column(key="bets", title="bets", tip="Settled paper bets, all time", numeric=True),
    Column(key="won", title="won", tip="Paper bets that were paid out, all time", numeric=True, spare=8),
    Column(
        key="won_share",
        title="won share",
        tip="Won paper bets of all settled ones, all time",
        numeric=True,
        spare=6,
    ),
    Column(key="staked", title="staked", tip="Sum of all paper stakes, all time", numeric=True, spare=8),
    Column(key="paid", title="paid out", tip="Sum of all paper payouts, all time", numeric=True, spare=8),
    Column(key="result", title="result", tip="Paid out less staked on paper, all time", numeric=True),
    Column(
        key="expected",
        title="by the edge",
        tip="What the claimed edge alone takes on average of what was staked; no strategy changes it",
        numeric=True,
    ),
    Column(
        key="return", title="return", tip="Paid out as a share of staked, all time", numeric=True, spare=7
    ),
    Column(
        key="per_hour",
        title="per hour",
        tip="Paper result per hour, from the first paper bet to the newest; no strategy changes the edge",
        numeric=True,
        spare=2,
    ),
    Column(key="bankroll", title="bankroll", tip="Virtual, after the newest paper bet", numeric=True),
    Column(
        key="drawdown",
        title="drawdown",
        tip="Deepest fall of the paper bankroll from a high, all time",
        numeric=True,
        spare=3,
    ),
    Column(
        key="losing",
        title="lost in a row",
        tip="Most paper bets lost in a row, all time",
        numeric=True,
        spare=4,
    ),
    Column(key="newest", title="newest", tip="Time since the newest paper bet", numeric=True, spare=5),
    Column(key="strategy", title="strategy", tip="Of the newest paper bet", spare=10),
    *AGENT_COLUMNS,
)


def view(
    stats: CollectorStats | None,
    *,
    workers: Mapping[str, WorkerView],
    now_us: int,
    monotonic_us: int,
    trouble: str = "",
    returns: Mapping[str, float] | None = None,
) -> StatsView:
    """Return the widget's content; `workers` are the configured bookmakers, which always have a row.

    `returns` has the claimed return of each bookmaker that claims one.
    """
    returns = returns or {}
    note, note_tone = freshness(stats, now_us, trouble)
    found = {row.bookmaker: row for row in stats.rows if isinstance(row, BettingStats)} if stats else {}
    rows = tuple(
        _row(
            name,
            found.get(name) or _none_of(stats, name),
            workers.get(name),
            returns.get(name),
            now_us,
            monotonic_us,
        )
        for name in in_order(list(workers), list(found))
    )
    some = any(row.bets for row in found.values())
    shown = StatsView(
        title=TITLE,
        span=_SPAN,
        tag=_tag(worker.live.origin for worker in workers.values() if worker.live is not None),
        note=note,
        note_tone=note_tone,
        figures=_figures(list(found.values()), returns) if stats else (),
        columns=_COLUMNS,
        rows=rows,
        hint="" if some or stats is None else EMPTY,
        empty=EMPTY if stats else unread(trouble),
    )
    return faded(shown) if is_old(stats, now_us) else shown


def _none_of(stats: CollectorStats | None, name: str) -> BettingStats | None:
    """Return zero bets where the statistics know of none, and nothing where nothing has been read."""
    return BettingStats(bookmaker=name) if stats else None


def _expected(stats: BettingStats, claimed: float | None) -> int | None:
    """Return what the edge alone takes, as a negative amount."""
    return None if claimed is None else -round(stats.staked_minor * (1 - claimed))


def _figures(rows: Sequence[BettingStats], returns: Mapping[str, float]) -> tuple[Figure, ...]:
    bets = sum(row.bets for row in rows)
    won = sum(row.won for row in rows)
    staked = _by_currency((row.currency, row.staked_minor) for row in rows if row.bets)
    result = _by_currency((row.currency, row.paid_out_minor - row.staked_minor) for row in rows if row.bets)
    bankroll = _by_currency(
        (row.currency, row.bankroll_minor) for row in rows if row.bankroll_minor is not None
    )
    betting = [row for row in rows if row.bets]
    by_edge = [(row.currency, _expected(row, returns.get(row.bookmaker))) for row in betting]
    told = [(currency, minor) for currency, minor in by_edge if minor is not None]
    expected = _by_currency(told) if len(told) == len(betting) else {}
    rates = _by_currency((row.currency, row.per_hour_minor) for row in rows if row.per_hour_minor is not None)
    return (
        Figure(label=f"paper bets, {_SPAN}", text=words.count_text(bets)),
        Figure(label=f"won, {_SPAN}", text=words.percent_text(won, bets)),
        Figure(label=f"staked on paper, {_SPAN}", text=_sums_text(staked)),
        Figure(label=f"paper result, {_SPAN}", text=_sums_text(result, signed=True)),
        Figure(label=f"expected from the edge, {_SPAN}", text=_sums_text(expected, signed=True)),
        Figure(label="paper result per hour", text=_sums_text(rates, signed=True)),
        Figure(label="paper bankroll, now", text=_sums_text(bankroll)),
    )


def _by_currency(amounts: Iterable[tuple[str, int | float]]) -> dict[str, int]:
    """Add up amounts of the same currency; money of different ones is never one sum."""
    sums: dict[str, float] = defaultdict(int)
    for currency, minor in amounts:
        sums[currency] += minor
    return {currency: round(minor) for currency, minor in sums.items()}


def _sums_text(sums: Mapping[str, int], *, signed: bool = False) -> str:
    if not sums:
        return words.NOTHING
    return " and ".join(
        words.money_text(minor, currency, signed=signed) for currency, minor in sorted(sums.items())
    )


def _row(
    name: str,
    stats: BettingStats | None,
    worker: WorkerView | None,
    claimed: float | None,
    now_us: int,
    monotonic_us: int,
) -> Row:
    tag = _tag([worker.live.origin] if worker and worker.live else [])
    return Row(
        key=name,
        cells=(
            text_cell(name, tag=tag),
            *_numbers(stats, claimed, now_us),
            *agent_cells(worker, AGENT, monotonic_us),
        ),
    )


def _numbers(stats: BettingStats | None, claimed: float | None, now_us: int) -> tuple[Cell, ...]:
    nothing = number_cell(words.NOTHING, None)
    if stats is None:
        return (*((nothing,) * 13), text_cell(words.NOTHING))
    counts = (number_cell(words.count_text(each), each) for each in (stats.bets, stats.won))
    bankroll = number_cell(words.money_text(stats.bankroll_minor, stats.currency), stats.bankroll_minor)
    newest_us = None if stats.newest_at_us is None else now_us - stats.newest_at_us
    newest = number_cell(newest_cell_text(stats.newest_at_us, now_us), newest_us)
    if not stats.bets:
        return (*counts, *((nothing,) * 7), bankroll, nothing, nothing, newest, text_cell(words.NOTHING))
    staked, paid, currency = stats.staked_minor, stats.paid_out_minor, stats.currency
    expected = _expected(stats, claimed)
    rate = None if stats.per_hour_minor is None else round(stats.per_hour_minor)
    return (
        *counts,
        number_cell(words.percent_text(stats.won, stats.bets), stats.won / stats.bets),
        number_cell(words.money_text(staked, currency), staked),
        number_cell(words.money_text(paid, currency), paid),
        number_cell(words.money_text(paid - staked, currency, signed=True), paid - staked),
        number_cell(words.money_text(expected, currency, signed=True), expected),
        number_cell(words.percent_text(paid, staked), paid / staked if staked else None),
        number_cell(words.money_text(rate, currency, signed=True), rate),
        bankroll,
        number_cell(words.money_text(stats.drawdown_minor, currency), stats.drawdown_minor),
        number_cell(words.count_text(stats.longest_losing), stats.longest_losing),
        newest,
        text_cell(stats.strategy or words.NOTHING, tip=stats.strategy),
    )


def _tag(origins: Iterable[Origin]) -> str:
    """Return "paper", and what feeds the bookmakers where that is not a live game."""
    origin = words.origin_tag(origins)
    return f"{TAG}, {origin}" if origin else TAG
