"""The writer process: the only one that writes the database, from its lock to its last checkpoint."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from config.redis_target import RedisTarget
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.errors import AviatorError, DatabaseBlockedError
from data_layer.instance import writer_lock
from data_layer.messages import Command, Stop, UseRedis
from orchestration import writer_address
from orchestration.backoff import Backoff
from orchestration.control import ChildControl, shield_from_terminal
from orchestration.live_board import LiveBoard
from orchestration.log_lines import log_through
from orchestration.orphans import be_woken_at_parents_death
from orchestration.redis_publishing import RedisPublishing
from orchestration.remote.intake_switch import IntakeSwitch
from orchestration.writer_pruning import WriterPruning
from orchestration.writer_pulse import WriterPulse
from orchestration.writer_server import RETRY, WriterServer
from orchestration.writer_spec import PROCESS_NAME, WriterSpec

_GRACE_S = 1.5  # between the parent's death and the end of this process, committed or not
_ORPHAN_COMMIT_S = 1.0
_OPENING_LIMIT_S = 600.0  # a migration or the recovery of a big log may hold the loop for so long
_BEAT_S = 0.25
_LOCK_POLL_S = 0.05

ResultT = TypeVar("ResultT")

_log = logging.getLogger(__name__)


def run_writer(spec: WriterSpec, pipe: Connection) -> None:
    """Entry of the writer process: serve until told to stop, or until the parent is gone."""
    run_process(WriterProcess, spec, pipe)


def run_process(kind: "type[WriterProcess]", spec: WriterSpec, pipe: Connection) -> None:
    """Be the writer of `kind` to the workers of `spec`."""
    shield_from_terminal()
    be_woken_at_parents_death()
    control = ChildControl(pipe, process=kind.name, grace_s=_GRACE_S)
    log_through(control, kind.name, spec.log_level)
    writer = kind(spec, control)
    try:
        asyncio.run(writer.run())
        control.ending("stopped")
    except (AviatorError, OSError) as error:
        _log.error("the %s cannot serve: %s", kind.name, error)
        control.ending(str(error), permanent=not writer.has_served)
        raise SystemExit(1) from None
    except Exception as error:  # noqa: BLE001  # the process ends all the same, its parent learns why
        _log.exception("the %s failed", kind.name)
        control.ending(f"{type(error).__name__}: {error}")
        raise SystemExit(1) from None
    finally:
        control.flush()


class WriterProcess:
    """One life of the writer process."""

    name = PROCESS_NAME

    def __init__(self, spec: WriterSpec, control: ChildControl) -> None:
        self._spec = spec
        self._control = control
        self._commit_within_s = 0.0
        self._redis = spec.redis
        self._intake: IntakeSwitch | None = None
        self._publishing = RedisPublishing(
            spec.database_path,
            metrics_life_s=spec.metrics_life_s,
            metrics_refresh_s=spec.metrics_refresh_s,
        )
        self.has_served = False  # then a fault may pass, and a restart is worth trying at once

    async def run(self) -> None:
        """Take the lock, open the database, serve, and end in order. Raises what made it end otherwise."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        loop.set_exception_handler(lambda _, context: _fail(ended, context))
        self._attach(loop, ended)
        board = LiveBoard.open(self._spec.board_path, readonly=False)
        pulse = WriterPulse(board, self._spec.database_path, os.getpid())
        pulse.start()
        beating = asyncio.create_task(_beat(pulse))
        try:
            async with self._lock(pulse, ended) as locked:
                if locked:
                    await self.serve(pulse, ended)
        finally:
            beating.cancel()
            pulse.close()

    def _attach(self, loop: asyncio.AbstractEventLoop, ended: "asyncio.Future[None]") -> None:
        def on_command(command: Command) -> None:
            if isinstance(command, Stop):
                self._commit_within_s = command.drain_s
                _settle(ended)
            elif isinstance(command, UseRedis):
                self.use_redis(command.target)

        def on_parent_died() -> None:
            self._commit_within_s = _ORPHAN_COMMIT_S
            _settle(ended)

        self._control.attach(loop, on_command, on_parent_died)

    @contextlib.asynccontextmanager
    async def _lock(self, pulse: WriterPulse, ended: "asyncio.Future[None]") -> AsyncIterator[bool]:
        """Hold the writer lock inside; yields False when the end came first.

        A writer that was killed loses its lock with its life; one that is only slow to end keeps it, and this
        one waits rather than write beside it.
        """
        lock = writer_lock(self._spec.data_dir)
        while not lock.acquire():
            pulse.say(trouble="another process still writes this database; waiting for it to end")
            await asyncio.wait([ended], timeout=_LOCK_POLL_S)
            if ended.done():
                yield False
                return
        pulse.say(trouble="")
        try:
            yield True
        finally:
            lock.release()

    async def serve(self, pulse: WriterPulse, ended: "asyncio.Future[None]") -> None:
        """Serve workers and viewers until `ended`. The writer lock is held."""
        spec = self._spec
        database = await _when_it_can_be(self._open, pulse, ended)
        if database is None:
            return
        server = WriterServer(database, pulse, spec.secret, on_commit=self._publishing.committed)
        pruning = WriterPruning(database, server, pulse)
        pulse.ask_redis(lambda: self._publishing.health)
        try:
            listener = await _when_it_can_be(lambda: writer_address.listen(spec.address), pulse, ended)
            if listener is None:
                return
            await server.start(listener)
            self.has_served = True
            self._publishing.use(self._redis)
            self._intake = IntakeSwitch(server, pulse, spec.secret, str(spec.data_dir))
            self._intake.use(self._redis)
            pruning.start()
            self._control.ready()
            await ended
            self._intake.stop_reading()
            if not await server.close(self._commit_within_s):
                _log.error("what could not be committed stays in the outboxes of the workers")
            await self._intake.close()
        finally:
            pruning.close()
            self._publishing.close()
            with pulse.held(_OPENING_LIMIT_S):
                database.close()

    def use_redis(self, target: RedisTarget | None) -> None:
        """Take rounds of other machines from `target` and publish there from now on, or do without Redis."""
        self._redis = target
        if self._intake is not None:
            self._intake.use(target)
            self._publishing.use(target)

    def _open(self) -> BatchDatabaseWriter:
        return BatchDatabaseWriter(
            self._spec.database_path,
            thresholds_centi=self._spec.thresholds_centi,
            retention=self._spec.retention,
        )


async def _when_it_can_be(
    attempt: Callable[[], ResultT], pulse: WriterPulse, ended: "asyncio.Future[None]"
) -> ResultT | None:
    """Return what `attempt` returns, tried again while disk or lock are in its way; None at the end."""
    retry = Backoff(RETRY)
    told = ""
    while not ended.done():
        try:
            with pulse.held(_OPENING_LIMIT_S):
                result = attempt()
        except (DatabaseBlockedError, OSError) as error:
            if str(error) != told:
                told = str(error)
                _log.error("the writer cannot begin, nothing is lost, it tries again: %s", error)
            pulse.say(trouble=told)
            await asyncio.wait([ended], timeout=retry.after_failure(0.0))
        else:
            pulse.say(trouble="")
            return result
    return None


async def _beat(pulse: WriterPulse) -> None:
    while True:
        pulse.beat()
        await asyncio.sleep(_BEAT_S)


def _settle(ended: "asyncio.Future[None]") -> None:
    if not ended.done():
        ended.set_result(None)


def _fail(ended: "asyncio.Future[None]", context: dict[str, object]) -> None:
    """End the process for a mistake of ours in a callback, which asyncio would only log."""
    error = context.get("exception")
    if not ended.done():
        ended.set_exception(error if isinstance(error, Exception) else RuntimeError(str(context["message"])))
