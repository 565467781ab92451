"""Keeps the cache of last rounds true to the database, from commits and from readings."""

import threading
from collections.abc import Callable, Mapping, Sequence

from data_layer.messages import Committed, RoundBrief
from data_layer.readers.last_round_cache import LastRoundCache

BRIEFS_PER_COMMIT = 32  # newest rounds of a bookmaker that a commit names at most

Reading = tuple[int, Mapping[str, Sequence[RoundBrief]]]  # version of the database, its newest rounds


class LastRoundFiller:
    """Applies commits to `cache` on the feed's thread and readings on the reader's, losing none of either."""

    def __init__(self, cache: LastRoundCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._during_reading: list[Committed] | None = None

    def take(self, event: Committed) -> None:
        """Apply one commit."""
        with self._lock:
            if self._during_reading is not None:
                self._during_reading.append(event)
            self._apply(event)

    def refill(self, read: Callable[[], Reading]) -> None:
        """Replace what the cache holds by what `read` returns, and by commits that came after that.

        Without them the round of a commit that is announced while `read` runs would show and vanish again.
        """
        with self._lock:
            self._during_reading = []
        try:
            version, rounds = read()
            with self._lock:
                self._cache.replace(rounds)
                for event in self._during_reading:
                    if event.version > version:
                        self._apply(event)
        finally:
            with self._lock:
                self._during_reading = None

    def _apply(self, event: Committed) -> None:
        for share in event.rounds:
            for brief in share.newest:
                self._cache.update(share.bookmaker, brief)
