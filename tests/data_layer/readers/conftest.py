"""What the tests of the readers share: a database, a feed and a Redis of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data_layer.stored_rounds import StoredRounds, a_round
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
def stored(tmp_path: Path) -> Iterator[StoredRounds]:
    """A database of ten rounds of Admiral, in one commit."""
    made = StoredRounds(tmp_path / "aviator.db")
    made.commit([a_round(number) for number in range(1, 11)])
    yield made
    made.close()
