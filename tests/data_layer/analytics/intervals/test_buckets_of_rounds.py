"""Buckets of so many rounds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.analytics.rounds import UNTIMED
from tests.data_layer.analytics.intervals.asking import DAY_US, MINUTE_US, ask, part, us


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


def test_recorded_rounds_are_all_in_their_buckets(shared_data: Path) -> None:
    lines = (shared_data / "bustabit_2537203-2553000.csv").read_text().split()
    values = [round(float(line.split(",")[1]) * 100) for line in reversed(lines)]
    answer = ask(part([UNTIMED] * len(values), values), now_us=0, minutes=None, rounds=1_000)
    assert [bucket.rounds for bucket in answer.buckets] == [*[1_000] * 15, 798]
    assert sum(bucket.reached for bucket in answer.buckets) / 15_798 == pytest.approx(0.4962, abs=5e-5)
    assert answer.share == pytest.approx(0.4962, abs=5e-5)
    assert max(bucket.highest_centi or 0 for bucket in answer.buckets) == max(values)
