"""On a machine without the database: shows its workers to the central instance and takes its orders."""

import logging
import secrets
import socket
import threading
from collections.abc import Callable

import msgspec

from config.redis_target import RedisTarget
from data_layer.cache.remote_states import Order, RemoteState, RemoteStates, RemoteUnreachableError
from data_layer.engine import Controls, LiveView, WorkerView
from data_layer.messages import WorkerState
from orchestration.remote.refusals import RefusalLog
from utils import clock

INTERVAL_S = 0.25
_RETRY_S = 1.0
_LAST_WORD_S = 2.0

_log = logging.getLogger(__name__)


class RemoteReporter:
    """A thread between the live board of this machine and Redis."""

    def __init__(
        self,
        target: RedisTarget,
        live: LiveView,
        controls: Controls,
        *,
        leave_out: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`leave_out` tells of a bookmaker that another machine reports."""
        self._target = target
        self._leave_out = leave_out
        self._live = live
        self._controls = controls
        self._machine = socket.gethostname()
        self.run_id = secrets.token_hex(8)
        self._ended = threading.Event()
        self._refusals = RefusalLog(
            "Other machines do not see these workers", "Other machines see these workers again"
        )
        self._thread = threading.Thread(target=self._run, name="remote-reporter", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def stop(self) -> None:
        """Report the end, if that is possible at once."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_WORD_S)

    def _run(self) -> None:
        states = RemoteStates(self._target)
        try:
            while not self._ended.is_set():
                try:
                    well = self._report(states)
                except Exception:  # noqa: BLE001  # one mistake must not make this machine silent for good
                    _log.exception("the workers could not be reported")
                    well = False
                self._ended.wait(INTERVAL_S if well else _RETRY_S)
            self._report(states, last=True)
        finally:
            states.close()

    def _report(self, states: RemoteStates, *, last: bool = False) -> bool:
        """Show all workers once and carry out orders; tell whether Redis took it."""
        views = [view for view in self._live.snapshot().workers if not self._leave_out(view.status.bookmaker)]
        if not views:
            return True
        try:
            orders = states.report(self.run_id, [self._state(view, last=last) for view in views])
        except RemoteUnreachableError as error:
            self._refusals.refused(error)
            return False
        self._refusals.taken()
        for name, order in orders:
            _log.info("%s: %s, ordered by the central instance", name, order)
            carry_out(self._controls, order, name)
        return True

    def _state(self, view: WorkerView, *, last: bool) -> RemoteState:
        status = view.status
        if last:
            status = msgspec.structs.replace(
                status, state=WorkerState.STOPPED, reason=f"{self._machine} was shut down", pid=0
            )
        return RemoteState(
            machine=self._machine,
            run=self.run_id,
            sent_at_us=clock.now_us(),
            monotonic_us=clock.monotonic_us(),
            status=status,
            live=view.live,
            ended=last,
        )


def carry_out(controls: Controls, order: Order, name: str) -> None:
    """Give `order` to the worker called `name`."""
    match order:
        case "start":
            controls.start([name])
        case "stop":
            controls.stop([name])
        case "restart":
            controls.restart([name])
        case "pause":
            controls.pause([name])
