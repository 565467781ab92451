"""The line along the bottom: the database, Redis, the outboxes, the time zone and the clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from data_layer.engine import BoardSnapshot, RedisStatus
from data_layer.messages import WorkerState
from gui.view_models import redis as redis_words
from gui.view_models.attention import WRITER_LATE_US, Problem
from gui.view_models.condition import Light
from gui.view_models.tones import Tone
from gui.view_models.words import age_text, bytes_text, clock_text, count_text


@dataclass(frozen=True, slots=True)
class StatusModel:
    """Entries from left to right, each with a light or without one, and what stands at the right end."""

    entries: tuple[tuple[Light | None, str], ...]
    zone: str  # "UTC+1"
    clock: str


def status_model(snapshot: BoardSnapshot, redis: RedisStatus, now_us: int, monotonic_us: int) -> StatusModel:
    """Return the status line."""
    outbox = sum(view.live.outbox for view in snapshot.workers if view.live is not None)
    entries = (
        _database(snapshot, monotonic_us),
        redis_words.status_entry(redis, only_way=redis_words.is_only_way(snapshot)),
        (None, f"outbox {count_text(outbox)}"),
    )
    return StatusModel(entries, zone_text(now_us), clock_text(now_us))


def with_problems(model: StatusModel, problems: Sequence[Problem]) -> StatusModel:
    """Return the status line with the number of `problems` first, for when their list is out of sight."""
    lights = {Tone.BAD: Light.BAD, Tone.WARN: Light.WARN}
    asking = [lights[problem.tone] for problem in problems if problem.tone in lights]
    if not asking:
        return model
    words = "1 needs attention" if len(asking) == 1 else f"{len(asking)} need attention"
    return replace(model, entries=((asking[0], words), *model.entries))  # the worst comes first


def _database(snapshot: BoardSnapshot, monotonic_us: int) -> tuple[Light, str]:
    writer, instance = snapshot.writer, snapshot.instance
    failed = instance is not None and instance.writer_state in (WorkerState.BACKING_OFF, WorkerState.FAILED)
    if writer is None:
        if instance is not None and instance.writer_state is WorkerState.STOPPED:
            return Light.OFF, f"database {instance.writer_reason or 'stopped'}"
        return (Light.BAD, "writer does not run") if failed else (Light.BUSY, "database starting")
    size = bytes_text(writer.database_bytes + writer.wal_bytes)
    if failed:
        return Light.BAD, f"database {size}, writer does not run"
    late_us = monotonic_us - writer.heartbeat_us
    if late_us > WRITER_LATE_US:
        return Light.BAD, f"database {size}, writer silent for {age_text(late_us)}"
    if writer.trouble:
        return Light.BAD, f"database {size}, {writer.trouble}"
    if not writer.commits:
        return Light.LIVE, f"database {size}"
    return Light.LIVE, f"database {size}, commit p99 {writer.commit_p99_us / 1000:.1f} ms"


def zone_text(at_us: int) -> str:
    """Return the local offset from UTC: "UTC+1", "UTC+5:30", "UTC"."""
    offset = datetime.fromtimestamp(at_us / 1_000_000).astimezone().utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset is not None else 0
    if not minutes:
        return "UTC"
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"
