"""`stats` with questions: distribution, streaks, intervals, drift and integrity of the recorded rounds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from data_layer.analytics.questions import (
    Answer,
    DistributionQuestion,
    DriftQuestion,
    IntegrityQuestion,
    Intervals,
    IntervalsQuestion,
    Question,
    Scope,
    Span,
    StreaksQuestion,
)
from data_layer.errors import UsageError
from gui.view_models.analytics.choices import Bucket, ChoiceError, parse_bucket, parse_threshold
from terminal import texts
from terminal.asking import answered, plain, span_of, zone_of
from terminal.database_file import database_to_read
from terminal.options import CommonOptions
from utils import clock

if TYPE_CHECKING:
    from config.settings import Settings

_USUAL_CENTI = 200
_A_DAY = Bucket(minutes=1_440)  # of a heat map: it is not shown, and days are never too many
_HEAT_RANGE, _WHOLE_RANGE, _USUAL_RANGE = "30d", "all", "24h"


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What the command line says; None, empty or False where it says nothing."""

    range: str | None = None
    bookmaker: str | None = None
    group: str | None = None
    thresholds: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    timezone: str | None = None
    intervals: str | None = None
    streaks: bool = False
    heat_map: bool = False
    drift: bool = False
    integrity: bool = False
    as_json: bool = False

    @property
    def ask_something(self) -> bool:
        """Whether more is wanted than the plain statistics."""
        given = (self.group, self.start, self.end, self.timezone, self.intervals)
        return bool(self.thresholds) or self._has_section or any(word is not None for word in given)

    @property
    def asks_distribution(self) -> bool:
        """Whether the distribution is wanted: where nothing else is named."""
        return not self._has_section and self.intervals is None

    @property
    def _has_section(self) -> bool:
        return self.streaks or self.heat_map or self.drift or self.integrity


class Asked(NamedTuple):
    """A question and the section that its answer is shown in."""

    section: str
    question: Question


def show_stats(options: CommonOptions, words: Words) -> int:
    """Show the plain statistics, or answer what goes beyond them. Raises `AviatorError`."""
    _refuse_empty(words)
    settings = options.load()
    database = database_to_read(settings)
    if words.ask_something:
        return show(settings, database, words)
    from terminal import stats

    return stats.show(database, words.range or _USUAL_RANGE, words.bookmaker, as_json=words.as_json)


def show(settings: "Settings", database: Path, words: Words) -> int:
    """Answer what the words ask for and print it. Raises `AviatorError` with one line for what is wrong."""
    timezone = zone_of(words.timezone, settings.analytics.timezone)
    asked = questions(words, settings, timezone)
    now_us = clock.now_us()
    if not database.exists():
        _check_unasked(settings, asked, words)
        if words.as_json:
            texts.write_json({"now_us": now_us, "timezone": timezone})
        else:
            texts.console().print(f"no rounds are recorded in {settings.data_dir} yet")
        return 0
    answers = answered(settings, database, [question for _, question in asked], now_us)
    if words.as_json:
        texts.write_json(_as_object(asked, answers, timezone, now_us))
        return 0
    from terminal.answers.place import Place
    from terminal.answers.printing import print_answer

    place = Place(console=texts.console(), timezone=timezone, now_us=now_us)
    for (section, _), answer in zip(asked, answers, strict=True):
        print_answer(place, section, answer)
    return 0


def questions(words: Words, settings: "Settings", timezone: str) -> list[Asked]:
    """Return what is asked, in the order it is shown. Raises `UsageError`."""
    scope = Scope(bookmaker=words.bookmaker or "", group=words.group or "")
    thresholds = tuple(sorted({_threshold(text) for text in words.thresholds}))
    each = thresholds or (_USUAL_CENTI,)
    span = partial(span_of, words.range, words.start, words.end, timezone)
    usual = span(_USUAL_RANGE)
    whole = span(_WHOLE_RANGE)
    found: list[Asked] = []
    if words.asks_distribution:
        shown = thresholds or settings.thresholds_centi
        found.append(
            Asked("distribution", DistributionQuestion(scope=scope, span=usual, thresholds_centi=shown))
        )
    if words.streaks:
        found += [
            Asked("streaks", StreaksQuestion(scope=scope, span=usual, threshold_centi=centi))
            for centi in each
        ]
    if words.intervals is not None:
        bucket = _bucket(words.intervals)
        found += [Asked("intervals", _in_buckets(scope, usual, bucket, centi, timezone)) for centi in each]
    if words.heat_map:
        of_heat = span(_HEAT_RANGE)
        found += [Asked("heat_map", _in_buckets(scope, of_heat, _A_DAY, centi, timezone)) for centi in each]
    if words.drift:
        tested = thresholds or settings.thresholds_centi
        alpha = settings.analytics.alpha
        found.append(
            Asked("drift", DriftQuestion(scope=scope, span=whole, thresholds_centi=tested, alpha=alpha))
        )
    if words.integrity:
        found.append(Asked("integrity", IntegrityQuestion(scope=scope, span=whole)))
    return found


def _refuse_empty(words: Words) -> None:
    """Refuse an option that is there without a value: to leave it out means something else."""
    for option in ("range", "bookmaker", "group", "timezone"):
        value: str | None = getattr(words, option)
        if value is not None and not value.strip():
            raise UsageError(f"--{option}: is empty")


def _check_unasked(settings: "Settings", asked: Iterable[Asked], words: Words) -> None:
    """Refuse what makes no sense where there are no rounds to ask about; any bookmaker may get some."""
    from data_layer.analytics.checks import check

    groups = {bookmaker.name: bookmaker.group for bookmaker in settings.bookmakers}
    for _, question in asked:
        check(question, {words.bookmaker or ""}, groups)


def _in_buckets(
    scope: Scope, span: Span, bucket: Bucket, threshold_centi: int, timezone: str
) -> IntervalsQuestion:
    return IntervalsQuestion(
        scope=scope,
        span=span,
        minutes=bucket.minutes,
        rounds=bucket.rounds,
        threshold_centi=threshold_centi,
        timezone=timezone,
    )


def _threshold(text: str) -> int:
    try:
        return parse_threshold(text)
    except ChoiceError as error:
        raise UsageError(f"--threshold: {error}") from None


def _bucket(text: str) -> Bucket:
    try:
        return parse_bucket(text)
    except ChoiceError as error:
        raise UsageError(f"--intervals: {error}") from None


def _as_object(
    asked: Sequence[Asked], answers: Iterable[Answer], timezone: str, now_us: int
) -> Mapping[str, Any]:
    """Return everything for programs: an answer a section, a list of them where each threshold has one."""
    found: dict[str, Any] = {"now_us": now_us, "timezone": timezone}
    for (section, _), answer in zip(asked, answers, strict=True):
        if isinstance(answer, Intervals):
            without = {"heat": ()} if section == "intervals" else {"buckets": ()}
            answer = msgspec.structs.replace(answer, **without)
        value = plain(answer)
        if section in ("streaks", "intervals", "heat_map"):
            found.setdefault(section, []).append(value)
        else:
            found[section] = value
    return found
