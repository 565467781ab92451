"""The writer's slot on the live board: its heartbeat and its figures, written by a small thread.

A thread, because the event loop is held by every commit: a disk that takes seconds for one is slow, not hung,
and killing the writer in the middle would only make it begin again. The heart beats while the loop turns, or
while it is held by something that was announced and is within its limit. A stopped process beats neither way.
"""

import collections
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from data_layer.messages import RedisHealth, WriterHealth
from orchestration.live_board import LiveBoard
from utils import clock

INTERVAL_S = 0.5
_COMMIT_TIMES = 256
_STAT_EVERY_BEATS = 2


class WriterPulse:
    """Collects what the loop says of itself and shows it twice a second. Owned by the writer process."""

    def __init__(
        self, board: LiveBoard, database: Path, pid: int, *, now: Callable[[], int] = clock.monotonic_us
    ) -> None:
        self._board = board
        self._database = database
        self._wal = database.with_name(f"{database.name}-wal")
        self._now = now
        self._loop_beat_us = now()
        self._held_until_us = 0
        self._health = WriterHealth(pid=pid, heartbeat_us=self._loop_beat_us)
        self._durations: collections.deque[int] = collections.deque(maxlen=_COMMIT_TIMES)
        self._redis: Callable[[], RedisHealth | None] = lambda: None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer-pulse", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def beat(self) -> None:
        """Say that the loop turns. To be called at least every second."""
        self._loop_beat_us = self._now()

    @contextlib.contextmanager
    def held(self, limit_s: float) -> Iterator[None]:
        """Announce that the loop is held by the body, which is no sign of hanging for `limit_s` seconds."""
        self._held_until_us = self._now() + int(limit_s * 1_000_000)
        try:
            yield
        finally:
            self._held_until_us = 0
            self.beat()

    def ask_redis(self, health: Callable[[], RedisHealth | None]) -> None:
        """Show from now on what `health` returns; it is called on the pulse's own thread."""
        self._redis = health

    def committed(self, *, rows: int, duration_us: int, version: int, at_us: int) -> None:
        """Count one commit of `rows` rows that ended at the wall clock's `at_us`."""
        self._durations.append(duration_us)
        health = self._health
        self._health = msgspec.structs.replace(
            health,
            commits=health.commits + 1,
            rows=health.rows + rows,
            version=version,
            last_commit_at_us=at_us,
        )

    def say(
        self,
        *,
        workers: int | None = None,
        viewers: int | None = None,
        pending: int | None = None,
        trouble: str | None = None,
        stream_trouble: str | None = None,
        stream_remark: str | None = None,
    ) -> None:
        """Change what is shown; None leaves a figure as it is. Called on the loop's thread alone."""
        changes = {
            "workers": workers,
            "viewers": viewers,
            "pending": pending,
            "trouble": trouble,
            "stream_trouble": stream_trouble,
            "stream_remark": stream_remark,
        }
        given = {name: value for name, value in changes.items() if value is not None}
        self._health = msgspec.structs.replace(self._health, **given)

    def _run(self) -> None:
        beats = 0
        sizes = (0, 0)
        while True:
            if beats % _STAT_EVERY_BEATS == 0:
                sizes = (_size(self._database), _size(self._wal))
            self._show(sizes)
            beats += 1
            if self._ended.wait(INTERVAL_S):
                self._show(sizes)
                return

    def _show(self, sizes: tuple[int, int]) -> None:
        now_us = self._now()
        durations = sorted(self._durations.copy())
        self._board.write_writer(
            msgspec.structs.replace(
                self._health,
                heartbeat_us=now_us if now_us < self._held_until_us else self._loop_beat_us,
                commit_p50_us=_quantile(durations, 0.5),
                commit_p99_us=_quantile(durations, 0.99),
                database_bytes=sizes[0],
                wal_bytes=sizes[1],
                redis=self._redis(),
            )
        )


def _quantile(ordered: list[int], share: float) -> int:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
