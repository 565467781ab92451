"""Watching without an engine: the workers of all machines as Redis shows them, and orders to them.

Nothing is collected or stored here, and no data directory is taken.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from config.redis_target import RedisTarget
from data_layer.engine import BoardSnapshot, Controls, LiveView, LogTap
from data_layer.messages import InstanceInfo, WorkerState
from orchestration.log_lines import LogBook
from orchestration.remote.workers import RemoteWorkers
from utils import clock

COMMAND = "view"
_DIRECTORY = "view"  # inside the data directory, apart from what an instance there may have


class Viewing:
    """What a window without an engine is given instead of one."""

    def __init__(self, data_dir: Path, target: RedisTarget, *, log_level: int = logging.INFO) -> None:
        self._target = target
        self._log_level = log_level
        self._workers = RemoteWorkers(data_dir / _DIRECTORY, _NobodyHere(), _NobodyHere())
        self._log_book = LogBook(data_dir / _DIRECTORY / "view.log")
        self._handler = self._log_book.handler("view")
        self._root_level = logging.WARNING

    @property
    def live_view(self) -> LiveView:
        """The workers of all machines."""
        return self._workers

    @property
    def controls(self) -> Controls:
        """Orders to them."""
        return self._workers

    @property
    def log_tap(self) -> LogTap:
        """The log lines of this process; those of other machines stay there."""
        return self._log_book

    def use_redis(self, target: RedisTarget | None) -> None:
        """Look there from now on, or nowhere."""
        self._workers.use(target)

    def start(self) -> None:
        """Begin to look. Returns at once."""
        root = logging.getLogger()
        self._root_level = root.level
        root.addHandler(self._handler)
        root.setLevel(self._log_level)
        self._log_book.start()
        self._workers.use(self._target)

    def stop(self) -> None:
        """End."""
        self._workers.use(None)
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._root_level)
        self._log_book.close()


class _NobodyHere:
    """The workers of this machine: there are none."""

    def __init__(self) -> None:
        self._started_at_us = clock.now_us()

    def snapshot(self) -> BoardSnapshot:
        """See `LiveView`."""
        info = InstanceInfo(
            pid=os.getpid(),
            started_at_us=self._started_at_us,
            heartbeat_us=clock.monotonic_us(),
            command=COMMAND,
            writer_address="",
            writer_state=WorkerState.STOPPED,
            writer_reason="on another machine",
        )
        return BoardSnapshot(instance=info, writer=None, workers=())

    def start(self, names: Sequence[str]) -> None:
        """See `Controls`."""

    stop = restart = pause = start
