"""One cache for everything that is computed and may be computed again.

Values are kept as JSON, in Redis for all processes and machines, or in memory while there is no Redis. What
was kept in memory is forgotten when Redis is back, and the namespaces in which something was set, deleted or
cleared meanwhile are cleared in Redis first, so nothing that went stale is served.
"""

import functools
import logging
import threading
import typing
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import msgspec

from data_layer.cache.cache_stores import Store
from data_layer.cache.counters import CacheCounters
from data_layer.cache.single_flight import Flight, SingleFlight
from data_layer.cache.store_switch import MEMORY_BYTES, Moment, StoreSwitch

if TYPE_CHECKING:
    from data_layer.cache.redis_cache import RedisCache

DEFAULT_TTL_S = 3_600.0
WARM_THREADS = 4

P = ParamSpec("P")
ResultT = TypeVar("ResultT")

log = logging.getLogger(__name__)


class _Frame(msgspec.Struct, frozen=True):
    """A value as it is kept."""

    generation: str
    value: msgspec.Raw
    version: int | None = None  # of the data it was computed from, where that matters


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheStats:
    """How the cache does."""

    available: bool  # Redis; False without one
    trouble: str  # why not
    hits: int
    misses: int
    hit_rate: float | None  # None before the first question
    fallbacks: int  # questions and orders that memory took because Redis was away
    foreign: int  # values that were none of ours
    keys: dict[str, int]  # per namespace
    redis_memory_bytes: int | None  # None: no Redis, or it does not say
    memory_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WarmReport:
    """What `warm` did."""

    loaded: int = 0
    present: int = 0  # were there already
    failed: dict[str, str] = field(default_factory=dict)  # key -> error


class CacheManager:
    """Namespaces of computed values. For any number of threads; a call waits for Redis 0.2 s at most."""

    def __init__(self, cache: "RedisCache | None" = None, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self._counters = CacheCounters()
        self._stores = StoreSwitch(memory_bytes, self._counters)
        self._stores.use(cache)
        self._flights = SingleFlight()
        self._lock = threading.Lock()
        self._namespaces: dict[str, None] = {}
        self._known_version: int | None = None
        self._era = ""  # of Redis, in which that version counts

    def use(self, cache: "RedisCache | None") -> None:
        """Keep values in another Redis, or in memory alone, from now on."""
        self._stores.use(cache)

    def note_version(self, version: int) -> None:
        """Take note of a commit: results computed from earlier data are stale from now on."""
        with self._lock:
            self._known_version = max(version, self._known_version or 0)

    def get(
        self, namespace: str, key: str, default: Any = None, *, type: Any = Any, versioned: bool = False
    ) -> Any:
        """Return what is kept under `key`, as `type`; `default` where nothing is. None can be a kept value.

        With `versioned`, a value computed from other data than the newest counts as not there.
        """
        found, value = self._value(self._look(namespace, key), type, versioned)
        return value if found else default

    def set(
        self,
        namespace: str,
        key: str,
        value: Any,
        ttl_s: float = DEFAULT_TTL_S,
        *,
        version: int | None = None,
    ) -> None:
        """Keep `value` for `ttl_s` seconds; `version` is that of the data it was computed from.

        Raises `TypeError` for what has no JSON.
        """
        raw = msgspec.Raw(msgspec.json.encode(value))

        def put(store: Store) -> None:
            generation = store.look(namespace, key).generation
            store.put(namespace, key, generation, _framed(generation, raw, version), ttl_s)

        self._namespaces.setdefault(namespace)
        self._flights.overtake(namespace, key)
        self._stores.order(namespace, put)

    def delete(self, namespace: str, key: str) -> None:
        """Forget one key."""
        self._flights.overtake(namespace, key)
        self._stores.order(namespace, lambda store: store.delete(namespace, key))

    def clear(self, namespace: str) -> None:
        """Forget a whole namespace, for all processes and machines at once."""
        self._flights.overtake(namespace)
        self._stores.order(namespace, lambda store: store.renew([namespace]))

    def compute(
        self,
        namespace: str,
        key: str,
        compute: Callable[[], ResultT],
        ttl_s: float = DEFAULT_TTL_S,
        *,
        type: Any = Any,
        versioned: bool = False,
    ) -> ResultT:
        """Return what is kept under `key`, or `compute()`, which is then kept.

        Threads that miss the same key at the same time share one computation, its error too. What is set,
        deleted, cleared or, with `versioned`, committed while it runs, wins over its result.
        """
        moment = self._look(namespace, key)
        found, value = self._value(moment, type, versioned)
        if found:
            kept: ResultT = value
            return kept
        version = self._newest(moment) if versioned else None

        def fly(flight: Flight) -> ResultT:
            result = compute()
            raw = msgspec.Raw(msgspec.json.encode(result))
            if not flight.overtaken:
                frame = _framed(moment.look.generation, raw, version)
                self._stores.put_back(namespace, key, moment, frame, ttl_s)
            return result

        state = (moment.epoch, moment.look.generation, version)
        computed: ResultT = self._flights.run(namespace, key, state, fly)
        return computed

    def cached(
        self,
        namespace: str,
        ttl: float = DEFAULT_TTL_S,
        key: Callable[..., str] | None = None,
        *,
        versioned: bool = False,
    ) -> Callable[[Callable[P, ResultT]], Callable[P, ResultT]]:
        """Decorate a function whose results are kept for `ttl` seconds.

        `key` makes a key of the arguments; without it they are written as JSON. Results are read back as the
        function's annotated return type.
        """

        def decorate(function: Callable[P, ResultT]) -> Callable[P, ResultT]:
            result_type = typing.get_type_hints(function).get("return", Any)

            @functools.wraps(function)
            def call(*args: P.args, **kwargs: P.kwargs) -> ResultT:
                name = key(*args, **kwargs) if key is not None else _key_of(args, kwargs)
                return self.compute(
                    namespace,
                    name,
                    lambda: function(*args, **kwargs),
                    ttl,
                    type=result_type,
                    versioned=versioned,
                )

            return call

        return decorate

    def warm(
        self,
        namespace: str,
        loader: Callable[[str], Any],
        keys: Iterable[str],
        ttl_s: float = DEFAULT_TTL_S,
        *,
        threads: int = WARM_THREADS,
        versioned: bool = False,
        progress: Callable[[int, int], None] | None = None,  # done, of all; on any of the threads
    ) -> WarmReport:
        """Load the keys that are not kept yet, a few at a time; a loader that fails costs its key only."""
        wanted = list(dict.fromkeys(keys))
        done = loaded = 0
        failed: dict[str, str] = {}
        lock = threading.Lock()

        def load(key: str) -> None:
            nonlocal loaded

            def compute() -> Any:
                nonlocal loaded
                value = loader(key)
                with lock:
                    loaded += 1
                return value

            self.compute(namespace, key, compute, ttl_s, versioned=versioned)

        def one(key: str) -> None:
            nonlocal done
            try:
                load(key)
            except Exception as error:
                log.exception("%s of %s was not loaded", key, namespace)
                failed[key] = f"{type(error).__name__}: {error}"
            with lock:
                done += 1
                so_far = done
            if progress is not None:
                progress(so_far, len(wanted))

        with ThreadPoolExecutor(threads, thread_name_prefix=f"warm {namespace}") as pool:
            list(pool.map(one, wanted))
        return WarmReport(loaded=loaded, present=len(wanted) - loaded - len(failed), failed=failed)

    def stats(self, namespaces: Iterable[str] = ()) -> CacheStats:
        """Return how the cache does, with a few questions to Redis.

        Counted are the keys of `namespaces` and of those that were used here.
        """
        keys = self._stores.count(list(dict.fromkeys([*namespaces, *self._namespaces])))
        counts = self._counters.counts()
        asked = counts.hits + counts.misses
        return CacheStats(
            available=self._stores.available,
            trouble=self._stores.trouble,
            hits=counts.hits,
            misses=counts.misses,
            hit_rate=counts.hits / asked if asked else None,
            fallbacks=counts.unavailable,
            foreign=counts.foreign,
            keys=keys,
            redis_memory_bytes=self._stores.redis_memory_bytes(),
            memory_bytes=self._stores.memory_bytes,
        )

    def _look(self, namespace: str, key: str) -> Moment:
        self._namespaces.setdefault(namespace)
        return self._stores.look(namespace, key)

    def _value(self, moment: Moment, type: Any, versioned: bool) -> tuple[bool, Any]:
        """Tell whether there is a value that counts, and return it."""
        blob = moment.look.blob
        if blob is not None:
            try:
                frame = _frame_decoder.decode(blob)
                if frame.generation == moment.look.generation and self._counts(frame, moment, versioned):
                    value = msgspec.json.decode(frame.value, type=type)
                    self._counters.hit()
                    return True, value
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                self._counters.foreign(str(error))
        self._counters.miss()
        return False, None

    def _counts(self, frame: _Frame, moment: Moment, versioned: bool) -> bool:
        newest = self._newest(moment) if versioned else None
        return not versioned or (newest is not None and frame.version == newest)

    def _newest(self, moment: Moment) -> int | None:
        """Return the newest version of the data that is known here or in Redis."""
        look = moment.look
        with self._lock:
            if look.era and look.era != self._era:
                self._era = look.era
                self._known_version = None  # perhaps of a database that was replaced by an older one
            known = self._known_version
        return max((version for version in (known, look.version) if version is not None), default=None)


_frame_decoder = msgspec.json.Decoder(_Frame)
_frame_encoder = msgspec.json.Encoder()


def _framed(generation: str, raw: msgspec.Raw, version: int | None) -> bytes:
    return _frame_encoder.encode(_Frame(generation=generation, value=raw, version=version))


def _key_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    return msgspec.json.encode([args, kwargs], order="sorted").decode()
