"""The engine: everything behind the views, put together for one data directory and taken apart again.

`main.py` builds one for the window or for a headless run, hands its live view, controls and log to the view,
and stops it at the end. What may be refused is refused when it is prepared; the children start later, so that
they do not keep the window from being painted. What takes time happens on the supervisor's thread.
"""

import atexit
import logging
import os
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from config.redis_target import RedisTarget
from config.retention import EVERYTHING, Retention
from config.specs import DEFAULT_THRESHOLDS_CENTI, BookmakerSpec, ChainSpec, ReplaySpec, SimulatorSpec
from data_layer import writer_endpoint
from data_layer.database.connection import DATABASE_NAME, migrate_older
from data_layer.engine import Controls, LiveView, LogTap
from data_layer.errors import AviatorError, DataDirectoryError, InstanceRunningError
from data_layer.instance import InstanceLock, sole_writer
from data_layer.messages import InstanceInfo, WorkerState, WorkerStatus
from data_layer.writer_endpoint import WriterEndpoint
from orchestration import writer_address
from orchestration.entries import run_relay, run_worker, run_writer
from orchestration.live_board import LiveBoard
from orchestration.log_lines import LogBook
from orchestration.processes import StartMethod, best_start_method, make_project_importable
from orchestration.remote.elsewhere import Elsewhere
from orchestration.run_report import RunReport, Standing, make_report, take_standing
from orchestration.supervised_child import SupervisionPolicy
from orchestration.supervisor import Supervisor
from orchestration.worker_spec import WorkerSpec, outbox_file
from orchestration.writer_spec import WriterSpec
from utils import clock
from utils.plurals import counted

if TYPE_CHECKING:
    from data_layer.database.writer import BatchDatabaseWriter

_PREDECESSOR_S = 3.0  # children of a killed instance end within two seconds of it
_INTERRUPTIBLE_S = 0.25  # Windows delivers Ctrl-C only between waits

_log = logging.getLogger(__name__)


class Engine:
    """One running instance. Prepared, started and stopped once."""

    def __init__(
        self,
        data_dir: Path,
        specs: Sequence[BookmakerSpec],
        *,
        command: str,
        thresholds_centi: tuple[int, ...] = DEFAULT_THRESHOLDS_CENTI,
        retention: Retention = EVERYTHING,
        log_level: int = logging.INFO,
        start_method: StartMethod | None = None,
        policy: SupervisionPolicy | None = None,
        worker_entry: Callable[..., None] = run_worker,
        redis: RedisTarget | None = None,
        through_redis: bool = False,
        metrics_life_s: float = 86_400.0,
        metrics_refresh_s: float = 21_600.0,
    ) -> None:
        """`command` names this instance to others: "window", "headless". `prepare` first touches the disk.

        With `through_redis` this is a machine without the database: its rounds go to `redis`, from where the
        central instance takes them, sees these workers and commands them.
        """
        self.data_dir = data_dir.absolute()
        self.database_path = self.data_dir / DATABASE_NAME
        self._specs = tuple(specs)
        self._command = command
        self._thresholds_centi = thresholds_centi
        self._retention = retention
        self._log_level = log_level
        self._start_method = start_method or best_start_method()
        self._policy = policy
        self._worker_entry = worker_entry
        self._redis = redis
        self._through_redis = through_redis
        self._metrics_life_s = metrics_life_s
        self._metrics_refresh_s = metrics_refresh_s
        self._lock = InstanceLock(self.data_dir, command)
        self._log_book = LogBook(self.data_dir / "logs" / "aviator.log")
        self._log_handler = self._log_book.handler()
        self._root_level = logging.WARNING
        self._running: _Running | None = None
        self._stopped = False

    def prepare(self) -> None:
        """Take the data directory and make what views look at: the board, on which all workers are starting.

        Raises `InstanceRunningError` when the directory is taken, `DataDirectoryError` when it is of no use.
        The database is not looked at: `check_usable` is the caller's first step. No process is started.
        """
        make_project_importable()
        record = self._lock.acquire()
        try:
            self._running = self._put_together(record.started_at_us)
        except BaseException:
            self._lock.release()
            raise
        root = logging.getLogger()
        self._root_level = root.level
        root.addHandler(self._log_handler)
        root.setLevel(self._log_level)
        self._log_book.start()

    def start(self) -> None:
        """Begin to start the children and return at once; `prepare` first, unless that was done.

        Raises what `prepare` raises.
        """
        if self._running is None:
            self.prepare()
        # An interpreter that ends without `stop` would wait for its children, who leave every end to us.
        # Registered after multiprocessing's own handler, this one comes first.
        atexit.register(self.stop, 0.0)
        _log.info("started on %s with %s", self.data_dir, counted(len(self._specs), "bookmaker"))
        self._prepared().supervisor.run()
        self._prepared().elsewhere.start()

    def begin_stop(self, drain_s: float | None = None) -> None:
        """Begin to end and return at once: workers drain for `drain_s` at most, then the writer commits.

        Called again with 0 it ends faster. What is recorded stays recorded either way.
        """
        if self._running is not None:
            self._running.supervisor.shut_down(drain_s)

    def stop(self, drain_s: float | None = None) -> None:
        """End everything in order and release the data directory. Safe to call twice, and at any time.

        Ctrl-C while this waits makes it end faster.
        """
        running = self._running
        if running is None or self._stopped:
            return
        self.begin_stop(drain_s)
        ended = not running.supervisor.is_running
        while not ended:
            try:
                ended = running.supervisor.wait_until_ended(_INTERRUPTIBLE_S)
            except KeyboardInterrupt:
                self.begin_stop(0.0)
        self._stopped = True
        atexit.unregister(self.stop)
        running.duration_s = time.monotonic() - running.started_monotonic_s
        running.elsewhere.stop()
        writer_endpoint.withdraw(self.data_dir)
        writer_address.remove(running.endpoint.address)
        _log.info("stopped")
        root = logging.getLogger()
        root.removeHandler(self._log_handler)
        root.setLevel(self._root_level)
        self._log_book.close()
        self._lock.release()

    def use_redis(self, target: RedisTarget | None) -> None:
        """Have the writer and the workers publish to `target` from now on, or to none; returns at once."""
        self._prepared().supervisor.use_redis(target)
        self._prepared().elsewhere.use(target)

    @property
    def controls(self) -> Controls:
        """Commands to the workers."""
        return self._prepared().elsewhere.controls

    @property
    def live_view(self) -> LiveView:
        """The live board, with the workers of other machines."""
        return self._prepared().elsewhere.live_view

    @property
    def log_tap(self) -> LogTap:
        """The log lines of all processes."""
        return self._log_book

    @property
    def endpoint(self) -> WriterEndpoint:
        """Where viewers subscribe to commits, and what they must show."""
        return self._prepared().endpoint

    @property
    def finite(self) -> tuple[str, ...]:
        """Names of the enabled bookmakers whose source comes to an end by itself."""
        return tuple(spec.name for spec in self._specs if spec.enabled and _is_finite(spec))

    def wait_until_exhausted(self, timeout_s: float | None = None) -> bool:
        """Wait until every finite source has ended, failed for good or was stopped; tell whether that is so.

        Also returns when the engine is being stopped.
        """
        finite = frozenset(self.finite)

        def exhausted(statuses: Sequence[WorkerStatus]) -> bool:
            over = (WorkerState.STOPPED, WorkerState.FAILED)
            return finite <= {status.bookmaker for status in statuses if status.state in over}

        return self._prepared().supervisor.wait_until(exhausted, timeout_s)

    def wait_until_running(self, timeout_s: float) -> bool:
        """Wait until every enabled worker has begun; tell whether that is so."""
        enabled = frozenset(spec.name for spec in self._specs if spec.enabled)

        def running(statuses: Sequence[WorkerStatus]) -> bool:
            begun = {
                status.bookmaker
                for status in statuses
                if status.finished or status.state in (WorkerState.RUNNING, WorkerState.PAUSED)
            }
            return enabled <= begun

        return self._prepared().supervisor.wait_until(running, timeout_s)

    def report(self) -> RunReport:
        """Return what the run did, after `stop`. Raises `AviatorError` when the database cannot be read."""
        running = self._prepared()
        try:
            after = take_standing(self.database_path, self._outboxes())
        except apsw.Error as error:
            raise AviatorError(
                f"the run cannot be summed up, the database cannot be read: {error}"
            ) from error
        return make_report(
            running.before,
            after,
            running.board.snapshot().workers,
            replaced=running.supervisor.replaced(),
            started_at_us=running.started_at_us,
            duration_s=running.duration_s,
        )

    def _prepared(self) -> "_Running":
        if self._running is None:
            raise RuntimeError("the engine was not prepared")
        return self._running

    def _outboxes(self) -> dict[str, Path]:
        return {spec.name: outbox_file(self.data_dir, spec.name) for spec in self._specs}

    def _put_together(self, started_at_us: int) -> "_Running":
        endpoint = WriterEndpoint(
            address=writer_address.choose_address(self.data_dir), secret=secrets.token_urlsafe(32)
        )
        writer_endpoint.publish(self.data_dir, endpoint)
        board_path = self.data_dir / "live.board"
        board = _make_board(board_path, len(self._specs))
        supervisor = Supervisor(
            board=board,
            info=InstanceInfo(
                pid=os.getpid(),
                started_at_us=started_at_us,
                heartbeat_us=clock.monotonic_us(),
                command=self._command,
                writer_address=endpoint.address,
            ),
            writer=WriterSpec(
                data_dir=self.data_dir,
                board_path=board_path,
                address=endpoint.address,
                secret=endpoint.secret,
                thresholds_centi=self._thresholds_centi,
                retention=self._retention,
                log_level=self._log_level,
                redis=self._redis,
                metrics_life_s=self._metrics_life_s,
                metrics_refresh_s=self._metrics_refresh_s,
            ),
            writer_entry=run_relay if self._through_redis else run_writer,
            workers=[
                WorkerSpec(
                    bookmaker=spec,
                    slot=slot,
                    board_path=board_path,
                    outbox_path=outbox_file(self.data_dir, spec.name),
                    writer_address=endpoint.address,
                    secret=endpoint.secret,
                    thresholds_centi=self._thresholds_centi,
                    log_level=self._log_level,
                    redis=self._redis,
                )
                for slot, spec in enumerate(self._specs)
            ],
            worker_entry=self._worker_entry,
            start_method=self._start_method,
            on_line=self._log_book.write,
            policy=self._policy,
            before_start=self._look_before,
        )
        elsewhere = Elsewhere(
            self.data_dir, board, supervisor, self._redis, through_redis=self._through_redis
        )
        return _Running(supervisor, board, endpoint, started_at_us, elsewhere)

    def _look_before(self) -> None:
        """Note how things stand, once the children of a killed predecessor are gone.

        Then deliver what bookmakers without a worker have left, so that nothing recorded waits for ever.
        """
        from orchestration import left_over  # loads the writer's code, which nothing needs before

        try:
            with sole_writer(self.data_dir):
                self._note_standing()
                left_over.deliver(self.data_dir / "outbox", self._attended(), self._open_writer)
        except InstanceRunningError as error:
            _log.warning("%s", error)

    def _note_standing(self) -> None:
        try:
            migrate_older(self.database_path)  # else nothing of it could be read before the writer did so
            self._prepared().before = take_standing(self.database_path, self._outboxes())
        except (apsw.Error, AviatorError, OSError) as error:
            _log.error("the counters before this run cannot be read: %s", error)

    def _attended(self) -> set[Path]:
        return {outbox_file(self.data_dir, spec.name) for spec in self._specs if spec.enabled}

    def _open_writer(self) -> "BatchDatabaseWriter":
        from data_layer.database.writer import BatchDatabaseWriter

        return BatchDatabaseWriter(
            self.database_path, thresholds_centi=self._thresholds_centi, retention=self._retention
        )


class _Running:
    """What exists between `prepare` and `stop`."""

    def __init__(
        self,
        supervisor: Supervisor,
        board: LiveBoard,
        endpoint: WriterEndpoint,
        started_at_us: int,
        elsewhere: Elsewhere,
    ) -> None:
        self.elsewhere = elsewhere
        self.supervisor = supervisor
        self.board = board
        self.endpoint = endpoint
        self.started_at_us = started_at_us
        self.started_monotonic_s = time.monotonic()
        self.duration_s = 0.0
        self.before = Standing(counters={}, left_over={})


def _make_board(path: Path, count: int) -> LiveBoard:
    """Make the live board; where open files cannot be replaced, when a predecessor's children have let go."""
    deadline = time.monotonic() + _PREDECESSOR_S
    while True:
        try:
            return LiveBoard.create(path, count)
        except DataDirectoryError:
            if os.name != "nt" or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _is_finite(spec: BookmakerSpec) -> bool:
    source = spec.source
    return isinstance(source, ChainSpec | ReplaySpec) or (
        isinstance(source, SimulatorSpec) and source.rounds is not None
    )
