"""In the central instance: the workers of other machines, beside those of this one.

A thread reads their states from Redis four times a second and keeps them ready, for the views of this process
and in a small board file for `status`. Orders for them go through Redis too. When Redis is away their last
states stay, and grow old visibly.
"""

import collections
import contextlib
import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.redis_target import RedisTarget
from data_layer.engine import BoardSnapshot, Controls, LiveView, WorkerView
from data_layer.errors import DataDirectoryError
from data_layer.messages import WorkerState
from orchestration.live_board import LiveBoard
from utils import clock

if TYPE_CHECKING:
    from data_layer.cache.remote_states import Order, RemoteStates, Reporter
    from orchestration.remote.refusals import RefusalLog
    from orchestration.remote.reports import Reports

BOARD_NAME = "remote.board"
_INTERVAL_S = 0.25
_RETRY_S = 1.0
_ORDER_WITHIN_US = 5_000_000  # an order that Redis did not take by then is given up

_log = logging.getLogger(__name__)


class RemoteWorkers:
    """All workers as the views are to see them. Implements `LiveView` and `Controls`."""

    def __init__(self, data_dir: Path, live: LiveView, controls: Controls) -> None:
        """`live` and `controls` are of this machine's own workers. Nothing is read before `use`."""
        self.board_path = data_dir / BOARD_NAME
        self._live = live
        self._controls = controls
        self._views: Mapping[str, WorkerView] = {}
        self._reading: _Reading | None = None
        self.own_run = ""  # what this instance itself reports is not of another machine

    def use(self, target: RedisTarget | None, own_run: str = "") -> None:
        """Read from `target` from now on, or from no Redis. Not to be called on two threads at once.

        `own_run` names what this instance itself reports there: that is not shown again.
        """
        self.own_run = own_run
        if self._reading is not None:
            self._reading.ended.set()
        self._reading = None
        self._views = {}
        with contextlib.suppress(OSError):
            self.board_path.unlink()
        if target is not None:
            self._reading = _Reading(self, target)
            self._reading.start()

    def snapshot(self) -> BoardSnapshot:
        """See `LiveView`."""
        return merged(self._live.snapshot(), self._views)

    def start(self, names: Sequence[str]) -> None:
        """See `Controls`."""
        self._controls.start(self._own(names, "start"))

    def stop(self, names: Sequence[str]) -> None:
        """See `Controls`."""
        self._controls.stop(self._own(names, "stop"))

    def restart(self, names: Sequence[str]) -> None:
        """See `Controls`."""
        self._controls.restart(self._own(names, "restart"))

    def pause(self, names: Sequence[str]) -> None:
        """See `Controls`."""
        self._controls.pause(self._own(names, "pause"))

    def _own(self, names: Sequence[str], order: "Order") -> list[str]:
        """Pass the order on to other machines; return the names of this machine's own workers."""
        views = self._views
        if not views:
            return list(names)
        elsewhere = {view.status.bookmaker for view in self.snapshot().workers if view.status.machine}
        remote = [name for name in names if name in elsewhere]
        if remote and self._reading is not None:
            self._reading.order(order, remote)
        return [name for name in names if name not in elsewhere]

    def knows(self, bookmaker: str) -> bool:
        """Tell whether a bookmaker has a worker on this machine, be it switched off."""
        return any(view.status.bookmaker == bookmaker for view in self._live.snapshot().workers)

    def shows(self, bookmaker: str) -> bool:
        """Tell whether another machine has a worker of this bookmaker."""
        return bookmaker in self._views

    def show(self, reading: "_Reading", views: Mapping[str, WorkerView]) -> None:
        """Take what a reading found, unless it has been replaced meanwhile."""
        if reading is self._reading:
            self._views = views


class _Reading:
    """One thread that reads from one Redis."""

    def __init__(self, workers: RemoteWorkers, target: RedisTarget) -> None:
        self.ended = threading.Event()
        self._workers = workers
        self._target = target
        self._orders: collections.deque[tuple[Order, list[str], int]] = collections.deque()
        self._wake = threading.Event()
        self._views: dict[str, WorkerView] = {}
        self._reporters: dict[str, Reporter] = {}  # who shows each bookmaker, and takes its orders
        self._reports: Reports
        self._refusals: RefusalLog
        self._board: LiveBoard | None = None
        self._board_names: tuple[str, ...] = ()
        self._thread = threading.Thread(target=self._run, name="remote-workers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def order(self, order: "Order", names: list[str]) -> None:
        self._orders.append((order, names, clock.monotonic_us() + _ORDER_WITHIN_US))
        self._wake.set()

    def _run(self) -> None:
        from data_layer.cache.remote_states import RemoteStates
        from orchestration.remote.refusals import RefusalLog
        from orchestration.remote.reports import Reports

        self._reports = Reports(self._workers.own_run)
        self._refusals = RefusalLog(
            "Workers on other machines cannot be seen", "Workers on other machines are seen again"
        )
        states = RemoteStates(self._target)
        try:
            while not self.ended.is_set():
                try:
                    well = self._look(states)
                except Exception:  # noqa: BLE001  # one mistake must not hide the other machines for good
                    _log.exception("workers on other machines could not be looked at")
                    well = False
                self._wake.wait(_INTERVAL_S if well else _RETRY_S)
                self._wake.clear()
        finally:
            states.close()
            if self._board is not None:
                self._board.close()

    def _look(self, states: "RemoteStates") -> bool:
        from data_layer.cache.remote_states import RemoteUnreachableError

        try:
            while self._orders:
                order, names, until_us = self._orders[0]
                if clock.monotonic_us() < until_us:
                    states.order(order, [self._reporters[name] for name in names if name in self._reporters])
                else:
                    _log.warning("Redis did not take this in time: %s %s", order, ", ".join(names))
                self._orders.popleft()
            forgotten = self._reports.take(states.read(), clock.now_us(), clock.monotonic_us())
            self._show()
            if forgotten:
                states.forget(forgotten)
        except RemoteUnreachableError as error:
            self._refusals.refused(error)
            return False
        self._refusals.taken()
        return True

    def _show(self) -> None:
        """Hand on what has changed. The last word about a bookmaker that this instance has itself is none."""
        shown = self._reports.shown()
        self._reporters = {name: who for name, (who, _, _) in shown.items()}
        views = {
            name: view
            for name, (_, view, ended) in shown.items()
            if not (ended and self._workers.knows(name))
        }
        if views != self._views:
            self._views = views
            self._workers.show(self, views)
            self._write_board()

    def _write_board(self) -> None:
        """Show the same in a file, for `status`; without one when the disk is full."""
        names = tuple(sorted(self._views))
        try:
            if self._board is None or names != self._board_names:
                if self._board is not None:
                    self._board.close()
                self._board, self._board_names = None, ()
                if not self.ended.is_set():
                    self._board = LiveBoard.create(self._workers.board_path, len(names))
                    self._board_names = names
        except DataDirectoryError as error:
            _log.debug("no board of remote workers: %s", error)
        if self._board is not None:
            for index, name in enumerate(names):
                view = self._views[name]
                if view.live is not None:
                    self._board.write_live(index, view.live)
                self._board.write_status(index, view.status)


def merged(local: BoardSnapshot, remote: Mapping[str, WorkerView]) -> BoardSnapshot:
    """Return all workers: in the order of the configuration, then those that it does not know.

    Of a bookmaker that is configured here and runs elsewhere, the one that runs is shown.
    """
    if not remote:
        return local
    workers = []
    for view in local.workers:
        other = remote.get(view.status.bookmaker)
        shown = other is not None and view.status.state is WorkerState.STOPPED and not view.status.finished
        workers.append(other if shown and other is not None else view)
    known = {view.status.bookmaker for view in local.workers}
    workers += [view for name, view in remote.items() if name not in known]
    return BoardSnapshot(instance=local.instance, writer=local.writer, workers=tuple(workers))


def read_boards(data_dir: Path) -> BoardSnapshot | None:
    """Return what the boards of a data directory show; None where there is no live board."""
    local = _read(data_dir / "live.board")
    remote = _read(data_dir / BOARD_NAME)
    if local is None or remote is None:
        return local
    return merged(local, {view.status.bookmaker: view for view in remote.workers})


def _read(path: Path) -> BoardSnapshot | None:
    try:
        board = LiveBoard.open(path, readonly=True)
    except DataDirectoryError:
        return None
    try:
        return board.snapshot()
    finally:
        board.close()
