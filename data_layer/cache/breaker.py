"""Calls to Redis that end in time whatever Redis does, and are not even tried while it is known to be away.

A circuit breaker stands between callers and client. One failure opens it: from then on a call fails at once,
while a thread probes, half open, until Redis takes reads and writes again.
"""

import contextlib
import logging
import re
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import pybreaker
import redis

from data_layer.cache.budget import within
from data_layer.cache.client import PrimaryWatch
from data_layer.errors import AviatorError

CALL_S = 0.2  # the longest that one call takes
FIRST_PROBE_S = 0.25
LONGEST_PROBE_PAUSE_S = 1.0
PROBE_S = 1.0  # a probe may take longer than a call: encrypted connections to far places are made here
_NEVER_S = 1_000_000.0  # only the prober half-opens; the library would go by the wall clock, which jumps
_PROBE_LIFE_MS = 10_000

_OUTAGES = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.OutOfMemoryError,
)
# First words of errors that concern the whole server; redis-py puts a preface before those of pipelines.
_OUTAGE = re.compile(
    r"(?:^|caused error: )"
    r"(?:OOM|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|NOAUTH|WRONGPASS|LOADING|READONLY)\b"
)

ResultT = TypeVar("ResultT")

log = logging.getLogger(__name__)


class RedisUnavailableError(AviatorError):
    """Redis cannot be used at the moment; the text says why."""


def is_outage(error: BaseException) -> bool:
    """Tell whether `error` concerns the whole server, not only the command that met it."""
    if isinstance(error, _OUTAGES):
        return True
    return isinstance(error, redis.ResponseError) and _OUTAGE.search(str(error)) is not None


def in_words(error: BaseException) -> str:
    """Return what the operator is told of `error`."""
    if isinstance(error, redis.AuthenticationError):
        return "refuses the password or user"
    if isinstance(error, redis.exceptions.BusyLoadingError):
        return "is loading its data"
    if isinstance(error, redis.exceptions.ReadOnlyError):
        return "is read-only (a replica)"
    if isinstance(error, redis.exceptions.OutOfMemoryError):
        return "is out of memory"
    if "MISCONF" in str(error):
        return "takes no writes because it cannot save to its disk"
    if isinstance(error, redis.TimeoutError):
        return "does not answer in time"
    if isinstance(error, redis.ConnectionError):
        return "cannot be reached"
    return str(error)[:200] or type(error).__name__


class RedisLink:
    """One client behind a circuit breaker, for any number of threads. No call waits longer than `CALL_S`.

    An outage is one event for dozens of processes: who is not to tell of it in the log is not `telling`.
    """

    def __init__(self, client: redis.Redis, *, address: str, probe_key: str, telling: bool = True) -> None:
        self.address = address
        self._levels = (logging.WARNING, logging.INFO) if telling else (logging.DEBUG, logging.DEBUG)
        self._client = client
        self._probe_key = probe_key
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=1, reset_timeout=_NEVER_S, throw_new_error_on_trip=False, name=address
        )
        self._lock = threading.Lock()
        self._prober: threading.Thread | None = None
        self._closed = threading.Event()
        self._trouble = ""
        self._primary = PrimaryWatch(client)
        self.outages = 0  # how often the circuit opened

    @property
    def available(self) -> bool:
        """Whether calls are tried at the moment."""
        return self._breaker.current_state == pybreaker.STATE_CLOSED and not self._closed.is_set()

    @property
    def trouble(self) -> str:
        """Why Redis is not available, for the operator; empty while it is."""
        return self._trouble

    def call(self, do: Callable[[redis.Redis], ResultT]) -> ResultT:
        """Return `do(client)`.

        Raises `RedisUnavailableError` when Redis is away, and `redis.ResponseError` when it refuses this very
        command only (a key of another type, a missing permission).
        """
        if not self.available:
            raise RedisUnavailableError(f"Redis {self._trouble or 'is not used any more'}")
        try:
            with within(CALL_S):
                self._primary.moved()
                return do(self._client)
        except (redis.RedisError, OSError) as error:
            if isinstance(error, redis.ResponseError) and not is_outage(error):
                raise
            self._opened(error)
            raise RedisUnavailableError(f"Redis {in_words(error)}") from error

    def ping(self) -> float | None:
        """Return how many seconds Redis takes to answer and store something, None when it does not."""
        began = time.perf_counter()
        try:
            self.call(self._probe)
        except RedisUnavailableError:
            return None
        return time.perf_counter() - began

    def close(self) -> None:
        """End probing and connections. Calls fail from now on; may be called more than once."""
        self._closed.set()
        prober = self._prober
        if prober is not None:
            prober.join(PROBE_S + CALL_S)
        self._client.close()

    def _opened(self, error: BaseException) -> None:
        with self._lock:
            if self._closed.is_set():
                return
            opens = self._breaker.current_state == pybreaker.STATE_CLOSED
            self._trouble = in_words(error)
            self._settle(error)
            if opens:
                self.outages += 1
                log.log(self._levels[0], "Redis at %s %s; going on without it", self.address, self._trouble)
                self._prober = threading.Thread(
                    target=self._probe_until_well, name="redis probe", daemon=True
                )
                self._prober.start()

    def _probe_until_well(self) -> None:
        pause_s = FIRST_PROBE_S
        while not self._closed.wait(pause_s):
            pause_s = min(2 * pause_s, LONGEST_PROBE_PAUSE_S)
            failure = self._try()
            with self._lock:
                self._breaker.half_open()
                self._settle(failure)
                self._trouble = in_words(failure) if failure else ""
                if failure is None:
                    log.log(self._levels[1], "Redis at %s is back", self.address)
                    return

    def _try(self) -> BaseException | None:
        try:
            with within(PROBE_S):
                self._probe(self._client)
        except (redis.RedisError, OSError) as error:
            return error
        return None

    def _probe(self, client: redis.Redis) -> None:
        """Read and write: a server that only does the former would serve what nobody renews."""
        with client.pipeline(transaction=False) as pipeline:
            pipeline.ping()
            pipeline.set(self._probe_key, b"1", px=_PROBE_LIFE_MS)
            answers = pipeline.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, redis.RedisError) and is_outage(answer):
                raise answer  # what is not permitted to a user is no outage

    def _settle(self, failure: BaseException | None) -> None:
        """Tell the breaker how an attempt went."""

        def attempt() -> None:
            if failure is not None:
                raise failure

        with contextlib.suppress(redis.RedisError, OSError, pybreaker.CircuitBreakerError):
            self._breaker.call(attempt)
