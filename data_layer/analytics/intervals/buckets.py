"""Where buckets of time begin and end in local time.

Up to a day a bucket is so many minutes that pass: each local day is cut into them from its beginning, and the
last is shorter where the day is not divided evenly, as days of 23 or 25 hours often are not. So an hour that
is there twice gives two buckets, and one that is skipped none. A length of whole days is that many local
days, however long these are, counted from Monday, 5 January 1970: 7 days are a week that begins on Monday,
and the buckets stand still whatever span is asked about.
"""

from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.checks import MINUTES_A_DAY, BadQuestionError
from data_layer.analytics.intervals.zones import DAY_US, SECOND_US, LocalTime, local_time

MOST_BUCKETS = 50_000  # in one answer: 30 days of minutes fit
_MINUTE_US = 60 * SECOND_US
_A_MONDAY = 4  # 5 January 1970, in days from 1 January
_MARGIN_US = 2 * DAY_US  # more than any change of clocks moves a day


@dataclass(frozen=True, slots=True)
class Edges:
    """Buckets that follow each other: the n-th is from `edges_us[n]` up to, not including, the next."""

    edges_us: NDArray[np.int64]  # one more than there are buckets
    short: NDArray[np.bool_]  # buckets with less than the length that was asked for
    local: LocalTime  # of all their time

    def __len__(self) -> int:
        return len(self.short)


def bucket_edges(
    zone: tzinfo,
    minutes: int,
    *,
    start_us: int,
    until_us: int,
    cut_start: bool,
    cut_end: bool,
) -> Edges:
    """Return the buckets of `minutes` that have any time from `start_us` up to, not including, `until_us`.

    With `cut_start` the first begins no earlier than `start_us`, with `cut_end` the last ends no later than
    `until_us`. Raises `BadQuestionError` where they are too many to be shown.
    """
    most_us = max(minutes * _MINUTE_US, DAY_US) + _MARGIN_US
    local = local_time(zone, start_us - most_us, until_us + most_us)
    if minutes >= MINUTES_A_DAY:
        edges_us = _of_days(local, minutes // MINUTES_A_DAY)
    else:
        edges_us = _within_days(local, minutes, start_us, until_us)
    first = int(np.searchsorted(edges_us, start_us, "right")) - 1
    last = int(np.searchsorted(edges_us, until_us, "left"))
    edges_us = edges_us[first : last + 1].copy()
    if len(edges_us) - 1 > MOST_BUCKETS:
        raise _too_many(minutes, until_us - start_us)
    lengths_us = np.diff(edges_us)
    short = (
        lengths_us < minutes * _MINUTE_US if minutes < MINUTES_A_DAY else np.zeros(len(lengths_us), np.bool_)
    )
    if cut_start and edges_us[0] < start_us:
        edges_us[0], short[0] = start_us, True
    if cut_end and edges_us[-1] > until_us:
        edges_us[-1], short[-1] = until_us, True
    return Edges(edges_us, short, local)


def _of_days(local: LocalTime, days: int) -> NDArray[np.int64]:
    starts_us, numbers = local.days()
    buckets = (numbers - _A_MONDAY) // days
    return starts_us[1:][np.diff(buckets) > 0]  # the stretch does not begin with a day


def _within_days(local: LocalTime, minutes: int, start_us: int, until_us: int) -> NDArray[np.int64]:
    starts_us, _ = local.days()
    first = int(np.searchsorted(starts_us, start_us, "right")) - 1
    last = int(np.searchsorted(starts_us, until_us, "left"))
    starts_us = starts_us[first : last + 1]
    length_us = minutes * _MINUTE_US
    buckets = -(-np.diff(starts_us) // length_us)
    total = int(buckets.sum())
    if total - 2 * int(buckets.max()) > MOST_BUCKETS:
        raise _too_many(minutes, until_us - start_us)
    number = np.arange(total) - np.repeat(np.cumsum(buckets) - buckets, buckets)
    return np.append(np.repeat(starts_us[:-1], buckets) + number * length_us, starts_us[-1])


def _too_many(minutes: int, span_us: int) -> BadQuestionError:
    days = -(-span_us // DAY_US)
    buckets = MOST_BUCKETS - 2
    if days <= buckets:
        a_day = buckets // (days + 1)
        nearest = -(-MINUTES_A_DAY // a_day)
    else:
        nearest = -(-days // buckets) * MINUTES_A_DAY
    return BadQuestionError(
        f"buckets of {minutes} min over {days:,} days are more than {MOST_BUCKETS:,};"
        f" nearest valid: {nearest} min"
    )
