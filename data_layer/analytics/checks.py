"""Which questions make no sense, told in one line before anything is computed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from config.problems import closest, shown
from config.time_zones import nearest_zone, zone_named
from data_layer.analytics.questions import (
    BacktestQuestion,
    DistributionQuestion,
    DriftQuestion,
    IntervalsQuestion,
    Question,
    Scope,
    Span,
    StreaksQuestion,
)
from data_layer.errors import AviatorError
from data_layer.ranges import RANGES

LEAST_CENTI = 100
MOST_CENTI = 100_000_000_000  # no round can be above it
MOST_THRESHOLDS = 200  # in one question
MOST_LISTED = 10_000  # runs in one answer
_LISTED = 8  # names in a message
MINUTES_A_DAY = 1_440
MOST_MINUTES = 366 * MINUTES_A_DAY
MOST_ROUNDS = 1_000_000  # a bucket


class BadQuestionError(AviatorError):
    """A question that has no answer. The text names the value at fault, in one line."""

    exit_code = 2


def check(question: Question, bookmakers: Collection[str], groups: Mapping[str, str]) -> None:
    """Refuse a question that makes no sense, with `BadQuestionError`.

    `bookmakers` are those with rounds; `groups` gives the group of each configured bookmaker, empty where it
    has none. A configured bookmaker without rounds may be asked about: the answer has none.
    """
    scope = Scope(bookmaker=question.bookmaker) if isinstance(question, BacktestQuestion) else question.scope
    check_scope(scope, bookmakers, groups)
    check_span(question.span)
    if isinstance(question, DistributionQuestion):
        _check_thresholds(question.thresholds_centi)
    elif isinstance(question, StreaksQuestion):
        check_threshold(question.threshold_centi)
        _check_number("runs to list", question.newest, 0, MOST_LISTED)
    elif isinstance(question, IntervalsQuestion):
        _check_buckets(question)
    elif isinstance(question, DriftQuestion):
        _check_drift(question)
    elif isinstance(question, BacktestQuestion):
        _check_backtest(question)


def check_scope(scope: Scope, bookmakers: Collection[str], groups: Mapping[str, str]) -> None:
    """Refuse a bookmaker or group that nobody knows."""
    if scope.bookmaker and scope.group:
        raise BadQuestionError(
            f"bookmaker {shown(scope.bookmaker)} and group {shown(scope.group)}: ask about one of them"
        )
    if scope.bookmaker and scope.bookmaker not in bookmakers and scope.bookmaker not in groups:
        raise BadQuestionError(_unknown("bookmaker", scope.bookmaker, {*bookmakers, *groups}))
    known = {group for group in groups.values() if group}
    if scope.group and scope.group not in known:
        raise BadQuestionError(_unknown("group", scope.group, known))


def check_span(span: Span) -> None:
    """Refuse a range without a meaning."""
    if span.name and span.name not in RANGES:
        raise BadQuestionError(f"range {shown(span.name)} is none of {', '.join(RANGES)}")
    if span.name and (span.start_us is not None or span.end_us is not None):
        raise BadQuestionError(f"range {span.name} and two times: ask for one of them")
    if span.start_us is not None and span.end_us is not None and span.start_us >= span.end_us:
        what = "is empty" if span.start_us == span.end_us else "ends before it begins"
        raise BadQuestionError(f"the span from {_moment(span.start_us)} to {_moment(span.end_us)} {what}")


def check_threshold(threshold_centi: int) -> None:
    """Refuse a threshold that is no multiplier."""
    if not LEAST_CENTI <= threshold_centi <= MOST_CENTI:
        side = "below 1.00x" if threshold_centi < LEAST_CENTI else f"above {MOST_CENTI // 100:,}x"
        raise BadQuestionError(f"threshold {threshold_centi / 100:.2f}x is {side}")


def zone(name: str) -> tzinfo:
    """Return the time zone called `name`, as "Europe/Belgrade". Raises `BadQuestionError`."""
    found = zone_named(name)
    if found is None:
        raise BadQuestionError(f"time zone {shown(name)} is unknown; nearest valid: {nearest_zone(name)}")
    return found


def _check_thresholds(thresholds_centi: Collection[int]) -> None:
    if len(thresholds_centi) > MOST_THRESHOLDS:
        raise BadQuestionError(f"{len(thresholds_centi)} thresholds are more than {MOST_THRESHOLDS}")
    for threshold_centi in thresholds_centi:
        check_threshold(threshold_centi)


def _check_buckets(question: IntervalsQuestion) -> None:
    check_threshold(question.threshold_centi)
    zone(question.timezone)
    if (question.minutes is None) == (question.rounds is None):
        raise BadQuestionError("buckets have a length in minutes or in rounds, one of them")
    if question.rounds is not None:
        _check_number("rounds a bucket", question.rounds, 1, MOST_ROUNDS)
        if not question.scope.bookmaker:
            raise BadQuestionError("buckets of rounds are those of one bookmaker: name it")
        return
    minutes = question.minutes or 0
    _check_number("minutes a bucket", minutes, 1, MOST_MINUTES)
    if minutes > MINUTES_A_DAY and minutes % MINUTES_A_DAY:
        days = max(1, round(minutes / MINUTES_A_DAY))
        raise BadQuestionError(
            f"a bucket of {minutes} minutes is longer than a day but no number of whole days;"
            f" nearest valid: {days * MINUTES_A_DAY}"
        )


def _check_drift(question: DriftQuestion) -> None:
    if not question.thresholds_centi:
        raise BadQuestionError("a test for drift needs a threshold")
    _check_thresholds(question.thresholds_centi)
    if not 0 < question.alpha <= 0.5:
        raise BadQuestionError(f"alpha {question.alpha:g} is not above 0 and at most 0.5")


def _check_backtest(question: BacktestQuestion) -> None:
    if not question.bookmaker:
        raise BadQuestionError("a backtest runs over the rounds of one bookmaker: name it")
    if not question.strategy:
        raise BadQuestionError("a backtest needs a strategy: name one")
    _check_number("bankroll in minor units", question.bankroll_minor, 1, 10**15)
    if not 1 <= len(question.currency) <= 8:
        raise BadQuestionError(f"currency {shown(question.currency)} has not 1 to 8 characters")


def _check_number(what: str, value: int, least: int, most: int) -> None:
    if value < least:
        raise BadQuestionError(f"{what}: {value} is below {least}")
    if value > most:
        raise BadQuestionError(f"{what}: {value} is above {most}")


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    choices = sorted(known)
    nearest = closest(name, choices)
    if nearest:
        return f"{what} {shown(name)} is unknown; did you mean {nearest}?"
    if not choices:
        return f"{what} {shown(name)} is unknown; there is none"
    more = f" and {len(choices) - _LISTED} more" if len(choices) > _LISTED else ""
    return f"{what} {shown(name)} is unknown; there are {', '.join(choices[:_LISTED])}{more}"


def _moment(at_us: int) -> str:
    try:
        return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):  # beyond the calendar
        return f"{at_us} us"
