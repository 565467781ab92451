"""`metrics`: what Redis holds ready of every range, and how it is computed anew by the running writer."""

import sys
import time
from typing import Any

from rich.console import Console

from config.settings import Settings
from data_layer.cache.metrics_orders import ORDER_LIFE_S, MetricsOrders, MetricsProgress
from data_layer.cache.payloads import BookmakerStats
from data_layer.cache.redis_cache import RedisCache
from data_layer.errors import AviatorError, NothingRunningError, UsageError
from data_layer.ranges import RANGES
from gui.view_models.words import age_text, count_text
from terminal import texts
from terminal.texts import Column, Sheet
from utils import clock

_POLL_S = 0.1
_PATIENCE_S = 120.0  # without progress; one range of a long history takes a second or so


def show(settings: Settings, *, refresh: bool, as_json: bool) -> int:
    """Print the metrics of every range, after they were computed anew where that is asked for.

    Raises `UsageError` where Redis is off, `NothingRunningError` where no writer takes the order.
    """
    if not settings.redis.enabled:
        raise UsageError("metrics are kept in Redis, and Redis is off: set REDIS_ENABLED=true")
    cache = RedisCache(target=settings.redis.target, telling=False)
    try:
        if not cache.ping():
            raise AviatorError(f"Redis at {cache.link.address} {cache.trouble}")
        if refresh:
            _refresh(MetricsOrders(cache.link, cache.keys))
        found = {name: cache.get_metrics(name, ())[0] for name in RANGES}
    finally:
        cache.close()
    if as_json:
        texts.write_json({name: _as_json(total) for name, total in found.items()})
    else:
        texts.console().print(_sheet(found))
    return 0


def _refresh(orders: MetricsOrders) -> None:
    """Have everything computed, and say how far it is on standard error, as that is no result."""
    order = orders.give()
    if not order:
        raise AviatorError("Redis did not take the order")
    console = Console(file=sys.stderr, highlight=False, emoji=False, markup=False)
    told: MetricsProgress | None = None
    heard_at = time.monotonic()
    while told is None or not told.done:
        found = orders.progress(order)
        if found is not None and found != told:
            told, heard_at = found, time.monotonic()
            trouble = f": {found.trouble}" if found.trouble else ""
            console.print(f"{found.ready} of {found.ranges} ranges computed{trouble}")
            continue
        silent_s = time.monotonic() - heard_at
        if told is None and silent_s > ORDER_LIFE_S:
            raise NothingRunningError("no instance with the database takes orders from this Redis")
        if silent_s > _PATIENCE_S:
            raise AviatorError("nothing more was computed; the log of the instance may tell why")
        time.sleep(_POLL_S)


def _sheet(found: dict[str, BookmakerStats | None]) -> Sheet:
    sheet = Sheet(
        Column("range"),
        Column("rounds", number=True),
        Column("bookmakers", number=True),
        Column("version", number=True),
        Column("computed"),
    )
    now_us = clock.now_us()
    for name, total in found.items():
        if total is None:
            sheet.add(name, "", "", "", "not in Redis")
            continue
        counts = (total.rounds.count, len(total.bookmakers), total.version)
        age = age_text(max(0, now_us - total.computed_at_us))
        sheet.add(name, *(count_text(count) for count in counts), f"{age} ago")
    return sheet


def _as_json(total: BookmakerStats | None) -> dict[str, Any] | None:
    if total is None:
        return None
    return {
        "rounds": total.rounds.count,
        "bookmakers": len(total.bookmakers),
        "version": total.version,
        "computed_at_us": total.computed_at_us,
    }
