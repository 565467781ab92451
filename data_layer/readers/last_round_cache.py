"""The newest rounds of each bookmaker in memory, for what is drawn many times a second."""

import threading
from bisect import insort_right
from collections.abc import Mapping, Sequence

import msgspec

from data_layer.messages import RoundBrief

_UNTIMED = -1  # orders rounds without a time before all others, as the database does


class LastRoundCache:
    """Keeps the newest `capacity` rounds of each bookmaker in the order they crashed.

    Fed by commits in any order: a round that is older than the ones held is put where it belongs or dropped,
    one that is held already stays where it is. Rounds that crashed at the same time, and those without a
    time, keep the order they came in. A commit names at most 32 rounds of a bookmaker, so a larger capacity
    may have holes. Every method may be called from any thread and waits only for the short work of another.
    """

    def __init__(self, capacity: int = 32) -> None:
        if capacity < 1:
            raise ValueError(f"capacity {capacity}; at least 1 round is kept")
        self._capacity = capacity
        self._lock = threading.Lock()
        self._rounds: dict[str, list[RoundBrief]] = {}

    def update(self, bookmaker: str, round: RoundBrief) -> None:
        """Take in one committed round; one that is known only fills what was not known of it."""
        with self._lock:
            held = self._rounds.get(bookmaker)
            if held is None:
                held = self._rounds[bookmaker] = []
            self._insert(held, round)

    def replace(self, rounds: Mapping[str, Sequence[RoundBrief]]) -> None:
        """Forget everything and hold `rounds` (per bookmaker oldest first) instead, in one step."""
        fresh: dict[str, list[RoundBrief]] = {}
        for bookmaker, briefs in rounds.items():
            held = fresh[bookmaker] = []
            for brief in briefs:
                self._insert(held, brief)
        with self._lock:
            self._rounds = fresh

    def last(self, bookmaker: str) -> RoundBrief | None:
        """Return the newest round, None where none is known."""
        with self._lock:
            held = self._rounds.get(bookmaker)
            return held[-1] if held else None

    def recent(self, bookmaker: str, count: int) -> list[RoundBrief]:
        """Return up to `count` newest rounds, oldest first."""
        with self._lock:
            held = self._rounds.get(bookmaker, [])
            return held[-count:] if count > 0 else []

    def bookmakers(self) -> list[str]:
        """Return the bookmakers with at least one round, sorted."""
        with self._lock:
            return sorted(name for name, held in self._rounds.items() if held)

    def _insert(self, held: list[RoundBrief], brief: RoundBrief) -> None:
        for index, known in enumerate(held):
            if known.round_id == brief.round_id:
                completed = _completed(known, brief)
                if completed == known:
                    return
                del held[index]
                brief = completed
                break
        insort_right(held, brief, key=_crashed_at)
        if len(held) > self._capacity:
            del held[0]


def _crashed_at(brief: RoundBrief) -> int:
    return _UNTIMED if brief.crashed_at_us is None else brief.crashed_at_us


def _completed(known: RoundBrief, told: RoundBrief) -> RoundBrief:
    """What is known of a round stays; what was not known is taken from a later message."""
    if known.crashed_at_us is not None and known.duration_ms is not None:
        return known
    return msgspec.structs.replace(
        known,
        crashed_at_us=told.crashed_at_us if known.crashed_at_us is None else known.crashed_at_us,
        duration_ms=told.duration_ms if known.duration_ms is None else known.duration_ms,
    )
