from collections.abc import Sequence

import numpy as np
import pytest

from data_layer.analytics.checks import BadQuestionError
from data_layer.analytics.questions import Bucket
from data_layer.analytics.rounds import UNTIMED, Rounds
from tests.data_layer.analytics.intervals.asking import DAY_US, HOUR_US, MINUTE_US, ask, part, us


def starts(buckets: Sequence[Bucket]) -> list[str]:
    return [bucket.local_start for bucket in buckets]


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
