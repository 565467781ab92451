"""Distributions add, subtract and answer as lists of values would."""

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.database.distribution import Bins, from_blob
from data_layer.database.schema import MAX_CRASH_CENTI
from data_layer.database.windows import Window, merged

BINS = Bins([150, 200, 1_000, 12_345])
_values = st.lists(st.one_of(st.integers(100, 400), st.integers(100, MAX_CRASH_CENTI)), max_size=60)


def packed(values: list[int]) -> int:
    return BINS.pack(BINS.indexes(values))


@given(first=_values, second=_values)
def test_distributions_add_and_subtract_like_their_values(first: list[int], second: list[int]) -> None:
    assert packed(first) + packed(second) == packed(first + second)
    assert packed(first + second) - packed(second) == packed(first)
    assert BINS.count(packed(first)) == len(first)


@given(values=_values)
def test_a_distribution_survives_its_storage(values: list[int]) -> None:
    blob = BINS.to_blob(packed(values))
    assert len(blob) == BINS.size_bytes
    assert from_blob(blob) == packed(values)
    assert from_blob(None) == 0


@given(values=_values)
def test_counts_per_threshold_are_exact(values: list[int]) -> None:
    expected = [sum(value >= threshold for value in values) for threshold in BINS.thresholds_centi]
    assert BINS.at_or_above(packed(values)) == expected


@given(kept=_values, taken=_values, added=_values)
def test_a_window_with_loose_values_answers_like_its_values(
    kept: list[int], taken: list[int], added: list[int]
) -> None:
    window = Window(packed=packed(kept + taken), taken=[sorted(taken)], added=[sorted(added)])
    counts = window.counts(BINS)
    everything = sorted(kept + added)
    assert counts.total == len(everything)
    assert counts.at_or_above() == [
        len(everything) - bisect_left(everything, threshold) for threshold in BINS.thresholds_centi
    ]
    assert merged([window, Window()]).counts(BINS).median() == counts.median()
    if everything:
        middle = everything[(len(everything) - 1) // 2], everything[len(everything) // 2]
        exact = (middle[0] + middle[1] + 1) // 2
        median = counts.median()
        assert median is not None
        if middle[1] < 300:
            assert median == exact
        elif 300 <= middle[0] <= middle[1] < 1_000:
            assert abs(median - exact) <= 0.01 * exact + 1
        elif 1_000 <= middle[0] <= middle[1] < 100_000:
            assert abs(median - exact) <= 0.05 * exact + 1
        else:
            assert abs(median - exact) <= 0.25 * exact + 1
    else:
        assert counts.median() is None


@pytest.mark.parametrize("threshold", [1, 100, 101, MAX_CRASH_CENTI, MAX_CRASH_CENTI + 1, 2**62])
def test_a_threshold_at_the_ends_of_the_scale_is_counted(threshold: int) -> None:
    bins = Bins([threshold])
    values = [100, 101, 5_000, MAX_CRASH_CENTI]
    assert bins.at_or_above(bins.pack(bins.indexes(values))) == [sum(value >= threshold for value in values)]
