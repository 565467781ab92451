"""What every source of rounds looks like to a worker, and the clockwork that the played ones share.

A source says two kinds of things. Live updates tell what is to be seen at this moment and may be dropped.
Inputs (finished rounds, rejected rows, gaps) are records: each has a position that rises by one per input of
the stream, so that the worker can go on after the last committed one.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable

import msgspec

from data_layer.messages import Crossing, Origin, Phase
from utils import clock


class _Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of all source events: immutable and cheap to make."""


class LiveUpdate(_Event, frozen=True, kw_only=True):
    """The live picture changed. A finished round tells the crash itself: no update repeats it."""

    phase: Phase
    observed_at_us: int  # wall clock
    round_id: str = ""
    multiplier_centi: int = 0  # 100 or more while flying, else 0
    phase_started_at_us: int = 0
    phase_ends_at_us: int = 0  # end of the betting window where it is known, else 0
    players: int | None = None  # who took part, or have joined so far
    players_left: int | None = None  # of those, who have not cashed out yet
    stake_minor: int | None = None  # of all players
    stake_left_minor: int | None = None
    currency: str | None = None


class FinishedRound(_Event, frozen=True, kw_only=True):
    """A round crashed. Fields as in `messages.Round`; the worker adds bookmaker, origin and reception."""

    round_id: str
    crash_centi: int
    position: int  # 1-based; 0 where the stream has no positions of its own
    started_at_us: int | None = None
    crashed_at_us: int | None = None
    duration_ms: int | None = None
    players_total: int | None = None
    players_cashed_out: int | None = None
    stake_minor: int | None = None
    payout_minor: int | None = None
    currency: str | None = None
    hash: str | None = None
    seed: str | None = None
    verified: bool | None = None
    flags: int = 0
    crossings: tuple[Crossing, ...] = ()  # where the source knows them better than its updates tell


class RejectedInput(_Event, frozen=True, kw_only=True):
    """An input that could not become a round. Fields as in `messages.Rejected`."""

    reason: str
    place: str
    raw: str
    position: int


class GapNotice(_Event, frozen=True, kw_only=True):
    """Rounds were or may have been missed. Fields as in `messages.Gap`."""

    started_at_us: int
    reason: str
    position: int
    ended_at_us: int | None = None
    missing: int | None = None


class EndOfSource(_Event, frozen=True, kw_only=True):
    """The last event of a finite source."""

    reason: str  # "all 15,798 rows played"


SourceEvent = LiveUpdate | FinishedRound | RejectedInput | GapNotice | EndOfSource


class Source(ABC):
    """One bookmaker's feed.

    `stream` names what the positions count in; two sources with the same stream tell the same inputs at the
    same positions. `rereadable`: inputs that were not committed can be had again from `events`, so no outbox
    needs to hold them. `finite`: ends with an `EndOfSource`.
    """

    stream: str
    origin: Origin
    rereadable: bool = False
    finite: bool = False
    total: int | None = None  # inputs of the stream, where that is known

    @abstractmethod
    def events(self, after: int) -> AsyncGenerator[SourceEvent, None]:
        """Tell what happens, beginning with the input at position `after + 1`.

        Called once at a time; `aclose` of the generator stops it without a trace. Raises `SourceError`, also
        in the middle, when the source cannot deliver. Yields to the event loop regularly at any speed.
        """

    def describe(self) -> tuple[str, ...]:
        """Lines for the log when the source starts: what it reads and how it understands it."""
        return ()

    async def close(self) -> None:
        """Release what the source holds. Safe to call twice."""
        return


class Pacer:
    """How fast a played source runs, and whether it does.

    `speed` divides every duration; 0 is as fast as the consumer takes. All methods belong to the event loop's
    thread.
    """

    def __init__(
        self,
        speed: float = 1.0,
        *,
        monotonic_us: Callable[[], int] = clock.monotonic_us,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.speed = speed
        self.monotonic_us = monotonic_us
        self.paused = False
        self._sleep = sleep
        self._running: asyncio.Event | None = None  # made when first needed, inside the loop

    def pause(self) -> None:
        """Let no further input come. A round that is flying is played again from its start after `resume`."""
        self.paused = True
        if self._running is not None:
            self._running.clear()

    def resume(self) -> None:
        """Go on after `pause`."""
        self.paused = False
        if self._running is not None:
            self._running.set()

    async def running(self) -> None:
        """Return when not paused: at once, or after `resume`."""
        while self.paused:
            if self._running is None:
                self._running = asyncio.Event()
            await self._running.wait()

    async def until(self, at_us: int) -> bool:
        """Sleep until `at_us` of the monotonic clock; False when paused by then, so that the round is off."""
        delay_us = at_us - self.monotonic_us()
        await self._sleep(delay_us / 1_000_000 if delay_us > 0 else 0)
        return not self.paused

    async def breathe(self) -> None:
        """Give the event loop a turn, and wait while paused. For sources that run without a clock."""
        await self._sleep(0)
        if self.paused:
            await self.running()
