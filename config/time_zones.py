"""Names of time zones: whether there is one, and which was meant."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from config.problems import closest

_OFFSET = re.compile(r"(?:UTC)?([+-])([01]?\d|2[0-3])(?::?([0-5]\d))?", re.ASCII)


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone that the IANA database calls `name`, None where it has none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def zone_or_offset(name: str) -> tzinfo | None:
    """Return the zone of a recording: as `zone_named`, and "UTC" in any case, or an offset like "+02:00"."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset is None:
        return zone_named(name)
    sign, hours, minutes = offset.groups(default="0")
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-span if sign == "-" else span)


def nearest_zone(name: str) -> str:
    """Return the name that is most like `name`, by its city first: most people leave the continent out."""
    known = available_timezones()
    by_city = {each.rpartition("/")[2]: each for each in sorted(known)}
    city = closest(name, by_city, 0.8)
    return (by_city[city] if city else closest(name, known)) or "UTC"
