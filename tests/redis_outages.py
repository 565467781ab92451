"""Every way in which a real Redis can fail those who use it, and what ends it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import redis

from data_layer.cache.client import connect
from tests.redis_server import RedisServer, free_port, wait_until

OTHER_PASSWORD = "another"
FLAP_S = 2.0  # from one end of Redis to the next
SLOW_TO_LOAD = {"key-load-delay": "1000", "loading-process-events-interval-bytes": "1024"}
OPTIONS = {"enable-debug-command": "yes", **SLOW_TO_LOAD}  # that a server needs for all of them

_WRONG_TYPES = """
for _, key in ipairs(KEYS) do
    redis.call("DEL", key)
    redis.call("RPUSH", key, "x")
end
"""


Look = Callable[[], object]
"""Waits for what has to go on whatever Redis does, and fails the test when it does not."""


@dataclass(frozen=True, slots=True)
class Outage:
    """One kind. A server that was flushed needs no end: it gets well by itself."""

    begin: Callable[..., object]
    end: Callable[[RedisServer], object] = lambda server: None

    def strike(self, server: RedisServer, look: Look) -> None:
        """Begin it; one that takes its time has `look` called all the while."""
        if self.begin is _flap:
            _flap(server, look)
        else:
            self.begin(server)


def load_slowly(server: RedisServer) -> None:
    """Restart it with so much to load, at so slow a pace, that it will not be ready by itself."""
    server.command("DEBUG", "POPULATE", 60_000, "filler", 400)
    server.command("SAVE")
    server.kill()
    server.start(wait=False)

    def loads() -> bool:
        with connect(server.target) as client:  # which does not try again by itself
            try:
                client.ping()
            except redis.exceptions.BusyLoadingError:
                return True
            except (redis.RedisError, OSError):
                return False
        raise AssertionError("it has loaded everything already")

    wait_until(loads, "it is loading")


def load_quickly(server: RedisServer) -> None:
    """Let it come to an end."""
    server.configure("key-load-delay", "0")


def _change_password(server: RedisServer) -> None:
    """Ask for a password from now on; connections that are there stay authenticated, so they are ended."""
    server.configure("requirepass", OTHER_PASSWORD)
    _as_knowing(server, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    _as_knowing(server, "CLIENT", "KILL", "TYPE", "pubsub")


def _as_knowing(server: RedisServer, *words: str) -> None:
    with server.client() as client:
        client.execute_command("AUTH", OTHER_PASSWORD)
        client.execute_command(*words)


def _set_wrong_types(server: RedisServer) -> None:
    keys = ("version", "stats:total", "wall", "events:recent", "worker:states", "last_round:Admiral")
    server.command("EVAL", _WRONG_TYPES, len(keys), *keys)


def _flap(server: RedisServer, look: Look) -> None:
    """Three periods of two seconds, the first half of each without a server; it ends away."""
    for _ in range(3):
        for change in (server.kill, server.start):
            change()
            until = time.monotonic() + FLAP_S / 2
            while time.monotonic() < until:
                look()
    server.kill()


OUTAGES = {
    "dead": Outage(RedisServer.kill, RedisServer.start),
    "stopped": Outage(RedisServer.suspend, RedisServer.resume),
    "loading": Outage(load_slowly, load_quickly),
    "flushed": Outage(RedisServer.flush),
    "wrong password": Outage(
        _change_password, lambda server: _as_knowing(server, "CONFIG", "SET", "requirepass", "")
    ),
    "read-only": Outage(
        lambda server: server.command("REPLICAOF", "127.0.0.1", free_port()),
        lambda server: server.command("REPLICAOF", "NO", "ONE"),
    ),
    "out of memory": Outage(
        lambda server: server.configure("maxmemory", "1"), lambda server: server.configure("maxmemory", "0")
    ),
    "wrong types": Outage(_set_wrong_types),
    "flapping": Outage(_flap, RedisServer.start),
}
TOLD = {  # what the operator reads of those that do not pass by themselves
    "dead": "cannot be reached",
    "stopped": "does not answer in time",
    "loading": "is loading its data",
    "wrong password": "refuses the password or user",
    "read-only": "is read-only",
    "out of memory": "is out of memory",
    "flapping": "cannot be reached",
}
