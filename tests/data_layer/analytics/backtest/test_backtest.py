"""Backtests against the same games played round by round."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.backtest import course as course_module
from data_layer.analytics.backtest.answer import backtest
from data_layer.analytics.backtest.course import Course, Stretch
from data_layer.analytics.claims import Claim
from data_layer.analytics.questions import Backtest, BacktestQuestion, Sample, Scope, Span
from data_layer.analytics.rounds import UNTIMED, Rounds
from data_layer.strategies.base import StrategyError
from data_layer.strategies.catalogue import KINDS, Kind
from tests.data_layer.strategies.paper import CRASHES, Told, games, texts_of

CLAIM = Claim(0.97)
STEP_US = 20_000_000


def rounds_of(crashes: Sequence[int], *, before: int = 0, timed: bool = True) -> Rounds:
    """Return rounds of which the first `before` are not asked about."""
    values = np.array([150] * before + list(crashes), dtype=np.int64)
    times = np.arange(len(values), dtype=np.int64) * STEP_US + 10**15
    if not timed:
        times[:] = UNTIMED
    return Rounds("Admiral", times, values, before, len(values))


def run(
    rounds: Rounds,
    name: str = "flat",
    bankroll: int = 100_000,
    claim: Claim | None = CLAIM,
    texts: Mapping[str, str] | None = None,
) -> Backtest:
    sample = Sample(scope=Scope(bookmaker="Admiral"), span=Span(name="all"), rounds=rounds.count)
    question = BacktestQuestion(
        bookmaker="Admiral", strategy=name, parameters=tuple((texts or {}).items()), bankroll_minor=bankroll
    )
    return backtest(rounds, sample, question, claim)


@pytest.fixture(params=[1 << 18, 7])
def stretch_rounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the rounds in at once, and a few at a time."""
    monkeypatch.setattr(course_module, "_STRETCH_ROUNDS", request.param)


def deepest_fall(bankroll: int, bankrolls: list[int]) -> int:
    peak, deepest = bankroll, 0
    for now in bankrolls:
        peak = max(peak, now)
        deepest = max(deepest, peak - now)
    return deepest


def longest_row_of_lost(history: list[bool]) -> int:
    longest = row = 0
    for won in history:
        row = 0 if won else row + 1
        longest = max(longest, row)
    return longest


@pytest.mark.usefixtures("stretch_rounds")
@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_backtest_is_the_game_played_round_by_round(data: st.DataObject, name: str) -> None:
    kind, values, bankroll = data.draw(games(name))
    crashes = data.draw(CRASHES)
    told = Told(kind.name, bankroll, values).play(crashes)
    found = run(rounds_of(crashes, before=3), kind.name, bankroll, texts=texts_of(kind, values))
    assert found.strategy == kind.describe(values)
    assert found.bets == len(told.history)
    assert found.won == sum(told.history)
    assert found.staked_minor == sum(told.stakes)
    assert found.paid_out_minor == sum(told.payouts)
    assert found.final_minor == told.bankroll == bankroll + found.paid_out_minor - found.staked_minor
    assert found.drawdown_minor == deepest_fall(bankroll, told.bankrolls)
    assert found.longest_losing == longest_row_of_lost(told.history)
    assert found.ruined_at_round == told.ruined_at_round
    assert [(point.round, point.bankroll_minor) for point in found.curve] == list(
        enumerate(told.bankrolls, 1)
    )
    assert_expected_is_the_claim(found, told, kind)


def assert_expected_is_the_claim(found: Backtest, told: Told, kind: Kind) -> None:
    cashout = told.values["cashout"]
    expected = 0.0
    for point, stake in zip(found.curve, told.stakes, strict=True):
        expected += stake * cashout // 100 * CLAIM.survival(cashout) - stake
        assert point.expected_minor == pytest.approx(found.bankroll_minor + expected)
    assert found.expected_loss_minor == pytest.approx(-expected)


def test_the_expected_loss_is_the_edge_on_what_was_staked() -> None:
    found = run(rounds_of([100, 250] * 500))
    assert found.staked_minor == 100_000
    assert found.expected_loss_minor == pytest.approx(3_000)
    assert found.curve[-1].expected_minor == pytest.approx(97_000)
    assert "No strategy changes the edge" in found.note


def test_without_a_claim_there_is_no_expected_loss_and_it_is_said() -> None:
    found = run(rounds_of([100, 250] * 500), claim=None)
    assert found.expected_loss_minor is None
    assert {point.expected_minor for point in found.curve} == {None}
    assert "Nobody claims a return" in found.note
    assert "observed 50.00 %" in found.ruin_note


@pytest.mark.usefixtures("stretch_rounds")
def test_a_long_curve_keeps_its_highest_and_its_lowest_points_and_its_end() -> None:
    random = np.random.default_rng(3)
    crashes = np.where(random.random(30_011) < 0.5, 100, 200)
    found = run(rounds_of(crashes.tolist()), bankroll=10**6)
    bankrolls = 10**6 + np.cumsum(np.where(crashes == 200, 100, -100))
    shown = [point.bankroll_minor for point in found.curve]
    numbers = [point.round for point in found.curve]
    assert len(found.curve) <= 2_000
    assert numbers == sorted(set(numbers))
    assert (numbers[-1], shown[-1]) == (30_011, bankrolls[-1])
    assert (min(shown), max(shown)) == (bankrolls.min(), bankrolls.max())
    assert shown == bankrolls[np.array(numbers) - 1].tolist()


def test_profit_per_hour_is_over_the_time_that_was_played() -> None:
    found = run(rounds_of([250] * 181))
    assert found.hours == pytest.approx(1.0)
    assert found.profit_per_hour_minor == pytest.approx(18_100)
    ruined = run(rounds_of([100] * 1_000), bankroll=9_100)
    assert ruined.ruined_at_round == 92
    assert ruined.hours == pytest.approx(0.5)
    assert ruined.profit_per_hour_minor == pytest.approx(-18_200)


def test_rounds_without_times_have_no_hours() -> None:
    found = run(rounds_of([250] * 181, timed=False))
    assert (found.hours, found.profit_per_hour_minor, found.curve[0].at_us) == (None, None, None)


def test_ruin_is_said_with_what_was_left_and_what_was_asked_for() -> None:
    found = run(rounds_of([100] * 20), "martingale", bankroll=1_000)
    assert found.ruined_at_round == 4
    assert "before round 4 of 20 there were 3.00 EUR left for a stake of 8.00 EUR" in found.note


def test_no_rounds_give_an_empty_answer() -> None:
    found = run(rounds_of([]))
    assert (found.bets, found.final_minor, found.curve, found.ruin_probability) == (0, 100_000, (), None)
    assert "no rounds" in found.note


def test_a_strategy_that_is_none_is_refused() -> None:
    with pytest.raises(StrategyError, match='nearest valid: "fibonacci"'):
        run(rounds_of([100]), "fibonaci")


def test_the_bustabit_recording_gives_a_result_that_was_counted_apart(shared_data: Path) -> None:
    file = shared_data / "bustabit_2537203-2553000.csv"
    rows = [line.split(",") for line in file.read_text().splitlines()]
    crashes = [round(float(row[1]) * 100) for row in reversed(rows)]
    found = run(rounds_of(crashes), bankroll=10**6, claim=Claim(0.99, "bustabit-v2"))
    won = sum(crash >= 200 for crash in crashes)
    assert (found.bets, found.won) == (15_798, won)
    assert found.final_minor == 10**6 + won * 100 - (15_798 - won) * 100
    assert round(found.won / found.bets, 4) == 0.4962


def test_a_curve_ends_with_the_last_round_also_where_ruin_comes_at_the_first_of_a_stretch() -> None:
    course = Course(1_000, 4_000)
    bucket = 5  # of 4,000 rounds
    stakes = np.array([100] * bucket, dtype=np.int64)
    won = np.array([True, True, False, False, True])
    course.add(Stretch(stakes, stakes * 3, won, None))
    course.add(Stretch(stakes * 1_000, stakes, won, None))
    assert course.ruined_at_round == bucket + 1
    points = course.curve(np.arange(4_000, dtype=np.int64), 1_000, claimed=False)
    assert (points[-1].round, points[-1].bankroll_minor) == (bucket, course.bankroll)


def test_it_is_told_of_how_many_courses_a_resampled_ruin_comes() -> None:
    crashes = [100, 250] * 50
    assert run(rounds_of(crashes)).ruin_paths is None
    assert run(rounds_of(crashes), "martingale").ruin_paths == 2_000


def test_money_that_cannot_be_counted_is_refused_rather_than_wrapped_round() -> None:
    texts = {"stake": "10000000", "cashout": "10000000"}
    assert run(rounds_of([10**9] * 800), bankroll=10**15, texts=texts).final_minor == 10**15 + 800 * (
        10**16 - 10**9
    )
    with pytest.raises(StrategyError, match="more paper money than can be counted"):
        run(rounds_of([10**9] * 1_000), bankroll=10**15, texts=texts)
