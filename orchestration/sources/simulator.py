"""A bookmaker of our own: provably fair rounds from a hash chain, with players and money.

A site publishes one long chain once and plays it backwards. A simulator must start at once and never end, so
its chain comes in epochs of 2,000 games: the newest hash of epoch e is HMAC-SHA256(seed, e), the games before
it follow by the scheme's own step, and one step before the first game lies the epoch's commitment. A round is
a function of seed, scheme and number alone, so a run can be interrupted and resumed anywhere.
"""

import hashlib
import hmac
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import cached_property, partial
from itertools import accumulate

from config.specs import SimulatorSpec
from data_layer.analytics.fairness.schemes import OWN_SALT, scheme_named
from data_layer.errors import SourceError
from data_layer.messages import Origin
from orchestration.sources.base import EndOfSource, FinishedRound, Pacer, Source, SourceEvent
from orchestration.sources.crowd import CURRENCY, Crowd, Stretch
from orchestration.sources.flight import BETTING_US, RoundPlan, RoundPlayer, flight_us

EPOCH_GAMES = 2_000
# What an epoch takes when nobody waits for it: 24.5 s a round, the mean flight being 16.5 s. The pauses of an
# epoch are stretched or shortened (by under a second) until it fits, so that any round's time is known
# without walking through all rounds before it.
EPOCH_US = EPOCH_GAMES * 24_500_000

_BREATH = 200  # rounds between two turns of the event loop, about a millisecond


class _Epoch:
    """The hashes of one epoch in the order they are played."""

    def __init__(self, number: int, hashes: list[str], crash_centi: Callable[[str], int]) -> None:
        self.number = number
        self.hashes = hashes
        self._crash_centi = crash_centi

    @cached_property
    def crash_offsets(self) -> list[int]:
        """When each game crashes if nobody waits, in microseconds after the beginning of the epoch."""
        flights = [flight_us(self._crash_centi(hash_)) for hash_ in self.hashes]
        pause = (EPOCH_US - sum(flights)) // EPOCH_GAMES
        return list(accumulate(pause + flight for flight in flights))


class Simulator(Source):
    """Rounds `1, 2, 3, ...` of a seed.

    At a speed above 0 they are played live. At speed 0 a run of known length is laid end to end so that its
    last round ends now; a run without an end has each round crash when it is made, whatever its flight took.
    """

    origin = Origin.SIMULATOR

    def __init__(self, spec: SimulatorSpec, pacer: Pacer, now: Callable[[], int]) -> None:
        self._scheme = scheme_named(spec.scheme)
        if spec.rounds is not None and spec.rounds < 0:
            raise SourceError(f"a simulator cannot play {spec.rounds} rounds")
        self._crash_centi = self._scheme.calculator(self._scheme.salt or OWN_SALT)
        self._seed = spec.seed.encode()
        digest = hashlib.sha256(f"{spec.scheme}\n{spec.seed}".encode()).digest()
        self._id_prefix = digest.hex()[:6]
        self._crowd = Crowd(digest)
        self._pacer = pacer
        self._now = now
        self._cached: _Epoch | None = None
        self.stream = f"simulator:{spec.scheme}:{digest.hex()[:16]}"
        self.rereadable = pacer.speed == 0
        self.finite = spec.rounds is not None
        self.total = spec.rounds

    def describe(self) -> tuple[str, ...]:
        """Return one line: scheme, stream and length."""
        length = "without end" if self.total is None else f"{self.total} rounds"
        return (f"simulated rounds of scheme {self._scheme.name}, {length}, {self.stream}",)

    def commitment(self, number: int) -> str:
        """Return the hash before the first game of the epoch that round `number` belongs to.

        The chain leads from each hash of the epoch back to it: see `HashChain.distance`.
        """
        return self._scheme.previous(self._epoch((number - 1) // EPOCH_GAMES).hashes[0])

    def events(self, after: int) -> AsyncGenerator[SourceEvent, None]:
        """Play or list the rounds that follow number `after`."""
        if self._pacer.speed > 0:
            return self._played(after)
        if self.total is None:
            return self._unending(after)
        return self._laid_end_to_end(after, self.total)

    async def _played(self, after: int) -> AsyncGenerator[SourceEvent, None]:
        player = RoundPlayer(self._pacer, self._now)
        # Bookmakers that start together shall not take off together: the first betting window is cut.
        betting = BETTING_US // 5 + (BETTING_US * 4 // 5 * int(self._id_prefix, 16) >> 24)
        number = after + 1
        while self.total is None or number <= self.total:
            result, stretch = self._round(number)
            plan = RoundPlan(
                result=result,
                flight_us=flight_us(result.crash_centi),
                betting_us=betting,
                left=partial(self._crowd.left, stretch),
            )
            async with aclosing(player.play(plan)) as told:
                async for event in told:
                    yield event
            number += 1
            betting = BETTING_US
        yield self._end()

    async def _unending(self, after: int) -> AsyncGenerator[SourceEvent, None]:
        crashed_at = 0
        number = after
        while True:
            await self._pacer.breathe()
            for _ in range(_BREATH):
                number += 1
                crashed_at = max(crashed_at + 1, self._now())
                yield self._round(number, crashed_at)[0]

    async def _laid_end_to_end(self, after: int, total: int) -> AsyncGenerator[SourceEvent, None]:
        if after < total:
            start = self._now() - self._crash_offset(total)
        for number in range(after + 1, total + 1):
            if number % _BREATH == 0 or number == after + 1:
                await self._pacer.breathe()
            yield self._round(number, start + self._crash_offset(number))[0]
        yield self._end()

    def _end(self) -> EndOfSource:
        return EndOfSource(reason=f"all {self.total} rounds played")

    def _round(self, number: int, crashed_at_us: int | None = None) -> tuple[FinishedRound, Stretch]:
        """Return round `number` and who plays it; without times where `crashed_at_us` is None."""
        epoch = self._epoch((number - 1) // EPOCH_GAMES)
        index = (number - 1) % EPOCH_GAMES
        hash_ = epoch.hashes[index]
        crash_centi = self._crash_centi(hash_)
        stretch = self._crowd.stretch(number, int(hash_[:10], 16))
        cashed_out, payout = self._crowd.settle(stretch, crash_centi)
        flight = 0 if crashed_at_us is None else flight_us(crash_centi)
        result = FinishedRound(
            round_id=f"{self._id_prefix}-{number}",
            crash_centi=crash_centi,
            position=number,
            started_at_us=None if crashed_at_us is None else crashed_at_us - flight,
            crashed_at_us=crashed_at_us,
            duration_ms=None if crashed_at_us is None else flight // 1000,
            players_total=stretch.players,
            players_cashed_out=cashed_out,
            stake_minor=stretch.stake_minor,
            payout_minor=payout,
            currency=CURRENCY,
            hash=hash_,
            verified=True,
        )
        return result, stretch

    def _crash_offset(self, number: int) -> int:
        """Return when round `number` crashes, in microseconds after the beginning of round 1's epoch."""
        number_of_epoch, index = divmod(number - 1, EPOCH_GAMES)
        return number_of_epoch * EPOCH_US + self._epoch(number_of_epoch).crash_offsets[index]

    def _epoch(self, number: int) -> _Epoch:
        if self._cached is None or self._cached.number != number:
            newest = hmac.digest(self._seed, number.to_bytes(8, "big"), "sha256").hex()
            hashes = self._scheme.chain.block(newest, EPOCH_GAMES)
            self._cached = _Epoch(number, hashes, self._crash_centi)
        return self._cached
