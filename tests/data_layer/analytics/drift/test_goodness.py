import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from data_layer.analytics.claims import Claim
from data_layer.analytics.drift.goodness import (
    BIN_EDGES,
    LEAST_EXPECTED,
    _merged,
    chi_square,
    goodness,
    randomised_pit,
    survival,
)
from tests.data_layer.analytics.made import fair_crashes, rounds_of

CLAIM = Claim(0.99, "bustabit")


@given(
    st.lists(st.integers(100, 10**7), min_size=1),
    st.sampled_from([CLAIM, Claim(0.97), Claim(0.98, "ethercrash")]),
)
@settings(max_examples=60, deadline=None)
def test_the_shares_of_many_thresholds_are_those_of_the_claim(crashes: list[int], claim: Claim) -> None:
    assert survival(np.array(crashes), claim).tolist() == pytest.approx([claim.survival(c) for c in crashes])


def test_chi_square_is_that_of_scipy_over_the_same_bins() -> None:
    crashes = fair_crashes(1_000)
    found = chi_square(crashes, CLAIM)
    edges = [edge for edge in BIN_EDGES if edge <= 10_000]  # above it too few are expected in a bin
    expected = [
        1_000 * (CLAIM.survival(low) - (CLAIM.survival(high) if high else 0))
        for low, high in zip(edges, [*edges[1:], 0], strict=True)
    ]
    assert min(expected) >= LEAST_EXPECTED
    observed = [
        int(((crashes >= low) & ((crashes < high) | (high == 0))).sum())
        for low, high in zip(edges, [*edges[1:], 0], strict=True)
    ]
    assert found.bins == len(edges)
    theirs = stats.chisquare(observed, expected)
    assert found.statistic == pytest.approx(theirs.statistic)
    assert found.p_value == pytest.approx(theirs.pvalue)


@given(st.integers(5, 5_000), st.floats(0.9, 0.999))
@settings(max_examples=50, deadline=None)
def test_every_merged_bin_expects_enough_and_no_round_is_left_out(count: int, rtp: float) -> None:
    claim = Claim(rtp)
    expected = -np.diff(np.append(survival(np.array(BIN_EDGES), claim), 0.0)) * count
    merged = np.add.reduceat(expected, _merged(expected))
    assert merged.sum() == pytest.approx(count)
    assert len(merged) == 1 or merged.min() >= LEAST_EXPECTED


def test_transforms_of_fair_rounds_are_uniform_although_one_in_fifty_is_exactly_one() -> None:
    p_values = [
        randomised_pit(fair_crashes(2_000, seed=seed), CLAIM, f"bookmaker {seed}", 0).p_value
        for seed in range(200)
    ]
    assert stats.kstest([p for p in p_values if p is not None], "uniform").pvalue > 0.01


def test_the_p_value_of_the_transforms_is_that_of_scipy() -> None:
    found = randomised_pit(fair_crashes(500), CLAIM, "A", 0)
    assert found.statistic is not None
    assert found.p_value == pytest.approx(stats.kstwo.sf(found.statistic, 500), rel=0.03)


def test_the_answer_does_not_flicker() -> None:
    crashes = fair_crashes(3_000)
    first = randomised_pit(crashes, CLAIM, "A", 0)
    assert randomised_pit(crashes, CLAIM, "A", 0) == first
    longer = randomised_pit(fair_crashes(3_001), CLAIM, "A", 0)
    assert (fair_crashes(3_001)[:-1] == crashes).all()
    assert first.statistic is not None
    assert longer.statistic == pytest.approx(first.statistic, abs=2 / 3_000)


def test_a_round_keeps_its_draw_in_every_part_of_its_history() -> None:
    crashes = fair_crashes(2_000)
    part = goodness(rounds_of(crashes, start=1_500), CLAIM)
    alone = randomised_pit(crashes[1_500:], CLAIM, "A", 1_500)
    assert (part.pit_statistic, part.pit_p) == (alone.statistic, alone.p_value)
    assert alone != randomised_pit(crashes[1_500:], CLAIM, "A", 0)


def test_rounds_of_another_return_do_not_fit() -> None:
    found = goodness(rounds_of(fair_crashes(20_000, rtp=0.95)), CLAIM)
    assert found.chi_square_p is not None
    assert found.chi_square_p < 1e-6
    assert found.pit_p is not None
    assert found.pit_p < 1e-6
    assert found.ones_expected == pytest.approx(20_000 * (1 - 0.99 / 1.01))
    assert found.ones == pytest.approx(20_000 * (1 - 0.95 / 1.01), rel=0.2)


def test_too_few_rounds_are_told_as_too_few() -> None:
    assert goodness(rounds_of([]), CLAIM).note == "n too small (0 rounds)"
    few = goodness(rounds_of([200] * 29), CLAIM)
    assert few.note == "n too small (29 rounds)"
    assert (few.chi_square, few.pit_statistic) == (None, None)
    assert goodness(rounds_of([200] * 30), CLAIM).chi_square is not None


def test_without_a_claim_nothing_is_tested() -> None:
    found = goodness(rounds_of([100] * 50), None)
    assert (found.note, found.chi_square_p, found.pit_p, found.ones) == ("no claimed return", None, None, 50)
