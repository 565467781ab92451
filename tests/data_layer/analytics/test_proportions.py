import pytest

from data_layer.analytics.proportions import wilson


def test_the_interval_is_that_of_the_published_table() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    for reached, rounds, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = wilson(reached, rounds)
        assert found is not None
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_its_limits_solve_the_equation_of_the_score() -> None:
    found = wilson(30, 40)
    assert found is not None
    for limit in found:
        assert abs(0.75 - limit) == pytest.approx(1.959963984540054 * (limit * (1 - limit) / 40) ** 0.5)


def test_it_reaches_to_certainty_and_not_beyond() -> None:
    nothing, everything = wilson(0, 7), wilson(7, 7)
    assert nothing is not None
    assert everything is not None
    assert nothing.low == 0
    assert everything.high == 1
    assert nothing.high == pytest.approx(1 - everything.low)


def test_no_rounds_have_no_interval() -> None:
    assert wilson(0, 0) is None
