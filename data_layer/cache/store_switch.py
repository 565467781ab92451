"""Which store is in use, Redis or memory, and how to change between them without serving stale values."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from data_layer.cache.cache_stores import Look, MemoryStore, Store, StoreAwayError, StoreRefusesError
from data_layer.cache.counters import CacheCounters

if TYPE_CHECKING:  # `redis` is loaded where it is used, and by a thread
    from data_layer.cache.redis_cache import RedisCache
    from data_layer.cache.redis_store import RedisStore

MEMORY_BYTES = 32 * 1024 * 1024

ResultT = TypeVar("ResultT")


class Moment(NamedTuple):
    """Where a look was taken and what it found, so that a result is put back only where it belongs."""

    store: Store
    epoch: int
    look: Look


class StoreSwitch:
    """Redis when it can be used, else memory.

    While memory is in use, the namespaces in which something is set, deleted or cleared are noted. Before
    Redis is used again they get a new generation there, and memory forgets everything. What fails in Redis
    counts as possibly done and possibly not.
    """

    def __init__(self, memory_bytes: int, counters: CacheCounters) -> None:
        self._memory = MemoryStore(memory_bytes)
        self._counters = counters
        self._lock = threading.Lock()
        self._returning = threading.Lock()
        self._redis: RedisStore | None = None
        self._in_memory = True  # memory may hold something, or Redis not have heard of a change
        self._changed: set[str] = set()  # namespaces of such changes
        self._epoch = 0  # rises whenever the store in use changes

    def use(self, cache: "RedisCache | None") -> None:
        """Use another Redis, or none."""
        store = None
        if cache is not None:
            from data_layer.cache.redis_store import RedisStore

            store = RedisStore(cache.link, cache.keys)
        with self._lock:
            self._redis = store
            self._in_memory = True
            self._epoch += 1

    @property
    def available(self) -> bool:
        """Whether there is a Redis and it can be used."""
        store = self._redis
        return store is not None and store.available

    @property
    def trouble(self) -> str:
        """Why not, for the operator."""
        store = self._redis
        return store.trouble if store is not None else "not configured"

    @property
    def memory_bytes(self) -> int:
        """What memory holds."""
        return self._memory.values.size_bytes

    def look(self, namespace: str, key: str) -> Moment:
        """Look at a key where values are kept now."""
        return self._do(lambda store, epoch: Moment(store, epoch, store.look(namespace, key)))

    def order(self, namespace: str, do: Callable[[Store], None]) -> None:
        """Change something in a namespace, where values are kept now."""

        def run(store: Store, epoch: int) -> Store:
            do(store)
            return store

        if self._do(run) is self._memory:
            with self._lock:
                self._changed.add(namespace)
                self._in_memory = True

    def put_back(self, namespace: str, key: str, moment: Moment, blob: bytes, life_s: float) -> None:
        """Store what was computed since `moment`, unless another store is in use by now."""
        if moment.store is self._memory:
            with self._lock:
                if moment.epoch == self._epoch:
                    self._memory.put(namespace, key, moment.look.generation, blob, life_s)
        elif moment.epoch == self._epoch:
            try:
                moment.store.put(namespace, key, moment.look.generation, blob, life_s)
            except StoreAwayError:
                self._leave_redis()
            except StoreRefusesError as error:
                self._counters.refused(str(error))

    def count(self, namespaces: Sequence[str]) -> dict[str, int]:
        """Return how many keys each namespace has where values are kept now."""
        return self._do(lambda store, epoch: store.count(namespaces))

    def redis_memory_bytes(self) -> int | None:
        """Return what Redis says it uses; None without one, or when it does not say."""
        store = self._redis
        return None if store is None else store.memory_bytes()

    def _do(self, do: Callable[[Store, int], ResultT]) -> ResultT:
        store, epoch = self._choose()
        if store is not self._memory:
            try:
                return do(store, epoch)
            except StoreAwayError:
                pass
            except StoreRefusesError as error:
                self._counters.refused(str(error))
            epoch = self._leave_redis()
        if self._redis is not None:
            self._counters.unavailable()
        return do(self._memory, epoch)

    def _choose(self) -> tuple[Store, int]:
        with self._lock:
            store, epoch = self._redis, self._epoch
            if store is None or not store.available:
                self._in_memory = True
                return self._memory, epoch
            if not self._in_memory:
                return store, epoch
        if self._returning.acquire(blocking=False):  # one thread does it; the others go on in memory
            try:
                return self._return_to(store)
            finally:
                self._returning.release()
        return self._memory, epoch

    def _return_to(self, store: "RedisStore") -> tuple[Store, int]:
        with self._lock:
            changed = set(self._changed)
        try:
            store.renew(sorted(changed))
        except (StoreAwayError, StoreRefusesError):
            return self._memory, self._epoch
        with self._lock:
            if self._redis is not store:
                return self._memory, self._epoch
            self._changed -= changed
            if self._changed:  # something changed in the meantime: not yet
                return self._memory, self._epoch
            self._memory.forget()
            self._in_memory = False
            self._epoch += 1
            return store, self._epoch

    def _leave_redis(self) -> int:
        with self._lock:
            self._in_memory = True
            self._epoch += 1
            return self._epoch
