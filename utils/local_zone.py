"""Which time zone this machine is in, by its name in the IANA database."""

import os
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

UTC = "UTC"

_LINK = Path("/etc/localtime")
_DATABASE = "zoneinfo/"
_SAMPLES = 53  # weeks from now on in which a zone has to agree with the clock of the machine
_WEEK_S = 7 * 86_400


def local_zone_name() -> str:
    """Return the name of the local time zone, as "Europe/Belgrade".

    It is what `TZ` says, else what /etc/localtime leads to, else, as on Windows, the first zone whose clock
    agrees with the machine's in every week of the coming year; UTC where there is none.
    """
    told = os.environ.get("TZ", "").removeprefix(":").rpartition(_DATABASE)[2]
    if not told:
        told = str(_LINK.resolve()).rpartition(_DATABASE)[2] if _LINK.is_symlink() else ""
    if _is_known(told):
        return told
    return _agreeing(sorted(available_timezones(), key=_preference), time.time())


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return bool(name)


def _preference(name: str) -> tuple[bool, str]:
    """Sort places (Europe/Belgrade) before abbreviations and other old names (CET, Etc/GMT-1)."""
    return ("/" not in name or name.startswith("Etc/"), name)


def _agreeing(names: Iterable[str], now_s: float) -> str:
    moments = [now_s + week * _WEEK_S for week in range(_SAMPLES)]
    offsets = [time.localtime(moment).tm_gmtoff for moment in moments]
    if not any(offsets):
        return UTC
    for name in names:
        zone = ZoneInfo(name)
        found = (datetime.fromtimestamp(moment, zone).utcoffset() for moment in moments)
        if all(
            offset is not None and offset.total_seconds() == wanted
            for offset, wanted in zip(found, offsets, strict=True)
        ):
            return name
    return UTC
