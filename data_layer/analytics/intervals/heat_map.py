"""Rounds by hour and weekday of local time."""

from collections.abc import Sequence

import numpy as np

from data_layer.analytics.intervals.zones import DAY_US, HOUR_US, LocalTime
from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import HeatCell
from data_layer.analytics.rounds import Rounds

HOURS = 24
WEEKDAYS = 7
_WEEKDAY_OF_DAY_0 = 3  # 1 January 1970 was a Thursday; Monday is 0


def heat_map(
    parts: Sequence[Rounds], local: LocalTime, start_us: int, end_us: int, threshold_centi: int
) -> tuple[HeatCell, ...]:
    """Return the rounds from `start_us` up to, not including, `end_us` by local weekday and hour: 168
    cells, Monday 0 h first.

    Rounds of an hour that is there twice are all in its cell.
    """
    starts_us, locals_us = local.hours()
    first = int(np.searchsorted(starts_us, start_us, "right")) - 1
    last = int(np.searchsorted(starts_us, end_us, "left"))
    edges_us = np.append(starts_us[first:last], end_us)
    edges_us[0] = start_us
    rounds = np.zeros(last - first, np.int64)
    reached = np.zeros(last - first, np.int64)
    for part in parts:
        bounds = np.searchsorted(part.part_times_us, edges_us)
        rounds += np.diff(bounds)
        hits = np.flatnonzero(part.part >= threshold_centi)
        reached += np.diff(np.searchsorted(hits, bounds))
    days, of_day_us = np.divmod(locals_us[first:last], DAY_US)
    cells = (days + _WEEKDAY_OF_DAY_0) % WEEKDAYS * HOURS + of_day_us // HOUR_US
    all_rounds = np.bincount(cells, rounds, WEEKDAYS * HOURS).astype(np.int64)
    all_reached = np.bincount(cells, reached, WEEKDAYS * HOURS).astype(np.int64)
    return tuple(
        HeatCell(
            weekday=cell // HOURS,
            hour=cell % HOURS,
            rounds=count,
            reached=hits_there,
            share=hits_there / count if count else None,
            wilson=wilson(hits_there, count),
        )
        for cell, (count, hits_there) in enumerate(
            zip(all_rounds.tolist(), all_reached.tolist(), strict=True)
        )
    )
