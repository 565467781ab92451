"""Clients for every kind of address, and their patience."""

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from config.redis_target import RedisTarget, Tls, parse_redis_url
from data_layer.cache.budget import Resolver, remaining, within
from data_layer.cache.client import PrimaryWatch, connect, connect_blocking
from data_layer.cache.events import Event
from data_layer.cache.keys import ALERT
from data_layer.cache.redis_cache import RedisCache
from tests.redis_server import (
    HOST,
    Certificates,
    RedisServer,
    SentinelSetup,
    needs_redis_server,
    running,
    wait_until,
)

pytestmark = needs_redis_server


def answers(target: RedisTarget) -> bool:
    client = connect(target)
    try:
        return bool(client.ping())
    finally:
        client.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_a_password_and_a_user(tmp_path: Path) -> None:
    users = ("worker on >p:w@1 ~* &* +@all",)
    with running(RedisServer(tmp_path, password="right :/", users=users)) as server:
        assert answers(server.target)
        assert answers(replace(server.target, username="worker", password="p:w@1"))
        assert answers(parse_redis_url(f"redis://worker:p%3Aw%401@{HOST}:{server.port}"))
        for wrong in (replace(server.target, password="x"), replace(server.target, username="nobody")):
            with pytest.raises(redis.AuthenticationError):
                answers(wrong)


def test_an_encrypted_connection_checks_the_certificate(tmp_path: Path, certificates: Certificates) -> None:
    with running(RedisServer(tmp_path, tls=certificates, password="pw")) as server:
        assert answers(server.target)
        assert answers(parse_redis_url(server.url))
        assert answers(replace(server.target, host="localhost"))
        assert answers(replace(server.target, tls=Tls(verify=False, check_host=False)))
        with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            answers(replace(server.target, tls=Tls()))


def test_a_unix_socket(tmp_path: Path) -> None:
    with running(RedisServer(tmp_path, unix_socket=True)) as server:
        assert answers(server.target)
        assert answers(parse_redis_url(f"unix://{server.socket_path}?db=3"))


def test_a_database_of_its_own(own_server: RedisServer) -> None:
    one, other = connect(replace(own_server.target, db=1)), connect(own_server.target)
    one.set("key", "value")
    assert other.get("key") is None
    one.close()
    other.close()


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SentinelSetup]:
    setup = SentinelSetup(tmp_path_factory.mktemp("sentinels"))
    try:
        setup.start()
        yield setup
    finally:
        setup.close()


def test_sentinels_lead_to_whatever_server_is_primary(sentinels: SentinelSetup) -> None:
    client = connect(parse_redis_url(sentinels.url))
    try:
        client.set("key", "value")
        sentinels.failover()

        watch = PrimaryWatch(client)

        def written() -> bool:
            """The old primary takes writes until it learns that it is a replica, and forgets them then."""
            watch.moved()
            with contextlib.suppress(redis.RedisError):
                client.set("key", "newer")
            return sentinels.primary().command("GET", "key") == b"newer"

        wait_until(written, "the new primary takes writes")
    finally:
        client.close()


def test_sentinels_that_hang_are_passed_over(sentinels: SentinelSetup) -> None:
    sentinels.sentinels[0].suspend()
    client = connect(sentinels.target)
    try:
        with within(5.0):
            assert client.ping()
    finally:
        client.close()
        sentinels.sentinels[0].resume()


@pytest.mark.parametrize("kind", ["plain", "encrypted", "unix"])
def test_a_frozen_server_is_given_up(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    tls = request.getfixturevalue("certificates") if kind == "encrypted" else None
    with running(RedisServer(tmp_path, tls=tls, unix_socket=kind == "unix")) as server:
        known, new = connect(server.target), connect(server.target)
        assert known.ping()
        server.suspend()
        for client in (known, new):
            with pytest.raises(redis.TimeoutError):
                client.ping()
        server.resume()
        assert known.ping()
        known.close()
        new.close()


class Trickle:
    """A server that sends one byte of its answer at a time, for ever."""

    def __init__(self) -> None:
        self._socket = socket.create_server((HOST, 0))
        self.port = self._socket.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            while not self._stop.wait(0.02):
                try:
                    connection.sendall(b"+")
                except OSError:
                    return

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()


def test_an_answer_that_trickles_in_is_given_up(request: pytest.FixtureRequest) -> None:
    trickle = Trickle()
    request.addfinalizer(trickle.close)
    client = connect(RedisTarget(host=HOST, port=trickle.port))
    with within(0.2), pytest.raises(redis.TimeoutError):
        client.ping()
    client.close()


def test_a_name_that_takes_for_ever_is_given_up(
    own_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    real = socket.getaddrinfo

    def stuck(host: Any, *rest: Any, **named: Any) -> Any:
        if host == "redis.example":
            go.wait()
            return real(HOST, *rest, **named)
        return real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    client = connect(replace(own_server.target, host="redis.example"))
    for _ in range(3):
        with pytest.raises(redis.TimeoutError):
            client.ping()
    assert len([thread for thread in threading.enumerate() if "redis.example" in thread.name]) == 1
    go.set()
    wait_until(lambda: not any("redis.example" in t.name for t in threading.enumerate()), "it is found")
    assert client.ping()
    client.close()


def test_a_name_that_does_not_exist_is_a_plain_failure() -> None:
    client = connect(RedisTarget(host="no-such-host.invalid"))
    with within(5.0), pytest.raises((redis.ConnectionError, redis.TimeoutError)):
        client.ping()
    client.close()


def test_addresses_need_no_looking_up() -> None:
    assert Resolver().addresses("::1", 1, None) == ["::1"]


def test_a_waiting_read_may_take_longer_than_a_call(own_server: RedisServer) -> None:
    client = connect_blocking(own_server.target, 1.0)
    assert client.blpop(["nothing"], timeout=0.5) is None
    client.close()


def test_an_inner_deadline_never_extends_an_outer_one() -> None:
    assert remaining(None) is None
    with within(30), within(60):
        left = remaining(None)
        assert left is not None
        assert left <= 30
    with within(-1), pytest.raises(TimeoutError):
        remaining(1.0)


def test_caches_and_subscriptions_follow_the_primary(sentinels: SentinelSetup) -> None:
    cache = RedisCache(target=sentinels.target)
    heard: queue.Queue[Event] = queue.Queue()
    subscription = cache.subscribe_to_events(heard.put)
    try:
        wait_until(lambda: subscription.trouble == "", "the subscription is connected")
        for number in range(3):
            sentinels.failover()

            def arrives(number: int = number) -> bool:
                cache.publish_event(ALERT, {"number": number})
                with contextlib.suppress(queue.Empty):
                    while heard.get(timeout=0.05).data != b'{"number":%d}' % number:
                        pass
                    return sentinels.primary().command("LLEN", cache.keys.recent_events) != 0
                return False

            wait_until(arrives, "an event goes by way of the new primary")
    finally:
        subscription.stop()
        cache.close()
