"""Where CacheManager keeps values: the interface of such a place, and memory. `redis_store` is the other one.

A namespace has a *generation*, a random word. A value carries the generation it was stored in and counts only
while that is the namespace's: a new word clears the namespace everywhere at once, without a scan, and what
is stored late, by a command that was delayed or a computation that began earlier, belongs to the old word.
"""

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from data_layer.cache.memory_cache import MemoryCache


class StoreAwayError(Exception):
    """The store cannot be used at the moment."""


class StoreRefusesError(Exception):
    """The store refuses this command only; the text says why."""


def new_word() -> str:
    """Return the name of a generation."""
    return secrets.token_hex(8)


class Look(NamedTuple):
    """What a look at one key finds, at one moment."""

    generation: str
    blob: bytes | None
    version: int | None = None  # of the data, as far as the store knows it
    era: str = ""  # another one: versions count anew


class Store(Protocol):
    """Values as bytes by namespace and key. Raises `StoreAwayError` and `StoreRefusesError`."""

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
        return Look(generation, self.values.get((namespace, key)))

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
