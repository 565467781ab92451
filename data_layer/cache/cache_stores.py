"""The two places where CacheManager keeps values: Redis and memory, with one interface.

A namespace has a *generation*, a random word. A value carries the generation it was stored in and counts only
while that is the namespace's: a new word clears the namespace everywhere at once, without a scan, and what
is stored late, by a command that was delayed or a computation that began earlier, belongs to the old word.
"""

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import redis

from data_layer.cache.breaker import RedisLink
from data_layer.cache.keys import Keys, encoded
from data_layer.cache.memory_cache import MemoryCache

_LONGEST_WORD = 64
_LONGEST_PAST = 256  # generations remembered
_INDEX_LIFE_S = 86_400  # of the list of keys of a generation, from its last key on


def new_word() -> str:
    """Return the name of a generation."""
    return secrets.token_hex(8)


class Look(NamedTuple):
    """What a look at one key finds, at one moment."""

    generation: str
    version: bytes | None  # of the data, as it stands in Redis
    blob: bytes | None


class Store(Protocol):
    """Values as bytes by namespace and key. What Redis raises passes through."""

    def look(self, namespace: str, key: str) -> Look: ...
    def put(self, namespace: str, key: str, generation: str, blob: bytes, life_s: float) -> None: ...
    def delete(self, namespace: str, key: str) -> None: ...
    def renew(self, namespaces: Sequence[str]) -> None: ...
    def count(self, namespaces: Sequence[str]) -> dict[str, int]: ...


class MemoryStore:
    """Values of this process alone."""

    def __init__(self, capacity_bytes: int, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self.values = MemoryCache(capacity_bytes, now_s=now_s)
        self._lock = threading.Lock()
        self._generations: dict[str, str] = {}

    def look(self, namespace: str, key: str) -> Look:
        """Return the namespace's generation and what stands under `key`."""
        with self._lock:
            generation = self._generations.setdefault(namespace, new_word())
        return Look(generation, None, self.values.get((namespace, key)))

    def put(self, namespace: str, key: str, generation: str, blob: bytes, life_s: float) -> None:
        """Store `blob`, which carries `generation`."""
        self.values.set((namespace, key), blob, life_s)

    def delete(self, namespace: str, key: str) -> None:
        """Forget one key."""
        self.values.delete((namespace, key))

    def renew(self, namespaces: Sequence[str]) -> None:
        """Clear `namespaces`."""
        with self._lock:
            for namespace in namespaces:
                self._generations[namespace] = new_word()
        for held in self.values.held():
            if isinstance(held, tuple) and held[0] in namespaces:
                self.values.delete(held)

    def count(self, namespaces: Sequence[str]) -> dict[str, int]:
        """Return how many keys each namespace has."""
        counts = dict.fromkeys(namespaces, 0)
        for held in self.values.held():
            if isinstance(held, tuple) and held[0] in counts:
                counts[held[0]] += 1
        return counts

    def forget(self) -> None:
        """Clear everything."""
        self.values.clear()
        with self._lock:
            self._generations.clear()


class RedisStore:
    """Values that all processes and machines share: `cache:{namespace}:...` behind the prefix."""

    def __init__(self, link: RedisLink, keys: Keys, *, now_s: Callable[[], float] = time.time) -> None:
        self.link = link
        self._keys = keys
        self._now_s = now_s
        self._lock = threading.Lock()
        self._current: dict[str, str] = {}
        self._past: dict[str, dict[str, None]] = {}  # generations that are over, the newest last

    def look(self, namespace: str, key: str) -> Look:
        """Return generation, version of the data and value, in one round trip but for the first time."""
        asked = [self._generation_key(namespace), self._keys.version, self._value_key(namespace, key)]
        found: Any = self.link.call(lambda client: client.mget(asked))
        word = _word(found[0])
        if word is None or self._is_over(namespace, word):
            return Look(self._begin(namespace, anew=found[0] is not None), found[1], None)
        return Look(word, found[1], found[2])

    def put(self, namespace: str, key: str, generation: str, blob: bytes, life_s: float) -> None:
        """Store `blob`, which carries `generation`, and count its key."""
        index = self._index_key(namespace, generation)
        now_s = self._now_s()

        def send(client: redis.Redis) -> None:
            with client.pipeline(transaction=False) as pipeline:
                pipeline.set(self._value_key(namespace, key), blob, px=max(1, round(life_s * 1_000)))
                pipeline.zadd(index, {encoded(key): now_s + life_s})
                pipeline.zremrangebyscore(index, "-inf", now_s)
                pipeline.expire(index, max(_INDEX_LIFE_S, int(life_s) + 1))
                stored, *_ = pipeline.execute(raise_on_error=False)
            _raise(stored)

        self.link.call(send)

    def delete(self, namespace: str, key: str) -> None:
        """Forget one key."""
        generation = self._current.get(namespace)

        def send(client: redis.Redis) -> None:
            with client.pipeline(transaction=False) as pipeline:
                pipeline.delete(self._value_key(namespace, key))
                if generation is not None:
                    pipeline.zrem(self._index_key(namespace, generation), encoded(key))
                deleted, *_ = pipeline.execute(raise_on_error=False)
            _raise(deleted)

        self.link.call(send)

    def renew(self, namespaces: Sequence[str]) -> None:
        """Clear `namespaces`, for everybody."""
        words = {namespace: new_word() for namespace in namespaces}
        values = {self._generation_key(namespace): word for namespace, word in words.items()}
        if values:
            self.link.call(lambda client: client.mset(values))
        for namespace, word in words.items():
            self._is_over(namespace, word)

    def count(self, namespaces: Sequence[str]) -> dict[str, int]:
        """Return how many keys each namespace has; one whose index is not ours has none."""
        known = {name: self._current[name] for name in namespaces if name in self._current}
        now_s = self._now_s()

        def send(client: redis.Redis) -> list[object]:
            with client.pipeline(transaction=False) as pipeline:
                for namespace, generation in known.items():
                    pipeline.zcount(self._index_key(namespace, generation), now_s, "+inf")
                counted: list[object] = pipeline.execute(raise_on_error=False)
            return counted

        counts = dict.fromkeys(namespaces, 0)
        answers = self.link.call(send) if known else []
        for namespace, answer in zip(known, answers, strict=True):
            counts[namespace] = answer if isinstance(answer, int) else 0
        return counts

    def _begin(self, namespace: str, *, anew: bool) -> str:
        """Return the namespace's generation after giving it one: always when `anew`, else if it has none."""
        key = self._generation_key(namespace)

        def send(client: redis.Redis) -> Any:
            with client.pipeline(transaction=False) as pipeline:
                pipeline.set(key, new_word(), nx=not anew)
                pipeline.get(key)
                began, held = pipeline.execute(raise_on_error=False)
            _raise(began)
            return held

        word = _word(self.link.call(send))
        if word is None:
            if anew:
                raise redis.ResponseError(f"{key} cannot be set")
            return self._begin(namespace, anew=True)  # something else stands there, of another type perhaps
        self._is_over(namespace, word)
        return word

    def _is_over(self, namespace: str, word: str) -> bool:
        """Take note of `word`; True when it is one that was followed by another before.

        That is how a Redis shows itself that came back with older data: a replica that became primary before
        it had everything, a restart from an older file.
        """
        with self._lock:
            current = self._current.get(namespace)
            if word == current:
                return False
            past = self._past.setdefault(namespace, {})
            if word in past:
                return True
            if current is not None:
                past[current] = None
                if len(past) > _LONGEST_PAST:
                    del past[next(iter(past))]
            self._current[namespace] = word
            return False

    def _generation_key(self, namespace: str) -> str:
        return self._keys.named("cache", encoded(namespace), "generation")

    def _value_key(self, namespace: str, key: str) -> str:
        return self._keys.named("cache", encoded(namespace), "value", encoded(key))

    def _index_key(self, namespace: str, generation: str) -> str:
        return self._keys.named("cache", encoded(namespace), "keys", generation)


def _word(blob: object) -> str | None:
    """Return a generation that stands in Redis; what is none of ours counts as none."""
    if not isinstance(blob, bytes) or len(blob) > _LONGEST_WORD or not blob.isalnum():
        return None
    return blob.decode("ascii", "replace")


def _raise(answer: object) -> None:
    if isinstance(answer, redis.RedisError):
        raise answer
