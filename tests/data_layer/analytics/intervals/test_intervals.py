from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.checks import BadQuestionError
from data_layer.analytics.intervals.answer import intervals
from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import Bucket, Intervals, IntervalsQuestion, Sample, Scope, Span
from data_layer.analytics.rounds import UNTIMED, Rounds

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


def us(zone: str, *fields: int, fold: int = 0) -> int:
    """Return a local time as UTC microseconds."""
    year, month, day, hour, minute = (*fields, 0, 0)[:5]
    at = datetime(year, month, day, hour, minute, fold=fold, tzinfo=ZoneInfo(zone))
    return round(at.timestamp()) * 1_000_000


def part(times_us: Sequence[int], values: Sequence[int] | None = None, *, name: str = "A") -> Rounds:
    crashes = np.full(len(times_us), 200) if values is None else np.array(values)
    times = np.array(times_us, np.int64)
    return Rounds(name, times, crashes.astype(np.int64), 0, len(times_us))


def ask(
    *parts: Rounds,
    now_us: int,
    start_us: int | None = None,
    end_us: int | None = None,
    minutes: int | None = 60,
    rounds: int | None = None,
    timezone: str = "UTC",
    threshold_centi: int = 200,
) -> Intervals:
    chosen = []
    for some in parts:
        first = 0 if start_us is None else int(np.searchsorted(some.times_us, start_us))
        last = len(some.times_us) if end_us is None else int(np.searchsorted(some.times_us, end_us))
        chosen.append(Rounds(some.bookmaker, some.times_us, some.crash_centi, first, last))
    count = sum(some.count for some in chosen)
    sample = Sample(scope=Scope(), span=Span(), rounds=count, start_us=start_us, end_us=end_us)
    question = IntervalsQuestion(
        minutes=minutes, rounds=rounds, timezone=timezone, threshold_centi=threshold_centi
    )
    return intervals(chosen, sample, question, now_us)


def starts(buckets: Sequence[Bucket]) -> list[str]:
    return [bucket.local_start for bucket in buckets]


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


def test_an_hour_that_is_there_twice_is_two_buckets() -> None:
    zone = "Europe/Belgrade"
    day = us(zone, 2026, 10, 25)
    twice = [us(zone, 2026, 10, 25, 2, 30), us(zone, 2026, 10, 25, 2, 30, fold=1)]
    answer = ask(
        part(twice), start_us=day, end_us=us(zone, 2026, 10, 26), now_us=day + 9 * DAY_US, timezone=zone
    )
    assert len(answer.buckets) == 25
    assert starts(answer.buckets)[2:4] == ["2026-10-25 02:00 +0200", "2026-10-25 02:00 +0100"]
    assert [bucket.rounds for bucket in answer.buckets] == [0, 0, 1, 1, *[0] * 21]
    assert not any(bucket.short for bucket in answer.buckets)
    sunday_2h = answer.heat[6 * 24 + 2]
    assert (sunday_2h.weekday, sunday_2h.hour, sunday_2h.rounds) == (6, 2, 2)


def test_an_hour_that_is_skipped_is_absent() -> None:
    zone = "Europe/Belgrade"
    day = us(zone, 2026, 3, 29)
    answer = ask(start_us=day, end_us=us(zone, 2026, 3, 30), now_us=day + 9 * DAY_US, timezone=zone)
    assert len(answer.buckets) == 23
    assert starts(answer.buckets)[1:3] == ["2026-03-29 01:00 +0100", "2026-03-29 03:00 +0200"]


@pytest.mark.parametrize(
    ("minutes", "buckets", "rest"),
    [(45, 34, 15), (90, 17, 60), (7, 215, 2), (60, 25, 60), (720, 3, 60), (1440, 1, 1500)],
)
def test_the_last_bucket_of_a_long_day_is_shorter_and_says_so(minutes: int, buckets: int, rest: int) -> None:
    zone = "Europe/Belgrade"
    day, next_day = us(zone, 2026, 10, 25), us(zone, 2026, 10, 26)
    answer = ask(
        start_us=day, end_us=next_day + HOUR_US, now_us=day + 9 * DAY_US, timezone=zone, minutes=minutes
    )
    of_day = [bucket for bucket in answer.buckets if bucket.start_us < next_day]
    assert len(of_day) == buckets
    assert of_day[-1].end_us - of_day[-1].start_us == rest * MINUTE_US
    assert [bucket.short for bucket in of_day] == [*[False] * (buckets - 1), rest < minutes]
    assert answer.buckets[buckets].start_us == next_day  # each day begins anew


def test_clocks_that_move_half_an_hour_are_followed() -> None:
    zone = "Australia/Lord_Howe"
    day, next_day = us(zone, 2026, 4, 5), us(zone, 2026, 4, 6)
    assert next_day - day == 24 * HOUR_US + 30 * MINUTE_US
    answer = ask(start_us=day, end_us=next_day, now_us=day + 9 * DAY_US, timezone=zone)
    assert starts(answer.buckets)[:3] == [
        "2026-04-05 00:00 +1100",
        "2026-04-05 01:00 +1100",
        "2026-04-05 01:30 +1030",
    ]
    assert [bucket.short for bucket in answer.buckets] == [*[False] * 24, True]


def test_seven_days_are_a_week_of_local_days_from_monday() -> None:
    zone = "Europe/Belgrade"
    start, end = us(zone, 2026, 10, 12), us(zone, 2026, 11, 9)
    answer = ask(start_us=start, end_us=end, now_us=end + DAY_US, timezone=zone, minutes=7 * 1440)
    assert starts(answer.buckets) == [
        "2026-10-12 00:00 +0200",
        "2026-10-19 00:00 +0200",
        "2026-10-26 00:00 +0100",
        "2026-11-02 00:00 +0100",
    ]
    hours = [(bucket.end_us - bucket.start_us) // HOUR_US for bucket in answer.buckets]
    assert hours == [168, 169, 168, 168]
    assert not any(bucket.short for bucket in answer.buckets)


def test_several_days_stand_still_whatever_the_span() -> None:
    now = us("UTC", 2026, 7, 15, 12)
    edges = set()
    for days in range(10, 40):
        answer = ask(start_us=now - days * DAY_US, now_us=now, minutes=3 * 1440)
        edges.add(answer.buckets[-1].start_us)
    assert len(edges) == 1


def test_the_running_bucket_is_marked_and_none_comes_after_it() -> None:
    now = us("UTC", 2026, 5, 5, 12, 20)
    answer = ask(part([now - MINUTE_US]), now_us=now, start_us=now - 3 * HOUR_US, end_us=now + DAY_US)
    assert [bucket.running for bucket in answer.buckets] == [False, False, False, True]
    last = answer.buckets[-1]
    assert (last.start_us, last.end_us, last.rounds, last.short) == (
        us("UTC", 2026, 5, 5, 12),
        us("UTC", 2026, 5, 5, 13),
        1,
        False,
    )


def test_a_round_on_the_edge_belongs_to_the_later_bucket() -> None:
    noon = us("UTC", 2026, 5, 5, 12)
    rounds = part([noon - 1, noon, noon + HOUR_US - 1, noon + HOUR_US])
    answer = ask(rounds, now_us=noon + 2 * HOUR_US - 1)
    assert [bucket.rounds for bucket in answer.buckets] == [1, 2, 1]


def test_empty_buckets_are_there() -> None:
    noon = us("UTC", 2026, 5, 5, 12)
    answer = ask(part([noon, noon + 5 * HOUR_US]), now_us=noon + 5 * HOUR_US + 1)
    assert [bucket.rounds for bucket in answer.buckets] == [1, 0, 0, 0, 0, 1]
    empty = answer.buckets[1]
    assert (empty.reached, empty.median_centi, empty.highest_centi) == (0, None, None)


def test_without_a_beginning_the_first_bucket_is_the_whole_one_of_the_first_round() -> None:
    first = us("UTC", 2026, 5, 5, 12, 40)
    (bucket,) = ask(part([first]), now_us=first).buckets
    assert (bucket.start_us, bucket.short) == (us("UTC", 2026, 5, 5, 12), False)


def test_buckets_that_the_span_cuts_are_short() -> None:
    noon = us("UTC", 2026, 5, 5, 12)
    answer = ask(now_us=noon + DAY_US, start_us=noon + MINUTE_US, end_us=noon + 3 * HOUR_US - MINUTE_US)
    assert [bucket.short for bucket in answer.buckets] == [True, False, True]
    assert answer.buckets[0].local_start == "2026-05-05 12:01 +0000"
    assert answer.buckets[-1].end_us == noon + 3 * HOUR_US - MINUTE_US


def test_rounds_without_a_time_are_in_no_bucket_and_counted_aloud() -> None:
    noon = us("UTC", 2026, 5, 5, 12)
    answer = ask(part([UNTIMED, UNTIMED, noon, noon + DAY_US]), now_us=noon + 1)
    assert [bucket.rounds for bucket in answer.buckets] == [1]
    assert answer.note == "in no bucket: 2 rounds without a time, 1 round dated later than now"
    assert sum(cell.rounds for cell in answer.heat) == 1
    only_untimed = ask(part([UNTIMED]), now_us=noon)
    assert (only_untimed.buckets, only_untimed.note) == ((), "in no bucket: 1 round without a time")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_the_very_first_bucket_of_the_era_takes_no_round_without_a_time(zone: str) -> None:
    answer = ask(part([UNTIMED, 0]), now_us=HOUR_US, timezone=zone, minutes=1440)
    assert [bucket.rounds for bucket in answer.buckets] == [1]
    assert sum(cell.rounds for cell in answer.heat) == 1


def test_a_threshold_far_above_all_rounds_is_never_reached() -> None:
    times = [us("UTC", 2026, 5, 5) + number * HOUR_US for number in range(9)]
    answer = ask(part(times, range(100, 1_000, 100)), now_us=times[-1], threshold_centi=10**11)
    assert [bucket.reached for bucket in answer.buckets] == [0] * 9
    assert answer.share == 0


def test_no_rounds_give_no_buckets_without_a_span_and_empty_ones_with_one() -> None:
    noon = us("UTC", 2026, 5, 5, 12)
    assert (ask(now_us=noon).buckets, ask(now_us=noon).note) == ((), "no rounds")
    answer = ask(part([]), now_us=noon, start_us=noon - 2 * HOUR_US)
    assert [bucket.rounds for bucket in answer.buckets] == [0, 0, 0]
    assert answer.share is None


# Buckets of so many rounds.


def test_buckets_of_rounds_are_counted_and_the_last_is_running() -> None:
    times = [us("UTC", 2026, 5, 5) + number * MINUTE_US for number in range(7)]
    answer = ask(part(times, [100, 300, 200, 100, 100, 150, 900]), now_us=times[-1], minutes=None, rounds=3)
    assert [
        (bucket.rounds, bucket.reached, bucket.median_centi, bucket.highest_centi)
        for bucket in answer.buckets
    ] == [
        (3, 2, 200, 300),
        (3, 0, 100, 150),
        (1, 1, 900, 900),
    ]
    assert [bucket.running for bucket in answer.buckets] == [False, False, True]
    assert [bucket.first_round for bucket in answer.buckets] == [1, 4, 7]
    assert [(bucket.start_us, bucket.end_us) for bucket in answer.buckets] == [
        (times[0], times[3]),
        (times[3], times[6]),
        (times[6], times[6] + 1),
    ]
    assert answer.heat == ()


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 5))
def test_buckets_of_rounds_never_have_invented_counts(count: int, size: int, untimed: int) -> None:
    times = [UNTIMED] * min(untimed, count) + [
        number * MINUTE_US for number in range(count - min(untimed, count))
    ]
    values = [100 + number for number in range(count)]
    answer = ask(part(times, values), now_us=DAY_US, minutes=None, rounds=size)
    assert sum(bucket.rounds for bucket in answer.buckets) == count
    assert {bucket.rounds for bucket in answer.buckets[:-1]} <= {size}
    assert answer.buckets[-1].running == (count % size > 0)
    assert not any(bucket.short for bucket in answer.buckets)
    assert [bucket.highest_centi for bucket in answer.buckets] == [
        values[min(first + size, count) - 1] for first in range(0, count, size)
    ]


def test_a_bucket_of_rounds_that_the_span_s_end_cuts_does_not_run() -> None:
    answer = ask(part([1, 2, 3, 4]), now_us=9, end_us=4, minutes=None, rounds=2)
    assert [(bucket.rounds, bucket.running, bucket.short) for bucket in answer.buckets] == [
        (2, False, False),
        (1, False, True),
    ]


def test_rounds_without_a_time_have_buckets_of_rounds() -> None:
    answer = ask(part([UNTIMED] * 5, [100, 200, 300, 400, 500]), now_us=0, minutes=None, rounds=2)
    assert [(bucket.rounds, bucket.start_us, bucket.local_start) for bucket in answer.buckets] == [
        (2, -1, ""),
        (2, -1, ""),
        (1, -1, ""),
    ]


# What cannot be asked.


@pytest.mark.parametrize(
    ("minutes", "days"), [(1, 36), (1, 400), (7, 300), (45, 4_000), (90, 10_000), (60, 20_000)]
)
def test_too_many_buckets_are_refused_with_a_length_that_works(minutes: int, days: int) -> None:
    now = us("UTC", 2026, 5, 5, 12, 20)
    with pytest.raises(BadQuestionError, match=r"are more than 50,000; nearest valid: \d+ min$") as refused:
        ask(now_us=now, start_us=now - days * DAY_US, minutes=minutes, timezone="Europe/Belgrade")
    nearest = int(str(refused.value).split()[-2])
    answer = ask(now_us=now, start_us=now - days * DAY_US, minutes=nearest, timezone="Europe/Belgrade")
    assert len(answer.buckets) <= 50_000


def test_thirty_days_of_minutes_are_not_too_many() -> None:
    now = us("UTC", 2026, 5, 5, 12, 20)
    answer = ask(now_us=now, start_us=now - 30 * DAY_US, minutes=1, timezone="Europe/Belgrade")
    assert len(answer.buckets) == 30 * 1_440 + 1


def test_too_many_buckets_of_rounds_are_refused() -> None:
    rounds = Rounds("A", np.arange(100_002), np.full(100_002, 100), 0, 100_002)
    with pytest.raises(BadQuestionError, match=r"nearest valid: 3$"):
        ask(rounds, now_us=0, minutes=None, rounds=2)
    assert len(ask(rounds, now_us=0, minutes=None, rounds=3).buckets) == 33_334


def test_buckets_of_rounds_of_several_bookmakers_are_refused() -> None:
    with pytest.raises(BadQuestionError, match="of one bookmaker"):
        ask(part([1], name="A"), part([2], name="B"), now_us=9, minutes=None, rounds=5)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(BadQuestionError, match="nearest valid: Europe/Belgrade"):
        ask(now_us=0, timezone="Europe/Belgrad")


def test_recorded_rounds_are_all_in_their_buckets(shared_data: Path) -> None:
    lines = (shared_data / "bustabit_2537203-2553000.csv").read_text().split()
    values = [round(float(line.split(",")[1]) * 100) for line in reversed(lines)]
    answer = ask(part([UNTIMED] * len(values), values), now_us=0, minutes=None, rounds=1_000)
    assert [bucket.rounds for bucket in answer.buckets] == [*[1_000] * 15, 798]
    assert sum(bucket.reached for bucket in answer.buckets) / 15_798 == pytest.approx(0.4962, abs=5e-5)
    assert answer.share == pytest.approx(0.4962, abs=5e-5)
    assert max(bucket.highest_centi or 0 for bucket in answer.buckets) == max(values)
