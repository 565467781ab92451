"""Recorded rounds, played or told again.

Where a recording has times they are kept (`start = "recorded"`) or shifted to the present (`"now"`); where
it has none, rounds are laid in the usual rhythm of betting window, flight and pause, unless `"recorded"` asks
for rounds without times.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from config.specs import ReplaySpec
from data_layer.messages import Origin
from data_layer.recordings.columns import BadRow, Columns
from data_layer.recordings.recording import Recording
from orchestration.sources.base import (
    EndOfSource,
    FinishedRound,
    LiveUpdate,
    Pacer,
    RejectedInput,
    Source,
    SourceEvent,
)
from orchestration.sources.flight import BETTING_US, CRASHED_US, RoundPlan, RoundPlayer, flight_us

_BREATH = 200  # inputs between two turns of the event loop

_Input = FinishedRound | RejectedInput
_PAUSE_US = CRASHED_US + BETTING_US


class Replay(Source):
    """One file. Positions are its rows from the oldest on, so a replay resumes where the database ends."""

    origin = Origin.REPLAY
    rereadable = True
    finite = True

    def __init__(self, spec: ReplaySpec, pacer: Pacer, now: Callable[[], int]) -> None:
        self._recording = Recording(spec.path, mapping=spec.mapping, table=spec.table, timezone=spec.timezone)
        self._keeps_times = spec.start == "recorded" or (spec.start is None and self._recording.has_times)
        self._pacer = pacer
        self._now = now
        self.stream = self._recording.stream("replay")

    def describe(self) -> tuple[str, ...]:
        """Return how the file is understood and what becomes of its times."""
        recorded = self._recording.has_times
        if self._keeps_times:
            times = "recorded times are kept" if recorded else "rounds are stored without times"
        else:
            times = "times are shifted to the present" if recorded else "times are made up, up to the present"
        return (*self._recording.describe(), times)

    async def events(self, after: int) -> AsyncGenerator[SourceEvent, None]:
        """Tell the rows after the `after` oldest ones."""
        told = 0
        async with aclosing(self._played(after) if self._pacer.speed > 0 else self._listed(after)) as events:
            async for event in events:
                told += not isinstance(event, LiveUpdate)
                yield event
        yield EndOfSource(reason=f"all of {self._recording.path.name} told, {told} rows in this run")

    async def close(self) -> None:
        """Close the file."""
        self._recording.close()

    # At speed 0.

    async def _listed(self, after: int) -> AsyncGenerator[SourceEvent, None]:
        set_times = await self._timing(after)
        for columns, bad in self._recording.batches(after):
            set_times(columns)
            inputs = self._inputs(columns, bad)
            for start in range(0, len(inputs), _BREATH):
                await self._pacer.breathe()
                for event in inputs[start : start + _BREATH]:
                    yield event

    async def _timing(self, after: int) -> Callable[[Columns], None]:
        """Return what sets the times of a batch. That the last is now takes a first reading of the file."""
        if self._keeps_times:
            return _as_recorded
        if self._recording.has_times:
            newest = 0
            for columns, _ in self._recording.batches(after):
                await self._pacer.breathe()
                newest = max(newest, *(columns.crashed_at_us or ()))
            return _Shift(self._now() - newest)
        length = 0
        for columns, _ in self._recording.batches(after):
            await self._pacer.breathe()
            length += sum(map(flight_us, columns.crash_centi)) + len(columns.positions) * _PAUSE_US
        return _Rhythm(self._now() - length)

    # At a speed above 0.

    async def _played(self, after: int) -> AsyncGenerator[SourceEvent, None]:
        player = RoundPlayer(self._pacer, self._now)
        before: int | None = None
        for columns, bad in self._recording.batches(after):
            for event in self._inputs(columns, bad):
                if isinstance(event, RejectedInput):
                    await self._pacer.breathe()
                    yield event
                    continue
                plan = self._plan(event, before)
                before = event.crashed_at_us
                async with aclosing(player.play(plan)) as told:
                    async for update in told:
                        yield update

    def _plan(self, result: FinishedRound, before_us: int | None) -> RoundPlan:
        """Return how to play a round so that it crashes as long after the one before as recorded."""
        flight = flight_us(result.crash_centi) if result.duration_ms is None else result.duration_ms * 1000
        if before_us is None or result.crashed_at_us is None:
            return RoundPlan(result=result, flight_us=flight, keeps_times=self._keeps_times)
        gap = max(0, result.crashed_at_us - before_us)
        flight = min(flight, gap)
        betting = min(BETTING_US, gap - flight)
        return RoundPlan(
            result=result,
            flight_us=flight,
            betting_us=betting,
            pause_us=gap - flight - betting,
            keeps_times=self._keeps_times,
        )

    def _inputs(self, columns: Columns, bad: Sequence[BadRow]) -> list[_Input]:
        """Return a batch as events in the order of their positions."""
        rounds = _rounds(columns)
        if not bad:
            return rounds
        rejected = [
            RejectedInput(
                reason=row.reason, place=self._recording.place(row), raw=row.raw, position=row.position
            )
            for row in bad
        ]
        return sorted([*rounds, *rejected], key=lambda event: event.position)


class _Rhythm:
    """Lays rounds end to end from a moment on."""

    def __init__(self, start_us: int) -> None:
        self._crashed_at_us = start_us

    def __call__(self, columns: Columns) -> None:
        flights = list(map(flight_us, columns.crash_centi))
        crashed = []
        for flight in flights:
            self._crashed_at_us += _PAUSE_US + flight
            crashed.append(self._crashed_at_us)
        columns.crashed_at_us = crashed
        columns.started_at_us = [at - flight for at, flight in zip(crashed, flights, strict=True)]
        columns.duration_ms = [flight // 1000 for flight in flights]


class _Shift:
    """Moves recorded times by so much."""

    def __init__(self, by_us: int) -> None:
        self._by_us = by_us

    def __call__(self, columns: Columns) -> None:
        by = self._by_us
        if columns.started_at_us is not None:
            columns.started_at_us = [None if at is None else at + by for at in columns.started_at_us]
        if columns.crashed_at_us is not None:
            columns.crashed_at_us = [at + by for at in columns.crashed_at_us]


def _as_recorded(columns: Columns) -> None:
    """Leave the times as they are."""


def _rounds(columns: Columns) -> list[_Input]:
    return [
        FinishedRound(
            round_id=round_id,
            crash_centi=crash_centi,
            position=position,
            started_at_us=started_at,
            crashed_at_us=crashed_at,
            duration_ms=duration_ms,
            players_total=players,
            players_cashed_out=cashed_out,
            stake_minor=stake,
            payout_minor=payout,
            currency=currency,
            hash=hash_,
            seed=seed,
        )
        for (
            position,
            round_id,
            crash_centi,
            started_at,
            crashed_at,
            duration_ms,
            players,
            cashed_out,
            stake,
            payout,
            currency,
            hash_,
            seed,
        ) in columns.by_row()
    ]
