"""What a paper strategy would have won over recorded rounds, and what the edge alone says of it.

Nothing here can place a bet. No strategy changes the edge: whatever is staked, on average the house keeps
its share, so that the expected loss stands beside every result.
"""

import math
import time

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.backtest import ruin, staking
from data_layer.analytics.backtest.course import Course, Ints, Stretch
from data_layer.analytics.claims import Claim
from data_layer.analytics.questions import Backtest, BacktestQuestion, Sample
from data_layer.analytics.rounds import UNTIMED, Rounds
from data_layer.strategies import catalogue, own_class, own_run
from data_layer.strategies.base import Strategy
from data_layer.strategies.kelly import Kelly
from data_layer.strategies.ladders import Ladder
from data_layer.strategies.own_class import OwnClass
from data_layer.strategies.own_run import OwnRun

OWN_WITHIN_S = 60.0  # for all rounds together
_HOUR_US = 3_600_000_000
_SHORTEST_RATED_US = 600_000_000

HONEST = "On paper only: nothing was placed. No strategy changes the edge."


def backtest(rounds: Rounds, sample: Sample, question: BacktestQuestion, claim: Claim | None) -> Backtest:
    """Return what the strategy would have won over the asked part of the rounds.

    Raises `StrategyError` for a strategy or parameter that cannot be used, `StrategyFaultError` for a class
    of the user's own that failed.
    """
    texts = dict(question.parameters)
    course = Course(question.bankroll_minor, rounds.count)
    if question.strategy == catalogue.OWN:
        own = own_class.of_parameters(texts)
        _play_own(own, rounds.part, course, claim)
        return _answer(course, rounds, sample, question, own.describe(), claim, None)
    words = _play(question, rounds.part, course, claim)
    ruined_at = course.ruined_at_round
    if (
        ruined_at is not None and ruined_at < rounds.count
    ):  # again, with a curve as fine as that part deserves
        course = Course(question.bankroll_minor, ruined_at)
        _play(question, rounds.part[:ruined_at], course, claim)
    fresh, _ = catalogue.build(question.strategy, texts)
    return _answer(course, rounds, sample, question, words, claim, fresh)


def _play(question: BacktestQuestion, crashes: Ints, course: Course, claim: Claim | None) -> str:
    """Play a built-in strategy; return its description."""
    strategy, words = catalogue.build(question.strategy, dict(question.parameters))
    if isinstance(strategy, Ladder):
        staking.play_ladder(strategy, crashes, course, claim)
    elif isinstance(strategy, Kelly):
        staking.play_kelly(strategy, crashes, course, claim)
    return words


def _play_own(own: OwnClass, crashes: Ints, course: Course, claim: Claim | None) -> None:
    ends_s = time.monotonic() + OWN_WITHIN_S
    with own_run.opened(own) as run:
        for part in course.stretches():
            bets = own_bets(run, crashes[part], course.bankroll, ends_s)
            if bets is None:
                raise own.fault(
                    f"did not get through {len(crashes):,} rounds in {OWN_WITHIN_S:.0f} s;"
                    " choose a shorter range"
                )
            stakes, cashouts = bets
            payouts = stakes * cashouts // 100
            expected = _expected(stakes, payouts, cashouts, claim)
            course.add(Stretch(stakes, payouts, crashes[part] >= cashouts, expected))


def own_bets(
    run: OwnRun, crashes: Ints, bankroll_minor: int, ends_s: float = math.inf
) -> tuple[Ints, Ints] | None:
    """Return stake and cash-out that a class of the user's own bets on every round; a stake of 0 is no bet.

    From ruin on it is the bet that could not be paid. None when it is not through at `ends_s`, of the
    monotonic clock. Raises `StrategyFaultError`.
    """
    stakes, cashouts = np.zeros((2, len(crashes)), dtype=np.int64)
    done = 0
    while done < len(crashes):
        if time.monotonic() > ends_s:
            return None
        batch = slice(done, min(done + run.batch, len(crashes)))
        played = run.play(crashes[batch].tolist(), bankroll_minor)
        stakes[batch], cashouts[batch] = played.stakes_minor, played.cashouts_centi
        done = batch.stop
        if played.ruined:
            stakes[done:], cashouts[done:] = stakes[done - 1], cashouts[done - 1]
            break
        won = crashes[batch] >= cashouts[batch]
        paid = np.where(won, stakes[batch] * cashouts[batch] // 100, 0)
        bankroll_minor += int(paid.sum()) - int(stakes[batch].sum())
    return stakes, cashouts


def _expected(stakes: Ints, payouts: Ints, cashouts: Ints, claim: Claim | None) -> NDArray[np.float64] | None:
    if claim is None:
        return None
    different, places = np.unique(cashouts, return_inverse=True)
    chances = np.array([claim.survival(centi) if centi else 0.0 for centi in different.tolist()])
    averages: NDArray[np.float64] = payouts * chances[places] - stakes
    return averages


def _answer(
    course: Course,
    rounds: Rounds,
    sample: Sample,
    question: BacktestQuestion,
    words: str,
    claim: Claim | None,
    fresh: Strategy | None,
) -> Backtest:
    hours = _hours(rounds, course.rounds)
    profit = course.bankroll - question.bankroll_minor
    found, ruin_note = _ruin(fresh, rounds, question, claim)
    return Backtest(
        sample=sample,
        strategy=words,
        bankroll_minor=question.bankroll_minor,
        currency=question.currency,
        bets=course.bets,
        won=course.won,
        staked_minor=course.staked,
        paid_out_minor=course.paid_out,
        final_minor=course.bankroll,
        expected_loss_minor=None if claim is None else 0.0 - course.expected,
        hours=hours,
        profit_per_hour_minor=None if hours is None else profit / hours,
        drawdown_minor=course.drawdown,
        longest_losing=course.longest_losing,
        ruin_probability=None if found is None else found.probability,
        ruin_paths=None if found is None or found.error is None else found.paths,
        ruin_note=ruin_note,
        ruined_at_round=course.ruined_at_round,
        curve=course.curve(rounds.part_times_us, question.bankroll_minor, claimed=claim is not None),
        note=_note(course, rounds, question, claim),
    )


def _hours(rounds: Rounds, played: int) -> float | None:
    """Return how long the played rounds took, first crash to last; None where that says little."""
    times = rounds.part_times_us[:played]
    timed = times[times != UNTIMED]
    if len(timed) < 2 or timed[-1] - timed[0] < _SHORTEST_RATED_US:
        return None
    return float(timed[-1] - timed[0]) / _HOUR_US


def _note(course: Course, rounds: Rounds, question: BacktestQuestion, claim: Claim | None) -> str:
    told = [HONEST]
    if not rounds.count:
        told.append("There are no rounds in this range.")
    elif not course.bets:
        told.append("It never bet.")
    if claim is None:
        told.append(
            "Nobody claims a return for this bookmaker (rtp in its configuration),"
            " so there is no expected loss."
        )
    if course.ruined_at_round is not None:
        left, short = (
            f"{minor / 100:,.2f} {question.currency}" for minor in (course.bankroll, course.short_of)
        )
        told.append(
            f"Ruined: before round {course.ruined_at_round:,} of {rounds.count:,} there were {left} left"
            f" for a stake of {short}."
        )
    return " ".join(told)


def _ruin(
    strategy: Strategy | None, rounds: Rounds, question: BacktestQuestion, claim: Claim | None
) -> tuple[ruin.Ruin | None, str]:
    """Return how likely the bankroll is used up in as many rounds, and in words how that was found."""
    if not isinstance(strategy, (Ladder, Kelly)):
        return None, "not computed for a class of your own: it is run over the recorded rounds once"
    if not rounds.count:
        return None, "no rounds"
    cashout = strategy.cashout_centi
    if claim is not None:
        chance = claim.survival(cashout)
        won = f"each won with the claimed {100 * chance:.2f} %"
    else:
        chance = float(np.count_nonzero(rounds.part >= cashout)) / rounds.count
        won = f"each won with the observed {100 * chance:.2f} %"
    bankroll = question.bankroll_minor
    if isinstance(strategy, Kelly):
        if strategy.share_ppm <= 0:
            return ruin.Ruin(
                0.0, rounds.count, None
            ), "without a believed advantage Kelly's share is nothing: it never bets"
        found = ruin.of_kelly(strategy, bankroll, chance, rounds.count)
    elif len(strategy.stakes_minor) == 1:
        stake, payout = strategy.stakes_minor[0], strategy.stakes_minor[0] * cashout // 100
        found = ruin.of_flat(bankroll, stake, payout, chance, rounds.count)
    else:
        found = ruin.of_ladder(strategy, bankroll, chance, rounds.count)
    return found, f"within {found.rounds:,} rounds, {won}; {_method(found)}"


def _method(found: ruin.Ruin) -> str:
    if found.error is None:
        return "exact (first passage of a random walk)"
    if not found.error:
        # The rule of three (J. A. Hanley and A. Lippman-Hand, 1983), for what was never, or always, seen.
        never = found.probability < 0.5
        bound = 100 * (3 / found.paths if never else 1 - 3 / found.paths)
        side = "below" if never else "above"
        return f"resampled {found.paths:,} times; with 95 % confidence {side} {bound:.2f} %"
    return f"resampled {found.paths:,} times, standard error {100 * found.error:.2f} points"
