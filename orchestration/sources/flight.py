"""How a round is played before the eyes of the user: betting window, flight, crash, each at its moment.

The multiplier follows m(t) = exp(0.00006 t / ms), the curve of Bustabit and its kin. Durations are the game's
own and are divided by the pacer's speed; what is stored are the moments at which things really happened.
"""

import math
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import msgspec

from data_layer.messages import Phase
from orchestration.sources.base import FinishedRound, LiveUpdate, Pacer, SourceEvent

GROWTH_PER_MS = 0.00006
BETTING_US = 5_000_000
CRASHED_US = 3_000_000
TICK_US = 100_000  # between two live updates of a flight, on the wall clock
LATE_US = 2_000_000  # a schedule further behind than this (a suspended machine) is given up

JOINED = (15, 70)  # per cent of the players at the beginning and at the half of the betting window

# players and stake still in the flight, for a multiplier in hundredths
Left = Callable[[int], tuple[int, int]]

_log = math.log
_exp = math.exp


def flight_us(crash_centi: int) -> int:
    """Return how long the flight to this crash point takes, in microseconds of the game's time."""
    return int(_log(crash_centi / 100) / GROWTH_PER_MS * 1000)


class RoundPlan(msgspec.Struct, kw_only=True, gc=False):
    """A round that is to be played: what it will be, and when, in microseconds of the game's time."""

    result: FinishedRound  # without times
    flight_us: int
    betting_us: int = BETTING_US
    pause_us: int = CRASHED_US  # between the crash before and the betting window
    left: Left | None = None
    keeps_times: bool = False  # the result keeps its own times, whenever it is played


class RoundPlayer:
    """Plays planned rounds one after the other on the pacer's clock, without drift."""

    def __init__(self, pacer: Pacer, now: Callable[[], int]) -> None:
        if pacer.speed <= 0:
            raise ValueError("a round is only played at a speed above 0")
        self._pacer = pacer
        self._now = now
        self._crashed_us: int | None = None  # of the round before, on the monotonic clock

    async def play(self, plan: RoundPlan) -> AsyncGenerator[SourceEvent, None]:
        """Tell the round from its betting window on; the last event is its `FinishedRound`, with times.

        A pause calls the round off; after it, the round begins again with its betting window.
        """
        while True:
            await self._pacer.running()
            begin = self._begin_us(plan)
            if await self._pacer.until(begin):
                async with aclosing(self._attempt(plan, begin)) as told:
                    async for event in told:
                        yield event
                        if isinstance(event, FinishedRound):
                            return
            self._crashed_us = None

    def _begin_us(self, plan: RoundPlan) -> int:
        clock_us = self._pacer.monotonic_us()
        if self._crashed_us is None:
            return clock_us
        begin = self._crashed_us + int(plan.pause_us / self._pacer.speed)
        return begin if begin > clock_us - LATE_US else clock_us

    async def _attempt(self, plan: RoundPlan, begin: int) -> AsyncGenerator[SourceEvent, None]:
        """Play once; ends early when paused. `begin` is the monotonic moment of the betting window."""
        pacer = self._pacer
        betting = int(plan.betting_us / pacer.speed)
        take_off = begin + betting
        if betting:
            wall = self._wall(begin)
            yield self._betting(plan, wall, betting, JOINED[0])
            if not await pacer.until(begin + betting // 2):
                return
            yield self._betting(plan, wall, betting, JOINED[1])
        if not await pacer.until(take_off):
            return
        crash = take_off + int(plan.flight_us / pacer.speed)
        async with aclosing(self._flight(plan, take_off, crash)) as updates:
            async for update in updates:
                yield update
        if not await pacer.until(crash):
            return
        self._crashed_us = crash
        if plan.keeps_times:
            yield plan.result
            return
        crashed_at = self._wall(crash)
        yield msgspec.structs.replace(
            plan.result,
            started_at_us=crashed_at - (crash - take_off),
            crashed_at_us=crashed_at,
            duration_ms=(crash - take_off) // 1000,
        )

    def _wall(self, moment: int) -> int:
        """Return a monotonic moment that just was as wall clock time; never in the future."""
        return self._now() - max(0, self._pacer.monotonic_us() - moment)

    def _betting(self, plan: RoundPlan, started: int, betting: int, joined: int) -> LiveUpdate:
        result = plan.result
        players, stake = result.players_total, result.stake_minor
        return LiveUpdate(
            phase=Phase.BETTING,
            observed_at_us=self._now(),
            round_id=result.round_id,
            phase_started_at_us=started,
            phase_ends_at_us=started + betting,
            players=None if players is None else players * joined // 100,
            stake_minor=None if stake is None else stake * joined // 100,
            currency=result.currency,
        )

    async def _flight(self, plan: RoundPlan, take_off: int, crash: int) -> AsyncGenerator[LiveUpdate, None]:
        """Tell the multiplier at every tick before the crash; ends early when paused."""
        pacer, now, left = self._pacer, self._now, plan.left
        result = plan.result
        round_id, players, stake, currency = (
            result.round_id,
            result.players_total,
            result.stake_minor,
            result.currency,
        )
        started = self._wall(take_off)
        growth = _log(result.crash_centi / 100) / (crash - take_off) if crash > take_off else 0.0
        tick = take_off
        players_left: int | None = None
        stake_left: int | None = None
        while tick < crash:
            elapsed = min(pacer.monotonic_us(), crash) - take_off  # a late process must not overflow exp
            multiplier = min(int(100 * _exp(growth * elapsed)), result.crash_centi) if elapsed > 0 else 100
            if left is not None:
                players_left, stake_left = left(multiplier)
            yield LiveUpdate(
                phase=Phase.FLYING,
                observed_at_us=now(),
                round_id=round_id,
                multiplier_centi=multiplier,
                phase_started_at_us=started,
                players=players,
                players_left=players_left,
                stake_minor=stake,
                stake_left_minor=stake_left,
                currency=currency,
            )
            tick += TICK_US
            if tick < crash and not await pacer.until(tick):
                return
