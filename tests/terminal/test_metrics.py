"""`main.py metrics` beside a real Redis and what a writer publishes there."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.model import RedisSettings
from config.settings import Settings, load
from data_layer.cache.metrics_orders import MetricsOrders
from data_layer.cache.stats_publisher import StatsPublisher
from data_layer.errors import AviatorError, NothingRunningError, UsageError
from data_layer.ranges import RANGES
from terminal import metrics
from tests.data_layer.stored_rounds import StoredRounds, a_round
from tests.redis_server import RedisServer, free_port, needs_redis_server, wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path)
    made.start()
    yield made
    made.close()


def settings(port: int, *, enabled: bool = True) -> Settings:
    url = SecretStr(f"redis://127.0.0.1:{port}/0")
    return replace(load(), redis=RedisSettings(enabled=enabled, url=url))


@needs_redis_server
def test_the_running_writer_computes_them_anew_and_says_how_far_it_is(
    tmp_path: Path, server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = StoredRounds(tmp_path / "aviator.db")
    stored.commit([a_round(1)])
    publisher = StatsPublisher(stored.path, server.target, metrics_life_s=3600.0, metrics_refresh_s=3600.0)
    publisher.start()
    try:
        wait_until(lambda: publisher.health.ranges_ready == len(RANGES), "all ranges")
        stored.commit([a_round(2)])  # which nobody tells the publisher
        assert metrics.show(settings(server.port), refresh=True, as_json=True) == 0
    finally:
        publisher.stop(10.0)
        stored.close()
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert {name: found[name]["version"] for name in RANGES} == dict.fromkeys(RANGES, 2)
    assert found["all"]["rounds"] == 2
    assert f"{len(RANGES)} of {len(RANGES)} ranges computed" in told.err


@needs_redis_server
def test_what_is_not_there_is_said(server: RedisServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert metrics.show(settings(server.port), refresh=False, as_json=False) == 0
    assert capsys.readouterr().out.count("not in Redis") == len(RANGES)


@needs_redis_server
def test_an_order_that_nobody_takes_ends(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "ORDER_LIFE_S", 0.2)
    with pytest.raises(NothingRunningError, match="no instance with the database"):
        metrics.show(settings(server.port), refresh=True, as_json=False)


@needs_redis_server
def test_an_order_that_comes_to_a_halt_ends(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(MetricsOrders, "give", lambda self: "order")
    server.command("SET", "metrics:progress", '{"order": "order", "ready": 1, "ranges": 7}')
    with pytest.raises(AviatorError, match="nothing more was computed"):
        metrics.show(settings(server.port), refresh=True, as_json=False)


def test_without_redis_there_are_none() -> None:
    with pytest.raises(UsageError, match="REDIS_ENABLED"):
        metrics.show(settings(1, enabled=False), refresh=False, as_json=False)
    with pytest.raises(AviatorError, match="cannot be reached"):
        metrics.show(settings(free_port()), refresh=True, as_json=False)
