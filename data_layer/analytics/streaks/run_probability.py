"""How likely a long run of rounds below a threshold is, when every round is independent of the others."""

from collections.abc import Sequence
from math import exp, expm1, log1p

import numpy as np
from numpy.typing import NDArray

_CERTAIN = 1e-15  # a smaller chance of no such run is none that a float can show beside 1
_ALIKE = 1e-12  # greatest relative difference from a geometric sequence
_NEWTON_STEPS = 200


def probability_of_run(length: int, rounds: Sequence[int], share: float) -> list[float]:
    """Return for each number of rounds n the exact probability of a run of at least `length` below.

    `share` is the probability of a round at or above the threshold; `length` is at least 1.

    W. Feller, "An Introduction to Probability Theory and Its Applications", vol. 1, XIII.7: with q = 1 -
    share, r = length and u(n) the probability of no such run in n rounds, u(n) = 1 for n < r, u(r) = 1 - q^r
    and u(n) = u(n-1) - share * q^r * u(n-r-1). Here the recursion runs in blocks of r+1 rounds, over 1 - u,
    which only ever grows by terms above 0: small probabilities keep their digits.

    The recursion ends as soon as u falls geometrically over a whole block, u(n) = u(n-1) / x with x the
    least root of 1 - x + share * q^r * x^(r+1) = 0 (Feller, XIII.7.6). From there on that is the solution
    itself and not an approximation: u(n) is also the sum over k = 1 .. r of share * q^(k-1) * u(n-k), whose
    terms are all positive, so that what lies within a relative 1e-12 of the geometric sequence stays there.
    Where share * (r + 1) is below 1 the least root is 1/q, which solves the equation and not the recursion:
    u never falls at that rate, but a run is all but certain after few blocks, and the recursion ends there.
    """
    below_all = exp(length * log1p(-share)) if share < 1 else 0.0
    step = share * below_all
    if share <= 0:
        return [float(count >= length) for count in rounds]
    if step == 0:
        return [0.0] * len(rounds)
    return _Recursion(length, below_all, step).until(max(rounds, default=0)).at(rounds)


class _Recursion:
    """The probability of such a run, for 0, 1, 2 ... rounds as far as it has been worked out."""

    def __init__(self, length: int, below_all: float, step: float) -> None:
        self._step = step
        first = np.zeros(length + 1)
        first[length] = below_all
        self._blocks = [first]
        self._rate = _least_root(length, step)

    def until(self, most: int) -> "_Recursion":
        """Go on until `most` rounds, or until the rest is known."""
        known = len(self._blocks[0])
        while known <= most and not self._certain() and not self._geometric():
            block = self._blocks[-1]
            self._blocks.append(block[-1] + self._step * np.cumsum(1 - block))
            known += len(block)
        return self

    def at(self, rounds: Sequence[int]) -> list[float]:
        found: NDArray[np.float64] = np.concatenate(self._blocks)
        last = len(found) - 1
        end = float(found[last])
        return [
            min(
                1.0,
                float(found[count])
                if count <= last
                else end - (1 - end) * expm1(-(count - last) * self._rate),
            )
            for count in rounds
        ]

    def _certain(self) -> bool:
        return 1 - float(self._blocks[-1][-1]) < _CERTAIN

    def _geometric(self) -> bool:
        block = self._blocks[-1]
        level = (1 - block) * np.exp(self._rate * np.arange(len(block)))
        return bool(np.ptp(level) <= _ALIKE * level[-1])


def _least_root(length: int, step: float) -> float:
    """Return ln(x) of the least root x > 1 of 1 - x + step * x^(length+1) = 0.

    Newton's method from x = 1, where the convex function is positive and falling: it approaches the root
    from below without ever passing it.
    """
    over = 0.0  # x - 1
    for _ in range(_NEWTON_STEPS):
        power = step * exp((length + 1) * log1p(over))
        slope = 1 - (length + 1) * power / (1 + over)
        if slope <= 0:
            break
        change = (power - over) / slope
        if change <= over * 1e-16:
            break
        over += change
    return log1p(over)
