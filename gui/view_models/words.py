"""Numbers, ages and times as the operator reads them: always with a unit, never with more digits than help.

Everything here is a pure function of its arguments. Times become local time only in `clock_text` and
`moment_text`, where a person reads them.
"""

from collections.abc import Iterable
from datetime import datetime

from data_layer.messages import Origin

NOTHING = "\N{EN DASH}"  # stands where there is no number

_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_HOUR_US = 60 * _MINUTE_US
_DAY_US = 24 * _HOUR_US

_ORIGINS = {
    Origin.SIMULATOR: "simulated",
    Origin.CHAIN: "chain",
    Origin.REPLAY: "replay",
    Origin.IMPORT: "imported",
}

_SHORT_ORIGINS = {"simulated": "sim", "imported": "import"}

RANGE_WORDS = {
    "1h": "1 h",
    "6h": "6 h",
    "24h": "24 h",
    "3d": "3 d",
    "7d": "7 d",
    "30d": "30 d",
    "all": "all time",
}


def count_text(value: int | None) -> str:
    """Return 30724 as "30,724"."""
    return NOTHING if value is None else f"{value:,}"


def multiplier_text(centi: int | float | None) -> str:
    """Return 197 hundredths as "1.97x"."""
    return NOTHING if centi is None else f"{centi / 100:,.2f}x"


def percent_text(part: float, whole: float) -> str:
    """Return `part` of `whole` in percent with one decimal; nothing where there is no whole."""
    return f"{100 * part / whole:.1f} %" if whole else NOTHING


def money_text(minor: int | None, currency: str = "", *, signed: bool = False) -> str:
    """Return 1250 minor units as "12.50 EUR"; `signed` puts a plus before a gain, none before nothing."""
    if minor is None:
        return NOTHING
    amount = f"{minor / 100:+,.2f}" if signed and minor else f"{minor / 100:,.2f}"
    amount = amount.replace("-", "\N{MINUS SIGN}")
    return f"{amount} {currency}" if currency else amount


def bytes_text(size: int) -> str:
    """Return a size in the decimal unit that leaves one to three digits before the point."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def duration_text(duration_us: int) -> str:
    """Return a length of time in its two largest units: "0.4 s", "41 s", "3 min 20 s", "4 d 1 h"."""
    duration_us = max(duration_us, 0)
    if duration_us < 10 * _SECOND_US:
        return f"{duration_us / _SECOND_US:.1f} s"
    if duration_us < _MINUTE_US:
        return f"{duration_us // _SECOND_US} s"
    for unit_us, unit, smaller_us, smaller in (
        (_DAY_US, "d", _HOUR_US, "h"),
        (_HOUR_US, "h", _MINUTE_US, "min"),
        (_MINUTE_US, "min", _SECOND_US, "s"),
    ):
        if duration_us >= unit_us:
            rest = duration_us % unit_us // smaller_us
            return f"{duration_us // unit_us} {unit}" + (f" {rest} {smaller}" if rest else "")
    raise AssertionError("unreachable: a minute or more is one of the units above")


def age_text(age_us: int) -> str:
    """Return an age in its largest unit, calm enough to change every second: "0 s", "41 s", "3 min"."""
    age_us = max(age_us, 0)
    for unit_us, unit in ((_DAY_US, "d"), (_HOUR_US, "h"), (_MINUTE_US, "min")):
        if age_us >= unit_us:
            return f"{age_us // unit_us} {unit}"
    return f"{age_us // _SECOND_US} s"


def micros_text(duration_us: int) -> str:
    """Return a short measured time: "0.62 ms", "12 ms", "1.4 s"."""
    if duration_us < 10_000:
        return f"{duration_us / 1_000:.2f} ms"
    if duration_us < _SECOND_US:
        return f"{duration_us / 1_000:.0f} ms"
    return f"{duration_us / _SECOND_US:.1f} s"


def clock_text(at_us: int) -> str:
    """Return the local time of day, "02:14:09"."""
    return datetime.fromtimestamp(at_us / _SECOND_US).astimezone().strftime("%H:%M:%S")


def date_text(at_us: int) -> str:
    """Return the local date, "2025-11-20"."""
    return datetime.fromtimestamp(at_us / _SECOND_US).astimezone().strftime("%Y-%m-%d")


def moment_text(at_us: int, now_us: int) -> str:
    """Return a local time, with its date where that is not today's: "02:14:09", "19 Nov 02:14"."""
    at = datetime.fromtimestamp(at_us / _SECOND_US).astimezone()
    today = datetime.fromtimestamp(now_us / _SECOND_US).astimezone()
    if at.date() == today.date():
        return at.strftime("%H:%M:%S")
    month_and_time = at.strftime("%b %H:%M") if at.year == today.year else at.strftime("%b %Y")
    return f"{at.day} {month_and_time}"


def range_words(name: str) -> str:
    """Return a range of statistics as a number with its unit: "24h" is "24 h"."""
    return RANGE_WORDS.get(name, name)


def origin_tag(origins: Iterable[Origin]) -> str:
    """Return what marks rounds that are not live: "simulated", "simulated, replay"; empty for live ones."""
    known = [_ORIGINS[origin] for origin in sorted(set(origins)) if origin in _ORIGINS]
    return ", ".join(known)


def short_tag(tag: str) -> str:
    """Return what marks rounds where there is little room: "sim", "paper, sim", "replay"."""
    return ", ".join(_SHORT_ORIGINS.get(word, word) for word in tag.split(", "))
