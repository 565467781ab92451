"""The workers of an instance as a table: one row each, for the live view and for `status`."""

from collections.abc import Callable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.messages import Origin, Phase, RoundBrief, WorkerState
from gui.view_models import condition
from gui.view_models.words import age_text, bytes_text, count_text, duration_text, micros_text, origin_tag
from terminal import texts
from terminal.texts import Column, Sheet

Recent = Callable[[str], Sequence[RoundBrief]]
"""The newest rounds of a bookmaker, oldest first."""

SHOWN_ROUNDS = 6
_COLUMNS = (
    Column(""),
    Column("bookmaker"),
    Column("", spare=2),
    Column("live", number=True),
    Column("state"),
    Column("last crash points", spare=1),
    Column("rounds", number=True, spare=3),
    Column("rejected", number=True, spare=5),
    Column("outbox", number=True, spare=6),
    Column("age", number=True, spare=4),
)


def no_rounds(_bookmaker: str) -> Sequence[RoundBrief]:
    """Stand in where nobody knows the last rounds."""
    return ()


def overview(
    snapshot: BoardSnapshot, now_us: int, monotonic_us: int, recent: Recent = no_rounds
) -> RenderableType:
    """Return the instance, its writer and its workers as they are now."""
    if not snapshot.workers:
        known = snapshot.instance is not None
        return Text("no bookmaker is configured" if known else "it shows no workers (yet)", style="dim")
    table = Sheet(*_COLUMNS)
    for view in snapshot.workers:
        _add_row(table, view, recent(view.status.bookmaker), now_us, monotonic_us)
    return Group(_headline(snapshot, now_us, monotonic_us), table)


def _add_row(
    table: Sheet, view: WorkerView, recent: Sequence[RoundBrief], now_us: int, monotonic_us: int
) -> None:
    how = condition.judge(view, condition.rhythm_us(recent), now_us, monotonic_us)
    live = condition.current(view)
    multiplier = Text("")
    if live is not None and how.live and live.phase in (Phase.FLYING, Phase.CRASHED):
        multiplier = texts.multiplier(live.multiplier_centi)
    tag = origin_tag([live.origin]) if live is not None and live.origin is not Origin.LIVE else ""
    points = Text(" ").join(texts.multiplier(brief.crash_centi) for brief in recent[: -SHOWN_ROUNDS - 1 : -1])
    age = age_text(now_us - live.observed_at_us) if live is not None and live.observed_at_us else ""
    table.add(
        texts.light_text(how.light),
        _name(view),
        Text(tag, style="dim"),
        multiplier,
        Text(texts.safe(how.words).plain, style=texts.alarm_style(how.light)),
        points,
        count_text(live.committed) if live is not None else "",
        count_text(live.quarantined) if live is not None else "",
        count_text(live.outbox) if live is not None else "",
        age,
    )


def _name(view: WorkerView) -> Text:
    """Return who it is, and where it runs when that is elsewhere."""
    name = texts.safe(view.status.bookmaker)
    if view.status.machine:
        name = name.copy()
        name.append_text(Text(f" on {texts.safe(view.status.machine).plain}", style="dim"))
    return name


def _headline(snapshot: BoardSnapshot, now_us: int, monotonic_us: int) -> Text:
    instance, writer = snapshot.instance, snapshot.writer
    running = sum(view.status.state is WorkerState.RUNNING for view in snapshot.workers)
    parts = [f"{running} of {len(snapshot.workers)} running"]
    if instance is not None:
        up = duration_text(now_us - instance.started_at_us)
        parts.insert(0, f"{instance.command}, process {instance.pid}, up {up}")
        silent_us = monotonic_us - instance.heartbeat_us
        if silent_us > condition.HEARTBEAT_LATE_US:
            parts.append(f"its main process has not answered for {age_text(silent_us)}")
        if instance.writer_state is not WorkerState.RUNNING:
            parts.append(f"writer {instance.writer_state} ({instance.writer_reason or 'no reason given'})")
    if writer is not None:
        parts.append(f"database {bytes_text(writer.database_bytes + writer.wal_bytes)}")
        if writer.commits:
            parts.append(f"commit p99 {micros_text(writer.commit_p99_us)}")
        if monotonic_us - writer.heartbeat_us > condition.HEARTBEAT_LATE_US:
            parts.append(f"writer has not answered for {age_text(monotonic_us - writer.heartbeat_us)}")
        if writer.trouble:
            parts.append(f"writer: {writer.trouble}")
        if writer.stream_trouble:
            parts.append(f"rounds of other machines: {writer.stream_trouble}")
        if writer.stream_remark:
            parts.append(f"rounds of other machines: {writer.stream_remark}")
    return Text(" | ".join(parts) + "\n", style="dim")
