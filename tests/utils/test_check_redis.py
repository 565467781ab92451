"""What `diagnose` says of Redis, in every state a real server can be in."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.model import RedisSettings
from tests.redis_server import (
    Certificates,
    RedisServer,
    SentinelSetup,
    free_port,
    needs_redis_server,
    wait_until,
)
from utils.diagnostic import Finding, Health, check_redis

pytestmark = needs_redis_server

DEPLOYED = Path(__file__).resolve().parents[2] / "config" / "deploy"

Start = Callable[..., RedisServer]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    servers: list[RedisServer] = []

    def start_server(**options: object) -> RedisServer:
        server = RedisServer(tmp_path, **options)  # type: ignore[arg-type]
        servers.append(server)
        server.start()
        return server

    yield start_server
    for server in servers:
        server.close()


def check(server: RedisServer) -> Finding:
    return check_redis(RedisSettings(enabled=True, url=SecretStr(server.url)))


def test_one_that_is_off_is_not_asked() -> None:
    found = check_redis(RedisSettings(enabled=False, port=1))
    assert (found.health, found.text) == (Health.OFF, "not configured (database only)")


def test_one_that_answers_tells_all_about_itself(start: Start) -> None:
    server = start(password="geheim", options={"maxmemory": "64mb", "maxmemory-policy": "volatile-ttl"})
    found = check(server)
    assert found.health is Health.HEALTHY
    assert found.text.startswith(f"connected to redis://127.0.0.1:{server.port}/0: Redis ")
    words = ("answers in", "of 67.1 MB", "volatile-ttl", "nothing on disk", "primary", "1 clients", "known")
    assert [word for word in words if word not in found.text] == []
    by_host = RedisSettings(enabled=True, port=server.port, password=SecretStr("geheim"))
    assert check_redis(by_host).health is Health.HEALTHY


def test_the_share_of_hits_and_of_evicted_keys_is_told(start: Start) -> None:
    server = start()
    for key in ("a", "b", "c"):
        server.command("GET", key)
    server.command("SET", "a", "1")
    server.command("GET", "a")
    assert "25% hits" in check(server).text


def test_a_wrong_password_is_degraded_and_not_told(start: Start) -> None:
    server = start(password="geheim")
    found = check_redis(RedisSettings(enabled=True, port=server.port, password=SecretStr("falsch")))
    assert (found.health, "falling back to the database" in found.text) == (Health.DEGRADED, True)
    assert "REDIS_PASSWORD" in found.advice
    assert "falsch" not in str(found)


def test_one_that_is_not_there_or_hangs_is_degraded_and_the_reason_told(start: Start) -> None:
    gone = check_redis(RedisSettings(enabled=True, port=free_port()))
    assert (gone.health, "falling back to the database: no connection" in gone.text) == (
        Health.DEGRADED,
        True,
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        found = check_redis(RedisSettings(enabled=True, port=port))
    assert (found.health, "does not answer in time" in found.text) == (Health.DEGRADED, True)


def test_one_that_does_not_speak_tls_is_degraded_when_it_should(start: Start) -> None:
    encrypted = f"rediss://127.0.0.1:{start().port}/0"
    found = check_redis(RedisSettings(enabled=True, url=SecretStr(encrypted)))
    assert found.health is Health.DEGRADED


def test_one_that_loads_is_degraded_until_it_has(start: Start) -> None:
    slow_to_load = {"key-load-delay": "500", "loading-process-events-interval-bytes": "1024"}
    server = start(options={"enable-debug-command": "yes", **slow_to_load})
    server.command("DEBUG", "POPULATE", 20_000, "key", 100)
    server.command("SAVE")
    server.kill()
    server.start(wait=False)
    wait_until(lambda: "loading its data" in check(server).text, "it loads")
    assert check(server).health is Health.DEGRADED


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("maxmemory", "1", "out of memory"),
        ("replicaof", "127.0.0.1 1", "a read-only replica"),
        ("maxmemory-policy", "allkeys-lru", "may evict rounds on their way"),
    ],
)
def test_one_that_cannot_be_relied_on_is_degraded_and_says_why(
    start: Start, name: str, value: str, words: str
) -> None:
    found = check(start(options={name: value}))
    assert (found.health, words in found.advice) == (Health.DEGRADED, True), found


def test_one_that_refuses_info_and_config_is_told_as_far_as_it_tells(start: Start) -> None:
    server = start(users=("default on nopass ~* &* +@all -info -config",))
    found = check(server)
    assert found.health is Health.HEALTHY
    assert "does not tell more (INFO, CONFIG refused)" in found.text


def test_a_user_that_may_not_write_is_degraded(start: Start) -> None:
    server = start(users=("default on nopass ~* &* +@read +ping +info",))
    found = check(server)
    assert (found.health, "takes no writes: " in found.advice) == (Health.DEGRADED, True)


def test_one_behind_tls_or_sentinel_is_found(tmp_path: Path, start: Start) -> None:
    assert check(start(tls=Certificates(tmp_path / "certificates"))).health is Health.HEALTHY
    setup = SentinelSetup(tmp_path)
    try:
        setup.start()
        found = check_redis(RedisSettings(enabled=True, url=SecretStr(setup.url)))
        assert (found.health, "primary with 1 replicas" in found.text) == (Health.HEALTHY, True), found
    finally:
        setup.close()


def test_looking_leaves_nothing_behind(start: Start) -> None:
    server = start()
    check(server)
    assert server.command("DBSIZE") == 0


def test_the_deployed_configuration_is_healthy_and_cannot_evict_the_stream(start: Start) -> None:
    lines = (DEPLOYED / "redis.conf").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    ours = {name: value for name, value in settings.items() if name not in ("port", "bind", "maxmemory")}
    rights = (DEPLOYED / "users.acl").read_text(encoding="utf-8").splitlines()[1].removeprefix("user ")
    server = start(options={**ours, "maxmemory": "4mb"}, users=(rights,))
    url = f"redis://aviator:change-this-password@127.0.0.1:{server.port}/0"
    found = check_redis(RedisSettings(enabled=True, url=SecretStr(url)))
    assert (found.health, "append-only log" in found.text) == (Health.HEALTHY, True), found
    server.command("XADD", "rounds:stream", "*", "round", "x" * 1000)
    with server.client() as client:
        many = client.pipeline(transaction=False)
        for number in range(8_000):
            many.set(f"round:Admiral:{number}", "x" * 500, ex=3600)
        many.execute()
    info = server.command("INFO", "stats")
    assert isinstance(info, dict)
    assert info["evicted_keys"] > 0
    assert server.command("XLEN", "rounds:stream") == 1
