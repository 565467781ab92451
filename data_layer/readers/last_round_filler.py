"""Keeps the cache of last rounds true to the database, from commits and from readings."""

import collections
import threading
from collections.abc import Callable, Mapping, Sequence

from data_layer.messages import Committed, RoundBrief
from data_layer.readers.last_round_cache import LastRoundCache
from utils import clock

BRIEFS_PER_COMMIT = 32  # newest rounds of a bookmaker that a commit names at most
KEPT_US = 5_000_000  # commits are remembered for longer than any reading lags behind them

Reading = tuple[int, Mapping[str, Sequence[RoundBrief]]]  # version of the database, its newest rounds


class LastRoundFiller:
    """Applies commits to `cache` on the feed's thread and readings on the reader's, losing none of either."""

    def __init__(self, cache: LastRoundCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._reading = False
        self._recent: collections.deque[tuple[int, Committed]] = collections.deque()  # when it was heard

    def take(self, event: Committed) -> None:
        """Apply one commit."""
        with self._lock:
            if not self._reading:
                self._forget_what_is_older(clock.monotonic_us() - KEPT_US)
            self._recent.append((clock.monotonic_us(), event))
            self._apply(event)

    def refill(self, read: Callable[[], Reading]) -> None:
        """Replace what the cache holds by what `read` returns, and by commits that came after that.

        Without them a round that has been shown would vanish again: that of a commit announced while `read`
        runs, and of one announced before it when it reads from Redis, which may be a moment behind.
        """
        with self._lock:
            self._reading = True
            self._forget_what_is_older(clock.monotonic_us() - KEPT_US)
        try:
            version, rounds = read()
            with self._lock:
                self._cache.replace(rounds)
                for _, event in self._recent:
                    if event.version > version:
                        self._apply(event)
        finally:
            with self._lock:
                self._reading = False

    def forget(self) -> None:
        """Forget the commits so far: another database is read from now on, whose versions are its own."""
        with self._lock:
            self._recent.clear()

    def _forget_what_is_older(self, than_us: int) -> None:
        while self._recent and self._recent[0][0] < than_us:
            self._recent.popleft()

    def _apply(self, event: Committed) -> None:
        for share in event.rounds:
            for brief in share.newest:
                self._cache.update(share.bookmaker, brief)
