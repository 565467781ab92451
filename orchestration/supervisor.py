"""The supervisor: one thread of the main process that starts, watches and stops the writer and every worker.

It waits for reports and ends of children and for orders, and looks at heartbeats four times a second. What it
knows goes to the live board; nothing of it is ever asked for by a call that could wait.
"""

import collections
import contextlib
import enum
import logging
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing import Pipe, connection
from multiprocessing.connection import Connection

from config.redis_target import RedisTarget
from data_layer.messages import InstanceInfo, LogLine, UseRedis, WorkerStatus
from orchestration.live_board import LiveBoard
from orchestration.processes import Child, Launcher, StartMethod
from orchestration.status_publisher import StatusPublisher
from orchestration.supervised_child import SupervisedChild, SupervisionPolicy
from orchestration.worker_spec import WorkerSpec
from orchestration.writer_spec import PROCESS_NAME, WriterSpec

STOPPED_BY_OPERATOR = "stopped by you"
SWITCHED_OFF = "switched off in the configuration"
CLOSING = "the application is closing"

_TICK_S = 0.25
_STARTING_S = 0.05  # of starting children in a row, before anything else is looked after
_HELD_UP_S = 1.0  # a tick later than this: the machine slept, or the process was stopped
_WRITER_DRAIN_S = 5.0
_WINDOWS_WAIT_LIMIT = 60  # objects that one wait of Windows takes, with room to spare

_log = logging.getLogger(__name__)

Entry = Callable[[WorkerSpec, Connection], None]
WriterEntry = Callable[[WriterSpec, Connection], None]


class _Phase(enum.Enum):
    RUNNING = enum.auto()
    DRAINING = enum.auto()  # the workers end, the writer still serves them
    COMMITTING = enum.auto()  # the writer ends
    ENDED = enum.auto()


class Supervisor:
    """Implements `data_layer.engine.Controls`. Every method may be called on any thread."""

    def __init__(
        self,
        *,
        board: LiveBoard,
        info: InstanceInfo,
        writer: WriterSpec,
        writer_entry: WriterEntry,
        workers: Sequence[WorkerSpec],
        worker_entry: Entry,
        start_method: StartMethod,
        on_line: Callable[[LogLine], None],
        policy: SupervisionPolicy | None = None,
        before_start: Callable[[], None] = lambda: None,
    ) -> None:
        """`before_start` is called on the supervisor's thread before the first child is started."""
        self._board = board
        self._policy = policy or SupervisionPolicy()
        self._redis = writer.redis
        self._launcher = Launcher(start_method)
        self._before_start = before_start
        self._most_loading = len(workers) if start_method == "forkserver" else 2 * (os.cpu_count() or 2)
        self._specs = {spec.bookmaker.name: spec for spec in workers}
        self._workers = {
            name: SupervisedChild(
                name,
                launch=self._worker_launcher(worker_entry, spec),
                heartbeat_us=self._worker_heartbeat(spec.slot),
                on_line=on_line,
                policy=self._policy,
            )
            for name, spec in self._specs.items()
        }
        self._writer = SupervisedChild(
            PROCESS_NAME,
            launch=lambda: self._launcher.start(
                writer_entry, replace(writer, redis=self._redis), PROCESS_NAME
            ),
            heartbeat_us=self._writer_heartbeat,
            on_line=on_line,
            policy=self._policy,
        )
        self._statuses = StatusPublisher(board, info, self._specs)
        self._phase = _Phase.RUNNING
        self._writer_drain_s = _WRITER_DRAIN_S
        self._ended = threading.Event()
        self._lock = (
            threading.RLock()
        )  # of the orders; a signal handler may give one in the middle of another
        self._orders: collections.deque[Callable[[float], None]] = collections.deque()
        self._wake_receive, self._wake_send = Pipe(duplex=False)
        self._woken = False
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._make_all_due()

    # What views and main call.

    def run(self) -> None:
        """Start the thread, which starts the writer and every enabled worker."""
        self._thread.start()

    def start(self, names: Sequence[str]) -> None:
        """See `Controls`. A writer that waits to be tried again is tried at once too."""
        self._order(names, lambda child, now: child.start(now))
        self._post(self._try_writer)

    def stop(self, names: Sequence[str]) -> None:
        """See `Controls`."""
        self._order(names, lambda child, now: child.stop(now, STOPPED_BY_OPERATOR))

    def restart(self, names: Sequence[str]) -> None:
        """See `Controls`."""
        self._order(names, lambda child, now: child.restart(now, STOPPED_BY_OPERATOR))

    def pause(self, names: Sequence[str]) -> None:
        """See `Controls`."""
        self._order(names, lambda child, now: child.pause())

    def use_redis(self, target: RedisTarget | None) -> None:
        """Have the writer and every worker publish to `target` from now on, or to no Redis."""

        def carry_out(_: float) -> None:
            self._redis = target
            for child in self._all():
                child.tell(UseRedis(target=target))

        self._post(carry_out)

    def shut_down(self, drain_s: float | None = None) -> None:
        """Begin to end: workers drain, at most `drain_s`, then the writer commits and ends. Returns at once.

        Called again with a smaller `drain_s` it goes faster. Nothing that is recorded is lost either way.
        """
        self._post(lambda now: self._begin_shut_down(now, drain_s))

    @property
    def is_running(self) -> bool:
        """Whether the thread was started and has not ended."""
        return self._thread.is_alive()

    def wait_until_ended(self, timeout_s: float | None = None) -> bool:
        """Wait until every child has ended after `shut_down`; tell whether that is so."""
        if not self._ended.wait(timeout_s):
            return False
        self._thread.join()
        return True

    def wait_until(
        self, condition: Callable[[Sequence[WorkerStatus]], bool], timeout_s: float | None = None
    ) -> bool:
        """Wait until `condition` holds of the workers' statuses, or all has ended; tell whether it does."""
        return self._statuses.wait_until(condition, timeout_s)

    def replaced(self) -> frozenset[str]:
        """Return the bookmakers whose worker has been more than one process."""
        return frozenset(name for name, worker in self._workers.items() if worker.processes > 1)

    def _make_all_due(self) -> None:
        """Say what becomes of each child before the first is started, so that the board is whole at once."""
        now = time.monotonic()
        self._writer.start(now)
        for name, worker in self._workers.items():
            if self._specs[name].bookmaker.enabled:
                worker.start(now)
            else:
                worker.reason = SWITCHED_OFF
        self._statuses.publish(self._workers, self._writer)

    # The thread.

    def _run(self) -> None:
        try:
            self._before_start()
        except Exception:  # noqa: BLE001  # whatever it is, it must not keep the bookmakers from starting
            _log.exception("what comes before the start failed")
        last_tick = time.monotonic()
        while self._phase is not _Phase.ENDED:
            try:
                last_tick = self._turn(last_tick)
            except Exception:  # noqa: BLE001  # the bookmakers must not lose their supervisor to one mistake
                _log.exception("the supervisor made a mistake and goes on")
                time.sleep(_TICK_S)
        self._wake_receive.close()
        with self._lock:
            self._ended.set()
            self._wake_send.close()
        self._statuses.close()

    def _turn(self, last_tick: float) -> float:
        """Do what is due and wait for more; return when the heartbeats were last looked at."""
        self._statuses.publish(self._workers, self._writer)
        next_start = self._start_due(time.monotonic())
        ready = self._wait(max(0.0, min(next_start, last_tick + _TICK_S) - time.monotonic()))
        now = time.monotonic()
        self._take_orders(now)
        for child in self._all():
            if ready and child.child is not None and not ready.isdisjoint(child.child.waitables()):
                child.attend(now)
        if now - last_tick >= _TICK_S:
            held_up_s = now - last_tick - _TICK_S
            for child in self._all():
                if held_up_s > _HELD_UP_S:
                    child.excuse(held_up_s)
                child.check(now)
            last_tick = now
        self._advance_shut_down(now)
        return last_tick

    def _all(self) -> list[SupervisedChild]:
        return [self._writer, *self._workers.values()]

    def _start_due(self, now: float) -> float:
        """Start what is due, for a moment at most; return when the next start is due."""
        next_start = math.inf
        loading = sum(child.loading for child in self._workers.values())
        for child in self._all():
            is_worker = child is not self._writer
            if is_worker and (loading >= self._most_loading or self._phase is not _Phase.RUNNING):
                continue
            if child.is_due(now) and time.monotonic() < now + _STARTING_S:
                child.launch(now)
                loading += is_worker
            next_start = min(next_start, child.next_start)
        return next_start

    def _wait(self, timeout_s: float) -> set[object]:
        """Return what is ready among the children's pipes and ends, waiting for it at most `timeout_s`."""
        objects: list[Connection | int] = [self._wake_receive]
        for child in self._all():
            if child.child is not None:
                objects += child.child.waitables()
        if sys.platform == "win32" and len(objects) > _WINDOWS_WAIT_LIMIT:
            return _wait_in_parts(objects, timeout_s)
        return set(connection.wait(objects, timeout_s))

    def _take_orders(self, now: float) -> None:
        with self._lock:
            if self._woken:
                self._wake_receive.recv_bytes()
                self._woken = False
            orders = list(self._orders)
            self._orders.clear()
        for order in orders:
            order(now)

    def _post(self, order: Callable[[float], None]) -> None:
        with self._lock:
            if self._ended.is_set():
                return
            self._orders.append(order)
            if not self._woken:
                self._woken = True
                self._wake_send.send_bytes(b"!")

    def _order(self, names: Sequence[str], order: Callable[[SupervisedChild, float], None]) -> None:
        known = [self._workers[name] for name in names if name in self._workers]

        def carry_out(now: float) -> None:
            if self._phase is _Phase.RUNNING:
                for child in known:
                    order(child, now)

        self._post(carry_out)

    def _try_writer(self, now: float) -> None:
        if self._phase is _Phase.RUNNING and self._writer.child is None:
            self._writer.start(now)

    # Ending.

    def _begin_shut_down(self, now: float, drain_s: float | None) -> None:
        if self._phase is _Phase.RUNNING:
            self._phase = _Phase.DRAINING
        if drain_s is not None:
            self._writer_drain_s = min(self._writer_drain_s, drain_s)
        if self._phase is _Phase.DRAINING:
            for worker in self._workers.values():
                worker.stop(now, CLOSING, drain_s=drain_s)
        else:
            self._writer.stop(now, CLOSING, drain_s=self._writer_drain_s)

    def _advance_shut_down(self, now: float) -> None:
        if self._phase is _Phase.DRAINING and not any(worker.child for worker in self._workers.values()):
            self._phase = _Phase.COMMITTING
            self._writer.stop(now, CLOSING, drain_s=self._writer_drain_s)
        if self._phase is _Phase.COMMITTING and self._writer.child is None:
            self._statuses.publish(self._workers, self._writer)
            self._phase = _Phase.ENDED

    def _worker_launcher(self, entry: Entry, spec: WorkerSpec) -> Callable[[], Child]:
        return lambda: self._launcher.start(entry, replace(spec, redis=self._redis), spec.bookmaker.name)

    def _worker_heartbeat(self, slot: int) -> Callable[[int], int | None]:
        def heartbeat_us(pid: int) -> int | None:
            live = self._board.read_live(slot)
            return live.heartbeat_us if live is not None and live.pid == pid else None

        return heartbeat_us

    def _writer_heartbeat(self, pid: int) -> int | None:
        health = self._board.read_writer()
        return health.heartbeat_us if health is not None and health.pid == pid else None


def _wait_in_parts(objects: list[Connection | int], timeout_s: float) -> set[object]:
    """Wait for more objects than Windows takes at once: look at part after part until the time is over."""
    deadline = time.monotonic() + timeout_s
    ready: set[object] = set()
    while True:
        for first in range(0, len(objects), _WINDOWS_WAIT_LIMIT):
            part = objects[first : first + _WINDOWS_WAIT_LIMIT]
            with contextlib.suppress(OSError):
                ready.update(connection.wait(part, 0))
        if ready or time.monotonic() >= deadline:
            return ready
        time.sleep(min(0.01, timeout_s))
