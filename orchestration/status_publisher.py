"""What the supervisor knows, on the live board and for those who wait for it."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from data_layer.messages import InstanceInfo, WorkerState, WorkerStatus
from orchestration.live_board import LiveBoard
from orchestration.supervised_child import SupervisedChild
from orchestration.worker_spec import WorkerSpec
from utils import clock

_INTERRUPTIBLE_S = 0.25  # Windows delivers Ctrl-C only between waits


class StatusPublisher:
    """Writes the supervisor's slots. `publish` belongs to its thread, the rest to any."""

    def __init__(self, board: LiveBoard, info: InstanceInfo, specs: Mapping[str, WorkerSpec]) -> None:
        """`specs` by bookmaker, in the order of the configuration."""
        self._board = board
        self._info = info
        self._specs = specs
        self._changed = threading.Condition()
        self._shown: dict[str, WorkerStatus] = {}
        self._closed = False

    def publish(self, workers: Mapping[str, SupervisedChild], writer: SupervisedChild) -> None:
        """Write what has changed, and this instance's own heartbeat."""
        changed = {}
        for name, worker in workers.items():
            status = _status_of(worker, self._specs[name])
            if status != self._shown.get(name):
                changed[name] = status
                self._board.write_status(self._specs[name].slot, status)
        self._board.write_instance(
            msgspec.structs.replace(
                self._info,
                heartbeat_us=clock.monotonic_us(),
                writer_state=writer.state,
                writer_reason=writer.reason or self._what_holds_up(writer),
                writer_restarts=writer.restarts,
            )
        )
        if changed:
            with self._changed:
                self._shown |= changed
                self._changed.notify_all()

    def wait_until(
        self, condition: Callable[[Sequence[WorkerStatus]], bool], timeout_s: float | None
    ) -> bool:
        """Wait until `condition` holds of the workers' statuses, or `close`; tell whether it does."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._changed:
            while not (holds := condition(tuple(self._shown.values()))) and not self._closed:
                left_s = _INTERRUPTIBLE_S if deadline is None else deadline - time.monotonic()
                if left_s <= 0:
                    break
                self._changed.wait(min(left_s, _INTERRUPTIBLE_S))
            return holds

    def close(self) -> None:
        """Release those who wait: nothing will change any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _what_holds_up(self, writer: SupervisedChild) -> str:
        """Return what a writer that cannot begin yet says of it."""
        health = self._board.read_writer() if writer.state is WorkerState.STARTING else None
        return health.trouble if health is not None and health.pid == writer.pid else ""


def _status_of(worker: SupervisedChild, spec: WorkerSpec) -> WorkerStatus:
    return WorkerStatus(
        bookmaker=spec.bookmaker.name,
        group=spec.bookmaker.group,
        state=worker.state,
        reason=worker.reason,
        since_us=worker.since_us,
        restart_at_us=worker.restart_at_us,
        restarts=worker.restarts,
        pid=worker.pid,
        finished=worker.finished,
    )
