"""Every built-in strategy against a plain telling of it, round by round."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.strategies import catalogue
from data_layer.strategies.base import PaperStake, Strategy, StrategyError
from data_layer.strategies.catalogue import KINDS, Kind
from data_layer.strategies.player import Player
from tests.data_layer.strategies.paper import CRASHES, Told, games, texts_of


def built(kind: Kind, values: dict[str, int]) -> Strategy:
    strategy, words = catalogue.build(kind.name, texts_of(kind, values))
    assert words == kind.describe(values)
    return strategy


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_strategy_stakes_what_it_is_told_to_and_the_money_adds_up(data: st.DataObject, name: str) -> None:
    kind, values, bankroll = data.draw(games(name))
    crashes = data.draw(CRASHES)
    player = Player(built(kind, values), bankroll)
    told = Told(kind.name, bankroll, values).play(crashes)
    stakes, payouts, left = [], [], []
    ruined_at = None
    for number, crash in enumerate(crashes, 1):
        bet = player.bet()
        if player.ruined:
            ruined_at = number
            break
        settled = player.settle(bet, crash)
        stakes.append(settled.stake_minor if settled else 0)
        payouts.append(settled.payout_minor if settled else 0)
        left.append(player.bankroll_minor)
    assert (stakes, payouts, left, ruined_at) == (
        told.stakes,
        told.payouts,
        told.bankrolls,
        told.ruined_at_round,
    )
    assert player.bankroll_minor == bankroll + sum(payouts) - sum(stakes)
    assert player.bankroll_minor >= 0


def test_a_payout_is_rounded_down_to_whole_minor_units() -> None:
    assert PaperStake(1, 199).payout_minor == 1
    assert PaperStake(333, 101).payout_minor == 336


def test_ruin_is_for_good_and_tells_the_stake_that_could_not_be_paid() -> None:
    player = Player(catalogue.build("martingale", {})[0], 250)
    assert player.settle(player.bet(), 100) == (100, 200, 0, 150)
    assert player.bet() is None
    assert (player.short_of_minor, player.bankroll_minor) == (200, 150)
    player.settle(None, 1_000)
    assert player.bet() is None


def test_kelly_without_an_advantage_never_bets() -> None:
    player = Player(catalogue.build("kelly", {"advantage": "-1%"})[0], 10_000)
    assert player.bet() is None
    assert not player.ruined


@pytest.mark.parametrize(
    ("name", "texts", "words"),
    [
        ("martingal", {}, 'nearest valid: "martingale"'),
        ("flat", {"stake": "0"}, "strategy flat: stake: 0 is below 0.01, the nearest valid value"),
        ("flat", {"cashout": "1x"}, "cashout: 1x is below 1.01x, the nearest valid value"),
        ("flat", {"cashout": "1.505"}, "cashout: 1.505 is too fine; nearest valid: 1.50x"),
        ("flat", {"stake": "nan"}, "stake: 'nan' is no number; nearest valid: 1.00"),
        ("flat", {"stake": "1e999999999"}, "stake: '1e999999999' is no number; nearest valid: 1.00"),
        ("flat", {"limit": "5"}, "limit: is no parameter here; known: stake, cashout"),
        ("kelly", {"cap": "200%"}, "cap: 200% is above 100%, the nearest valid value"),
        ("martingale", {"stake": "200"}, "limit: 100.00 is below the stake; nearest valid: 200.00"),
        ("anti-martingale", {"wins": "1.5"}, "wins: 1.5 is too fine; nearest valid: 2"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_nearest_valid_value(
    name: str, texts: dict[str, str], words: str
) -> None:
    with pytest.raises(StrategyError) as caught:
        catalogue.build(name, texts)
    assert words in str(caught.value)


def test_a_value_that_was_shown_is_read_again() -> None:
    for kind in KINDS.values():
        for parameter in kind.parameters:
            for value in (parameter.low, parameter.default, parameter.high):
                assert parameter.read(parameter.show(value)) == value
