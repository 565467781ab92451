"""Whether the writer publishes its commits to Redis, and to which: decided at its start and while it runs."""

from pathlib import Path

from config.redis_target import RedisTarget
from data_layer.cache.stats_publisher import StatsPublisher
from data_layer.messages import Committed, RedisHealth

_END_WITHIN_S = 1.0


class RedisPublishing:
    """Holds the publisher while there is one. Belongs to the writer's loop; only `close` waits."""

    def __init__(self, database: Path, *, metrics_life_s: float, metrics_refresh_s: float) -> None:
        self._database = database
        self._metrics_life_s = metrics_life_s
        self._metrics_refresh_s = metrics_refresh_s
        self._target: RedisTarget | None = None
        self._publisher: StatsPublisher | None = None

    @property
    def health(self) -> RedisHealth | None:
        """How it gets on; None while nothing is published. May be asked on any thread."""
        publisher = self._publisher
        return None if publisher is None else publisher.health

    def use(self, target: RedisTarget | None) -> None:
        """Publish to `target` from now on, or to none."""
        if target == self._target:
            return
        self._target = target
        if self._publisher is not None:
            self._publisher.stop()
            self._publisher = None
        if target is not None:
            self._publisher = StatsPublisher(
                self._database,
                target,
                metrics_life_s=self._metrics_life_s,
                metrics_refresh_s=self._metrics_refresh_s,
            )
            self._publisher.start()

    def committed(self, event: Committed) -> None:
        """Take note of a commit."""
        if self._publisher is not None:
            self._publisher.committed(event)

    def close(self) -> None:
        """End; what was not published is in the database."""
        if self._publisher is not None:
            self._publisher.stop(_END_WITHIN_S)
