"""What the rules look at: plain values of one moment. Who gathers them does not matter here.

Ages are microseconds, times wall-clock UTC microseconds. None means that something is not known at the
moment: rules about it neither raise nor end anything then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_layer.messages import WorkerState


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerFacts:
    """One worker and its feed."""

    bookmaker: str
    state: WorkerState
    reason: str = ""
    since_us: int = 0  # when it came into this state
    restarts_lately: int = 0  # in the last ten minutes, after failures
    last_failure: str = ""  # why it was restarted the last time, as far as is known
    machine: str = ""  # where it runs, of a worker on another machine
    unheard_us: int = 0  # age of what a worker on another machine last reported
    silent_us: int | None = None  # age of the last thing its feed said; None while it need not say anything
    usual_silence_us: int | None = None  # longest silence of a usual round of this feed; None: not known yet
    trouble: str = ""  # what hinders the worker
    connected: bool = True  # to the writer
    outbox: int = 0  # recorded rounds that wait
    taken_lately: bool = True  # some of them were taken in the last seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class WriterFacts:
    """The writer, as supervisor and writer say it."""

    state: WorkerState
    reason: str = ""
    unanswered_us: int = 0  # age of its heartbeat
    trouble: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisFacts:
    """Redis, where it is enabled; troubles of those who use it, empty when there are none."""

    trouble: str = ""  # of the writer, which publishes
    reading_trouble: str = ""  # of this process, which reads
    stream_trouble: str = ""  # what keeps rounds of other machines away


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspicion:
    """What a slow look at the recorded rounds found at one bookmaker."""

    bookmaker: str
    what: str  # "comes too rarely at or above 2.00x"
    detail: str = ""
    count: int = 1  # how often it was found
    key: str = ""  # tells several of one bookmaker apart


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundNews:
    """A round that was committed since the last look."""

    bookmaker: str
    round_id: str
    crash_centi: int
    at_us: int  # of the crash; of a round without a time when it was received


@dataclass(frozen=True, kw_only=True, slots=True)
class GapNews:
    """A gap that was stored since the last look."""

    bookmaker: str
    reason: str
    started_at_us: int
    missing: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedNews:
    """Rounds that failed their verification since the last look."""

    bookmaker: str
    count: int
    round_id: str = ""  # the newest of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Everything at one moment. What has not been looked at again keeps its last value; news come once."""

    now_us: int
    workers: tuple[WorkerFacts, ...] = ()
    writer: WriterFacts | None = None
    redis: RedisFacts | None = None  # None: Redis is not used
    free_bytes: int | None = None  # on the disk of the data directory
    streaks: Mapping[tuple[str, int], int] | None = None  # (bookmaker, threshold_centi) -> rounds below it
    rounds: tuple[RoundNews, ...] = ()  # those at or above the lowest multiplier that a rule asks for
    gaps: tuple[GapNews, ...] = ()
    failed: tuple[FailedNews, ...] = ()
    drift: Mapping[float, tuple[Suspicion, ...]] = field(default_factory=dict)  # by alpha; missing: not known
    integrity: tuple[Suspicion, ...] | None = None
