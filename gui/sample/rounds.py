"""The endless rounds of one sample bookmaker, as a function of time."""

import math
import random

from data_layer.messages import Phase, RoundBrief

_GROWTH_PER_MS = 0.00006
_BETTING_US = 5_000_000
_CRASHED_US = 3_000_000
_SECOND_US = 1_000_000
_REMEMBERED = 32

# What the first eight do at the first moment: seconds into their betting window, or the multiplier they
# fly at or crashed at.
_OPENING = (
    (Phase.FLYING, 1.42),
    (Phase.FLYING, 3.87),
    (Phase.FLYING, 12.06),
    (Phase.BETTING, 1.9),
    (Phase.CRASHED, 1.69),
    (Phase.FLYING, 1.08),
    (Phase.FLYING, 2.31),
    (Phase.FLYING, 1.20),
)


def _flight_us(crash: float) -> int:
    return round(math.log(crash) / _GROWTH_PER_MS) * 1_000


class SampleRounds:
    """The endless rounds of one bookmaker: betting window, flight, pause after the crash."""

    def __init__(self, index: int, at_us: int) -> None:
        self._random = random.Random(f"rounds of {index}")
        self.finished: list[RoundBrief] = []
        phase, amount = self._opening(index)
        crash = self._crash()
        if phase is not Phase.BETTING:
            crash = amount if phase is Phase.CRASHED else max(amount * 1.2, crash)
        elapsed = round(amount * _SECOND_US) if phase is Phase.BETTING else _BETTING_US + _flight_us(amount)
        if phase is Phase.CRASHED:
            elapsed += _SECOND_US
        self._begins_us = at_us - elapsed
        self._crash_point = crash
        self._number = _REMEMBERED + 1
        past_us = self._begins_us
        for number in range(_REMEMBERED, 0, -1):
            earlier = self._crash()
            self.finished.insert(0, self._brief(number, earlier, past_us - _CRASHED_US))
            past_us -= _BETTING_US + _flight_us(earlier) + _CRASHED_US

    def _opening(self, index: int) -> tuple[Phase, float]:
        if index < len(_OPENING):
            return _OPENING[index]
        if self._random.random() < 0.25:
            return Phase.BETTING, self._random.uniform(0.1, 4.9)
        if self._random.random() < 0.15:
            return Phase.CRASHED, self._crash()
        return Phase.FLYING, self._crash()

    def _crash(self) -> float:
        return max(1.0, math.floor(97.0 / max(self._random.random(), 0.002)) / 100)

    @staticmethod
    def _brief(number: int, crash: float, crashed_at_us: int) -> RoundBrief:
        return RoundBrief(
            round_id=str(number),
            crash_centi=round(crash * 100),
            crashed_at_us=crashed_at_us,
            duration_ms=_flight_us(crash) // 1_000,
        )

    def at(self, now_us: int) -> tuple[Phase, int, int, int]:
        """Return phase, multiplier in hundredths, and when the phase began and ends."""
        while True:
            takes_off = self._begins_us + _BETTING_US
            crashes = takes_off + _flight_us(self._crash_point)
            if now_us < takes_off:
                return Phase.BETTING, 0, self._begins_us, takes_off
            if now_us < crashes:
                grown = math.exp(_GROWTH_PER_MS * (now_us - takes_off) / 1_000)
                return Phase.FLYING, int(grown * 100 + 0.01), takes_off, 0
            if now_us < crashes + _CRASHED_US:
                self._finish(crashes)
                return Phase.CRASHED, round(self._crash_point * 100), crashes, 0
            self._finish(crashes)
            self._begins_us = crashes + _CRASHED_US
            self._crash_point = self._crash()
            self._number += 1

    def _finish(self, crashed_at_us: int) -> None:
        if not self.finished or self.finished[-1].round_id != str(self._number):
            self.finished.append(self._brief(self._number, self._crash_point, crashed_at_us))
            del self.finished[:-_REMEMBERED]
