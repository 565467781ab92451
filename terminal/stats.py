"""`stats`: the rounds of a range, in total and by bookmaker, read from the database."""

import contextlib
from pathlib import Path
from typing import Any

from data_layer.database import connection, queries
from data_layer.errors import UsageError
from data_layer.readers import collector_stats
from data_layer.readers.collector_stats import CollectorStats
from data_layer.statistics import RoundStats
from gui.view_models.words import (
    count_text,
    moment_text,
    multiplier_text,
    origin_tag,
    percent_text,
    range_words,
)
from terminal import texts
from terminal.hints import without_rounds
from terminal.status import as_object
from terminal.texts import Column, Sheet
from utils import clock

_SHARES_CENTI = (200, 1000)  # shown as columns where they are among the thresholds


def show(database: Path, range_name: str, bookmaker: str | None, *, as_json: bool) -> int:
    """Print the statistics. Raises `UsageError` for an unknown range or bookmaker."""
    if range_name not in queries.RANGES:
        raise UsageError(f"--range {range_name}: is none of {', '.join(queries.RANGES)}")
    stats = _read(database, range_name)
    rows = list(stats.rows) if stats else []
    total: RoundStats | None = stats.total if stats else None
    if bookmaker is not None:
        rows = [row for row in rows if row.bookmaker == bookmaker]
        total = rows[0] if rows else None
        if not rows:
            raise without_rounds(bookmaker, [row.bookmaker for row in stats.rows] if stats else [])
    if as_json:
        found: dict[str, Any] = {"range": range_name, "bookmaker": bookmaker}
        found["computed_at_us"] = stats.computed_at_us if stats else clock.now_us()
        found["version"] = stats.version if stats else 0
        found["total"] = _as_json(total) if total else None
        found["bookmakers"] = [_as_json(row) for row in rows]
        texts.write_json(found)
        return 0
    console = texts.console()
    if not rows or total is None:
        console.print(f"no rounds are recorded in {database.parent} yet")
        return 0
    console.print(_sheet(rows, total, range_name, with_total=bookmaker is None))
    return 0


def _read(database: Path, range_name: str) -> CollectorStats[RoundStats] | None:
    if not database.exists():
        return None
    with contextlib.closing(connection.open_reader(database)) as conn:
        conn.execute("BEGIN")  # one moment for total and rows
        try:
            return collector_stats.collect_rounds(conn, range_name, clock.now_us())
        finally:
            conn.execute("ROLLBACK")


def _as_json(row: RoundStats) -> dict[str, Any]:
    return {**as_object(row), "origins": [origin.name.lower() for origin in row.origins]}


def _sheet(rows: list[RoundStats], total: RoundStats, range_name: str, *, with_total: bool) -> Sheet:
    sheet = Sheet(
        Column("bookmaker"),
        Column("", spare=3),
        Column(f"rounds, {range_words(range_name)}", number=True),
        Column("per hour", number=True, spare=6),
        Column("median", number=True),
        Column("lowest", number=True, spare=8),
        Column("highest", number=True, spare=4),
        *(Column(f"from {centi // 100}x", number=True, spare=1) for centi in _SHARES_CENTI),
        Column("now below 2x", number=True, spare=5),
        Column("longest", number=True, spare=7),
        Column("newest", spare=2),
    )
    now_us = clock.now_us()
    for row in rows:
        sheet.add(texts.safe(row.bookmaker), origin_tag(row.origins), *_figures(row), _newest(row, now_us))
    if with_total and len(rows) > 1:
        *figures, _, _ = _figures(total)  # a streak over several games means nothing
        sheet.add("all", "", *figures, "", "", _newest(total, now_us), style="bold")
    return sheet


def _figures(row: RoundStats) -> list[str]:
    counts = {entry.threshold_centi: entry.count for entry in row.at_or_above}
    shares = [percent_text(counts[centi], row.count) if centi in counts else "" for centi in _SHARES_CENTI]
    per_hour = "" if row.per_hour is None else f"{row.per_hour:,.0f}"
    multipliers = [multiplier_text(centi) for centi in (row.median_centi, row.min_centi, row.max_centi)]
    streaks = [count_text(row.current_below_2x), count_text(row.longest_below_2x)]
    return [count_text(row.count), per_hour, *multipliers, *shares, *streaks]


def _newest(row: RoundStats, now_us: int) -> str:
    return "" if row.newest_at_us is None else moment_text(row.newest_at_us, now_us)
