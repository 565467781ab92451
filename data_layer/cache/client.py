"""Clients of redis-py that never wait long, for every kind of `RedisTarget`.

redis-py as it comes retries ten times and blocks for seconds on a dead server. Here nothing is retried, each
step of a connection has a timeout, and `budget.within` bounds all steps of a call together. RESP2, no
client-side caching and no introduction of the library: servers of every age take it.
"""

import socket
import time
from typing import Any

from redis import Connection, ConnectionPool, Redis, SSLConnection, UnixDomainSocketConnection
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection

from config.redis_target import RedisTarget, Tls
from data_layer.cache.budget import BoundedSocket, Resolver, remaining

TIMEOUT_S = 0.2
_SENTINEL_TIMEOUT_S = 0.06  # three of them fit into a call, and one that hangs is asked last from then on
_WATCH_S = 1.0
_WATCH_AGAIN_S = 10.0
_LISTENING_MARGIN_S = 1.0  # a blocking read ends by its own limit, not by the socket's

# redis-py states no types for what is called through these, nor for the methods that are overridden below.
_sentinel: Any = Sentinel
_sentinel_pool: Any = SentinelConnectionPool


def connect(target: RedisTarget, *, timeout_s: float = TIMEOUT_S) -> Redis:
    """Return a client of its own connections; nothing is sent before the first command.

    Commands raise `redis.RedisError` within `timeout_s` a step. Safe to use from several threads.
    """
    return _client(target, connect_s=timeout_s, read_s=timeout_s)


def connect_blocking(target: RedisTarget, longest_wait_s: float) -> Redis:
    """Return a client for commands that wait (XREADGROUP BLOCK, subscriptions) up to `longest_wait_s`."""
    return _client(target, connect_s=TIMEOUT_S, read_s=longest_wait_s + _LISTENING_MARGIN_S)


class PrimaryWatch:
    """Asks the Sentinels now and then whether a client still speaks to the primary.

    A primary that was replaced takes writes, and forgets them, until it is told what it is now: some seconds
    in which a connection to it looks well. For a client without Sentinels this does nothing.
    """

    def __init__(self, client: Redis) -> None:
        pool = client.connection_pool
        self._pool: Any = pool if isinstance(pool, SentinelConnectionPool) else None
        self._next_at = 0.0

    def moved(self) -> bool:
        """Tell whether another server became primary since the last time; idle connections are closed then.

        Asks once a second at most, and Sentinels that do not answer are left alone for longer.
        """
        if self._pool is None or time.monotonic() < self._next_at:
            return False
        self._next_at = time.monotonic() + _WATCH_S
        before = self._pool.master_address
        try:
            now = self._pool.get_master_address()
        except (RedisError, OSError):
            self._next_at = time.monotonic() + _WATCH_AGAIN_S
            return False
        return bool(before is not None and now != before)


def _client(target: RedisTarget, *, connect_s: float, read_s: float) -> Redis:
    resolver = Resolver()
    common: dict[str, Any] = {
        "db": target.db,
        "username": target.username,
        "password": target.password,
        **_patience(connect_s, read_s),
    }
    if target.socket_path is not None:
        path = target.socket_path
        return Redis.from_pool(ConnectionPool(connection_class=_BoundedUnix, path=path, **common))
    common |= {"resolver": resolver, **_encryption(target.tls)}
    if not target.sentinels:
        kind = _BoundedTls if target.tls else _BoundedTcp
        pool = ConnectionPool(connection_class=kind, host=target.host, port=target.port, **common)
        return Redis.from_pool(pool)
    managed = _SentinelTls if target.tls else _SentinelTcp
    manager = _sentinels(target, resolver)
    return Redis.from_pool(_sentinel_pool(target.service, manager, connection_class=managed, **common))


def _sentinels(target: RedisTarget, resolver: Resolver) -> Any:
    manager = _sentinel([])
    manager.sentinels = [
        Redis.from_pool(
            ConnectionPool(
                connection_class=_BoundedTls if target.tls else _BoundedTcp,
                host=host,
                port=port,
                username=target.sentinel_username,
                password=target.sentinel_password,
                resolver=resolver,
                **_patience(_SENTINEL_TIMEOUT_S, _SENTINEL_TIMEOUT_S),
                **_encryption(target.tls),
            )
        )
        for host, port in target.sentinels
    ]
    return manager


def _patience(connect_s: float, read_s: float) -> dict[str, Any]:
    return {
        "socket_connect_timeout": connect_s,
        "socket_timeout": read_s,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,  # each introduction would be one more round trip of a connection
    }


def _encryption(tls: Tls | None) -> dict[str, Any]:
    if tls is None:
        return {}
    return {
        "ssl_ca_certs": tls.ca_file,
        "ssl_certfile": tls.certificate_file,
        "ssl_keyfile": tls.key_file,
        "ssl_cert_reqs": "required" if tls.verify else "none",
        "ssl_check_hostname": tls.check_host,
    }


class _Tcp(Connection):
    """A TCP connection that waits for nothing longer than its timeouts, names included."""

    def __init__(self, *, resolver: Resolver, **options: Any) -> None:
        self._resolver = resolver
        plain: Any = super()
        plain.__init__(**options)

    @property
    def socket_connect_timeout(self) -> float | None:
        return remaining(self._socket_connect_timeout)

    @socket_connect_timeout.setter
    def socket_connect_timeout(self, value: float | None) -> None:
        self._socket_connect_timeout = value

    def _connect(self) -> Any:
        plain: Any = super()
        name = self._host
        last: OSError | None = None
        try:
            for address in self._resolver.addresses(name, self.port, self.socket_connect_timeout):
                self._host = address
                try:
                    return plain._connect()
                except OSError as error:
                    last = error
        finally:
            self._host = name  # what a certificate is compared with
        raise last or OSError("the name has no address")


class _Tls(SSLConnection, _Tcp):
    def _wrap_socket_with_ssl(self, sock: socket.socket) -> Any:
        sock.settimeout(self.socket_connect_timeout)  # covers the whole handshake
        plain: Any = super()
        wrapped = plain._wrap_socket_with_ssl(sock)
        wrapped.settimeout(self.socket_timeout)
        return wrapped


class _Unix(UnixDomainSocketConnection):
    host, port = "unix socket", 0  # redis-py names them when it reports a timeout

    @property
    def socket_connect_timeout(self) -> float | None:
        return remaining(self._socket_connect_timeout)

    @socket_connect_timeout.setter
    def socket_connect_timeout(self, value: float | None) -> None:
        self._socket_connect_timeout = value


class _BoundedTcp(_Tcp):
    def _connect(self) -> Any:
        plain: Any = super()
        return BoundedSocket(plain._connect())


class _BoundedTls(_Tls):
    def _connect(self) -> Any:
        plain: Any = super()
        return BoundedSocket(plain._connect())


class _BoundedUnix(_Unix):
    def _connect(self) -> Any:
        plain: Any = super()
        return BoundedSocket(plain._connect())


class _SentinelTcp(SentinelManagedConnection, _BoundedTcp):
    """A connection to whatever server the Sentinels call the primary."""


class _SentinelTls(SentinelManagedConnection, _BoundedTls):
    """The same, encrypted."""
