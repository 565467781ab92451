"""What `stats` and `backtest` share: the range they are given, the asking, and answers for programs."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from data_layer.analytics.questions import Answer, Question, Sample, Span
from data_layer.errors import UsageError

if TYPE_CHECKING:
    from config.settings import Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_of(given: str | None, configured: str) -> str:
    """Return the time zone to use, by name. Raises `BadQuestionError`."""
    from data_layer.analytics.checks import zone
    from utils.local_zone import local_zone_name

    name = given or configured
    if name == "local":
        return local_zone_name()
    zone(name)
    return name


def span_of(range_: str | None, start: str | None, end: str | None, timezone: str, usual: str) -> Span:
    """Return what `--range`, `--from` and `--to` name, or the usual range. Raises `UsageError`."""
    if start is None and end is None:
        return Span(name=range_ or usual)
    if range_ is not None:
        raise UsageError(f"--range {range_} and --from or --to: give one of them")
    return Span(start_us=_moment("--from", start, timezone), end_us=_moment("--to", end, timezone))


def answered(settings: "Settings", database: Path, asked: Sequence[Question], now_us: int) -> list[Answer]:
    """Return the answers, all as of `now_us`. Raises `AviatorError`."""
    from data_layer.analytics.claims import claims_of
    from data_layer.cache.cache_manager import CacheManager
    from data_layer.readers.analyst.analytics_reader import AnalyticsReader

    groups = {bookmaker.name: bookmaker.group for bookmaker in settings.bookmakers}
    reader = AnalyticsReader(
        database, groups=groups, claims=claims_of(settings), cache=CacheManager(), now=lambda: now_us
    )
    reader.start()
    try:
        # One at a time: of more than some dozens that wait the reader takes none.
        return [reader.ask(question).result() for question in asked]
    finally:
        reader.stop()


def plain(value: Any) -> Any:
    """Return a value of the answers as JSON has it: origins by name, no number that is none."""
    if isinstance(value, Sample):
        origins = [origin.name.lower() for origin in value.origins]
        return {**plain(msgspec.structs.asdict(value)), "origins": origins}
    if isinstance(value, msgspec.Struct):
        return {name: plain(entry) for name, entry in msgspec.structs.asdict(value).items()}
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _moment(option: str, text: str | None, timezone: str) -> int | None:
    """Return an ISO date or date-time as UTC microseconds; without an offset it is of `timezone`.

    A local time that comes twice, as the clock is put back, is taken as the first of the two.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.strip())
        zone = ZoneInfo(timezone)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        at.astimezone(UTC).astimezone(zone)  # not every zone has the first and last hours of the calendar
        return (at - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        example = "2025-10-26, 2025-10-26T14:30 or 2025-10-26T14:30:00+01:00"
        raise UsageError(f"{option} {text}: is no date or time as {example}") from None
