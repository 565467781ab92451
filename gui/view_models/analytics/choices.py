"""What the operator chose on the analytics page, read from what he typed, and the questions it makes."""

import contextlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from data_layer.analytics.checks import BadQuestionError, zone
from data_layer.analytics.questions import (
    DistributionQuestion,
    DriftQuestion,
    IntegrityQuestion,
    IntervalsQuestion,
    Scope,
    Span,
    StreaksQuestion,
)
from gui.view_models.words import RANGE_WORDS

LEAST_CENTI, MOST_CENTI = 100, 100_000_000  # a threshold of a million is beyond every game
BUCKETS = ("7 min", "15 min", "45 min", "60 min", "90 min", "1 d", "50 rounds", "100 rounds")
OWN_TIMES = "times"  # in place of a named range

_ALL = Scope()
_SECOND_US = 1_000_000
_MINUTES_A_DAY = 1_440
_THRESHOLD = re.compile(r"(\d+)(?:[.,](\d+))?\s*[x\N{MULTIPLICATION SIGN}]?", re.IGNORECASE)
_BUCKET = re.compile(r"(\d+)\s*(min(?:utes?)?|m|h(?:ours?)?|d(?:ays?)?|rounds?|r)?", re.IGNORECASE)
_UNIT_MINUTES = {"m": 1, "h": 60, "d": _MINUTES_A_DAY}
_MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_CLOCKS = ("%H:%M:%S", "%H:%M")


class ChoiceError(ValueError):
    """Something typed that has no meaning; the text says what would have one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """The length of a bucket: in minutes, or in rounds."""

    minutes: int | None = 60
    rounds: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """Everything that is chosen. `range_name` is a named range, or `OWN_TIMES` with its two times."""

    scope: Scope = _ALL
    range_name: str = "24h"
    start_us: int | None = None
    end_us: int | None = None
    threshold_centi: int = 200
    thresholds_centi: tuple[int, ...] = (150, 200, 300, 500, 1000)  # configured
    timezone: str = "UTC"
    bucket: Bucket = Bucket()
    alpha: float = 0.01

    @property
    def span(self) -> Span:
        """The range, as a question has it."""
        if self.range_name == OWN_TIMES:
            return Span(start_us=self.start_us, end_us=self.end_us)
        return Span(name=self.range_name)

    @property
    def _thresholds(self) -> tuple[int, ...]:
        return tuple(sorted({*self.thresholds_centi, self.threshold_centi}))

    def distribution(self) -> DistributionQuestion:
        """Ask about the distribution, at every configured threshold and the chosen one."""
        return DistributionQuestion(scope=self.scope, span=self.span, thresholds_centi=self._thresholds)

    def streaks(self) -> StreaksQuestion:
        """Ask about runs below the chosen threshold."""
        return StreaksQuestion(scope=self.scope, span=self.span, threshold_centi=self.threshold_centi)

    def intervals(self) -> IntervalsQuestion:
        """Ask about buckets. A bucket of rounds belongs to one bookmaker: of several it is an hour."""
        bucket = self.bucket
        if bucket.rounds is not None and not self.scope.bookmaker:
            bucket = Bucket()
        return IntervalsQuestion(
            scope=self.scope,
            span=self.span,
            minutes=bucket.minutes,
            rounds=bucket.rounds,
            threshold_centi=self.threshold_centi,
            timezone=self.timezone,
        )

    def drift(self) -> DriftQuestion:
        """Ask about drift since the first round, or since a time that stands still.

        A named range begins later with every look, and a test that begins anew at every look keeps no promise
        about false alarms; so it is not asked about.
        """
        span = self.span if self.range_name == OWN_TIMES else Span(name="all")
        thresholds = tuple(each for each in self._thresholds if each > LEAST_CENTI)
        return DriftQuestion(scope=self.scope, span=span, thresholds_centi=thresholds, alpha=self.alpha)

    def integrity(self) -> IntegrityQuestion:
        """Ask about faults of the feeds."""
        return IntegrityQuestion(scope=self.scope, span=self.span)


def as_words(choices: Choices) -> dict[str, str]:
    """Return what is to be remembered of choices. Two times of one's own are for one look."""
    scope = choices.scope
    return {
        "bookmaker": scope.bookmaker,
        "group": scope.group,
        "range": "" if choices.range_name == OWN_TIMES else choices.range_name,
        "threshold": str(choices.threshold_centi),
        "timezone": choices.timezone,
        "bucket": bucket_words(choices.bucket),
    }


def from_words(words: Mapping[str, str], choices: Choices) -> Choices:
    """Return `choices` with what `as_words` remembered; what has no meaning is left as it is."""
    if words.get("bookmaker") or words.get("group"):
        scope = Scope(bookmaker=words.get("bookmaker", ""), group=words.get("group", ""))
        choices = replace(choices, scope=scope)
    if words.get("range") in RANGE_WORDS:
        choices = replace(choices, range_name=words["range"])
    with contextlib.suppress(ValueError, KeyError):
        centi = int(words["threshold"])
        choices = replace(choices, threshold_centi=min(max(centi, LEAST_CENTI), MOST_CENTI))
    with contextlib.suppress(BadQuestionError, KeyError):
        zone(words["timezone"])
        choices = replace(choices, timezone=words["timezone"])
    with contextlib.suppress(ChoiceError, KeyError):
        choices = replace(choices, bucket=parse_bucket(words["bucket"]))
    return choices


def scope_entries(bookmakers: Sequence[str], groups: Collection[str]) -> list[tuple[Scope, str]]:
    """Return whose rounds may be chosen, with the words for each: all, groups, bookmakers."""
    entries = [(Scope(), "All bookmakers")]
    entries += [(Scope(group=group), f"Group {group}") for group in sorted(set(groups)) if group]
    entries += [(Scope(bookmaker=name), name) for name in bookmakers]
    return entries


def scope_words(scope: Scope) -> str:
    """Return whose rounds, in words."""
    if scope.bookmaker:
        return scope.bookmaker
    return f"group {scope.group}" if scope.group else "all bookmakers"


def parse_threshold(text: str) -> int:
    """Return "2", "2.5x" or "1,37" in hundredths. Raises `ChoiceError`."""
    found = _THRESHOLD.fullmatch(text.strip())
    if found is None:
        raise ChoiceError(f"{_quoted(text)} is no multiplier: type a number from 1.00, as 2 or 2.5x")
    whole, fraction = found.groups(default="")
    if len(fraction.rstrip("0")) > 2:
        raise ChoiceError(f"{_quoted(text)} is finer than multipliers are: two decimals are enough")
    centi = int(whole) * 100 + int(fraction[:2].ljust(2, "0"))
    if centi < LEAST_CENTI:
        raise ChoiceError(f"{text.strip()} is below 1.00x, where every round is")
    if centi > MOST_CENTI:
        raise ChoiceError(f"{text.strip()} is above {MOST_CENTI // 100:,}x, where no round is")
    return centi


def parse_bucket(text: str) -> Bucket:
    """Return "7", "45 min", "2 h", "1 d" or "100 rounds" as a length. Raises `ChoiceError`."""
    found = _BUCKET.fullmatch(text.strip())
    if found is None:
        raise ChoiceError(f"{_quoted(text)} is no length: type 7 min, 2 h, 1 d or 100 rounds")
    number, unit = int(found[1]), (found[2] or "m")[0].lower()
    if number == 0:
        raise ChoiceError("a bucket needs some length: type 7 min, 2 h, 1 d or 100 rounds")
    if unit == "r":
        return Bucket(minutes=None, rounds=number)
    minutes = number * _UNIT_MINUTES[unit]
    if minutes > _MINUTES_A_DAY and minutes % _MINUTES_A_DAY:
        raise ChoiceError("a bucket longer than a day is a number of whole days, as 2 d")
    return Bucket(minutes=minutes)


def bucket_words(bucket: Bucket) -> str:
    """Return a length as it would be typed: "45 min", "2 h", "1 d", "100 rounds"."""
    if bucket.rounds is not None:
        return f"{bucket.rounds} round" + ("s" if bucket.rounds != 1 else "")
    minutes = bucket.minutes or 0
    if minutes % _MINUTES_A_DAY == 0:
        return f"{minutes // _MINUTES_A_DAY} d"
    return f"{minutes} min" if minutes % 60 or minutes <= 60 else f"{minutes // 60} h"


def parse_moment(text: str, timezone: str, now_us: int) -> int | None:
    """Return a local time in UTC microseconds: "2025-11-20 14:00", "14:00" of today, "now", which is None.

    Raises `ChoiceError`. A time that the clock skips is taken as if it had not been put forward, one that
    comes twice as the first.
    """
    given, zone = text.strip(), ZoneInfo(timezone)
    if given.lower() in ("", "now"):
        return None
    for pattern in _MOMENTS:
        try:
            return _as_us(datetime.strptime(given, pattern).replace(tzinfo=zone))
        except ValueError:
            continue
    today = datetime.fromtimestamp(now_us / _SECOND_US, zone)
    for pattern in _CLOCKS:
        try:
            clock = datetime.strptime(given, pattern).replace(tzinfo=zone).timetz()
        except ValueError:
            continue
        return _as_us(datetime.combine(today.date(), clock))
    raise ChoiceError(f"{_quoted(text)} is no time: type 2025-11-20 14:00, 14:00 or now")


def parse_times(start: str, end: str, timezone: str, now_us: int) -> tuple[int, int | None]:
    """Return the two ends of a span; an open end is now. Raises `ChoiceError`."""
    start_us = parse_moment(start, timezone, now_us)
    end_us = parse_moment(end, timezone, now_us)
    if start_us is None:
        raise ChoiceError("the first of the two times is missing: type 2025-11-20 14:00 or 14:00")
    if start_us >= (now_us if end_us is None else end_us):
        raise ChoiceError("the span ends before it begins: the second time must be the later one")
    return start_us, end_us


def first_times(timezone: str, now_us: int) -> tuple[str, str]:
    """Return the two times to begin with: since yesterday's midnight."""
    today = datetime.fromtimestamp(now_us / _SECOND_US, ZoneInfo(timezone)).date()
    return f"{today - timedelta(days=1)} 00:00", "now"


def span_words(span: Span, timezone: str, now_us: int) -> str:
    """Return a span in words: "24 h", "all time", "20 Nov 14:00 to now"."""
    if span.name:
        return RANGE_WORDS.get(span.name, span.name)
    if span.start_us is None and span.end_us is None:
        return RANGE_WORDS["all"]
    begin = "the first round" if span.start_us is None else local_words(span.start_us, timezone, now_us)
    end = "now" if span.end_us is None else local_words(span.end_us, timezone, now_us)
    return f"{begin} to {end}"


def local_words(at_us: int, timezone: str, now_us: int) -> str:
    """Return a moment in the chosen zone: "20 Nov 14:00", the year where it is another, seconds if any."""
    return exact_words(at_us, timezone, now_us).removesuffix(":00")


def exact_words(at_us: int, timezone: str, now_us: int) -> str:
    """Return a moment of which many stand below each other: as `local_words`, and always with seconds."""
    zone = ZoneInfo(timezone)
    at = datetime.fromtimestamp(at_us / _SECOND_US, zone)
    year = "" if at.year == datetime.fromtimestamp(now_us / _SECOND_US, zone).year else f" {at.year}"
    return f"{at.day} {at:%b}{year} {at:%H:%M:%S}"


def clock_words(at_us: int, timezone: str) -> str:
    """Return the time of day in the chosen zone: "02:14:09"."""
    return f"{datetime.fromtimestamp(at_us / _SECOND_US, ZoneInfo(timezone)):%H:%M:%S}"


def _as_us(at: datetime) -> int:
    return round(at.timestamp()) * _SECOND_US


def _quoted(text: str) -> str:
    shown = " ".join(text.split())
    return f'"{shown[:40]}\N{HORIZONTAL ELLIPSIS}"' if len(shown) > 40 else f'"{shown}"'
