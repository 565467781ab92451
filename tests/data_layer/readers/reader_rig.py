"""A reader that only events, not time, cause to read again, and a watch over it."""

import threading
from collections.abc import Callable

import pytest

from data_layer.readers.centralized_stats_reader import CentralizedStatsReader
from data_layer.readers.last_round_cache import LastRoundCache

WAIT_S = 20.0
NEVER_S = 3600.0

MakeReader = Callable[..., CentralizedStatsReader]


class Watch:
    """Waits until the reader is as the test wants it; looks again after each of its results."""

    def __init__(self, reader: CentralizedStatsReader) -> None:
        self._reader = reader
        self._news = threading.Condition()
        self.heard: list[str] = []
        reader.subscribe(self._on_news)

    def _on_news(self, collector_type: str) -> None:
        with self._news:
            self.heard.append(collector_type)
            self._news.notify_all()

    def until(self, holds: Callable[[], bool]) -> None:
        with self._news:
            # What a reader cannot announce (trouble) is looked for in between.
            for _ in range(round(WAIT_S / 0.01)):
                if holds():
                    return
                self._news.wait(0.01)
        pytest.fail(f"did not come about; trouble: {self._reader.trouble!r}, heard: {self.heard}")

    def version(self, version: int, collector_type: str = "data_collector") -> None:
        def reached() -> bool:
            result = self._reader.peek(collector_type)
            return result is not None and result.version >= version

        self.until(reached)


def ids(cache: LastRoundCache, bookmaker: str = "Admiral") -> list[str]:
    return [known.round_id for known in cache.recent(bookmaker, 99)]
