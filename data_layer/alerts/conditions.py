"""What a rule finds in the facts of one moment. Values in, conditions out: nothing is remembered here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from config.alert_specs import plain
from data_layer.alerts.facts import Facts, Suspicion, WorkerFacts
from data_layer.alerts.model import AlertKind, Rule
from data_layer.messages import WorkerState
from utils.plurals import counted

LEAST_SILENCE_US = 10_000_000  # no feed is called silent before
UNKNOWN_SILENCE_US = 30_000_000  # patience with a feed whose rhythm is not known yet
_SECOND_US = 1_000_000
_GIGABYTE = 1_000_000_000
_AT_WORK = (WorkerState.STARTING, WorkerState.RUNNING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """Something that a rule found at one subject."""

    subject: str  # tells it from others of the same rule
    what: str  # in words that hold for several bookmakers alike: "no data"
    words: str = ""  # in words of this one: "1,204.55x"; empty: as `what`
    detail: str = ""
    bookmaker: str = ""  # empty: the engine
    since_us: int  # when it began
    momentary: bool = False  # it was only a moment
    count: int = 1  # of moments
    cause: AlertKind | None = None  # a trouble of that kind, if there is one, explains this


class UnknownError(Exception):
    """Nothing can be said at the moment: conditions that held before neither hold nor are over."""


def find(rule: Rule, facts: Facts) -> list[Condition] | None:
    """Return what `rule` finds in `facts`, None when that is not known at the moment."""
    try:
        return [found for found in _FINDERS[rule.kind](rule, facts) if rule.concerns(found.bookmaker)]
    except UnknownError:
        return None


def patience_us(usual_silence_us: int | None, limit: float) -> int:
    """Return after which silence a feed is stalled, given the usual silence of its rounds."""
    if usual_silence_us is None:
        return UNKNOWN_SILENCE_US
    return max(LEAST_SILENCE_US, round(usual_silence_us * limit))


def _stalls(rule: Rule, facts: Facts) -> Iterator[Condition]:
    for worker in facts.workers:
        silent_us, usual_us = worker.silent_us, worker.usual_silence_us
        if silent_us is None or silent_us <= patience_us(usual_us, rule.limit):
            continue
        rhythm = "its rhythm is not known yet"
        if usual_us is not None:
            rhythm = (
                f"usually {'less than 1 s' if usual_us < _SECOND_US else f'{_seconds(usual_us)} at most'}"
            )
        yield Condition(
            subject=worker.bookmaker,
            what="no data",
            detail=f"silent for {_seconds(silent_us)}, {rhythm}",
            bookmaker=worker.bookmaker,
            since_us=facts.now_us - silent_us,
            cause=AlertKind.REDIS if worker.machine else None,
        )


def _gaps(rule: Rule, facts: Facts) -> Iterator[Condition]:
    for gap in facts.gaps:
        if gap.missing is not None and gap.missing < rule.limit:
            continue
        missing = "rounds" if gap.missing is None else counted(gap.missing, "round")
        yield Condition(
            subject=gap.bookmaker,
            what="rounds are missing",
            words=f"{missing} missing",
            detail=gap.reason,
            bookmaker=gap.bookmaker,
            since_us=gap.started_at_us,
            momentary=True,
        )


def _streaks(rule: Rule, facts: Facts) -> Iterator[Condition]:
    if facts.streaks is None:
        raise UnknownError
    for (bookmaker, threshold_centi), length in facts.streaks.items():
        if threshold_centi == rule.threshold_centi and length >= rule.limit:
            yield Condition(
                subject=bookmaker,
                what=f"a long run below {rule.threshold:.2f}x",
                words=f"{length} rounds in a row below {rule.threshold:.2f}x",
                detail="the next round is no likelier to end it than any other",
                bookmaker=bookmaker,
                since_us=facts.now_us,
            )


def _multipliers(rule: Rule, facts: Facts) -> Iterator[Condition]:
    for one in facts.rounds:
        if one.crash_centi >= round(rule.limit * 100):
            yield Condition(
                subject=one.bookmaker,
                what=f"{rule.limit:,.2f}x or more",
                words=f"{one.crash_centi / 100:,.2f}x",
                detail=f"round {one.round_id}",
                bookmaker=one.bookmaker,
                since_us=one.at_us,
                momentary=True,
            )


def _drift(rule: Rule, facts: Facts) -> Iterator[Condition]:
    suspicions = facts.drift.get(rule.limit)
    if suspicions is None:
        raise UnknownError
    for one in suspicions:
        yield _suspected(one, facts.now_us)


def _verification(rule: Rule, facts: Facts) -> Iterator[Condition]:
    for one in facts.failed:
        if one.count >= rule.limit:
            yield Condition(
                subject=one.bookmaker,
                what="rounds are not what their hashes say",
                detail=f"the newest is round {one.round_id}" if one.round_id else "",
                bookmaker=one.bookmaker,
                since_us=facts.now_us,
                momentary=True,
                count=one.count,
            )


def _integrity(rule: Rule, facts: Facts) -> Iterator[Condition]:
    if facts.integrity is None:
        raise UnknownError
    for one in facts.integrity:
        if one.count >= rule.limit:
            yield _suspected(one, facts.now_us)


def _suspected(one: Suspicion, now_us: int) -> Condition:
    return Condition(
        subject=f"{one.bookmaker}\n{one.key}",
        what=one.what,
        detail=one.detail,
        bookmaker=one.bookmaker,
        since_us=now_us,
    )


def _workers(rule: Rule, facts: Facts) -> Iterator[Condition]:
    serving = facts.writer is None or facts.writer.state is WorkerState.RUNNING
    for worker in facts.workers:
        what, detail, cause = _worker_trouble(rule, worker, serving=serving)
        if what:
            yield Condition(
                subject=worker.bookmaker,
                what=what,
                detail=detail,
                bookmaker=worker.bookmaker,
                since_us=_ill_since_us(worker, facts.now_us),
                cause=cause,
            )


def _ill_since_us(worker: WorkerFacts, now_us: int) -> int:
    """Return when a worker's trouble began; of one that runs that is not when it came to run."""
    if worker.state in (WorkerState.BACKING_OFF, WorkerState.FAILED) and worker.since_us:
        return worker.since_us
    return now_us - worker.unheard_us


def _worker_trouble(rule: Rule, worker: WorkerFacts, *, serving: bool) -> tuple[str, str, AlertKind | None]:
    """Return what is wrong with a worker, more about it, and what may be the cause."""
    if worker.machine and worker.unheard_us > UNKNOWN_SILENCE_US and worker.state is not WorkerState.STOPPED:
        detail = f"{worker.machine} has not reported for {_seconds(worker.unheard_us)}"
        return "the machine of its worker is not heard", detail, AlertKind.REDIS
    if worker.state in (WorkerState.BACKING_OFF, WorkerState.FAILED):
        again = worker.restarts_lately > 1
        detail = f"restarted {worker.restarts_lately} times in ten minutes" if again else ""
        return worker.reason or "the worker failed", detail, None
    if worker.restarts_lately >= rule.limit and worker.state in _AT_WORK:
        detail = f"{_times(worker.restarts_lately)} in ten minutes"
        if worker.last_failure:
            detail += f", last: {worker.last_failure}"
        return "the worker is restarted again and again", detail, None
    if worker.state is WorkerState.RUNNING and worker.trouble:
        what, _, more = worker.trouble.partition("; ")  # the rest counts, and is another one everywhere
        if worker.connected:
            return what, more, None
        if serving:  # else it waits for a writer that is starting
            return what, more, AlertKind.REDIS if worker.machine else AlertKind.WRITER
    return "", "", None


def _writer(rule: Rule, facts: Facts) -> Iterator[Condition]:
    writer = facts.writer
    if writer is None:
        return
    what = ""
    if writer.state in (WorkerState.BACKING_OFF, WorkerState.FAILED):
        what = writer.reason or "does not run"
    elif writer.state is WorkerState.RUNNING and writer.unanswered_us > rule.limit * _SECOND_US:
        what = "does not answer"
    elif writer.trouble:
        what = writer.trouble
    if what:
        yield Condition(
            subject="writer",
            what=f"Writer: {what}",
            detail="workers keep their rounds meanwhile",
            since_us=facts.now_us,
        )


def _redis(_rule: Rule, facts: Facts) -> Iterator[Condition]:
    redis = facts.redis
    if redis is None:
        return
    trouble = redis.trouble or redis.reading_trouble
    if trouble:  # that rounds of other machines do not come then follows from it
        what, detail = f"Redis {trouble.removeprefix('Redis ')}", "the database stands in"
        yield Condition(subject="Redis", what=what, detail=detail, since_us=facts.now_us)
    elif redis.stream_trouble:
        what, detail = f"Rounds of other machines: {redis.stream_trouble}", "they are kept there"
        yield Condition(subject="stream", what=what, detail=detail, since_us=facts.now_us)


def _disk(rule: Rule, facts: Facts) -> Iterator[Condition]:
    if facts.free_bytes is None:
        raise UnknownError
    if facts.free_bytes < rule.limit * _GIGABYTE:
        yield Condition(
            subject="disk",
            what=f"Disk: less than {_size(rule.limit * _GIGABYTE)} left",
            detail=f"{_size(facts.free_bytes)} free where the database is",
            since_us=facts.now_us,
        )


def _outboxes(rule: Rule, facts: Facts) -> Iterator[Condition]:
    for worker in facts.workers:
        if worker.outbox >= rule.limit and not worker.taken_lately:
            yield Condition(
                subject=worker.bookmaker,
                what="recorded rounds are not taken",
                words=f"{worker.outbox:,} recorded rounds are not taken",
                detail="they are kept",
                bookmaker=worker.bookmaker,
                since_us=facts.now_us,
                cause=AlertKind.REDIS if worker.machine else AlertKind.WRITER,
            )


def _size(count: float) -> str:
    """Return a number of bytes in GB, below one in MB."""
    return f"{plain(round(count / _GIGABYTE, 2))} GB" if count >= _GIGABYTE else f"{count / 1e6:.0f} MB"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _seconds(duration_us: int) -> str:
    seconds = duration_us / _SECOND_US
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


_FINDERS: Mapping[AlertKind, Callable[[Rule, Facts], Iterator[Condition]]] = {
    AlertKind.STALL: _stalls,
    AlertKind.GAP: _gaps,
    AlertKind.STREAK: _streaks,
    AlertKind.MULTIPLIER: _multipliers,
    AlertKind.DRIFT: _drift,
    AlertKind.VERIFICATION: _verification,
    AlertKind.INTEGRITY: _integrity,
    AlertKind.WORKER: _workers,
    AlertKind.WRITER: _writer,
    AlertKind.REDIS: _redis,
    AlertKind.DISK: _disk,
    AlertKind.OUTBOX: _outboxes,
}
