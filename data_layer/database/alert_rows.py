"""The history of alerts: the table `alerts`, which keeps the last that was told of each."""

from collections.abc import Iterator, Sequence
from typing import Any

import apsw
import msgspec

from data_layer.alerts.model import Alert, AlertKind, Severity
from data_layer.database.schema import MAX_TEXT_CHARACTERS
from data_layer.database.validation import readable
from data_layer.messages import AlertState

SENDER = "alerts"  # what the connection that brings them calls itself: as bookmaker and as stream

_STORE = (
    "INSERT INTO alerts (uid, rule, kind, bookmaker, bookmakers, severity, text, detail, consequences,"
    " since_us, raised_at_us, ended_at_us, end_reason, count, muted)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uid) DO UPDATE SET"
    " bookmaker = excluded.bookmaker, bookmakers = excluded.bookmakers, text = excluded.text,"
    " detail = excluded.detail, consequences = excluded.consequences, since_us = excluded.since_us,"
    " ended_at_us = excluded.ended_at_us, end_reason = excluded.end_reason, count = excluded.count,"
    " muted = excluded.muted"
    " WHERE alerts.ended_at_us IS NULL"  # what has ended stands, whatever comes late
)
_READ = (
    "SELECT coalesce(uid, 'row ' || id), rule, kind, bookmakers, severity, text, detail, consequences,"
    " coalesce(since_us, raised_at_us), raised_at_us, ended_at_us, end_reason, count, muted FROM alerts"
)
_NEWEST = f"{_READ} ORDER BY raised_at_us DESC, id DESC LIMIT ?"
_OPEN = f"{_READ} WHERE ended_at_us IS NULL AND uid IS NOT NULL ORDER BY id"


def record_of(alert: Alert) -> AlertState:
    """Return `alert` as it is delivered to the writer, its texts mended so that any table takes them."""
    return AlertState(
        bookmaker=SENDER,
        uid=alert.uid,
        rule=_mended(alert.rule),
        kind=alert.kind.value,
        severity=alert.severity.value,
        title=_mended(alert.title),
        detail=_mended(alert.detail),
        about=tuple(map(_mended, alert.bookmakers)),
        consequences=tuple(map(_mended, alert.consequences)),
        since_us=max(0, alert.since_us),
        raised_at_us=alert.raised_at_us,
        ended_at_us=alert.ended_at_us,
        end_reason=_mended(alert.end_reason),
        count=alert.count,
        muted=alert.muted,
    )


def store(connection: apsw.Connection, alerts: Sequence[AlertState]) -> None:
    """Store alerts as they are now. One that is told again is brought up to date unless it has ended."""
    connection.executemany(_STORE, map(_row, alerts))


def newest(connection: apsw.Connection, limit: int) -> list[Alert]:
    """Return up to `limit` alerts, the last raised first."""
    return list(_alerts(connection.execute(_NEWEST, (limit,))))


def open_alerts(connection: apsw.Connection) -> list[Alert]:
    """Return alerts without an end, the oldest first: active, or left by an instance that was killed."""
    return list(_alerts(connection.execute(_OPEN)))


def _row(alert: AlertState) -> tuple[Any, ...]:
    return (
        alert.uid,
        alert.rule,
        alert.kind,
        alert.about[0] if len(alert.about) == 1 else "",
        _json(alert.about),
        alert.severity,
        alert.title,
        alert.detail,
        _json(alert.consequences),
        alert.since_us,
        alert.raised_at_us,
        alert.ended_at_us,
        alert.end_reason,
        alert.count,
        alert.muted,
    )


def _json(texts: tuple[str, ...]) -> str:
    return msgspec.json.encode(texts).decode()


def _alerts(rows: Iterator[tuple[Any, ...]]) -> Iterator[Alert]:
    return (alert for row in rows if (alert := _alert(*row)) is not None)


def _alert(
    uid: str, rule: str, kind: str, bookmakers: str, severity: str, title: str, detail: str,
    consequences: str, since_us: int, raised_at_us: int, ended_at_us: int | None, end_reason: str,
    count: int, muted: int,
) -> Alert | None:  # fmt: skip
    """Return the alert of a row, None where another release or a hand wrote what is not known here."""
    if kind not in _KINDS or severity not in _SEVERITIES:
        return None
    try:
        return Alert(
            uid=uid,
            rule=rule,
            kind=AlertKind(kind),
            severity=Severity(severity),
            title=title,
            detail=detail,
            bookmakers=msgspec.json.decode(bookmakers, type=tuple[str, ...]),
            consequences=msgspec.json.decode(consequences, type=tuple[str, ...]),
            since_us=since_us,
            raised_at_us=raised_at_us,
            ended_at_us=ended_at_us,
            end_reason=end_reason,
            count=count,
            muted=bool(muted),
        )
    except msgspec.MsgspecError:
        return None


def _mended(text: str) -> str:
    return readable(text, MAX_TEXT_CHARACTERS)


_KINDS = frozenset(kind.value for kind in AlertKind)
_SEVERITIES = frozenset(severity.value for severity in Severity)
