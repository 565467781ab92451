"""Rounds worth a line in the window's log: those at or above 10x, as they are committed.

Every round would be 3 lines a second with 50 bookmakers; these are one round in ten.
"""

import logging
from collections.abc import Sequence

from data_layer.messages import LogLine, RoundBrief
from gui.view_models.tones import HIGH_FROM_CENTI
from gui.view_models.words import multiplier_text

_PAUSE_US = 1_000_000  # between two lines of one bookmaker, however fast a recording runs


class RoundNews:
    """Finds what has happened at one bookmaker since it was last asked."""

    def __init__(self) -> None:
        self._seen: str | None = None  # id of the newest round so far; None before the first look
        self._told_at_us = 0
        self._since_us = 0  # of the first look; what crashed before is no news

    def line(self, bookmaker: str, recent: Sequence[RoundBrief], now_us: int) -> LogLine | None:
        """Return a line on the highest of the new rounds, where that is a high one.

        `recent` are the last rounds, oldest first.
        """
        seen, self._seen = self._seen, recent[-1].round_id if recent else ""
        if seen is None:
            self._since_us = now_us
        if seen is None or now_us - self._told_at_us < _PAUSE_US:
            return None
        high = [
            brief
            for brief in _after(recent, seen)
            if brief.crash_centi >= HIGH_FROM_CENTI
            and brief.crashed_at_us is not None
            and brief.crashed_at_us >= self._since_us
        ]
        if not high:
            return None
        self._told_at_us = now_us
        highest = max(high, key=lambda brief: brief.crash_centi)
        return LogLine(
            at_us=now_us,  # not of the crash: a log is in the order of its times
            level=logging.INFO,
            logger=__name__,
            process=bookmaker,
            text=f"crashed at {multiplier_text(highest.crash_centi)}",
        )


def _after(recent: Sequence[RoundBrief], seen: str) -> list[RoundBrief]:
    """Return the rounds that came after the one called `seen`; all where that is no longer among them."""
    new = []
    for brief in reversed(recent):
        if brief.round_id == seen:
            break
        new.append(brief)
    return new
