from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.streaks.run_probability import probability_of_run


def enumerated(length: int, rounds: int, share: float) -> float:
    """Add the probabilities of all sequences with such a run."""
    total = 0.0
    for number in range(2**rounds):
        reached = f"{number:0{rounds}b}" if rounds else ""
        if "0" * length in reached:
            total += share ** reached.count("1") * (1 - share) ** reached.count("0")
    return total


def exact(length: int, rounds: int, share: Fraction) -> Fraction:
    """Feller's recursion in fractions."""
    none = [Fraction(1)] * length + [1 - (1 - share) ** length]
    while len(none) <= rounds:
        none.append(none[-1] - share * (1 - share) ** length * none[-length - 1])
    return 1 - none[rounds]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.495, 0.9, 1.0])
@pytest.mark.parametrize("length", [1, 2, 3, 5, 9])
def test_it_is_the_sum_over_all_sequences(length: int, share: float) -> None:
    rounds = list(range(11))
    found = probability_of_run(length, rounds, share)
    assert found == [
        pytest.approx(enumerated(length, count, share), rel=1e-12, abs=1e-300) for count in rounds
    ]


@given(
    st.integers(1, 60),
    st.integers(0, 400),
    st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=1000),
)
@settings(max_examples=80)
def test_it_keeps_its_digits(length: int, rounds: int, share: Fraction) -> None:
    (found,) = probability_of_run(length, [rounds], float(share))
    wanted = float(exact(length, rounds, share))
    assert found == pytest.approx(wanted, rel=1e-11, abs=1e-290)


@pytest.mark.parametrize(
    ("length", "share"), [(2, 0.8), (15, 0.5), (13, 0.495), (30, 0.3), (900, 0.01), (40, 0.2)]
)
def test_far_ahead_it_is_still_the_recursion(length: int, share: float) -> None:
    rounds = 30_000
    none = [1.0] * length + [1 - (1 - share) ** length]
    step = share * (1 - share) ** length
    while len(none) <= rounds:
        none.append(none[-1] - step * none[-length - 1])
    counts = [length, 5_000, 20_000, rounds]
    found = probability_of_run(length, counts, share)
    assert found == [pytest.approx(1 - none[count], rel=1e-9, abs=1e-11) for count in counts]


def test_ten_million_rounds_have_the_probability_that_the_asymptotic_formula_gives() -> None:
    # Feller XIII.7.11: the chance of none is (1 - q x) / ((r + 1 - r x) p) / x^(n+1).
    length, rounds, share = 23, 10_000_000, 0.495
    step = share * (1 - share) ** length
    x = 1.0
    for _ in range(50):
        x = 1 + step * x ** (length + 1)
    none = (1 - (1 - share) * x) / ((length + 1 - length * x) * share) / x ** (rounds + 1)
    assert probability_of_run(length, [rounds], share) == [pytest.approx(1 - none, rel=1e-7)]


@pytest.mark.parametrize("share", [1e-9, 1e-6, 1e-3, 0.1, 0.5, 0.99, 1 - 1e-9])
def test_it_grows_with_the_rounds_and_falls_with_the_length(share: float) -> None:
    rounds = [0, 1, 10, 1_000, 100_000, 10_000_000]
    before = [1.0] * len(rounds)
    for length in (1, 2, 7, 50, 400, 20_000):
        found = probability_of_run(length, rounds, share)
        assert found == sorted(found)
        assert all(0 <= now <= then + 1e-12 for now, then in zip(found, before, strict=True))
        before = found


def test_a_run_longer_than_the_rounds_cannot_be() -> None:
    assert probability_of_run(5, [4], 0.1) == [0]
    assert probability_of_run(5, [5], 0.5) == [1 / 32]
