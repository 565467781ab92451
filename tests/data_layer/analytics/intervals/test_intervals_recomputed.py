"""Buckets and heat map of any history equal those of every round looked at alone, however clocks change."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.proportions import wilson
from data_layer.analytics.rounds import UNTIMED, Rounds
from tests.data_layer.analytics.intervals.asking import HOUR_US, MINUTE_US, ask, part

# A day on which clocks change, in zones that do it in every way there is.
CHANGES = (
    ("Europe/Belgrade", date(2026, 3, 29)),
    ("Europe/Belgrade", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour back
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Havana", date(2026, 3, 8)),  # no midnight
    ("America/Havana", date(2026, 11, 1)),  # midnight twice
    ("America/Sao_Paulo", date(2018, 11, 4)),  # no midnight
    ("America/Sao_Paulo", date(2018, 2, 17)),  # from 24:00 back to 23:00
    ("America/St_Johns", date(2010, 11, 6)),  # from 00:01 back to 23:01 of the day before
    ("Pacific/Apia", date(2011, 12, 29)),  # 30 December was skipped
    ("Asia/Kathmandu", date(2026, 5, 5)),  # never, a quarter of an hour beside the hour
    ("UTC", date(2026, 5, 5)),
)


def day_starts(zone: ZoneInfo, around: date) -> list[tuple[int, int]]:
    """Return when each local day around a date began and which it is (its ordinal), by looking at every
    minute of UTC."""
    found: list[tuple[int, int]] = []
    moment = datetime(around.year, around.month, around.day, tzinfo=UTC) - timedelta(days=3)
    for _ in range(7 * 24 * 60):
        ordinal = moment.astimezone(zone).date().toordinal()
        if not found or ordinal > found[-1][1]:
            found.append((round(moment.timestamp()) * 1_000_000, ordinal))
        moment += timedelta(minutes=1)
    return found[1:]


DAYS = {change: day_starts(ZoneInfo(change[0]), change[1]) for change in CHANGES}
EPOCH_MONDAY = date(1970, 1, 5).toordinal()


def bucket_start(days: list[tuple[int, int]], at_us: int, minutes: int) -> int:
    """Return when the bucket of a moment begins."""
    day_us, ordinal = max(day for day in days if day[0] <= at_us)
    if minutes < 1440:
        return day_us + (at_us - day_us) // (minutes * MINUTE_US) * minutes * MINUTE_US
    number = (ordinal - EPOCH_MONDAY) // (minutes // 1440)
    return min(start for start, day in days if (day - EPOCH_MONDAY) // (minutes // 1440) == number)


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[str, date], list[Rounds], int, int]:
    """Return a change, histories around it, and the span that is asked about."""
    change = draw(st.sampled_from(CHANGES))
    days = DAYS[change]
    low, high = days[1][0], days[-1][0]
    moments = st.integers(low, high - 1) | st.integers(low // HOUR_US, high // HOUR_US - 1).map(
        lambda hour: hour * HOUR_US
    )
    parts = []
    for number in range(draw(st.integers(1, 2))):
        times = sorted(draw(st.lists(moments, max_size=30)))
        values = draw(
            st.lists(st.sampled_from((100, 199, 200, 5_000)), min_size=len(times), max_size=len(times))
        )
        untimed = draw(st.integers(0, min(2, len(times))))
        times[:untimed] = [UNTIMED] * untimed
        parts.append(part(times, values, name=f"book {number}"))
    start = draw(moments)
    end = draw(st.integers(start + 1, high))
    return change, parts, start, end


def _until(rounds: Rounds, end_us: int) -> Rounds:
    count = int(np.searchsorted(rounds.times_us, end_us))
    return part(rounds.times_us[:count].tolist(), rounds.crash_centi[:count].tolist(), name=rounds.bookmaker)


@given(histories(), st.sampled_from((5, 7, 30, 45, 60, 90, 120, 420, 720, 1439, 1440)), st.booleans())
@settings(max_examples=120)
def test_buckets_are_those_of_every_round_looked_at_alone(
    history: tuple[tuple[str, date], list[Rounds], int, int], minutes: int, ended: bool
) -> None:
    change, parts, start_us, end_us = history
    days = DAYS[change]
    if not ended:  # then nothing has come after `end_us` yet
        parts = [_until(some, end_us) for some in parts]
    answer = ask(
        *parts,
        start_us=start_us,
        end_us=end_us if ended else None,
        now_us=end_us + HOUR_US if ended else end_us - 1,
        minutes=minutes,
        timezone=change[0],
    )
    inside: dict[int, list[int]] = defaultdict(list)
    for some in parts:
        for time_us, value in zip(some.times_us.tolist(), some.crash_centi.tolist(), strict=True):
            if start_us <= time_us < end_us:
                inside[max(start_us, bucket_start(days, time_us, minutes))].append(value)
    ends = [bucket.end_us for bucket in answer.buckets]
    assert [bucket.start_us for bucket in answer.buckets][1:] == ends[:-1]
    assert answer.buckets[0].start_us == start_us
    assert ends[-1] == end_us if ended else ends[-1] >= end_us
    seen: dict[int, list[int]] = {}
    for bucket in answer.buckets:
        expected = max(start_us, bucket_start(days, bucket.start_us, minutes))
        assert bucket.start_us == expected
        assert bucket_start(days, bucket.end_us - 1, minutes) <= bucket.start_us
        values = sorted(inside.get(bucket.start_us, []))
        assert (bucket.rounds, bucket.reached) == (len(values), sum(value >= 200 for value in values))
        assert bucket.highest_centi == (values[-1] if values else None)
        middle = (values[(len(values) - 1) // 2] + values[len(values) // 2] + 1) // 2 if values else None
        assert bucket.median_centi == middle
        assert bucket.running == (not ended and bucket.start_us < end_us <= bucket.end_us)
        cut = bucket.start_us == start_us != bucket_start(days, start_us, minutes)
        length = bucket.end_us - bucket.start_us
        if minutes < 1440:
            assert bucket.short == (cut or length < minutes * MINUTE_US)
        if bucket.rounds:
            seen[bucket.start_us] = values
    assert seen == {start: sorted(values) for start, values in inside.items()}


@given(histories())
@settings(max_examples=80)
def test_the_heat_map_is_that_of_every_round_s_own_clock(
    history: tuple[tuple[str, date], list[Rounds], int, int],
) -> None:
    (zone, _), parts, start_us, end_us = history
    answer = ask(*parts, start_us=start_us, end_us=end_us, now_us=end_us + HOUR_US, timezone=zone)
    rounds: Counter[tuple[int, int]] = Counter()
    reached: Counter[tuple[int, int]] = Counter()
    for some in parts:
        for time_us, value in zip(some.times_us.tolist(), some.crash_centi.tolist(), strict=True):
            if start_us <= time_us < end_us:
                at = datetime.fromtimestamp(time_us // 1_000_000, ZoneInfo(zone))
                rounds[at.weekday(), at.hour] += 1
                reached[at.weekday(), at.hour] += value >= 200
    assert [(cell.weekday, cell.hour) for cell in answer.heat] == [
        (weekday, hour) for weekday in range(7) for hour in range(24)
    ]
    for cell in answer.heat:
        key = cell.weekday, cell.hour
        assert (cell.rounds, cell.reached) == (rounds[key], reached[key])
        assert cell.share == (reached[key] / rounds[key] if rounds[key] else None)
        assert cell.wilson == wilson(reached[key], rounds[key])
