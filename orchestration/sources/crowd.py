"""The players of a simulated bookmaker: who takes part in a round, with what stake, and who cashes out where.

A pool of regular players, each with a stake and a multiplier at which they leave, sits on a ring of small
tables. A round is played by a stretch of neighbouring tables, so whatever is asked of it (players and stake
left, winners, payout) is one subtraction in a table of prefix sums: exact integers, under a microsecond.

Stakes are whole currency units and multipliers whole hundredths, so each payout is a whole minor unit.
"""

import random
from array import array
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

import msgspec

CURRENCY = "EUR"
ROUNDS_A_DAY = 3_500  # of 24.5 s

_TABLES = 96
_STAKES = (1, 1, 1, 2, 2, 3, 5, 5, 5, 10, 10, 20, 25, 50, 100)  # currency units
_ROUND_TARGETS = (150, 200, 200, 200, 300, 500, 1000)  # what people set their automatic cash-out to
_HELD_TO_THE_END = 0.08  # share of the players who never cash out
_AUTOMATIC = 0.4

# How much of the pool plays, in per cent, by hour of the bookmaker's day.
_BUSY = (38, 32, 30, 30, 31, 33, 36, 40, 44, 48, 52, 55, 58, 60, 62, 64, 68, 73, 78, 84, 88, 82, 66, 48)

# One prefix sum holds three sums: payout in minor units, stake in currency units, players.
_PLAYER_BITS = 12
_STAKE_BITS = 18
_PLAYER_MASK = (1 << _PLAYER_BITS) - 1
_STAKE_MASK = (1 << _STAKE_BITS) - 1
_PAYOUT_SHIFT = _PLAYER_BITS + _STAKE_BITS


def _levels() -> list[int]:
    """Return the multipliers, in hundredths, at which anybody cashes out: 5 % steps and the round ones."""
    levels = set(_ROUND_TARGETS)
    level = 101
    while level < 10_000:
        levels.add(level)
        level = level * 105 // 100 + 1
    return sorted(levels)


_LEVELS = _levels()


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """Who plays one round: the tables from `first` up to, not including, `end`."""

    first: int
    end: int
    players: int
    stake_minor: int


class Crowd:
    """The pool of one bookmaker. Equal seeds give equal pools on every machine."""

    def __init__(self, seed: bytes) -> None:
        chance = random.Random(int.from_bytes(seed, "big")).random
        self._hour_shift = int(chance() * ROUNDS_A_DAY)
        size = 2 + chance() * 5  # players a table, on average
        by_level = [[0] * _TABLES for _ in range(len(_LEVELS) + 1)]
        for table in range(_TABLES):
            for _ in range(1 + int(chance() * 2 * size) % 10):
                level = _choose_level(chance)
                stake = _STAKES[int(chance() * len(_STAKES))]
                payout = stake * _LEVELS[level] if level < len(_LEVELS) else 0
                by_level[level][table] += payout << _PAYOUT_SHIFT | stake << _PLAYER_BITS | 1
        # gone[i] sums, along two turns of the ring, who leaves at one of the first i levels; the last entry
        # sums everybody.
        self._gone: list[array[int]] = []
        so_far = [0] * _TABLES
        for row in [[0] * _TABLES, *by_level]:
            so_far = [a + b for a, b in zip(so_far, row, strict=True)]
            self._gone.append(array("q", accumulate(so_far + so_far, initial=0)))

    def stretch(self, number: int, chance: int) -> Stretch:
        """Return who plays round `number`; `chance` is any evenly spread integer of at least 32 bits."""
        hour = (number + self._hour_shift) % ROUNDS_A_DAY * 24 // ROUNDS_A_DAY
        share = _BUSY[hour] + (chance >> 8) % 21 - 10
        first = (chance >> 16) % _TABLES
        end = first + _TABLES * share // 100
        everybody = self._gone[-1]
        packed = everybody[end] - everybody[first]
        return Stretch(first, end, packed & _PLAYER_MASK, (packed >> _PLAYER_BITS & _STAKE_MASK) * 100)

    def left(self, stretch: Stretch, multiplier_centi: int) -> tuple[int, int]:
        """Return how many players are still in at this multiplier, and their stake in minor units."""
        gone = self._gone[bisect_right(_LEVELS, multiplier_centi)]
        packed = gone[stretch.end] - gone[stretch.first]
        stake = (packed >> _PLAYER_BITS & _STAKE_MASK) * 100
        return stretch.players - (packed & _PLAYER_MASK), stretch.stake_minor - stake

    def settle(self, stretch: Stretch, crash_centi: int) -> tuple[int, int]:
        """Return how many cashed out up to the crash point, and what they were paid in minor units."""
        gone = self._gone[bisect_right(_LEVELS, crash_centi)]
        packed = gone[stretch.end] - gone[stretch.first]
        return packed & _PLAYER_MASK, packed >> _PAYOUT_SHIFT


def _choose_level(chance: Callable[[], float]) -> int:
    """Return at which of the levels a player leaves; one past the last: never."""
    if chance() < _HELD_TO_THE_END:
        return len(_LEVELS)
    if chance() < _AUTOMATIC:
        target = _ROUND_TARGETS[int(chance() * len(_ROUND_TARGETS))]
    else:
        # By hand: half of them leave below 1.70x, a few wait for more than 30x.
        target = 101 + int(70 / (chance() + 0.012) - 70)
    return max(0, bisect_right(_LEVELS, target) - 1)
