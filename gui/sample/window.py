"""Dependencies of a window that shows sample data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data_layer.messages import Origin
from gui.dependencies import ConfigurationLine, HealthCheck, WindowDependencies, WindowSettings
from gui.sample.alerts import SampleAlerts
from gui.sample.analyst import SAMPLE_RTP, SampleAnalyst
from gui.sample.engine import SampleEngine
from gui.sample.stats import SampleLogs, SampleReader


@dataclass(slots=True)
class SampleClock:
    """Both clocks in one: stands still until it is moved."""

    at_us: int = 1_763_601_249_000_000  # 20 November 2025, 01:14:09 UTC

    def now_us(self) -> int:
        """Return the wall clock."""
        return self.at_us

    def monotonic_us(self) -> int:
        """Return the monotonic clock, which has its own origin."""
        return self.at_us - 1_763_000_000_000_000

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at_us += round(seconds * 1_000_000)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample engine with everything that belongs to it."""

    engine: SampleEngine
    reader: SampleReader
    logs: SampleLogs
    analyst: SampleAnalyst
    alerts: SampleAlerts
    dependencies: WindowDependencies


def make_sample(
    count: int,
    data_dir: Path,
    *,
    clock: SampleClock | None = None,
    troubles: bool = True,
    bookmakers: Sequence[str] | None = None,
    origin: Origin = Origin.SIMULATOR,
    settings: WindowSettings | None = None,
) -> Sample:
    """Return a sample engine for `count` bookmakers (or for `bookmakers`) and the window's dependencies."""
    clock = clock or SampleClock()
    engine = SampleEngine(
        count,
        now_us=clock.now_us,
        monotonic_us=clock.monotonic_us,
        troubles=troubles,
        bookmakers=bookmakers,
        origin=origin,
    )
    reader, logs, analyst = SampleReader(engine), SampleLogs(engine), SampleAnalyst(engine)
    alerts = SampleAlerts(clock.now_us, troubles=troubles)
    dependencies = WindowDependencies(
        live=engine,
        controls=engine,
        logs=logs,
        reader=reader,
        last_rounds=engine,
        analyst=analyst,
        alerts=alerts,
        data_dir=data_dir,
        version="1.0.0",
        settings=settings
        or WindowSettings(
            configuration=_CONFIGURATION,
            returns={worker.name: SAMPLE_RTP for worker in engine.workers},
        ),
        health=lambda: _CHECKS,
        now_us=clock.now_us,
        monotonic_us=clock.monotonic_us,
    )
    return Sample(engine, reader, logs, analyst, alerts, dependencies)


_CONFIGURATION = (
    ConfigurationLine(key="data_dir", value="data", place="default"),
    ConfigurationLine(key="redis.enabled", value="false", place="config/aviator.toml"),
    ConfigurationLine(key="bookmakers[0].name", value="Admiral", place="config/aviator.toml"),
)
_CHECKS = (
    HealthCheck(name="database", state="healthy", text="1.2 GB, schema 1, SQLite 3.54.1, integrity checked"),
    HealthCheck(name="disk", state="healthy", text="48 GB free"),
    HealthCheck(
        name="workers",
        state="degraded",
        text="1 of 8 is backing off",
        advice="see the reason on its card; it restarts by itself",
    ),
    HealthCheck(name="Redis", state="off", text="not configured"),
)
