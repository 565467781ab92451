"""Every way in which a real Redis can fail those who use it, and what ends it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.redis_server import RedisServer, free_port

OTHER_PASSWORD = "another"
SLOW_TO_LOAD = {"key-load-delay": "20000", "loading-process-events-interval-bytes": "1024"}
OPTIONS = {"enable-debug-command": "yes", **SLOW_TO_LOAD}  # that a server needs for all of them

_WRONG_TYPES = """
for _, key in ipairs(KEYS) do
    redis.call("DEL", key)
    redis.call("RPUSH", key, "x")
end
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """One kind. A server that was flushed or loads needs no end: it gets well by itself."""

    begin: Callable[[RedisServer], object]
    end: Callable[[RedisServer], object] = lambda server: None


def _load_slowly(server: RedisServer) -> None:
    server.command("DEBUG", "POPULATE", 100, "filler", 1000)
    server.command("SAVE")
    server.kill()
    server.start(wait=False)


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


def _flap(server: RedisServer) -> None:
    for _ in range(3):
        server.kill()
        time.sleep(0.3)
        server.start()
        time.sleep(0.3)
    server.kill()


OUTAGES = {
    "dead": Outage(RedisServer.kill, RedisServer.start),
    "stopped": Outage(RedisServer.suspend, RedisServer.resume),
    "loading": Outage(_load_slowly),
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
    "wrong password": "refuses the password or user",
    "read-only": "is read-only",
    "out of memory": "is out of memory",
    "flapping": "cannot be reached",
}
