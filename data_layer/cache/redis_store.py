"""CacheManager's values in Redis, shared by all processes and machines: `cache:{namespace}:...`."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import redis

from data_layer.cache.breaker import RedisLink, RedisUnavailableError
from data_layer.cache.cache_stores import Look, StoreAwayError, StoreRefusesError, new_word
from data_layer.cache.keys import Keys, encoded

_LONGEST_WORD = 64
_LONGEST_PAST = 256  # generations remembered
_LONGEST_VERSION = 19  # digits
_INDEX_LIFE_S = 86_400  # of the list of keys of a generation, from its last key on

ResultT = TypeVar("ResultT")


class RedisStore:
    """A `Store` over one Redis. For any number of threads; a call takes as long as one of its link at most.

    What is looked at carries the *era* too: the writer begins a new one when its database is older than what
    stands here (a backup was restored), because then its versions come a second time.
    """

    def __init__(self, link: RedisLink, keys: Keys, *, now_s: Callable[[], float] = time.time) -> None:
        self._link = link
        self._keys = keys
        self._now_s = now_s
        self._lock = threading.Lock()
        self._current: dict[str, str] = {}
        self._past: dict[str, dict[str, None]] = {}  # generations that are over, the newest last

    @property
    def available(self) -> bool:
        """Whether Redis is tried at the moment."""
        return self._link.available

    @property
    def trouble(self) -> str:
        """Why it is not, for the operator."""
        return self._link.trouble

    def look(self, namespace: str, key: str) -> Look:
        """Return generation, version of the data and value, in one round trip but for the first time."""
        keys = self._keys
        asked = [
            self._generation_key(namespace),
            self._value_key(namespace, key),
            keys.version,
            keys.cache_era,
        ]
        found: Any = self._call(lambda client: client.mget(asked))
        word, blob, version, era = _word(found[0]), found[1], _version(found[2]), _word(found[3]) or ""
        if word is None or self._is_over(namespace, word):
            word, blob = self._begin(namespace, anew=found[0] is not None), None
        return Look(word + era, blob, version, era)

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

        self._call(send)

    def delete(self, namespace: str, key: str) -> None:
        """Forget one key."""
        [generation] = self._generations([namespace])

        def send(client: redis.Redis) -> None:
            with client.pipeline(transaction=False) as pipeline:
                pipeline.delete(self._value_key(namespace, key))
                if generation is not None:
                    pipeline.zrem(self._index_key(namespace, generation), encoded(key))
                deleted, *_ = pipeline.execute(raise_on_error=False)
            _raise(deleted)

        self._call(send)

    def renew(self, namespaces: Sequence[str]) -> None:
        """Clear `namespaces`, for everybody."""
        words = {namespace: new_word() for namespace in namespaces}
        values = {self._generation_key(namespace): word for namespace, word in words.items()}
        if values:
            self._call(lambda client: client.mset(values))
        for namespace, word in words.items():
            self._is_over(namespace, word)

    def count(self, namespaces: Sequence[str]) -> dict[str, int]:
        """Return how many keys each namespace has; one whose index is not ours has none."""
        found = zip(namespaces, self._generations(namespaces), strict=True)
        known = {name: generation for name, generation in found if generation is not None}
        now_s = self._now_s()

        def send(client: redis.Redis) -> list[object]:
            with client.pipeline(transaction=False) as pipeline:
                for namespace, generation in known.items():
                    pipeline.zcount(self._index_key(namespace, generation), now_s, "+inf")
                counted: list[object] = pipeline.execute(raise_on_error=False)
            return counted

        counts = dict.fromkeys(namespaces, 0)
        answers = self._call(send) if known else []
        for namespace, answer in zip(known, answers, strict=True):
            counts[namespace] = answer if isinstance(answer, int) else 0
        return counts

    def memory_bytes(self) -> int | None:
        """Return what Redis says it uses; None when it does not say."""
        try:
            told = self._call(lambda client: client.info("memory"))
        except (StoreAwayError, StoreRefusesError):
            return None
        used = told.get("used_memory") if isinstance(told, dict) else None
        return used if isinstance(used, int) else None

    def _call(self, do: Callable[[redis.Redis], ResultT]) -> ResultT:
        try:
            return self._link.call(do)
        except RedisUnavailableError as error:
            raise StoreAwayError(str(error)) from error
        except redis.ResponseError as error:
            raise StoreRefusesError(str(error)) from error

    def _generations(self, namespaces: Sequence[str]) -> list[str | None]:
        """Return the generations that values of `namespaces` carry now, None where there is none."""
        asked = [self._keys.cache_era, *map(self._generation_key, namespaces)]
        era, *words = (_word(blob) for blob in self._call(lambda client: client.mget(asked)))
        return [None if word is None else word + (era or "") for word in words]

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

        word = _word(self._call(send))
        if word is None:
            if anew:
                raise StoreRefusesError(f"{key} cannot be set")
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


def _version(blob: object) -> int | None:
    if not isinstance(blob, bytes) or len(blob) > _LONGEST_VERSION or not blob.isdigit():
        return None
    return int(blob)


def _raise(answer: object) -> None:
    if isinstance(answer, redis.RedisError):
        raise answer
