"""An engine of sample data, for the pictures in the documentation, the window's tests and its benchmark.

Everything follows from the clock it is given, so that the same moment always gives the same picture. Its
rounds are marked as simulated, as everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.messages import (
    AgentState,
    InstanceInfo,
    LiveState,
    Origin,
    RoundBrief,
    SessionState,
    WorkerState,
    WorkerStatus,
    WriterHealth,
)
from gui.sample.rounds import SampleRounds

NAMES = ("Admiral", "Mozzart", "BalkanBet", "Soccer", "Meridian", "MaxBet", "StarBet", "VolcanoBet")

_GROUPS = "ABCDEFAG"
_SECOND_US = 1_000_000
_TICK_US = 100_000  # sources speak ten times a second
_RUNNING, _BACKING_OFF, _PAUSED = WorkerState.RUNNING, WorkerState.BACKING_OFF, WorkerState.PAUSED


def names(count: int) -> tuple[str, ...]:
    """Return `count` bookmakers: the shipped eight, then "Admiral 2" and so on."""
    made = []
    for index in range(count):
        lap = index // len(NAMES)
        made.append(NAMES[index % len(NAMES)] + (f" {lap + 1}" if lap else ""))
    return tuple(made)


@dataclass(slots=True)
class SampleWorker:
    """One sample worker: what the operator did to it and what happened to it."""

    name: str
    group: str
    pid: int
    rounds: SampleRounds
    status: WorkerStatus
    silent_from_us: int | None = None  # its feed stopped then
    live: LiveState | None = None
    live_tick: int = -1


class SampleEngine:
    """Live view, controls and last rounds in one, for `count` bookmakers.

    With `troubles` the seventh is silent, the eighth backs off and, in a large wall, two more are paused.
    Commands take effect at once and are kept in `commands`.
    """

    def __init__(
        self,
        count: int,
        *,
        now_us: Callable[[], int],
        monotonic_us: Callable[[], int],
        troubles: bool = True,
        bookmakers: Sequence[str] | None = None,
        origin: Origin = Origin.SIMULATOR,
    ) -> None:
        self.now_us = now_us
        self.monotonic_us = monotonic_us
        self.origin = origin
        self.began_us = now_us()
        self.commands: list[tuple[str, tuple[str, ...]]] = []
        self.workers = [self._worker(index, name) for index, name in enumerate(bookmakers or names(count))]
        self._by_name = {worker.name: worker for worker in self.workers}
        if troubles:
            self._add_troubles()

    def _worker(self, index: int, name: str) -> SampleWorker:
        group = _GROUPS[index % len(_GROUPS)]
        pid = 4000 + index
        status = WorkerStatus(
            bookmaker=name, group=group, state=_RUNNING, reason="", since_us=self.began_us, pid=pid
        )
        return SampleWorker(name, group, pid, SampleRounds(index, self.began_us), status)

    def _add_troubles(self) -> None:
        silent, failed, *paused = (6, 7) if len(self.workers) < 20 else (25, 17, 40, 41)
        now_us = self.began_us
        for index, worker in enumerate(self.workers):
            if index == silent:
                worker.silent_from_us = now_us - 41 * _SECOND_US
                worker.rounds = SampleRounds(6, worker.silent_from_us)
            elif index == failed:
                again_us = now_us + 4 * _SECOND_US
                self._set(worker, _BACKING_OFF, "worker exited (signal 9)", again_us)
            elif index in paused:
                self._set(worker, _PAUSED, "paused by you")

    def _set(self, worker: SampleWorker, state: WorkerState, reason: str, restart_at_us: int = 0) -> None:
        running = state in (_RUNNING, _PAUSED)
        worker.status = WorkerStatus(
            bookmaker=worker.name,
            group=worker.group,
            state=state,
            reason=reason,
            since_us=self.now_us() - (0 if running else 2 * _SECOND_US),
            restart_at_us=restart_at_us,
            restarts=2 if restart_at_us else 0,
            pid=worker.pid if running else 0,
        )
        worker.live_tick = -1

    # The live board.

    def snapshot(self) -> BoardSnapshot:
        """Return the board at this moment."""
        now_us, monotonic_us = self.now_us(), self.monotonic_us()
        for worker in self.workers:
            self._observe(worker, now_us, monotonic_us)
        workers = tuple(WorkerView(status=worker.status, live=worker.live) for worker in self.workers)
        instance = InstanceInfo(
            pid=3999,
            started_at_us=self.began_us - 3_600 * _SECOND_US,
            heartbeat_us=monotonic_us,
            command="window",
            writer_address="",
            writer_state=_RUNNING,
        )
        writer = WriterHealth(
            pid=3998,
            heartbeat_us=monotonic_us,
            version=30_724,
            commits=30_724,
            rows=30_724,
            commit_p50_us=600,
            commit_p99_us=2_500,
            last_commit_at_us=now_us,
            database_bytes=1_200_000_000,
            workers=len(workers),
            viewers=1,
        )
        return BoardSnapshot(instance=instance, writer=writer, workers=workers)

    def _observe(self, worker: SampleWorker, now_us: int, monotonic_us: int) -> None:
        seen_us = now_us if worker.silent_from_us is None else min(now_us, worker.silent_from_us)
        tick = now_us // _TICK_US
        if tick == worker.live_tick:
            return
        worker.live_tick = tick
        if worker.status.state is not _RUNNING:
            seen_us = min(seen_us, worker.status.since_us)
        phase, centi, started_us, ends_us = worker.rounds.at(seen_us)
        worker.live = LiveState(
            bookmaker=worker.name,
            pid=worker.pid,
            heartbeat_us=monotonic_us - (now_us - seen_us if worker.status.pid == 0 else 0),
            origin=self.origin,
            phase=phase,
            round_id=str(len(worker.rounds.finished)),
            multiplier_centi=centi,
            phase_started_at_us=started_us,
            phase_ends_at_us=ends_us,
            observed_at_us=seen_us,
            players=120,
            stake_minor=250_000,
            currency="EUR",
            paused=worker.status.state is _PAUSED,
            received=3_816,
            committed=3_816,
            connected=True,
            agents=tuple(AgentState(name=name, running=True) for name in ("betting", "rgb", "session")),
            session=SessionState(
                opened_at_us=self.began_us - 3_600 * _SECOND_US,
                keep_alives_sent=60,
                next_keep_alive_at_us=now_us + 30 * _SECOND_US,
                last_sign_of_life_at_us=seen_us,
            ),
        )

    # Commands.

    def start(self, names: Sequence[str]) -> None:
        """Set the workers running."""
        self._command("start", names, _RUNNING, "")

    def stop(self, names: Sequence[str]) -> None:
        """Set the workers stopped."""
        self._command("stop", names, WorkerState.STOPPED, "stopped by you")

    def restart(self, names: Sequence[str]) -> None:
        """Set the workers running."""
        self._command("restart", names, _RUNNING, "")

    def pause(self, names: Sequence[str]) -> None:
        """Set the workers paused."""
        self._command("pause", names, _PAUSED, "paused by you")

    def _command(self, command: str, names: Sequence[str], state: WorkerState, reason: str) -> None:
        self.commands.append((command, tuple(names)))
        for name in names:
            self._set(self._by_name[name], state, reason)

    # Stored rounds.

    def last(self, bookmaker: str) -> RoundBrief | None:
        """Return the newest round."""
        finished = self._by_name[bookmaker].rounds.finished
        return finished[-1] if finished else None

    def recent(self, bookmaker: str, count: int) -> Sequence[RoundBrief]:
        """Return the newest rounds, oldest first."""
        return self._by_name[bookmaker].rounds.finished[-count:]
