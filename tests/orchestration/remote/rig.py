"""Two machines on one: a central instance with the database, and one that delivers to it through Redis."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import apsw

from benchmarks.kill_sweep import compare
from config.redis_target import RedisTarget
from config.specs import BettingSpec, BookmakerSpec, SimulatorSpec
from data_layer.engine import WorkerView
from data_layer.messages import WorkerState, WriterHealth
from orchestration.backoff import BackoffPolicy
from orchestration.engine import Engine
from orchestration.outbox import FileOutbox
from orchestration.supervised_child import SupervisionPolicy
from orchestration.worker_spec import outbox_file
from tests.processes import any_lives

POLICY = SupervisionPolicy(
    hung_after_s=60.0,  # nobody is ended for what a test stops, or for a machine that is busy
    backoff=BackoffPolicy(initial_s=0.05, ceiling_s=0.5, healthy_s=0.5),
)
WAIT_S = 60.0


def load(rounds: int = 5_000) -> list[BookmakerSpec]:
    """Return a source with an outbox that never ends, so that whatever a test does meets it at work, and a
    re-read one of so many rounds that goes at full speed."""
    betting = BettingSpec(bankroll_minor=10**12)
    return [
        BookmakerSpec(name="Steady", source=SimulatorSpec(seed="s", speed=4_000.0), betting=betting),
        BookmakerSpec(
            name="Rushing", source=SimulatorSpec(seed="r", speed=0.0, rounds=rounds), betting=betting
        ),
    ]


class TwoMachines:
    """Both instances, in this process; their children are processes of their own."""

    def __init__(self, directory: Path, target: RedisTarget) -> None:
        self._directory = directory
        self._target = target
        self.central: Engine | None = None
        self.remote: Engine | None = None
        self.specs: list[BookmakerSpec] = []

    def start_central(self, specs: Sequence[BookmakerSpec] = ()) -> Engine:
        """Start the instance with the database; `specs` are its own bookmakers."""
        self.central = Engine(
            self._directory / "central", specs, command="test", policy=POLICY, redis=self._target
        )
        self.central.start()
        return self.central

    def start_remote(self, specs: Sequence[BookmakerSpec] | None = None) -> Engine:
        """Start the instance that delivers through Redis."""
        self.specs = list(load() if specs is None else specs)
        self.remote = Engine(
            self._directory / "remote",
            self.specs,
            command="worker",
            policy=POLICY,
            redis=self._target,
            through_redis=True,
        )
        self.remote.start()
        return self.remote

    def start(self, specs: Sequence[BookmakerSpec] | None = None) -> None:
        """Start both."""
        self.start_central()
        self.start_remote(specs)

    def stop_central(self, drain_s: float | None = None) -> None:
        """End the central instance in order."""
        if self.central is not None:
            self.central.stop(drain_s)

    def stop_remote(self, drain_s: float | None = None) -> None:
        """End the remote instance in order."""
        if self.remote is not None:
            self.remote.stop(drain_s)

    def close(self) -> None:
        """End both at once."""
        try:
            self.stop_remote(0.0)
        finally:
            self.stop_central(0.0)

    def stored(self) -> int:
        """Return how many rounds the database holds."""
        return sum(int(str(count)) for (count,) in self.rows("SELECT count(*) FROM rounds"))

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return the rows of a query; none as long as there is no database."""
        try:
            connection = apsw.Connection(
                str(self._directory / "central" / "aviator.db"), flags=apsw.SQLITE_OPEN_READONLY
            )
        except apsw.CantOpenError:
            return []
        try:
            connection.set_busy_timeout(2_000)
            return list(connection.execute(query))
        except apsw.SQLError:  # the tables are being made
            return []
        finally:
            connection.close()

    def until_stored(self, rounds: int) -> None:
        """Wait until the database holds at least so many rounds."""
        until(lambda: self.stored() >= rounds)

    def until_acknowledged(self) -> None:
        """Wait until every source that ends has done so, and end the remote machine with all acknowledged."""
        assert self.remote is not None
        assert self.remote.wait_until_exhausted(WAIT_S), self.remote.live_view.snapshot()
        until(self._delivering)  # a worker that was just killed has nobody who could deliver what it left
        self.stop_remote(WAIT_S)
        for _, outbox in self._outboxes():
            assert outbox.pending == 0

    def _delivering(self) -> bool:
        """Tell whether every worker of the remote machine that is not stopped is there and in touch."""
        assert self.remote is not None
        views = self.remote.live_view.snapshot().workers
        return all(view.status.state is WorkerState.STOPPED or _in_touch(view) for view in views)

    def _outboxes(self) -> Iterator[tuple[str, FileOutbox]]:
        """Yield what the remote machine's workers have left, by bookmaker, each while it is looked at."""
        assert self.remote is not None
        for spec in self.specs:
            path = outbox_file(self.remote.data_dir, spec.name)
            if path.exists():
                with contextlib.closing(FileOutbox(path)) as outbox:
                    yield spec.name, outbox

    def until_everything_is_stored(self) -> None:
        """Wait until every source has ended, end both, and compare the database with what they told."""
        self.until_acknowledged()
        self.stop_central()
        faults, stored = compare(self._directory / "central" / "aviator.db", self.specs)
        assert not faults, faults
        assert stored >= sum(
            spec.source.rounds or 1 for spec in self.specs if isinstance(spec.source, SimulatorSpec)
        )
        reached = self.rows("SELECT bookmaker, stream, last_position FROM deliveries")
        for name, outbox in self._outboxes():  # also of a source without an end, to its last round
            [(stream, position)] = [
                (stream, position) for owner, stream, position in reached if owner == name
            ]
            kept = outbox.position(str(stream)) or 0
            assert kept <= int(str(position))  # another machine may have told more of the same stream

    def shown(self, bookmaker: str) -> WorkerView | None:
        """Return what the central instance shows of a bookmaker."""
        assert self.central is not None
        views = self.central.live_view.snapshot().workers
        return next((view for view in views if view.status.bookmaker == bookmaker), None)

    def writer(self) -> WriterHealth:
        """Return how the central writer is."""
        return health(self.central)

    def relay(self) -> WriterHealth:
        """Return how its stand-in on the remote machine is."""
        return health(self.remote)


def _in_touch(view: WorkerView) -> bool:
    live = view.live
    return live is not None and live.connected and live.pid == view.status.pid and any_lives([live.pid])


def health(engine: Engine | None) -> WriterHealth:
    """Return the newest word of an instance's writer."""
    assert engine is not None
    until(lambda: engine.live_view.snapshot().writer)
    found = engine.live_view.snapshot().writer
    assert found is not None
    return found


def kill(pid: int) -> None:
    """End a process as kill -9 does, unless it has just ended by itself; return when it is dead."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any_lives([pid]))


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Have a process do nothing inside."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def until(condition: Callable[[], object], within_s: float = WAIT_S) -> None:
    """Return when `condition` holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)
