"""What the health check says of the cache of computed results."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.model import RedisSettings
from config.settings import load
from data_layer.cache.cache_manager import CacheManager
from data_layer.cache.redis_cache import RedisCache
from terminal import cache_health
from terminal.diagnosis import gather
from tests.redis_server import RedisServer, free_port, needs_redis_server
from utils.diagnostic import Finding, Health


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path)
    made.start()
    yield made
    made.close()


def asked(manager: CacheManager) -> Finding:
    for _ in range(4):
        manager.compute("analytics", "key", lambda: 1)
    return cache_health.finding(manager.stats(), redis_on=True)


@needs_redis_server
def test_a_cache_in_redis_tells_its_hits_and_what_it_keeps(server: RedisServer) -> None:
    cache = RedisCache(target=server.target)
    found = asked(CacheManager(cache))
    cache.close()
    assert found.health is Health.HEALTHY
    assert found.text.startswith("in Redis, which uses ")
    assert "75% of 4 questions answered from it; results kept: 1 of analytics" in found.text


def test_memory_that_stands_in_for_redis_is_told() -> None:
    cache = RedisCache(port=free_port())
    found = asked(CacheManager(cache))
    cache.close()
    assert found.health is Health.DEGRADED
    assert found.text.startswith("in memory, ")
    assert "Redis cannot be reached" in found.text
    assert "times memory stood in for Redis" in found.text


def test_memory_without_redis_is_as_it_should_be() -> None:
    found = cache_health.finding(CacheManager().stats(), redis_on=False)
    assert (found.health, found.text) == (Health.HEALTHY, "in memory, 0 B; not asked yet; results kept: none")


@needs_redis_server
def test_a_process_without_a_cache_tells_what_all_share(server: RedisServer) -> None:
    cache = RedisCache(target=server.target)
    asked(CacheManager(cache))
    CacheManager(cache).clear("analytics")
    asked(CacheManager(cache))
    cache.close()
    found = cache_health.shared(RedisSettings(enabled=True, url=SecretStr(server.url)))
    assert found is not None
    assert found.text.startswith("results kept: 1 of analytics in Redis")


def test_a_process_without_a_cache_leaves_an_outage_to_the_finding_of_redis(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert cache_health.shared(RedisSettings(enabled=True, port=free_port())) is None
    assert not [record for record in caplog.records if record.levelname != "DEBUG"]
    off = cache_health.shared(RedisSettings(enabled=False))
    assert off is not None
    assert off.health is Health.OFF


def test_the_health_check_has_a_row_for_it(tmp_path: Path) -> None:
    settings = replace(load(), data_dir=tmp_path)
    here = gather(settings, lambda _: None, cache=CacheManager().stats)
    assert [one.name for one in here][-2:] == ["Redis", "cache"]
    assert here[-1].text.startswith("in memory")
    assert gather(settings, lambda _: None)[-1].text.startswith("in the memory of each window")
