"""`status`: what the running instance of a data directory does, worker by worker, as its live board says."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import msgspec

from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.errors import DatabaseUnusableError, DataDirectoryError, NothingRunningError
from data_layer.instance import running_instance
from data_layer.messages import RoundBrief
from gui.view_models import condition
from terminal import alerts, texts, workers
from utils import clock

ReadBoard = Callable[[Path], BoardSnapshot | None]
"""Returns the live board of a data directory, None where there is none."""


def show(data_dir: Path, read_board: ReadBoard, *, as_json: bool) -> int:
    """Print the picture. Raises `NothingRunningError`, `DataDirectoryError` where nobody lets us look."""
    record = running_instance(data_dir)
    snapshot = read_board(data_dir) if record is not None else None
    if record is None:
        if data_dir.exists() and not os.access(data_dir, os.R_OK | os.X_OK):
            raise DataDirectoryError(f"{data_dir}: no permission to look whether an instance is running")
        raise NothingRunningError(f"no instance is running on {data_dir}")
    now_us, monotonic_us = clock.now_us(), clock.monotonic_us()
    if snapshot is None:  # it has only just started, or is a command such as restore
        snapshot = BoardSnapshot(instance=None, writer=None, workers=())
    if as_json:
        active = alerts.active_alerts(data_dir, record)
        texts.write_json(
            {
                "instance": msgspec.to_builtins(record),
                **_as_json(snapshot, now_us, monotonic_us),
                "alerts": None if active is None else len(active),
            }
        )
        return 0
    console = texts.console()
    console.print(f"{record.describe()}, on {data_dir}")
    console.print(alerts.summary(alerts.active_alerts(data_dir, record)))
    newest = _newest_rounds(data_dir)
    console.print(workers.overview(snapshot, now_us, monotonic_us, lambda name: newest.get(name, ())))
    return 0


def _newest_rounds(data_dir: Path) -> Mapping[str, Sequence[RoundBrief]]:
    """Return the newest rounds by bookmaker, none where the database cannot be read or is elsewhere."""
    from data_layer.database import queries
    from data_layer.database.connection import DATABASE_NAME, open_reader

    try:
        with closing(open_reader(data_dir / DATABASE_NAME)) as conn:
            return queries.newest_rounds(conn, workers.SHOWN_ROUNDS)
    except (DatabaseUnusableError, apsw.Error):
        return {}


def _as_json(snapshot: BoardSnapshot, now_us: int, monotonic_us: int) -> dict[str, Any]:
    return {
        "at_us": now_us,
        "writer": _writer(snapshot, monotonic_us),
        "workers": [_worker(view, now_us, monotonic_us) for view in snapshot.workers],
    }


def _writer(snapshot: BoardSnapshot, monotonic_us: int) -> dict[str, Any] | None:
    instance, writer = snapshot.instance, snapshot.writer
    if instance is None or writer is None:
        return None
    return {
        "state": instance.writer_state.value,
        "reason": instance.writer_reason,
        "restarts": instance.writer_restarts,
        "heartbeat_age_us": monotonic_us - writer.heartbeat_us,
        **_without(as_object(writer), "heartbeat_us"),
    }


def _worker(view: WorkerView, now_us: int, monotonic_us: int) -> dict[str, Any]:
    how = condition.judge(view, None, now_us, monotonic_us)
    live = condition.current(view)
    found = {**as_object(view.status), "says": how.words, "live": None}
    if live is not None:
        age_us = now_us - live.observed_at_us if live.observed_at_us else None
        found["live"] = {
            **_without(as_object(live), "bookmaker", "heartbeat_us"),
            "origin": live.origin.name.lower(),
            "heartbeat_age_us": monotonic_us - live.heartbeat_us,
            "data_age_us": age_us,
        }
    return found


def as_object(struct: msgspec.Struct) -> dict[str, Any]:
    """Return a message with its field names; on the wire it is an array without them."""
    found: dict[str, Any] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, msgspec.Struct):
            value = as_object(value)
        elif isinstance(value, tuple):
            value = [as_object(item) if isinstance(item, msgspec.Struct) else item for item in value]
        found[name] = value
    return found


def _without(found: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in names}
