"""Everything the window is given. It makes none of it: `main.py` builds the parts and hands them over.

All of it may still be empty while the engine starts: a snapshot without workers, a reader without results,
a cache without rounds.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from config.specs import DEFAULT_THRESHOLDS_CENTI
from data_layer.engine import Alerts, Controls, LiveView, LogTap, RedisStatus, RedisSwitch
from data_layer.messages import RoundBrief
from data_layer.statistics import BettingStats, RgbStats, RoundStats
from utils import clock

if TYPE_CHECKING:  # the window loads nothing of the analytics before one of their pages is opened
    from data_layer.analytics.questions import Answer, Question


class CollectorStats(Protocol):
    """One cached result of the reader."""

    @property
    def computed_at_us(self) -> int:
        """Wall clock, when it was read."""
        ...

    @property
    def version(self) -> int:
        """Of the database at that moment."""
        ...

    @property
    def range(self) -> str:
        """What it covers: "24h", "all"."""
        ...

    @property
    def total(self) -> RoundStats | BettingStats | RgbStats | None:
        """Over all bookmakers; its bookmaker is the empty name."""
        ...

    @property
    def rows(self) -> Sequence[RoundStats | BettingStats | RgbStats]:
        """One per bookmaker, or per bookmaker and region."""
        ...


class StatsReader(Protocol):
    """The part of `CentralizedStatsReader` that the window uses. Collector types: "data_collector",
    "betting_agent", "rgb_collector"."""

    @property
    def trouble(self) -> str:
        """What hinders reading, for the operator; empty when nothing does."""
        ...

    def peek(self, collector_type: str) -> CollectorStats | None:
        """Return the newest result without waiting; None before the first one."""
        ...

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback(collector_type)` on the reader's thread after each result; returns what ends it."""
        ...

    def get_round_stats(self, range_name: str) -> CollectorStats:
        """Return rounds over "1h", "6h", "24h", "3d", "7d", "30d" or "all". May wait: not for the window's
        thread."""
        ...


class Analyst(Protocol):
    """The part of `AnalyticsReader` that the window uses. It has a thread of its own: no call waits."""

    @property
    def trouble(self) -> str:
        """What hinders it, for the operator; empty when nothing does."""
        ...

    def ask(self, question: "Question") -> "Future[Answer]":
        """Return where the answer will be. Its error is an `AviatorError` that says what is wrong with the
        question, or why it could not be answered. A future that has not begun may be cancelled."""
        ...

    def bookmakers(self) -> Sequence[str]:
        """Return whose rounds may be asked about."""
        ...


class LastRounds(Protocol):
    """The part of `LastRoundCache` that the window uses. Never waits for anything but a short lock."""

    def last(self, bookmaker: str) -> RoundBrief | None:
        """Return the newest committed round."""
        ...

    def recent(self, bookmaker: str, count: int) -> Sequence[RoundBrief]:
        """Return up to `count` newest committed rounds, oldest first."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthCheck:
    """One finding of the health check."""

    name: str  # "database", "disk", "Redis"
    state: Literal["healthy", "degraded", "broken", "off"]
    text: str  # what was found, one line
    advice: str = ""  # what to do, when there is something to do


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigurationLine:
    """One setting as it is in force, for the settings page."""

    key: str
    value: str
    place: str  # where it comes from: "default", "config/aviator.toml", "environment"


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowSettings:
    """The configuration that the window itself obeys or shows."""

    theme: Literal["dark", "light", "system"] = "dark"  # until the operator chooses another
    thresholds_centi: tuple[int, ...] = DEFAULT_THRESHOLDS_CENTI
    configuration: tuple[ConfigurationLine, ...] = ()
    timezone: str = "local"  # whose midnight begins a day: an IANA name, or the machine's own
    alpha: float = 0.01  # probability that any drift alarm is false
    returns: Mapping[str, float] = field(default_factory=dict)  # claimed, by bookmaker; a share of all stakes
    currencies: Mapping[str, str] = field(default_factory=dict)  # of the paper money, by bookmaker


class NoRedis:
    """A window that was given no Redis: it is off and stays off."""

    def status(self) -> RedisStatus:
        """See `RedisSwitch`."""
        return RedisStatus()

    def switch(self, *, on: bool) -> None:
        """See `RedisSwitch`."""

    def compute_metrics(self) -> None:
        """See `RedisSwitch`."""


def _no_checks() -> Sequence[HealthCheck]:
    return ()


def _nothing() -> None:
    return None


def _no_trouble() -> str:
    return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowDependencies:
    """The engine as the window sees it, and what else the window needs."""

    live: LiveView
    controls: Controls
    logs: LogTap
    reader: StatsReader
    last_rounds: LastRounds
    data_dir: Path  # the window keeps `window.ini` there
    version: str = ""
    settings: WindowSettings = field(default_factory=WindowSettings)
    analyst: Analyst | None = None  # None: nothing answers, and the pages of the analytics say so
    alerts: Alerts | None = None  # None: nothing is watched, and the page of the alerts says so
    redis: RedisSwitch = field(default_factory=NoRedis)
    health: Callable[[], Sequence[HealthCheck]] = _no_checks  # may take seconds: never on the window's thread
    painted: Callable[[], None] = _nothing  # called once, right after the first paint
    trouble: Callable[[], str] = _no_trouble  # why the engine does not run, for the operator; must not wait
    now_us: Callable[[], int] = clock.now_us
    monotonic_us: Callable[[], int] = clock.monotonic_us
