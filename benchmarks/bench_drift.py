"""How often the drift test alarms without a reason, how soon with one, and how fast feeds are told apart.

Feeds are simulated at a cash-out of 2.00x where 0.99 is claimed to come back. False alarms: fair feeds of
5,000 rounds in which the test alarmed at any moment. Delay: how many rounds after a change to 0.94 half of
the feeds had alarmed, beside the sequential likelihood ratio test that is told the new return and when it
came (Wald 1945), which nothing that keeps the same promise can beat by much.
"""

import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Figure, at_most
from data_layer.analytics.drift.sequential import evidence
from data_layer.analytics.integrity.same_feed import same_feeds
from data_layer.analytics.rounds import Rounds

_ALPHA = 0.01
_FEED_ROUNDS = 5_000
_SHARE, _LOWERED = 0.99 / 2, 0.94 / 2  # reaching 2.00x
_FAMILY_CENTI = (150, 200, 300, 500, 1000)
_BOOKMAKERS = 50
_FAMILY_TESTS = 40  # eight bookmakers at five thresholds


def run(quick: bool) -> list[Figure]:
    """Simulate feeds: 10,000 fair ones, `quick` 1,000."""
    feeds = 1_000 if quick else 10_000
    late = 60 if quick else 300
    figures = [_false_alarms(feeds), _false_alarms_of_a_family(feeds // 5), _cost()]
    for history, tests in ((0, 1), (0, _FAMILY_TESTS), (20_000, 1), (100_000, 1)):
        figures.append(_delay(history, tests, late if history else 4 * late))
    return [*figures, _same_feeds("50 of their own", 50), _same_feeds("25 feeds of two", 25)]


def _false_alarms(feeds: int) -> Figure:
    rng = np.random.default_rng(1)
    limit = math.log(1 / _ALPHA)
    alarms = 0
    for _ in range(feeds):
        alarms += evidence(rng.random(_FEED_ROUNDS) < _SHARE, _SHARE, limit).first_over is not None
    low, high = _clopper_pearson(alarms, feeds)
    return Figure(
        name=f"false alarms, one test, {feeds:,} fair feeds of {_FEED_ROUNDS:,} rounds",
        value=100 * alarms / feeds,
        unit="% of feeds",
        yardstick=f"alpha; {alarms} alarms, Clopper-Pearson 95 % {100 * low:.3f} to {100 * high:.3f} %",
        yardstick_value=100 * _ALPHA,
        target=at_most(100 * _ALPHA),
    )


def _false_alarms_of_a_family(feeds: int) -> Figure:
    """Five thresholds of the same rounds, each at the limit of five tests: any alarm is a false one."""
    rng = np.random.default_rng(2)
    limit = math.log(len(_FAMILY_CENTI) / _ALPHA)
    alarms = 0
    for _ in range(feeds):
        crashes = 99 / (1 - rng.random(_FEED_ROUNDS))
        alarms += any(
            evidence(crashes >= centi, 99 / centi, limit).first_over is not None for centi in _FAMILY_CENTI
        )
    low, high = _clopper_pearson(alarms, feeds)
    return Figure(
        name=f"false alarms, any of five thresholds, {feeds:,} fair feeds",
        value=100 * alarms / feeds,
        unit="% of feeds",
        yardstick=f"alpha; {alarms} alarms, Clopper-Pearson 95 % {100 * low:.3f} to {100 * high:.3f} %",
        yardstick_value=100 * _ALPHA,
        target=at_most(100 * _ALPHA),
    )


def _delay(history: int, tests: int, feeds: int) -> Figure:
    """Median delay after `history` fair rounds; a feed that never alarms counts as endless."""
    rng = np.random.default_rng(3 + history + tests)
    limit = math.log(tests / _ALPHA)
    later = 40_000
    ours: list[float] = []
    knowing: list[float] = []
    for _ in range(feeds):
        changed = rng.random(later) < _LOWERED
        reached = np.concatenate((_without_alarm(rng, history, limit), changed))
        first = evidence(reached, _SHARE, limit).first_over
        ours.append(math.inf if first is None else first - history)
        knowing.append(_knowing(changed, limit))
    when = f"after {history:,} fair rounds" if history else "from the first round on"
    return Figure(
        name=f"median delay, 0.94 for 0.99 at 2.00x {when}, {'1 test' if tests == 1 else f'{tests} tests'}",
        value=_median(ours),
        unit="rounds",
        yardstick="a test told the new return and when it came",
        yardstick_value=_median(knowing),
        target=None,
    )


def _without_alarm(rng: np.random.Generator, rounds: int, limit: float) -> NDArray[np.bool_]:
    """Return a fair history in which nothing was alarmed: else the delay would be that of a false alarm."""
    while True:
        fair = rng.random(rounds) < _SHARE
        if evidence(fair, _SHARE, limit).first_over is None:
            return fair


def _knowing(reached: NDArray[np.bool_], limit: float) -> float:
    steps = np.where(reached, math.log(_LOWERED / _SHARE), math.log((1 - _LOWERED) / (1 - _SHARE)))
    over = np.cumsum(steps) >= limit
    return float(np.argmax(over)) + 1 if over.any() else math.inf


def _median(delays: list[float]) -> float:
    middle = float(np.median(delays))
    return middle if math.isfinite(middle) else math.nan


def _cost() -> Figure:
    reached = np.random.default_rng(4).random(1_000_000) < _SHARE
    took = _fastest(lambda: evidence(reached, _SHARE, math.log(1 / _ALPHA)))
    yardstick = _fastest(lambda: np.log(reached + 1.0))
    return Figure(
        name="the test over 1,000,000 rounds",
        value=took * 1_000,
        unit="ms",
        yardstick="one numpy logarithm of each",
        yardstick_value=yardstick * 1_000,
        target=None,
    )


def _same_feeds(what: str, feeds: int) -> Figure:
    """Fifty bookmakers, each without one in twenty of its feed's rounds."""
    rng = np.random.default_rng(5)
    sequences = [np.floor(99 / (1 - rng.random(6_000))).astype(np.int64) for _ in range(feeds)]
    parts = []
    for index in range(_BOOKMAKERS):
        kept = rng.random(6_000) > 0.05
        crashes = np.maximum(100, sequences[index % feeds][kept])
        times_us = np.flatnonzero(kept) * 20_000_000
        parts.append(Rounds(str(index), times_us, crashes, 0, len(crashes)))
    took = _fastest(lambda: same_feeds(parts))
    together = np.concatenate([part.crash_centi[-5_000:] for part in parts])
    return Figure(
        name=f"feeds recognised among {_BOOKMAKERS} bookmakers with 5,000 rounds, {what}",
        value=took * 1_000,
        unit="ms",
        yardstick="sorting their crash points",
        yardstick_value=_fastest(lambda: np.sort(together)) * 1_000,
        target=at_most(100),
    )


def _fastest(call: Callable[[], object]) -> float:
    """Return the seconds of the fastest of five calls."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return min(took)


def _clopper_pearson(found: int, of: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share (Clopper and Pearson 1934, Biometrika 26)."""
    from scipy.special import betaincinv

    low = float(betaincinv(found, of - found + 1, 0.025)) if found else 0.0
    high = float(betaincinv(found + 1, of - found, 0.975)) if found < of else 1.0
    return low, high
