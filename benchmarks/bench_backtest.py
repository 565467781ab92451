"""Paper strategies over recorded rounds: how many rounds a second each plays, curve and ruin included.

Crash points are drawn with a return of 0.99. The yardstick is the least that a flat backtest can be: one
comparison and one running sum of profits over the same rounds in numpy, without figures, curve or ruin. A
class of the user's own is stepped in its own process; starting that is part of the time.
"""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Figure, at_least
from data_layer.analytics.backtest.answer import backtest
from data_layer.analytics.claims import Claim
from data_layer.analytics.questions import BacktestQuestion, Sample, Scope, Span
from data_layer.analytics.rounds import Rounds

_ROUNDS, _QUICK_ROUNDS = 10_000_000, 250_000
_OWN_ROUNDS, _QUICK_OWN_ROUNDS = 1_000_000, 100_000
_BANKROLL = 10**12  # minor units; nobody is ruined before the last round
_REPEATS = 3
_FLAT_TARGET = 5.0  # million rounds a second
_OWN = """
from data_layer.strategies.base import PaperStake, Strategy


class EveryRound(Strategy):
    def next_bet(self, bankroll_minor):
        return PaperStake(100, 200)
"""


def run(quick: bool) -> list[Figure]:
    """Play 10,000,000 rounds, `quick` 250,000."""
    count = _QUICK_ROUNDS if quick else _ROUNDS
    crashes = _crashes(count)
    yardstick = _rate(count, partial(_least, crashes))
    names = ("flat", "martingale", "anti-martingale", "dalembert", "fibonacci", "kelly")
    figures = [_figure(name, count, yardstick, _rate(count, partial(_play, crashes, name))) for name in names]
    own = crashes[: _QUICK_OWN_ROUNDS if quick else _OWN_ROUNDS]
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "mine.py"
        file.write_text(_OWN, encoding="utf-8")
        parameters = (("file", f"{file}:EveryRound"),)
        rate = _rate(len(own), partial(_play, own, "python", parameters))
    return [*figures, _figure("a class of one's own", len(own), yardstick, rate)]


def _crashes(count: int) -> NDArray[np.int64]:
    uniform = 1 - np.random.default_rng(1).random(count)
    return np.maximum(np.floor(99 / uniform), 100).astype(np.int64)


def _least(crashes: NDArray[np.int64]) -> None:
    np.cumsum(np.where(crashes >= 200, 100, -100))


def _play(crashes: NDArray[np.int64], name: str, parameters: tuple[tuple[str, str], ...] = ()) -> None:
    times_us = np.arange(len(crashes), dtype=np.int64) * 20_000_000
    rounds = Rounds("Admiral", times_us, crashes, 0, len(crashes))
    sample = Sample(scope=Scope(bookmaker="Admiral"), span=Span(name="all"), rounds=len(crashes))
    question = BacktestQuestion(
        bookmaker="Admiral", strategy=name, parameters=parameters, bankroll_minor=_BANKROLL
    )
    answer = backtest(rounds, sample, question, Claim(0.99))
    if answer.ruined_at_round is not None:
        raise RuntimeError(f"{name} was ruined: {answer.note}")


def _rate(count: int, action: Callable[[], None]) -> float:
    """Return million rounds a second, the best of some."""
    best_s = float("inf")
    for _ in range(_REPEATS):
        began_s = time.perf_counter()
        action()
        best_s = min(best_s, time.perf_counter() - began_s)
    return count / best_s / 1e6


def _figure(name: str, count: int, yardstick: float, rate: float) -> Figure:
    target = at_least(_FLAT_TARGET) if name == "flat" else None
    return Figure(
        name=f"backtest of {name}, {count:,} rounds",
        value=rate,
        unit="M rounds/s",
        yardstick="a comparison and a running sum over the same rounds, nothing else",
        yardstick_value=yardstick,
        target=target,
    )
