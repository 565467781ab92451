"""The running parts, writer and workers, as the health page shows them from the live board."""

from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.messages import InstanceInfo, WorkerState, WriterHealth
from gui.view_models import words
from gui.view_models.agents import living
from gui.view_models.stats_view import Figure
from gui.view_models.tables import Column, Mark, Row, number_cell, text_cell
from gui.view_models.tones import Tone

WRITER_SILENT_AFTER_US = 5_000_000

STATE_MARKS = {
    WorkerState.STARTING: Mark.PAUSED,
    WorkerState.RUNNING: Mark.OK,
    WorkerState.PAUSED: Mark.PAUSED,
    WorkerState.BACKING_OFF: Mark.BAD,
    WorkerState.FAILED: Mark.BAD,
    WorkerState.STOPPED: Mark.PAUSED,
}

WORKER_COLUMNS = (
    Column(key="bookmaker", title="bookmaker"),
    Column(key="state", title="state", tip="What the supervisor says of the worker", stretch=True),
    Column(key="since", title="since", tip="Time in this state", numeric=True, spare=1),
    Column(key="pid", title="process", tip="Process number of the worker", numeric=True, spare=6),
    Column(key="restarts", title="restarts", tip="Since this instance began", numeric=True),
    Column(key="received", title="received", tip="Inputs since the process began", numeric=True, spare=4),
    Column(key="committed", title="stored", tip="New rounds since the process began", numeric=True, spare=3),
    Column(key="duplicates", title="twice", tip="Rounds that were stored before", numeric=True, spare=7),
    Column(key="quarantined", title="quarantined", tip="Inputs that were no rounds", numeric=True, spare=5),
    Column(key="outbox", title="outbox", tip="Recorded, waiting for the writer", numeric=True),
)


def worker_rows(snapshot: BoardSnapshot, *, now_us: int, monotonic_us: int) -> tuple[Row, ...]:
    """Return one row for each worker, in the order of the configuration."""
    return tuple(_worker_row(worker, now_us, monotonic_us) for worker in snapshot.workers)


def _worker_row(worker: WorkerView, now_us: int, monotonic_us: int) -> Row:
    status, live = worker.status, worker.live
    text, mark = worker_words(worker, now_us=now_us, monotonic_us=monotonic_us)
    tone = mark.tone if mark in (Mark.BAD, Mark.WARN) else Tone.MUTED
    if mark is Mark.OK:
        tone = Tone.TEXT
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
            text_cell(text, mark=mark, tone=tone, tip=text),
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


def worker_words(worker: WorkerView, *, now_us: int, monotonic_us: int) -> tuple[str, Mark]:
    """Return one worker's state with its reason, or with what hinders it although it runs."""
    status, live = worker.status, worker.live
    if status.state is WorkerState.RUNNING:
        if living(worker, monotonic_us) is None:
            return "running, no sign of life yet", Mark.WARN
        if live is not None and live.trouble:
            return f"running: {live.trouble}", Mark.WARN
        if live is not None and not live.connected:
            return "running, not connected to the writer", Mark.WARN
        return "running", Mark.OK
    text = status.reason or status.state.value
    if status.restart_at_us:
        text += f", restart in {words.age_text(max(0, status.restart_at_us - now_us))}"
    return text, Mark.OK if status.finished else STATE_MARKS[status.state]


def writer_figures(snapshot: BoardSnapshot, *, now_us: int, monotonic_us: int) -> tuple[Figure, ...]:
    """Return the writer's state and measurements."""
    writer = snapshot.writer
    fresh = writer is not None and monotonic_us - writer.heartbeat_us <= WRITER_SILENT_AFTER_US
    tone = Tone.TEXT if fresh else Tone.FAINT
    writer = writer or WriterHealth(pid=0, heartbeat_us=0)
    last = writer.last_commit_at_us
    return (
        Figure(
            label="commit, median of 256",
            text=words.micros_text(writer.commit_p50_us) if writer.commits else words.NOTHING,
            tone=tone,
        ),
        Figure(
            label="commit, slowest 1 % of 256",
            text=words.micros_text(writer.commit_p99_us) if writer.commits else words.NOTHING,
            tone=tone,
        ),
        Figure(label="waiting rows", text=words.count_text(writer.pending), tone=tone),
        Figure(
            label="last commit",
            text=f"{words.age_text(now_us - last)} ago" if last else words.NOTHING,
            tone=tone,
        ),
        Figure(label="rows, this process", text=words.count_text(writer.rows), tone=tone),
        Figure(label="version of the data", text=words.count_text(writer.version), tone=tone),
        Figure(label="database", text=words.bytes_text(writer.database_bytes), tone=tone),
        Figure(label="write-ahead log", text=words.bytes_text(writer.wal_bytes), tone=tone),
        Figure(label="connected", text=f"{writer.workers} workers, {writer.viewers} views", tone=tone),
    )


def writer_words(snapshot: BoardSnapshot, *, monotonic_us: int) -> tuple[str, Mark]:
    """Return the writer's state in the operator's words."""
    instance, writer = snapshot.instance, snapshot.writer
    if instance is None:
        return "the engine has not started yet", Mark.PAUSED
    if instance.writer_state is not WorkerState.RUNNING:
        return instance.writer_reason or instance.writer_state.value, STATE_MARKS[instance.writer_state]
    if writer is None:
        return "running, no sign of life yet", Mark.WARN
    silent_us = monotonic_us - writer.heartbeat_us
    if silent_us > WRITER_SILENT_AFTER_US:
        return f"running, no sign of life for {words.age_text(silent_us)}", Mark.WARN
    if writer.trouble:
        return writer.trouble, Mark.WARN
    return _running_words(instance), Mark.OK


def _running_words(instance: InstanceInfo) -> str:
    restarts = instance.writer_restarts
    if not restarts:
        return "running"
    return f"running, restarted {'once' if restarts == 1 else f'{restarts} times'}"
