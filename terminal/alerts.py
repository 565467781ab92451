"""`alerts`: what wants the operator on the running instance, and what did, as the database has it."""

import collections
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
import msgspec
from rich.text import Text

from data_layer.alerts import active_file
from data_layer.alerts.model import CUT_OFF, Alert, Severity
from data_layer.database import alert_rows
from data_layer.database.connection import DATABASE_NAME, open_reader
from data_layer.errors import DatabaseUnusableError, NothingRunningError
from data_layer.instance import InstanceRecord, running_instance
from gui.view_models.condition import Light
from gui.view_models.words import duration_text, moment_text
from terminal import texts
from terminal.texts import Column, Sheet
from utils import clock

SHOWN = 200  # of the history

_LIGHTS = {Severity.INFO: Light.BUSY, Severity.WARNING: Light.WARN, Severity.CRITICAL: Light.BAD}


def show(data_dir: Path, *, history: bool, as_json: bool) -> int:
    """Print the active alerts, with `history` those that were, too.

    Raises `NothingRunningError` where no instance runs, but for the history, and `DatabaseUnusableError`
    where that cannot be read.
    """
    record = running_instance(data_dir)
    if record is None and not history:
        raise NothingRunningError(f"no instance is running on {data_dir}; --history shows what was")
    active = None if record is None else active_alerts(data_dir, record)
    past = _history(data_dir) if history else []
    now_us = clock.now_us()
    if as_json:
        found: dict[str, Any] = {
            "at_us": now_us,
            "instance": msgspec.to_builtins(record),
            "active": msgspec.to_builtins(active),
        }
        if history:
            found["history"] = msgspec.to_builtins(past)
        texts.write_json(found)
        return 0
    console = texts.console()
    if record is not None:
        console.print(f"{record.describe()}, on {data_dir}")
        console.print(summary(active))
        if active:
            console.print(_active_sheet(active, now_us))
    if history:
        console.print("history" if past else "no alerts are in the history yet")
        if past:
            console.print(_history_sheet(past, now_us, running=record is not None))
    return 0


def active_alerts(data_dir: Path, record: InstanceRecord) -> tuple[Alert, ...] | None:
    """Return the active alerts of the running instance; None where it does not tell any."""
    return active_file.read(data_dir, record.pid)


def summary(active: Sequence[Alert] | None) -> str:
    """Return how many alerts are active: "3 alerts are active: 1 critical, 2 warning"."""
    if active is None:
        return "this instance watches for no alerts, or cannot write which are active"
    if not active:
        return "no alerts are active"
    counts = collections.Counter(alert.severity for alert in active)
    parts = ", ".join(f"{counts[severity]} {severity}" for severity in reversed(Severity) if counts[severity])
    return f"{len(active)} alert{'s are' if len(active) > 1 else ' is'} active: {parts}"


def _history(data_dir: Path) -> list[Alert]:
    path = data_dir / DATABASE_NAME
    if not path.exists():
        return []
    with contextlib.closing(open_reader(path)) as connection:
        try:
            return alert_rows.newest(connection, SHOWN)
        except apsw.Error as error:
            raise DatabaseUnusableError(f"{path}: {error}") from error


def _active_sheet(alerts: Sequence[Alert], now_us: int) -> Sheet:
    sheet = Sheet(
        Column(""), Column("severity", spare=3), Column("since"), Column("alert"), Column("detail", spare=4)
    )
    for alert in alerts:
        sheet.add(
            texts.light_text(_LIGHTS[alert.severity]),
            alert.severity.value,
            moment_text(alert.since_us, now_us),
            _title(alert),
            texts.safe("; ".join((alert.detail, *alert.consequences)).strip("; ")),
        )
    return sheet


def _history_sheet(alerts: Sequence[Alert], now_us: int, *, running: bool) -> Sheet:
    sheet = Sheet(
        Column(""),
        Column("raised"),
        Column("lasted", number=True),
        Column("alert"),
        Column("detail", spare=4),
        Column("end", spare=3),
    )
    for alert in alerts:
        ended_us = alert.ended_at_us
        open_word, open_reason = ("active", "") if running else ("", CUT_OFF)  # by a killed instance
        sheet.add(
            texts.light_text(_LIGHTS[alert.severity]),
            moment_text(alert.raised_at_us, now_us),
            open_word if ended_us is None else duration_text(ended_us - alert.raised_at_us),
            _title(alert),
            texts.safe(alert.detail),
            open_reason if ended_us is None else alert.end_reason,
        )
    return sheet


def _title(alert: Alert) -> Text:
    title = texts.safe(alert.title)
    if alert.count > 1:
        title.append(f" ({alert.count} times)", style="dim")
    if alert.muted:
        title.append(" muted", style="dim")
    return title
