"""What the tests of the readers share: an empty database, a feed, a reader, and a Redis of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data_layer.readers.centralized_stats_reader import CentralizedStatsReader
from data_layer.readers.last_round_cache import LastRoundCache
from tests.data_layer.readers.hand_feed import HandFeed
from tests.data_layer.readers.reader_rig import NEVER_S, MakeReader
from tests.data_layer.stored_rounds import START_US, StoredRounds
from tests.redis_outages import OPTIONS
from tests.redis_server import RedisServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real server of the test's own."""
    made = RedisServer(tmp_path, options=OPTIONS)
    made.start()
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "aviator.db"


@pytest.fixture
def stored(path: Path) -> Iterator[StoredRounds]:
    """An empty database, with its writer."""
    made = StoredRounds(path)
    yield made
    made.close()


@pytest.fixture
def feed() -> HandFeed:
    return HandFeed()


@pytest.fixture
def cache() -> LastRoundCache:
    return LastRoundCache()


@pytest.fixture
def make_reader(path: Path, feed: HandFeed, cache: LastRoundCache) -> Iterator[MakeReader]:
    """Return what makes a reader that only events, not time, cause to read again; options change that."""
    made: list[CentralizedStatsReader] = []

    def make(**options: object) -> CentralizedStatsReader:
        given: dict[str, object] = {
            "refresh_s": NEVER_S,
            "coalesce_s": 0.0,
            "retry_s": 0.01,
            "now": lambda: START_US + 3_600_000_000,
        }
        given.update(options)
        feed_given = given.pop("feed", feed)
        reader = CentralizedStatsReader(path, feed_given, cache, **given)  # type: ignore[arg-type]  # named by the tests
        made.append(reader)
        return reader

    yield make
    for reader in made:
        reader.stop()
