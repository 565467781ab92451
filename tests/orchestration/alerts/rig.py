"""A whole engine with its alerts watched, on clocks that a test can set forward."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

from config.alert_specs import USUAL_RULES, Rule
from config.redis_target import RedisTarget
from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.alerts.model import Alert, AlertKind
from data_layer.engine import RedisStatus
from orchestration.alerts.delivery import AlertDelivery
from orchestration.alerts.watch import AlertPlan, AlertWatch
from orchestration.backoff import BackoffPolicy
from orchestration.engine import Engine
from orchestration.entries import run_worker
from orchestration.sources.base import SourceEvent
from orchestration.sources.simulator import Simulator
from orchestration.supervised_child import SupervisionPolicy
from orchestration.worker_spec import WorkerSpec
from tests.redis_server import wait_until
from utils import clock

POLICY = SupervisionPolicy(
    hung_after_s=60.0,  # nobody is ended for what a test stops, or for a machine that is busy
    backoff=BackoffPolicy(initial_s=0.05, ceiling_s=1.0),
)
SECOND_US = 1_000_000


class Clocks:
    """Both clocks of this machine, `ahead_us` ahead of it."""

    def __init__(self) -> None:
        self.ahead_us = 0
        self.silent_us = 0  # by so much every heartbeat seems to be older

    def now(self) -> int:
        """The wall clock."""
        return clock.now_us() + self.ahead_us

    def monotonic(self) -> int:
        """The monotonic clock; not ahead, for the heartbeats on the board are of the real one."""
        return clock.monotonic_us() + self.silent_us


class Rig:
    """One engine and its watch. The test looks by `look`; nothing runs on the watch's own thread."""

    def __init__(
        self,
        data_dir: Path,
        *,
        rules: Sequence[Rule] = USUAL_RULES,
        names: Sequence[str] = ("Admiral",),
        speed: float = 300.0,
        redis: RedisTarget | None = None,
        webhook_url: str = "",
        worker_entry: Callable[..., None] = run_worker,
    ) -> None:
        self.clocks = Clocks()
        self.engine = Engine(
            data_dir,
            [BookmakerSpec(name=name, source=SimulatorSpec(seed=name, speed=speed)) for name in names],
            command="test",
            policy=POLICY,
            redis=redis,
            worker_entry=worker_entry,
        )
        self.engine.prepare()
        self.watch = AlertWatch(
            AlertPlan(
                rules=tuple(rules),
                bookmakers=tuple(names),
                thresholds_centi=(150, 200, 1000),
                webhook_url=webhook_url,
            ),
            data_dir,
            self.engine.database_path,
            self.engine.live_view,
            AlertDelivery(lambda: self.engine.endpoint.address, self.engine.endpoint.secret),
            redis=redis,
            redis_status=RedisStatus,
            now=self.clocks.now,
            monotonic=self.clocks.monotonic,
        )

    def start(self) -> None:
        """Start the engine, and look until its workers run and the history was read."""
        self.engine.start()
        self.watch.begin()
        assert self.engine.wait_until_running(30.0)
        self.until(lambda _: self.watch.ready)

    def look(self) -> Sequence[Alert]:
        """Look once; return the active alerts."""
        self.watch.look()
        return self.watch.active()

    def until(self, found: Callable[[Sequence[Alert]], object]) -> Sequence[Alert]:
        """Look until the active alerts are as wanted; return them."""
        wait_until(lambda: bool(found(self.look())), "the alerts are as wanted")
        return self.watch.active()

    @staticmethod
    def wait_for(condition: Callable[[], object]) -> None:
        """Wait until something holds that the watch's own thread brings about."""
        wait_until(lambda: bool(condition()), "the watch does it")

    def stop(self) -> None:
        """End both, in order."""
        try:
            self.watch.stop()
        finally:
            self.engine.stop(0.0)


def stalling_worker(spec: WorkerSpec, pipe: Connection) -> None:
    """Be a worker whose source says nothing while `stall_file` is there."""
    flag = stall_file(spec.outbox_path.parent.parent)
    play = Simulator.events

    async def events(simulator: Simulator, after: int) -> AsyncGenerator[SourceEvent, None]:
        async with contextlib.aclosing(play(simulator, after)) as played:
            async for event in played:
                while flag.exists():
                    await asyncio.sleep(0.01)
                yield event

    with patch.object(Simulator, "events", events):
        run_worker(spec, pipe)


def stall_file(data_dir: Path) -> Path:
    """Return what makes the feeds of a data directory stall."""
    return data_dir / "stall"


def of_kind(alerts: Sequence[Alert], kind: AlertKind) -> list[Alert]:
    """Return the alerts of a kind."""
    return [alert for alert in alerts if alert.kind is kind]
