"""Computes the metrics of every range and keeps them in Redis: at the start, on schedule, after commits."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

import apsw

from data_layer.cache.computed_stats import compute_metrics
from data_layer.cache.metrics_orders import MetricsOrders, MetricsProgress
from data_layer.cache.redis_cache import RedisCache
from data_layer.database import connection, queries
from data_layer.errors import AviatorError
from utils import clock

THREADS = 3  # SQLite lets go of the interpreter while it reads: more than a few gain nothing
AFTER_COMMITS_S = 5.0  # how often new rounds may cause a computation
_LOOK_S = 0.5
_LONGEST_TROUBLE = 200

log = logging.getLogger(__name__)


class MetricsInitializer:
    """One thread that waits, and a small pool that computes the ranges beside each other.

    While Redis is away nothing is computed; when it is back, or was flushed, everything is. The database is
    read over connections of its own, in short transactions. Methods may be called from any thread.
    """

    def __init__(
        self,
        database: Path,
        cache: RedisCache,
        *,
        life_s: float,
        refresh_s: float,
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        """Each value lives `life_s` seconds in Redis; all are computed again every `refresh_s`."""
        self._database = database
        self._cache = cache
        self._life_s = life_s
        self._refresh_s = refresh_s
        self._now = now
        self._orders = MetricsOrders(cache.link, cache.keys)
        self._order = ""  # the newest that is not carried out
        self._changed = threading.Condition()
        self._stopping = False
        self._demanded = True
        self._has_new_rounds = False
        self._ready: set[str] = set()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="redis-metrics", daemon=True)

    @property
    def ranges(self) -> int:
        """How many ranges there are."""
        return len(queries.RANGES)

    @property
    def ranges_ready(self) -> int:
        """How many of them are in Redis since it was last empty or away."""
        return len(self._ready)

    @property
    def trouble(self) -> str:
        """Why the last computation failed, for the operator; empty when it did not."""
        return self._trouble

    def start(self) -> None:
        """Begin; nobody waits for it."""
        self._thread.start()

    def stop(self) -> None:
        """End soon: what is being computed is finished, nothing more begun."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> None:
        """Wait for the end after `stop`."""
        self._thread.join(timeout_s)

    def refresh(self) -> None:
        """Compute everything again, now."""
        with self._changed:
            self._demanded = True
            self._changed.notify_all()

    def look_for_order(self) -> None:
        """Carry out what was ordered through Redis, on whatever machine, and show its progress there."""
        order = self._orders.take()
        if order:
            log.info("the metrics of all ranges are computed anew, as ordered")
            self._order = order
            self._tell(order, 0)
            self.refresh()

    def note_new_rounds(self) -> None:
        """Say that rounds were committed: what is in Redis is renewed within `AFTER_COMMITS_S`."""
        self._has_new_rounds = True

    def start_over(self) -> None:
        """Say that Redis was away or flushed: nothing in it counts as ready."""
        self._ready.clear()
        self.refresh()

    def _run(self) -> None:
        last = 0.0
        with ThreadPoolExecutor(THREADS, thread_name_prefix="redis-metrics") as pool:
            while self._wait_until_due(last):
                with self._changed:
                    self._demanded = self._has_new_rounds = False
                last = time.monotonic()
                if not self._compute_all(pool):
                    with self._changed:
                        self._demanded = True

    def _wait_until_due(self, last: float) -> bool:
        """Return True when something is to be computed, False at the end."""
        with self._changed:
            while not self._stopping:
                since_s = time.monotonic() - last
                after_commits = self._has_new_rounds and since_s >= AFTER_COMMITS_S
                failed_just_now = bool(self._trouble) and since_s < _LOOK_S
                wanted = self._demanded or after_commits or since_s >= self._refresh_s
                if wanted and self._cache.available and not failed_just_now:
                    return True
                self._changed.wait(_LOOK_S)
        return False

    def _compute_all(self, pool: ThreadPoolExecutor) -> bool:
        """Compute and store every range; tell whether all of it worked."""
        began = time.monotonic()
        order, stored = self._order, 0
        if order:
            self._ready.clear()  # for the eye: nothing of it is missing meanwhile
        running: dict[Future[bool], str] = {pool.submit(self._compute, name): name for name in queries.RANGES}
        trouble = ""
        for done in as_completed(running):
            try:
                if done.result():
                    self._ready.add(running[done])
                    stored += 1
                    self._tell(order, stored)
                else:
                    trouble = self._cache.trouble or "Redis did not take the metrics"
            except (AviatorError, apsw.Error, OSError) as error:
                trouble = f"the database cannot be read: {error}"
            except Exception as error:
                log.exception("computing the metrics of %s failed", running[done])
                trouble = f"computing metrics failed: {error!r}"
        self._trouble = trouble
        if trouble:
            self._tell(order, stored, trouble)
        else:
            if order == self._order:
                self._order = ""
            log.debug("metrics of %d ranges stored in %.2f s", len(running), time.monotonic() - began)
        return not trouble

    def _tell(self, order: str, stored: int, trouble: str = "") -> None:
        if order:
            trouble = trouble[:_LONGEST_TROUBLE]
            self._orders.tell(MetricsProgress(order=order, ready=stored, ranges=self.ranges, trouble=trouble))

    def _compute(self, range_name: str) -> bool:
        if self._stopping:
            return False
        reading = connection.open_reader(self._database)
        try:
            total, rows = compute_metrics(reading, range_name, self._now())
        finally:
            reading.close()
        return self._cache.cache_metrics(range_name, rows, total, self._life_s)
