from itertools import combinations, pairwise
from statistics import fmean, pvariance

import numpy as np
import pytest

from data_layer.analytics.rounds import Rounds
from data_layer.analytics.streaks.runs import runs_below
from data_layer.analytics.streaks.runs_test import runs_test

LOW, HIGH = 150, 250


def rounds(values: list[int], start: int = 0) -> Rounds:
    return Rounds("A", np.arange(len(values)), np.array(values, np.int64), start, len(values))


def runs_of(values: list[int]) -> int:
    return 1 + sum(one != other for one, other in pairwise(values))


def test_mean_and_variance_are_those_of_all_orders() -> None:
    counts = []
    for places in combinations(range(9), 4):
        values = [HIGH if place in places else LOW for place in range(9)]
        found = runs_test([runs_below(rounds(values), 200)])
        assert found.runs == runs_of(values)
        assert found.expected == pytest.approx(1 + 2 * 4 * 5 / 9)
        counts.append(found.runs)
    assert fmean(counts) == pytest.approx(1 + 2 * 4 * 5 / 9)
    assert pvariance(counts) == pytest.approx(2 * 20 * (40 - 9) / (81 * 8))


def test_an_order_that_changes_every_round_is_no_chance() -> None:
    found = runs_test([runs_below(rounds([LOW, HIGH] * 50), 200)])
    assert (found.runs, found.expected) == (100, 51)
    assert found.z == pytest.approx(49 / (5000 * 4900 / (10_000 * 99)) ** 0.5)
    assert found.p_value is not None
    assert found.p_value < 1e-20


def test_rounds_that_cling_together_have_too_few_runs() -> None:
    found = runs_test([runs_below(rounds([LOW] * 30 + [HIGH] * 30), 200)])
    assert found.runs == 2
    assert found.z is not None
    assert found.z < -7


def test_only_the_rounds_of_the_part_are_tested() -> None:
    found = runs_test([runs_below(rounds([LOW, LOW, HIGH, LOW, LOW, HIGH], start=1), 200)])
    assert found.runs == 4


def test_several_bookmakers_add_up_and_never_touch() -> None:
    one, other = [LOW, HIGH] * 20, [HIGH] * 15 + [LOW] * 25
    found = runs_test([runs_below(rounds(one), 200), runs_below(rounds(other), 200)])
    assert found.runs == 40 + 2
    assert found.expected == pytest.approx(2 + 2 * 400 / 40 + 2 * 15 * 25 / 40)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([LOW] * 50, "n too small (0 at or above, at least 10 needed)"),
        ([HIGH] * 50 + [LOW] * 9, "n too small (9 below, at least 10 needed)"),
        ([HIGH], "n too small (0 below, at least 10 needed)"),
    ],
)
def test_too_few_rounds_are_said_to_be_too_few(values: list[int], note: str) -> None:
    found = runs_test([runs_below(rounds(values), 200)])
    assert (found.z, found.p_value, found.note) == (None, None, note)
    assert found.runs == runs_of(values)
