"""The running parts, writer and workers, as the health page shows them from the live board."""

from collections.abc import Mapping

from data_layer.engine import BoardSnapshot, RedisStatus, WorkerView
from data_layer.messages import InstanceInfo, WorkerState, WriterHealth
from gui.view_models import redis as redis_words
from gui.view_models import words
from gui.view_models.attention import WRITER_LATE_US
from gui.view_models.condition import Condition, Light, judge
from gui.view_models.figure import Figure
from gui.view_models.tables import Column, Row, number_cell, state_cell, text_cell
from gui.view_models.tones import Tone

_STATE_LIGHTS = {
    WorkerState.STARTING: Light.BUSY,
    WorkerState.RUNNING: Light.LIVE,
    WorkerState.PAUSED: Light.PAUSED,
    WorkerState.BACKING_OFF: Light.BAD,
    WorkerState.FAILED: Light.BAD,
    WorkerState.STOPPED: Light.OFF,
}

_WRITER_LABELS = (
    "commit, median of 256",
    "commit, slowest 1 % of 256",
    "waiting rows",
    "last commit",
    "rows, this process",
    "version of the data",
    "database file",
    "write-ahead log",
    "connected",
)

WORKER_COLUMNS = (
    Column(key="bookmaker", title="bookmaker"),
    Column(key="state", title="state", tip="What the supervisor says of the worker", stretch=True),
    Column(key="since", title="since", tip="Time in this state", numeric=True, spare=1),
    Column(key="pid", title="process", tip="Process number of the worker", numeric=True, spare=6),
    Column(key="restarts", title="restarts", tip="Since this instance began", numeric=True),
    Column(key="received", title="received", tip="Inputs since the process began", numeric=True, spare=4),
    Column(
        key="committed", title="committed", tip="New rounds since the process began", numeric=True, spare=3
    ),
    Column(key="duplicates", title="duplicates", tip="Rounds that were stored before", numeric=True, spare=7),
    Column(key="quarantined", title="quarantined", tip="Inputs that were no rounds", numeric=True, spare=5),
    Column(key="outbox", title="outbox", tip="Recorded, waiting for the writer", numeric=True),
)


def worker_rows(
    snapshot: BoardSnapshot, rhythms: Mapping[str, int | None], *, now_us: int, monotonic_us: int
) -> tuple[Row, ...]:
    """Return one row for each worker, in the order of the configuration.

    `rhythms` are microseconds from crash to crash, where known: they decide when silence is too long.
    """
    return tuple(
        _worker_row(worker, judge(worker, rhythms.get(worker.status.bookmaker), now_us, monotonic_us), now_us)
        for worker in snapshot.workers
    )


def _worker_row(worker: WorkerView, condition: Condition, now_us: int) -> Row:
    status, live = worker.status, worker.live
    text = "running" if condition.light is Light.LIVE else condition.words
    tone = Tone.TEXT if condition.light is Light.LIVE else condition.alarm or Tone.MUTED
    since_us = now_us - status.since_us
    counts = (
        (live.received, live.committed, live.duplicates, live.quarantined, live.outbox)
        if live
        else (None,) * 5
    )
    return Row(
        key=status.bookmaker,
        cells=(
            text_cell(status.bookmaker, tag=words.origin_tag((live.origin,)) if live else ""),
            state_cell(text, condition.light, tone=tone, tip=text),
            number_cell(words.age_text(since_us), since_us),
            number_cell(str(status.pid) if status.pid else words.NOTHING, status.pid or None),
            number_cell(
                words.count_text(status.restarts),
                status.restarts,
                tone=Tone.WARN if status.restarts else Tone.TEXT,
            ),
            *(number_cell(words.count_text(count), count) for count in counts),
        ),
    )


def workers_summary(snapshot: BoardSnapshot) -> tuple[str, Light | None]:
    """Return how many workers run, and a light when one is in trouble."""
    states = [worker.status.state for worker in snapshot.workers]
    if not states:
        return "none configured", None
    broken = sum(state in (WorkerState.BACKING_OFF, WorkerState.FAILED) for state in states)
    text = f"{states.count(WorkerState.RUNNING)} of {len(states)} running"
    return (f"{text}, {broken} in trouble", Light.BAD) if broken else (text, None)


def writer_figures(
    snapshot: BoardSnapshot, redis: RedisStatus, *, now_us: int, monotonic_us: int
) -> tuple[Figure, ...]:
    """Return the writer's measurements."""
    writer = snapshot.writer
    redis_figure = redis_words.figure(redis, writer)
    if writer is None:
        return (*(Figure(label=label, text=words.NOTHING) for label in _WRITER_LABELS), redis_figure)
    last = writer.last_commit_at_us
    values = (
        words.micros_text(writer.commit_p50_us) if writer.commits else words.NOTHING,
        words.micros_text(writer.commit_p99_us) if writer.commits else words.NOTHING,
        words.count_text(writer.pending),
        f"{words.age_text(now_us - last)} ago" if last else words.NOTHING,
        words.count_text(writer.rows),
        words.count_text(writer.version),
        words.bytes_text(writer.database_bytes),
        words.bytes_text(writer.wal_bytes),
        _connected(writer),
    )
    tone = Tone.TEXT if monotonic_us - writer.heartbeat_us <= WRITER_LATE_US else Tone.FAINT
    figures = (
        Figure(label=label, text=text, tone=tone) for label, text in zip(_WRITER_LABELS, values, strict=True)
    )
    return (*figures, redis_figure)


def _connected(writer: WriterHealth) -> str:
    workers = f"{writer.workers} {'worker' if writer.workers == 1 else 'workers'}"
    return f"{workers}, {writer.viewers} {'view' if writer.viewers == 1 else 'views'}"


def writer_words(snapshot: BoardSnapshot, *, monotonic_us: int) -> tuple[str, Light]:
    """Return the writer's state in the operator's words."""
    instance, writer = snapshot.instance, snapshot.writer
    if instance is None:
        return "the engine has not started yet", Light.OFF
    if instance.writer_state is not WorkerState.RUNNING:
        return instance.writer_reason or instance.writer_state.value, _STATE_LIGHTS[instance.writer_state]
    if writer is None:
        return "starting", Light.BUSY
    silent_us = monotonic_us - writer.heartbeat_us
    if silent_us > WRITER_LATE_US:
        return f"has not answered for {words.age_text(silent_us)}", Light.BAD
    if writer.trouble:
        return writer.trouble, Light.BAD
    return _running_words(instance), Light.LIVE


def _running_words(instance: InstanceInfo) -> str:
    restarts = instance.writer_restarts
    if not restarts:
        return "running"
    return f"running, restarted {'once' if restarts == 1 else f'{restarts} times'}"
