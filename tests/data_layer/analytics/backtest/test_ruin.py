"""Probabilities of ruin against the recursion over all bankrolls, and against what Feller prints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.analytics.backtest import ruin
from data_layer.strategies import catalogue
from data_layer.strategies.base import Strategy
from data_layer.strategies.kelly import Kelly
from data_layer.strategies.ladders import Ladder


def by_recursion(bankroll: int, stake: int, payout: int, chance: float, bets: int) -> float:
    """Return the probability that there is no money for one of `bets` bets: all bankrolls, bet by bet."""
    alive = {bankroll: 1.0}
    ruined = 0.0
    for _ in range(bets):
        after: dict[int, float] = {}
        for money, weight in alive.items():
            if money < stake:
                ruined += weight
                continue
            for left, share in ((money - stake + payout, chance), (money - stake, 1 - chance)):
                after[left] = after.get(left, 0.0) + weight * share
        alive = after
    return ruined


@given(
    bankroll=st.integers(0, 900),
    cashout=st.sampled_from([101, 200, 300, 500]),
    chance=st.sampled_from([0.0, 0.2, 0.495, 0.7, 1.0]),
    bets=st.integers(1, 60),
)
def test_equal_bets_that_win_whole_stakes_are_exact(
    bankroll: int, cashout: int, chance: float, bets: int
) -> None:
    stake = 1 if cashout == 101 else 100
    bankroll //= 100 if stake == 1 else 1
    payout = stake * cashout // 100
    found = ruin.of_flat(bankroll, stake, payout, chance, bets)
    assert found.error is None
    assert found.probability == pytest.approx(by_recursion(bankroll, stake, payout, chance, bets), abs=1e-10)


@pytest.mark.parametrize("cashout", [150, 175, 250])
def test_other_equal_bets_are_resampled_within_their_error(cashout: int) -> None:
    chance = 0.97 * 100 / cashout
    found = ruin.of_flat(1_000, 100, cashout, chance, 120)
    truth = by_recursion(1_000, 100, cashout, chance, 120)
    assert found.error is not None
    assert found.error < 0.006
    assert 0.05 < truth < 0.95
    assert abs(found.probability - truth) < 4 * found.error


@pytest.mark.parametrize("gain", [0, 1, 2, 9])
def test_a_walk_falls_in_the_long_run_as_often_as_without_an_end(gain: int) -> None:
    """With a chance above 1/2 the walk of steps of one falls by k with probability (q/p)**k; against the
    player it falls for certain (Feller vol. 1, XIV.2)."""
    if gain == 1:
        assert ruin.fall_probability(5, 1, 0.55, 200_000) == pytest.approx((0.45 / 0.55) ** 5, abs=1e-9)
    assert ruin.fall_probability(20, gain, 0.9 / (gain + 1), 5_000_000) == pytest.approx(1.0, abs=1e-6)


def by_stepping(strategy: Strategy, bankroll: int, chance: float, bets: int) -> float:
    """Return the probability of ruin over every course that a ladder or Kelly can take."""
    states: dict[tuple[int, int], float] = {(0, bankroll): 1.0}
    ruined = 0.0
    for _ in range(bets):
        after: dict[tuple[int, int], float] = {}
        for (step, money), weight in states.items():
            if isinstance(strategy, Ladder):
                strategy.step = step
            bet = strategy.next_bet(money)
            assert bet is not None
            if bet.stake_minor > money:
                ruined += weight
                continue
            for won, share in ((True, chance), (False, 1 - chance)):
                left = money - bet.stake_minor + (bet.payout_minor if won else 0)
                moved = 0
                if isinstance(strategy, Ladder):
                    moved = (strategy.after_won if won else strategy.after_lost)[step]
                after[moved, left] = after.get((moved, left), 0.0) + weight * share
        states = after
    return ruined


@pytest.mark.parametrize("name", ["martingale", "anti-martingale", "dalembert", "fibonacci", "kelly"])
def test_progressions_are_resampled_within_their_error(name: str) -> None:
    texts = {"advantage": "50%", "cap": "40%"} if name == "kelly" else {}
    strategy, _ = catalogue.build(name, texts)
    bankroll, bets = 2_000, 12 if name == "kelly" else 60
    if isinstance(strategy, Ladder):
        found = ruin.of_ladder(strategy, bankroll, 0.485, bets)
    else:
        assert isinstance(strategy, Kelly)
        found = ruin.of_kelly(strategy, bankroll, 0.485, bets)
    truth = by_stepping(catalogue.build(name, texts)[0], bankroll, 0.485, bets)
    assert found.error is not None
    assert found.rounds == bets
    assert abs(found.probability - truth) <= max(4 * found.error, 0.002)


def test_the_largest_bankroll_is_staked_of_without_overflow() -> None:
    texts = {"advantage": "100%", "cap": "100%", "limit": "10000000"}
    kelly, _ = catalogue.build("kelly", texts)
    assert isinstance(kelly, Kelly)
    assert ruin.of_kelly(kelly, 10**15, 0.485, 50).probability == 0.0


def test_a_bankroll_below_the_first_stake_is_ruined_at_once() -> None:
    ladder, _ = catalogue.build("martingale", {})
    assert isinstance(ladder, Ladder)
    assert ruin.of_ladder(ladder, 99, 0.5, 10).probability == 1.0
    assert ruin.of_flat(99, 100, 200, 0.5, 10).probability == 1.0
    assert ruin.of_flat(99, 100, 150, 0.5, 10).probability == 1.0
