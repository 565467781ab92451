"""What a Redis server says of itself, as far as it lets us ask.

Managed servers and users with few rights refuse INFO or CONFIG: then the parts that come from them are
unknown, and everything else is still told.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from redis import AuthenticationError, BusyLoadingError, Redis, RedisError, ResponseError
from redis import TimeoutError as RedisTimeoutError
from redis.exceptions import AuthorizationError, NoPermissionError, OutOfMemoryError, ReadOnlyError

from config.redis_target import RedisTarget
from data_layer.cache import budget, client, vulnerabilities
from data_layer.cache.keys import Keys
from data_layer.errors import AviatorError

LIMIT_S = 1.0  # of everything together
_PROBE = "probe"  # a key that never comes to exist: it is only ever written if it exists
SLOW_US = 50_000  # a round trip; nobody waits longer than 200,000 for Redis
OLDEST_FOR_STREAMS = (6, 2, 0)  # XAUTOCLAIM, which workers on other machines need
NEARLY_FULL = 0.9
_PINGS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisLook:
    """One look at a server that answers. None means that the server does not tell."""

    latency_us: int  # best of three round trips
    refused: tuple[str, ...] = ()  # the commands that the server or our rights did not allow
    write_fault: str = ""  # why it takes no writes; empty when it does
    product: str = "Redis"
    version: str | None = None
    used_bytes: int | None = None
    most_bytes: int | None = None  # 0: no limit
    policy: str | None = None  # what is evicted when the memory is full
    append_only: bool | None = None
    snapshots: str | None = None  # "" for none
    disk_fault: str = ""  # what the last write of the log or a snapshot met
    role: str | None = None  # "master", "slave"
    replicas: int | None = None
    clients: int | None = None
    hit_rate: float | None = None  # of all key lookups since the server began; None without any
    evicted: int | None = None  # keys that had to go early, since the server began

    def describe(self) -> str:
        """Return all of it in one line."""
        version = f"{self.product} {self.version or '(version not told)'}"
        parts = [version, f"answers in {self.latency_us / 1000:.2f} ms"]
        if self.used_bytes is not None:
            limit = f" of {_megabytes(self.most_bytes)}" if self.most_bytes else ", no limit"
            parts.append(f"memory {_megabytes(self.used_bytes)}{limit}")
        if self.policy is not None:
            parts.append(self.policy)
        if self.append_only is not None:
            parts.append(_persistence(self.append_only, self.snapshots))
        if self.role is not None:
            replicas = f" with {self.replicas} replicas" if self.replicas else ""
            parts.append({"master": "primary", "slave": "replica"}.get(self.role, self.role) + replicas)
        if self.clients is not None:
            parts.append(f"{self.clients} clients")
        if self.hit_rate is not None:
            parts.append(f"{self.hit_rate:.0%} hits")
        if self.evicted:
            parts.append(f"{self.evicted:,} keys evicted")
        if self.refused:
            parts.append(f"does not tell more ({', '.join(self.refused)} refused)")
        return ", ".join(parts)

    def vulnerabilities(self) -> str:
        """Return what is known against this version, in one line; empty when nothing is."""
        if self.product != "Redis" or self.version is None:
            return ""
        known = vulnerabilities.known(self.version)
        if not known:
            return ""
        count = sum(len(one.names) for one in known)
        names = ", ".join(one.names[0] for one in known[:3])
        more = f" and {count - 3} more" if count > 3 else ""
        return (
            f"known vulnerabilities of {self.version}: {names}{more}, unless your distribution repaired them"
        )

    def remarks(self) -> list[str]:
        """Return what wants attention, the gravest first."""
        found = []
        if self.write_fault:
            found.append(f"takes no writes: {self.write_fault}")
        if self.disk_fault:
            found.append(self.disk_fault)
        if self.policy is not None and self.policy.startswith("allkeys"):
            found.append(f"{self.policy} may evict rounds on their way: set maxmemory-policy volatile-ttl")
        if (
            self.most_bytes
            and self.used_bytes is not None
            and self.used_bytes > self.most_bytes * NEARLY_FULL
        ):
            found.append("its memory is nearly full: raise maxmemory")
        if self.latency_us > SLOW_US:
            found.append("it answers slowly: look at its load, its disk and the network")
        version = vulnerabilities.parse(self.version or "")
        if version is not None and version < OLDEST_FOR_STREAMS:
            found.append("too old for workers on other machines: they need 6.2 or newer")
        return found


class RedisUnavailableError(AviatorError):
    """Redis cannot be used now; the text says why, `advice` what to do."""

    def __init__(self, why: str, advice: str) -> None:
        super().__init__(why)
        self.advice = advice


def look_at_target(target: RedisTarget) -> RedisLook:
    """Connect and ask; takes at most `LIMIT_S`. Raises `RedisUnavailableError`."""
    try:
        with budget.within(LIMIT_S), client.connect(target) as connected:
            return look_at(connected, Keys(target.prefix))
    except (RedisError, OSError) as error:
        why, advice = explain(error)
        raise RedisUnavailableError(why, advice) from error


def explain(error: RedisError | OSError) -> tuple[str, str]:
    """Return why a server could not be used, and what to do, in the operator's words."""
    if isinstance(error, BusyLoadingError):
        return "it is loading its data from disk", "wait; it is used as soon as it is ready"
    if isinstance(error, AuthenticationError | AuthorizationError):
        return "it refuses the user or the password", "check REDIS_PASSWORD and the user in REDIS_URL"
    if isinstance(error, RedisTimeoutError | TimeoutError):
        return "it does not answer in time", "look whether it hangs, is overloaded, or stopped"
    if isinstance(error, NoPermissionError):
        return refusal(error), "config/deploy/users.acl shows what is needed"
    if isinstance(error, ResponseError):
        return f"it answers with an error: {error}", "look at its log"
    return f"no connection: {error}", "start Redis, check its address, or set REDIS_ENABLED=false"


def look_at(client: Redis, keys: Keys) -> RedisLook:
    """Ask a server about itself, in a handful of bounded calls.

    Raises what redis-py raises when the server cannot be reached, is loading, or refuses the password.
    """
    latency_us = min(_ping(client) for _ in range(_PINGS))
    refused: list[str] = []
    info = _asked(client.info, "INFO", refused)
    config = _asked(
        lambda: client.config_get("maxmemory", "maxmemory-policy", "save", "appendonly"),
        "CONFIG",
        refused,
    )
    return RedisLook(
        latency_us=latency_us,
        refused=tuple(refused),
        write_fault=_write_fault(client, keys),
        product="Valkey" if _text(info, "server_name") == "valkey" else "Redis",
        version=_text(info, "valkey_version") or _text(info, "redis_version"),
        used_bytes=_number(info, "used_memory"),
        most_bytes=_first(_number(info, "maxmemory"), _number(config, "maxmemory")),
        policy=_text(info, "maxmemory_policy") or _text(config, "maxmemory-policy"),
        append_only=_append_only(info, config),
        snapshots=_text(config, "save"),
        disk_fault=_disk_fault(info),
        role=_text(info, "role"),
        replicas=_number(info, "connected_slaves"),
        clients=_number(info, "connected_clients"),
        hit_rate=_hit_rate(_number(info, "keyspace_hits"), _number(info, "keyspace_misses")),
        evicted=_number(info, "evicted_keys"),
    )


def _ping(client: Redis) -> int:
    began = time.perf_counter_ns()
    client.ping()
    return (time.perf_counter_ns() - began) // 1000


def _asked(question: Callable[[], object], name: str, refused: list[str]) -> Mapping[str, object]:
    """Return the answer, an empty one from a server that does not know or allow the question."""
    try:
        answer = question()
    except ResponseError:
        refused.append(name)
        return {}
    if not isinstance(answer, Mapping):
        return {}
    return {str(_decoded(key)): _decoded(value) for key, value in answer.items()}


def _write_fault(client: Redis, keys: Keys) -> str:
    """Return why the server takes no writes: a replica, out of memory, a broken disk, missing rights.

    Asked by a write that changes nothing: the key is set only if it exists, which it does not.
    """
    try:
        client.set(keys.named(_PROBE), b"", px=1, xx=True)
    except (ResponseError, OutOfMemoryError) as error:
        return refusal(error)
    return ""


def refusal(error: RedisError) -> str:
    """Return in the operator's words why a server that answers did not do what it was told."""
    if isinstance(error, ReadOnlyError):
        return "it is a read-only replica"
    if isinstance(error, OutOfMemoryError):
        return "it is out of memory (raise maxmemory)"
    if isinstance(error, NoPermissionError):
        return f"the user lacks rights: {error}"
    return str(error)


def _text(answer: Mapping[str, object], key: str) -> str | None:
    value = answer.get(key)
    return None if value is None else str(value)


def _number(answer: Mapping[str, object], key: str) -> int | None:
    value = answer.get(key)
    if isinstance(value, int):
        return value
    text = str(value)
    return int(text) if text.isdecimal() else None


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _append_only(info: Mapping[str, object], config: Mapping[str, object]) -> bool | None:
    if "aof_enabled" in info:
        return _number(info, "aof_enabled") == 1
    return config["appendonly"] == "yes" if "appendonly" in config else None


def _persistence(append_only: bool, snapshots: str | None) -> str:
    if append_only:
        return "append-only log"
    if snapshots:
        return "snapshots only"
    return "nothing on disk" if snapshots == "" else "no append-only log"


def _disk_fault(info: Mapping[str, object]) -> str:
    if _text(info, "aof_last_write_status") == "err":
        return "its append-only log cannot be written: look at its disk"
    if _text(info, "rdb_last_bgsave_status") == "err":
        return "its last snapshot failed: look at its disk and memory"
    return ""


def _hit_rate(hits: int | None, misses: int | None) -> float | None:
    if hits is None or misses is None or not hits + misses:
        return None
    return hits / (hits + misses)


def _decoded(value: object) -> object:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _megabytes(size: int | None) -> str:
    return f"{(size or 0) / 1e6:.1f} MB"
