"""The worker process: one bookmaker's way from its source to the writer, and nothing of any other."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Coroutine
from multiprocessing.connection import Connection

from config.redis_target import RedisTarget
from data_layer.cache.round_publisher import RoundPublisher
from data_layer.errors import AviatorError
from data_layer.messages import Command, Ending, LiveState, Origin, Pause, Resume, Round, Stop, UseRedis
from orchestration.control import PARENT_DIED_EXIT_CODE, ChildControl, shield_from_terminal
from orchestration.live_board import LiveBoard
from orchestration.live_publisher import LivePublisher
from orchestration.log_lines import log_through
from orchestration.orphans import be_woken_at_parents_death
from orchestration.pipeline import Pipeline
from orchestration.sources.base import Pacer, Source
from orchestration.sources.factory import make_source
from orchestration.worker_spec import WorkerSpec
from utils import clock

_BEAT_S = 0.4  # the board promises a heartbeat every 0.5 s
_LAST_PUBLICATION_S = 0.5
_LAST_DELIVERY_S = 1.0  # after a failure, for what is recorded already
_ORIGINS = {"simulator": Origin.SIMULATOR, "chain": Origin.CHAIN, "replay": Origin.REPLAY}

_log = logging.getLogger(__name__)


def run_worker(spec: WorkerSpec, pipe: Connection) -> None:
    """Entry of a worker process: collect until the source ends, a stop is commanded or the parent is gone."""
    name = spec.bookmaker.name
    shield_from_terminal()
    be_woken_at_parents_death()
    control = ChildControl(pipe, process=name)
    log_through(control, name, spec.log_level)
    worker = BookmakerWorker(spec, control)
    try:
        control.report(asyncio.run(worker.run()))
    except AviatorError as error:
        _log.error("The worker cannot go on: %s", error)
        control.ending(str(error), permanent=not worker.has_worked)
        raise SystemExit(1) from None
    except Exception as error:  # noqa: BLE001  # the process ends all the same, its parent learns why
        _log.exception("The worker failed")
        control.ending(f"{type(error).__name__}: {error}")
        raise SystemExit(1) from None
    finally:
        control.flush()


class BookmakerWorker:
    """One life of a worker process: its board slot, its commands, its pipeline, its end."""

    def __init__(self, spec: WorkerSpec, control: ChildControl) -> None:
        self._spec = spec
        self._control = control
        self._pacer = Pacer(spec.bookmaker.source.speed)
        self._origin = _ORIGINS.get(spec.bookmaker.source.kind, Origin.LIVE)
        self._pipeline: Pipeline | None = None
        self._doing = "starting"  # until there is a pipeline
        self._redis: RoundPublisher | None = None

    @property
    def has_worked(self) -> bool:
        """Whether its source told anything: then a fault may pass, and a restart is worth trying at once."""
        return self._pipeline is not None and self._pipeline.received > 0

    async def run(self) -> Ending:
        """Work to the end and say how it came. Raises `AviatorError` for faults of the environment."""
        loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[float] = loop.create_future()
        loop.set_exception_handler(lambda _, context: self._failed(context.get("exception"), context))
        self._publisher = LivePublisher(
            LiveBoard.open(self._spec.board_path, readonly=False), self._spec.slot, self._picture
        )
        self._use_redis(self._spec.redis)
        self._control.attach(loop, self._on_command, self._on_parent_died)
        beating = self._in_background(self._beat())
        try:
            return await self._work_until_stopped()
        finally:
            beating.cancel()
            if self._pipeline is not None:
                await self._pipeline.close()
            if self._redis is not None:
                self._redis.stop(_LAST_PUBLICATION_S)
            self._publisher.close()

    async def _work_until_stopped(self) -> Ending:
        work = asyncio.get_running_loop().create_task(self._work())
        try:
            await asyncio.wait((work, self._stopped), return_when=asyncio.FIRST_COMPLETED)
            if not self._stopped.done():
                return work.result()
        except AviatorError:
            await self._deliver_rest(_LAST_DELIVERY_S)
            raise
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await work
        drain_s = self._stopped.result()
        await self._deliver_rest(drain_s)
        return Ending(reason="stopped")

    async def _work(self) -> Ending:
        source = await self._make_source()
        try:
            self._pipeline = Pipeline(self._spec, source, self._pacer, self._publisher.touch, self._on_round)
            await self._pipeline.prepare(self._in_background)
            self._control.ready()
            reason = await self._pipeline.flow()
        finally:
            await source.close()
        await self._pipeline.drained()
        return Ending(reason=reason, finished=True)

    async def _make_source(self) -> Source:
        """Return the source. A simulator is there at once; a recording or a chain may take a while."""
        spec = self._spec.bookmaker.source
        if spec.kind == "simulator":
            source = make_source(spec, self._pacer)
        else:
            self._doing = f"reading {spec.path.name}" if spec.kind == "replay" else "computing the chain"
            self._publisher.touch()
            source = await asyncio.to_thread(make_source, spec, self._pacer)
        for line in source.describe():
            _log.info("%s", line)
        return source

    async def _deliver_rest(self, within_s: float) -> None:
        if self._pipeline is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._pipeline.drained()

    def _on_round(self, record: Round) -> None:
        if self._redis is not None:
            self._redis.offer(record)

    def _use_redis(self, target: RedisTarget | None) -> None:
        if self._redis is not None:
            self._redis.stop()
        self._redis = None
        if target is not None:
            self._redis = RoundPublisher(target, self._picture)
            self._redis.start()

    async def _beat(self) -> None:
        while True:
            if self._pipeline is not None:
                self._pipeline.retry_outbox()
            self._publisher.write()
            await asyncio.sleep(_BEAT_S)

    def _on_command(self, command: Command) -> None:
        if isinstance(command, Stop):
            if not self._stopped.done():
                self._stopped.set_result(command.drain_s)
            return
        if isinstance(command, Pause):
            self._pacer.pause()
            if self._pipeline is not None:
                self._pipeline.interrupt()
        elif isinstance(command, Resume):
            self._pacer.resume()
        elif isinstance(command, UseRedis):
            self._use_redis(command.target)
        self._publisher.touch()

    def _on_parent_died(self) -> None:
        """End without a word: nobody listens, and everything recorded is in the outbox."""
        if self._pipeline is not None:
            self._pipeline.close_outbox()
        os._exit(PARENT_DIED_EXIT_CODE)

    def _in_background(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        """Run `work` beside everything else; a mistake in it ends the worker."""
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(lambda done: self._failed(None if done.cancelled() else done.exception()))
        return task

    def _failed(self, error: object, context: dict[str, object] | None = None) -> None:
        if error is None and context is not None:
            error = RuntimeError(str(context.get("message")))
        if isinstance(error, BaseException) and not self._stopped.done():
            self._stopped.set_exception(error)

    def _picture(self) -> LiveState:
        pipeline = self._pipeline
        name, beat_us, paused = self._spec.bookmaker.name, clock.monotonic_us(), self._pacer.paused
        if pipeline is None:
            return LiveState(
                bookmaker=name,
                pid=os.getpid(),
                heartbeat_us=beat_us,
                origin=self._origin,
                paused=paused,
                trouble=self._doing,
            )
        state, delivery = pipeline.state, pipeline.delivery
        return LiveState(
            bookmaker=name,
            pid=os.getpid(),
            heartbeat_us=beat_us,
            origin=self._origin,
            phase=state.phase,
            round_id=state.round_id,
            multiplier_centi=state.multiplier_centi,
            phase_started_at_us=state.phase_started_at_us,
            phase_ends_at_us=state.phase_ends_at_us,
            observed_at_us=state.observed_at_us,
            players=state.players,
            stake_minor=state.stake_minor,
            currency=state.currency,
            paused=paused,
            received=pipeline.received,
            outbox=pipeline.pending,
            committed=delivery.committed,
            duplicates=delivery.duplicates,
            quarantined=delivery.quarantined,
            connected=delivery.connected,
            trouble=pipeline.trouble,
            agents=pipeline.agents.states,
            session=pipeline.agents.session,
        )
