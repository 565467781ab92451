import math

import pytest

from data_layer.analytics.claims import Claim
from data_layer.analytics.drift.tail import limit, tail_cap
from data_layer.analytics.proportions import wilson
from tests.data_layer.analytics.made import fair_crashes, rounds_of

CLAIM = Claim(0.97)


def test_how_many_were_expected_above_the_highest_and_how_likely_none_is() -> None:
    found = tail_cap(rounds_of([3_499] * 10 + [150] * 990), CLAIM, 0.01)
    assert found.highest_centi == 3_499
    assert found.expected_above == pytest.approx(1_000 * 0.97 / 35)
    assert found.p_value == pytest.approx((1 - 0.97 / 35) ** 1_000)


def test_a_cap_is_found_with_and_without_a_claim() -> None:
    crashes = fair_crashes(4_000, rtp=0.97)
    capped = rounds_of(crashes[crashes < 5_000])
    for claim in (CLAIM, None):
        found = tail_cap(capped, claim, 0.01)
        assert found.capped
        assert found.note.startswith(f"none above {capped.part.max() / 100:.2f}x, although 7")
    assert "no claimed return" in found.note


def test_without_a_claim_the_chance_is_that_of_the_smallest_tail_the_rounds_allow() -> None:
    found = tail_cap(rounds_of([3_499] * 485 + [150] * 515), None, 0.01)
    assert found.expected_above == pytest.approx(1_000 * 0.97 / 35)
    interval = wilson(485, 1_000, z=3.2905)
    assert interval is not None
    assert found.p_value == pytest.approx((1 - 2 * interval.low / 35) ** 1_000)


def test_fair_feeds_are_never_called_capped_however_often_one_looks() -> None:
    for seed in range(40):
        crashes = fair_crashes(3_000, rtp=0.97, seed=seed)
        for count in range(100, 3_001, 50):
            for claim in (CLAIM, None):
                assert not tail_cap(rounds_of(crashes[:count]), claim, 0.05).capped


def test_the_chances_of_all_looks_together_are_at_most_alpha() -> None:
    epochs = {limit(0.01, 2**k) ** (1 / 1.25) for k in range(60)}
    assert sum(epochs) < 0.01
    total = sum(0.01 * 6 / (math.pi * k) ** 2 for k in range(1, 100_000))
    assert total == pytest.approx(0.01, rel=1e-4)
    assert limit(0.01, 1) == pytest.approx((0.01 * 6 / math.pi**2) ** 1.25)


def test_too_few_rounds_are_told_as_too_few() -> None:
    assert tail_cap(rounds_of([]), CLAIM, 0.01).note == "n too small (no rounds)"
    few = tail_cap(rounds_of([150] * 99), None, 0.01)
    assert few.note == "n too small (99 rounds) without a claimed return"
    assert (few.highest_centi, few.expected_above, few.p_value, few.capped) == (150, None, None, False)


def test_rounds_that_are_all_one_are_capped_and_not_an_error() -> None:
    assert tail_cap(rounds_of([100] * 200), CLAIM, 0.01).capped
    assert tail_cap(rounds_of([100] * 200), None, 0.01).p_value == 1
