"""Shares of two spans against each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency, fisher_exact

from data_layer.analytics.distribution.comparison import newcombe, p_value, share_change
from data_layer.analytics.distribution.tally import Tally, grid_counts, tally


def _tally(reached: int, rounds: int) -> Tally:
    values = np.array([200] * reached + [150] * (rounds - reached), np.int64)
    return tally([grid_counts(values)], [])


@pytest.mark.parametrize(
    ("counts", "interval"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_the_interval_of_a_difference_is_newcombes_table(
    counts: tuple[int, int, int, int], interval: tuple[float, float]
) -> None:
    """Method 10 in table II of Newcombe (1998)."""
    assert newcombe(*counts) == pytest.approx(interval, abs=5e-5)


@given(st.integers(1, 40), st.integers(1, 400), st.data())
def test_the_test_is_fishers_where_a_count_is_expected_below_one_and_chi_squared_elsewhere(
    rounds: int, other_rounds: int, data: st.DataObject
) -> None:
    reached = data.draw(st.integers(0, rounds))
    other = data.draw(st.integers(0, other_rounds))
    table = np.array([[reached, rounds - reached], [other, other_rounds - other]])
    total, hits = rounds + other_rounds, reached + other
    found = p_value(reached, rounds, other, other_rounds)
    if hits in (0, total):
        assert found == 1.0
    elif min(hits, total - hits) * min(rounds, other_rounds) < total:
        assert found == pytest.approx(fisher_exact(table)[1], rel=1e-6)
    else:
        chi_square = chi2_contingency(table, correction=False)
        expected = chi_square.statistic * (total - 1) / total
        assert found == pytest.approx(chi2.sf(expected, 1), rel=1e-9)


def test_fishers_test_holds_for_ten_million_rounds_with_a_handful_above() -> None:
    assert p_value(0, 10_000_000, 3, 2_000_000) == pytest.approx(
        fisher_exact(np.array([[0, 10_000_000], [3, 1_999_997]]))[1], rel=1e-6
    )


def test_a_change_is_told_in_percentage_points_with_interval_and_test() -> None:
    change = share_change(_tally(56, 70), _tally(48, 80), 200)
    assert change.difference_points == pytest.approx(20.0)
    assert change.interval_points == pytest.approx((5.24, 33.39), abs=5e-3)
    assert change.p_value == pytest.approx(p_value(56, 70, 48, 80))
    assert change.note == ""


@pytest.mark.parametrize(
    ("rounds", "before", "enough"), [(3, 3, False), (4, 4, True), (1, 18, False), (1, 19, True)]
)
def test_rounds_that_could_tell_nothing_are_too_few_for_a_test_but_have_their_interval(
    rounds: int, before: int, enough: bool
) -> None:
    change = share_change(_tally(rounds, rounds), _tally(0, before), 200)
    assert (change.p_value is not None) is enough
    assert change.interval_points is not None
    assert change.note == ("" if enough else f"n too small ({rounds} and {before} rounds)")


def test_a_span_without_rounds_is_compared_with_nothing() -> None:
    change = share_change(_tally(5, 10), _tally(0, 0), 200)
    assert (change.now, change.before) == (0.5, None)
    assert (change.difference_points, change.interval_points, change.p_value) == (None, None, None)
    assert change.note == "n too small (no rounds in the span before)"
