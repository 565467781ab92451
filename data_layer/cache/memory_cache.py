"""Bytes in memory with a life each, bounded in size: what stands in while Redis is away."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

from cachetools import TLRUCache

_SLOT_BYTES = 200  # what an entry costs beside its content


class _Entry(NamedTuple):
    blob: bytes
    life_s: float


class MemoryCache:
    """Holds at most `capacity_bytes`; the entries used longest ago go first. For any number of threads."""

    def __init__(self, capacity_bytes: int, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._entries: TLRUCache[Hashable, _Entry] = TLRUCache(
            maxsize=capacity_bytes,
            ttu=lambda _key, entry, now: now + entry.life_s,
            timer=now_s,
            getsizeof=lambda entry: len(entry.blob) + _SLOT_BYTES,
        )

    def get(self, key: Hashable) -> bytes | None:
        """Return what is held under `key`, None where nothing is (any more)."""
        with self._lock:
            entry = self._entries.get(key)
        return None if entry is None else entry.blob

    def set(self, key: Hashable, blob: bytes, life_s: float) -> None:
        """Hold `blob` for `life_s` seconds, or not at all when it is larger than everything may be."""
        with self._lock:
            self._entries.pop(key, None)
            if life_s > 0 and len(blob) + _SLOT_BYTES <= self._entries.maxsize:
                self._entries[key] = _Entry(blob, life_s)

    def delete(self, key: Hashable) -> None:
        """Forget `key`."""
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def held(self) -> list[Hashable]:
        """Return the keys that are held."""
        with self._lock:
            self._entries.expire()
            return list(self._entries)

    @property
    def size_bytes(self) -> int:
        """What is held, with an estimate of what holding costs."""
        with self._lock:
            return int(self._entries.currsize)
