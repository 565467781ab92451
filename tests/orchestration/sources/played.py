"""Sources played on a clock of their own: an hour of flight takes milliseconds, and no test sleeps."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from config.specs import SourceSpec
from orchestration.sources.base import (
    EndOfSource,
    FinishedRound,
    LiveUpdate,
    Pacer,
    RejectedInput,
    Source,
    SourceEvent,
)
from orchestration.sources.factory import make_source

START_US = 1_800_000_000_000_000
PAUSE_US = 3_600_000_000


class PlayedTime:
    """A wall clock and a monotonic clock that only sleeping moves."""

    def __init__(self) -> None:
        self.elapsed_us = 0
        self.turns = 0  # of the event loop that the source gave away
        self.late_us = 0  # each sleep takes so much longer than asked for

    def now_us(self) -> int:
        return START_US + self.elapsed_us

    def monotonic_us(self) -> int:
        return 7_000_000 + self.elapsed_us

    async def sleep(self, delay_s: float) -> None:
        self.turns += 1
        self.elapsed_us += round(delay_s * 1_000_000) + self.late_us
        await asyncio.sleep(0)


class PlayedPacer(Pacer):
    """A pacer whose pauses end by themselves after an hour of played time."""

    def __init__(self, speed: float, time: PlayedTime) -> None:
        super().__init__(speed, monotonic_us=time.monotonic_us, sleep=time.sleep)
        self._time = time

    async def running(self) -> None:
        if self.paused:
            self._time.elapsed_us += PAUSE_US
            self.resume()
        await super().running()


class Played:
    """One source on its own time."""

    def __init__(self, spec: SourceSpec) -> None:
        self.time = PlayedTime()
        self.pacer = PlayedPacer(spec.speed, self.time)
        self.source: Source = make_source(spec, self.pacer, self.time.now_us)

    def events(
        self,
        after: int = 0,
        *,
        rounds: int | None = None,
        on_event: Callable[[SourceEvent], None] = lambda event: None,
    ) -> list[SourceEvent]:
        """Return what the source tells after a position: all of it, or up to so many finished rounds."""

        async def collect() -> list[SourceEvent]:
            told: list[SourceEvent] = []
            finished = 0
            async with aclosing(self.source.events(after)) as events:
                async for event in events:
                    told.append(event)
                    on_event(event)
                    finished += isinstance(event, FinishedRound)
                    if rounds is not None and finished >= rounds:
                        break
            await self.source.close()
            return told

        return asyncio.run(collect())


def source_of(spec: SourceSpec) -> Source:
    """Return a source, closed, to look at what it says of itself."""
    source = Played(spec).source
    asyncio.run(source.close())
    return source


def finished(events: list[SourceEvent]) -> list[FinishedRound]:
    return [event for event in events if isinstance(event, FinishedRound)]


def updates(events: list[SourceEvent]) -> list[LiveUpdate]:
    return [event for event in events if isinstance(event, LiveUpdate)]


def rejected(events: list[SourceEvent]) -> list[RejectedInput]:
    return [event for event in events if isinstance(event, RejectedInput)]


def ends(events: list[SourceEvent]) -> bool:
    return isinstance(events[-1], EndOfSource) and not any(isinstance(e, EndOfSource) for e in events[:-1])
