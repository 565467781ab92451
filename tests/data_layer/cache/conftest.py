"""The Redis servers that the tests of the cache share: one real process, and fakeredis."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import fakeredis
import pytest

from data_layer.cache.cache_manager import CacheManager
from data_layer.cache.redis_cache import RedisCache
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_round
from tests.redis_outages import OPTIONS
from tests.redis_server import RedisServer

NOW_US = START_US + 3_600_000_000
NEVER_S = 3_600.0


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer | None]:
    """A server for tests that leave it as it was; None where there is no redis-server."""
    if shutil.which("redis-server") is None:
        yield None
        return
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def server(shared_server: RedisServer | None) -> RedisServer:
    """A real, empty server. It has to be left running and unfrozen."""
    if shared_server is None:
        pytest.skip("no redis-server on this machine")
    shared_server.flush()
    return shared_server


@pytest.fixture
def own_server(shared_server: RedisServer | None, request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A real server of the test's own, to be stopped, frozen and filled."""
    if shared_server is None:
        pytest.skip("no redis-server on this machine")
    made = RedisServer(request.getfixturevalue("tmp_path"), options=OPTIONS)
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def own_cache(own_server: RedisServer) -> Iterator[RedisCache]:
    """A cache over `own_server`."""
    made = RedisCache(target=own_server.target)
    yield made
    made.close()


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredRounds]:
    """A database of ten rounds of Admiral, in one commit."""
    made = StoredRounds(tmp_path / "aviator.db")
    made.commit([a_round(number) for number in range(1, 11)])
    yield made
    made.close()


class Clock:
    """Wall clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_us = 1_750_000_000_000_000

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture(params=["fakeredis", "real"])
def caches(request: pytest.FixtureRequest, shared_server: RedisServer | None) -> Iterator[list[RedisCache]]:
    """Two caches over one Redis, as two processes have them."""
    if request.param == "fakeredis":
        fake = fakeredis.FakeServer()
        made = [RedisCache(client=fakeredis.FakeRedis(server=fake, protocol=2)) for _ in range(2)]
    else:
        if shared_server is None:
            pytest.skip("no redis-server on this machine")
        shared_server.flush()
        made = [RedisCache(target=shared_server.target) for _ in range(2)]
    yield made
    for cache in made:
        cache.close()


@pytest.fixture
def cache(caches: list[RedisCache]) -> RedisCache:
    return caches[0]


@pytest.fixture(params=["memory", "fakeredis", "real"])
def manager(request: pytest.FixtureRequest, shared_server: RedisServer | None) -> Iterator[CacheManager]:
    """A manager over each kind of store."""
    cache: RedisCache | None = None
    if request.param == "fakeredis":
        cache = RedisCache(client=fakeredis.FakeRedis(server=fakeredis.FakeServer(), protocol=2))
    elif request.param == "real":
        if shared_server is None:
            pytest.skip("no redis-server on this machine")
        shared_server.flush()
        cache = RedisCache(target=shared_server.target)
    yield CacheManager(cache)
    if cache is not None:
        cache.close()
