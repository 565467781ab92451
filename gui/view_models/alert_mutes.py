"""What an operator may mute, and until when."""

import re
from datetime import datetime, time, timedelta

from data_layer.alerts.model import Alert

WAKING = time(8)  # "until tomorrow" is until then
LENGTHS = (("15m", "15 min"), ("1h", "1 h"), ("tomorrow", "Until tomorrow 08:00"))
SCOPES = (
    ("alert", "this alert"),
    ("rule", "its rule everywhere"),
    ("bookmaker", "everything of its bookmaker"),
)
EXAMPLES = ("30 min", "2 h", "8 h", "3 d", "18:30")

_SECOND_US = 1_000_000
_UNITS_S = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_PIECE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?")
_LONGEST = timedelta(days=366)


def seconds_of(text: str) -> float:
    """Return a length of time such as "90 s", "1 min 30 s" or "2 h" in seconds. Raises `ValueError`."""
    total, place = 0.0, 0
    text = text.strip().lower()
    while place < len(text):
        piece = _PIECE.match(text, place)
        if piece is None or piece[2] not in _UNITS_S:
            raise ValueError("a length of time is a number and s, min, h or d")
        total += float(piece[1]) * _UNITS_S[piece[2]]
        place = piece.end()
    if not text:
        raise ValueError("a length of time is a number and s, min, h or d")
    return total


def mute_end(text: str, now_us: int) -> int:
    """Return when a mute ends that lasts as long, or until when, as `text` says, in local time.

    "15m", "2 h" and so on are lengths, "18:30" the next time it is that late, "2026-11-21 09:00" a moment,
    "tomorrow" `WAKING` of the next day. Raises `ValueError` with what is wrong.
    """
    now = datetime.fromtimestamp(now_us / _SECOND_US)
    wanted = text.strip().lower()
    if wanted == "tomorrow":
        end = datetime.combine(now.date() + timedelta(days=1), WAKING)
    elif clock := _CLOCK.fullmatch(wanted):
        end = datetime.combine(now.date(), _time(int(clock[1]), int(clock[2])))
        if end <= now:
            end += timedelta(days=1)
    elif moment := _MOMENT.fullmatch(wanted):
        year, month, day, hour, minute = (int(part or 0) for part in moment.groups())
        try:
            end = datetime(year, month, day, hour, minute)
        except ValueError:
            raise ValueError(f"{text.strip()} is no date") from None
        if end <= now:
            raise ValueError(f"{text.strip()} is over")
    else:
        return _after(now_us, wanted)
    if end - now > _LONGEST:
        raise ValueError("a mute lasts a year at most")
    return round(end.timestamp() * _SECOND_US)


def targets(alert: Alert, scope: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of rule and bookmaker, empty for all, that muting an alert means."""
    names = alert.bookmakers or ("",)
    if scope == "rule" or (scope == "bookmaker" and not alert.bookmakers):
        return ((alert.rule, ""),)
    if scope == "bookmaker":
        return tuple(("", name) for name in names)
    return tuple((alert.rule, name) for name in names)


def _after(now_us: int, text: str) -> int:
    try:
        seconds = seconds_of(text)
    except ValueError:
        raise ValueError(
            f"{text or 'nothing'} is neither a length nor a time: try 30 min, 2 h, 18:30 or 2026-11-21 09:00"
        ) from None
    if not 0 < seconds <= _LONGEST.total_seconds():
        raise ValueError("a mute lasts more than nothing and a year at most")
    return now_us + round(seconds * _SECOND_US)


def _time(hour: int, minute: int) -> time:
    try:
        return time(hour, minute)
    except ValueError:
        raise ValueError(f"{hour}:{minute:02} is no time of day") from None
