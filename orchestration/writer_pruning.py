"""When the writer deletes what was kept long enough: in small steps, while nobody waits for a commit."""

import asyncio
import logging
import time

from data_layer.database.flushing import CommitFailedError
from data_layer.database.writer import BatchDatabaseWriter
from orchestration.writer_pulse import WriterPulse
from orchestration.writer_server import COMMIT_LIMIT_S, WriterServer

FIRST_WALK_S = 30.0  # after the start, when everybody is served
BETWEEN_WALKS_S = 3_600.0
_BETWEEN_STEPS_S = 0.1
_REST_FOR_WORK = 9  # a walk takes a tenth of the writer's time at most

_log = logging.getLogger(__name__)


class WriterPruning:
    """Has the database pruned from `start` to `close`, on the loop of the server."""

    def __init__(self, database: BatchDatabaseWriter, server: WriterServer, pulse: WriterPulse) -> None:
        self._database = database
        self._server = server
        self._pulse = pulse
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, after_s: float = FIRST_WALK_S) -> None:
        """Begin the first walk in `after_s` seconds."""
        self._timer = self._loop.call_later(after_s, self._step)

    def close(self) -> None:
        """End it, wherever it is."""
        if self._timer is not None:
            self._timer.cancel()

    def _step(self) -> None:
        next_s = _BETWEEN_STEPS_S
        if self._server.is_idle:
            began = time.monotonic()
            if self._prune():
                next_s = max(next_s, (time.monotonic() - began) * _REST_FOR_WORK)
            else:
                next_s = BETWEEN_WALKS_S
        self._timer = self._loop.call_later(next_s, self._step)

    def _prune(self) -> bool:
        """Tell whether the walk goes on."""
        try:
            with self._pulse.held(COMMIT_LIMIT_S):
                return self._database.prune()
        except CommitFailedError as error:
            _log.warning("old samples and refused inputs could not be deleted, later again: %s", error)
            return False
