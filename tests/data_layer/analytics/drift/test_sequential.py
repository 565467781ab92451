import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import betaln

from data_layer.analytics.drift import sequential
from data_layer.analytics.drift.sequential import BLOCK, e_bh, evidence, log_e_values

SHARES = st.floats(0.02, 0.98)
SEQUENCES = st.lists(st.booleans(), min_size=1, max_size=200)


def rounds(*reached: int) -> NDArray[np.bool_]:
    return np.array(reached, dtype=np.bool_)


def drawn(share: float, count: int, seed: int = 1) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random(count) < share


def by_the_definition(reached: NDArray[np.bool_], p0: float) -> float:
    """Return ln(e) after the last round, term by term as the formulas stand."""
    n, k = len(reached), int(reached.sum())
    null = k * math.log(p0) + (n - k) * math.log(1 - p0)
    terms: list[float] = []
    for weight, factor, spread in sequential._CONSTANT:
        mean = min(p0 * factor, (1 + p0) / 2)
        size = max(mean * (1 - mean) / (p0 * spread) ** 2 - 1, 2.0)
        a, b = mean * size, (1 - mean) * size
        terms.append(float(math.log(weight) + betaln(a + k, b + n - k) - betaln(a, b) - null))
    for weight, factor in sequential._CHANGES:
        share = min(p0 * factor, (1 + p0) / 2)
        left = 1.0
        for begin in range(0, n, BLOCK):
            begins = 20_000 / (20_000 + begin) - 20_000 / (20_000 + begin + BLOCK)
            left -= begins
            hits = int(reached[begin:].sum())
            ratio = hits * math.log(share / p0)
            ratio += (n - begin - hits) * math.log((1 - share) / (1 - p0))
            terms.append(math.log(weight * begins) + ratio)
        terms.append(math.log(weight * left))
    return float(np.logaddexp.reduce(terms))


@given(SEQUENCES, SHARES)
@settings(max_examples=60, deadline=None)
def test_the_e_value_is_that_of_its_definition(reached: list[bool], p0: float) -> None:
    sequence = rounds(*reached)
    assert evidence(sequence, p0, 4.6).log_e == pytest.approx(by_the_definition(sequence, p0), abs=1e-9)


@pytest.mark.parametrize("p0", [0.0099, 0.3, 0.495, 0.97])
def test_the_e_value_is_a_fair_bet_while_the_claim_is_true(p0: float) -> None:
    mean = 0.0
    for sequence in itertools.product((0, 1), repeat=7):
        chance = p0 ** sum(sequence) * (1 - p0) ** (7 - sum(sequence))
        mean += chance * math.exp(evidence(rounds(*sequence), p0, 4.6).log_e)
    assert mean == pytest.approx(1)


def test_it_is_a_fair_bet_across_the_border_of_two_blocks() -> None:
    before = drawn(0.4, BLOCK - 2)
    now = math.exp(evidence(before, 0.4, 4.6).log_e)
    mean = 0.0
    for later in itertools.product((0, 1), repeat=5):
        chance = 0.4 ** sum(later) * 0.6 ** (5 - sum(later))
        mean += chance * math.exp(evidence(np.concatenate((before, rounds(*later))), 0.4, 4.6).log_e)
    assert mean == pytest.approx(now)


def test_rounds_of_several_chunks_give_what_one_chunk_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    sequence = drawn(0.44, 3_000)
    whole = log_e_values(sequence, 0.495)
    found = evidence(sequence, 0.495, 3.0)
    monkeypatch.setattr(sequential, "_CHUNK", 3 * BLOCK)
    assert log_e_values(sequence, 0.495) == pytest.approx(whole, abs=1e-9)
    again = evidence(sequence, 0.495, 3.0)
    assert (again.first_over, again.reached) == (found.first_over, found.reached)
    assert again.highest_log_e == pytest.approx(found.highest_log_e)


def test_the_highest_moment_and_the_first_over_the_limit_are_told() -> None:
    sequence = np.concatenate((drawn(0.4, 2_000), drawn(0.55, 4_000, seed=2)))
    moments = log_e_values(sequence, 0.495)
    found = evidence(sequence, 0.495, math.log(100))
    assert found.rounds == 6_000
    assert found.reached == sequence.sum()
    assert found.log_e == moments[-1]
    assert found.highest_log_e == moments.max() > moments[-1]
    assert found.first_over is not None
    assert moments[found.first_over - 1] >= math.log(100) > moments[: found.first_over - 1].max()


def test_before_the_first_round_nothing_is_known() -> None:
    found = evidence(rounds(), 0.5, 4.6)
    assert (found.rounds, found.log_e, found.highest_log_e, found.first_over) == (0, 0.0, 0.0, None)
    assert log_e_values(rounds(), 0.5).size == 0


def test_fair_feeds_raise_no_more_false_alarms_than_allowed() -> None:
    alarms = sum(
        evidence(drawn(0.495, 1_500, seed), 0.495, math.log(20)).first_over is not None for seed in range(400)
    )
    assert alarms <= 20  # 5 % of 400


def test_a_return_lowered_after_a_long_fair_history_is_found_soon() -> None:
    sequence = np.concatenate((drawn(0.495, 100_000), drawn(0.42, 4_000, seed=2)))
    found = evidence(sequence, 0.495, math.log(100))
    assert found.first_over is not None
    assert 100_000 < found.first_over < 103_000


@pytest.mark.parametrize("p0", [0.0, 1.0, -0.1, 1.2])
def test_a_claim_that_leaves_nothing_to_test_is_refused(p0: float) -> None:
    with pytest.raises(ValueError, match="nothing to test"):
        evidence(rounds(1), p0, 4.6)


def test_e_bh_finds_more_than_the_plain_limit_where_several_agree() -> None:
    values = [math.log(e) for e in (150, 140, 135, 1)]  # the plain limit is 4 / 0.01 = 400
    found, limit = e_bh(values, 0.01)
    assert found == {0, 1, 2}
    assert limit == pytest.approx(math.log(4 / 0.03))


def test_e_bh_finds_nothing_among_nothing() -> None:
    for values, plain in (([], 100), ([0.0, 0.0], 200)):
        found, limit = e_bh(values, 0.01)
        assert not found
        assert limit == pytest.approx(math.log(plain))


@given(st.lists(st.floats(-5, 12), min_size=1, max_size=30), st.floats(0.001, 0.5))
@settings(max_examples=80, deadline=None)
def test_e_bh_is_its_definition_and_holds_every_plain_alarm(log_e: list[float], alpha: float) -> None:
    found, limit = e_bh(log_e, alpha)
    ranked = sorted(log_e, reverse=True)
    tests = len(log_e)
    fits = [k for k in range(1, tests + 1) if ranked[k - 1] >= float(np.log(tests / (k * alpha)))]
    assert len(found) == max(fits, default=0)
    assert all(log_e[index] >= limit for index in found)
    assert found >= {index for index, value in enumerate(log_e) if value >= float(np.log(tests / alpha))}
