"""What an instance has to do with other machines.

All report their workers, for whoever watches; the central one also shows and commands those of the others.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from config.redis_target import RedisTarget
from data_layer.engine import Controls, LiveView
from orchestration.remote.workers import RemoteWorkers

if TYPE_CHECKING:
    from orchestration.remote.reporter import RemoteReporter


class Elsewhere:
    """One instance's side of it. Without Redis it passes everything through, and loads nothing."""

    def __init__(
        self,
        data_dir: Path,
        live: LiveView,
        controls: Controls,
        target: RedisTarget | None,
        *,
        through_redis: bool,
    ) -> None:
        """`live` and `controls` are of this machine's own workers."""
        self._target = target
        self._through_redis = through_redis
        self._own: tuple[LiveView, Controls] = (live, controls)
        self._remote = RemoteWorkers(data_dir, live, controls)
        self._reporter: RemoteReporter | None = None

    @property
    def live_view(self) -> LiveView:
        """All workers that this instance can see."""
        return self._own[0] if self._through_redis else self._remote

    @property
    def controls(self) -> Controls:
        """Commands to all of them."""
        return self._own[1] if self._through_redis else self._remote

    def start(self) -> None:
        """Begin to report, or to look for what others report."""
        self.use(self._target)

    def use(self, target: RedisTarget | None) -> None:
        """Do it through `target` from now on, or not at all."""
        if self._reporter is not None:
            self._reporter.stop()
            self._reporter = None
        own_run = ""
        if target is not None:
            from orchestration.remote.reporter import RemoteReporter

            leave_out = _nobody if self._through_redis else self._remote.shows
            self._reporter = RemoteReporter(target, *self._own, leave_out=leave_out)
            own_run = self._reporter.run_id
        if not self._through_redis:
            self._remote.use(target, own_run)
        if self._reporter is not None:
            self._reporter.start()

    def stop(self) -> None:
        """End, after a last word to others."""
        self.use(None)


def _nobody(_bookmaker: str) -> bool:
    return False
