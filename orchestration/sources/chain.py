"""A site's true history, recomputed from the published hash of one of its games.

The chain can only be walked from newer to older games, and rounds are told oldest first: one walk back keeps
every thousandth hash, and each block is then made again from the hash that ends it. Ten million games take
a few megabytes and some seconds.
"""

import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import msgspec

from config.specs import ChainSpec
from data_layer.analytics.fairness.schemes import clean_hash, scheme_named
from data_layer.errors import SourceError
from data_layer.messages import Origin
from orchestration.sources.base import EndOfSource, FinishedRound, Pacer, Source, SourceEvent
from orchestration.sources.flight import BETTING_US, CRASHED_US, RoundPlan, RoundPlayer, flight_us

_BLOCK_GAMES = 1_000
_BREATH = 200  # rounds between two turns of the event loop


class Chain(Source):
    """The last `rounds` games up to and including the one with the published hash, oldest first.

    The chain says nothing of times: at a speed above 0 the rounds are played as if they came now, at speed 0
    they are laid end to end, in the usual rhythm, so that the newest ends now.
    """

    origin = Origin.CHAIN
    rereadable = True
    finite = True

    def __init__(self, spec: ChainSpec, pacer: Pacer, now: Callable[[], int]) -> None:
        self._scheme = scheme_named(spec.scheme)
        self._crash_centi = self._scheme.calculator(spec.salt)
        self._newest = clean_hash(spec.hash)
        if spec.rounds < 1:
            raise SourceError(f"a chain of {spec.rounds} rounds; at least 1 is needed")
        if spec.newest_game and spec.newest_game < spec.rounds:
            raise SourceError(
                f"{spec.rounds} rounds back from game {spec.newest_game}: there are not so many"
            )
        self._before_first = spec.newest_game - spec.rounds if spec.newest_game else 0
        self._rounds = spec.rounds
        self._pacer = pacer
        self._now = now
        identity = f"{spec.scheme}\n{spec.salt}\n{self._newest}\n{spec.rounds}\n{spec.newest_game}"
        self.stream = f"chain:{spec.scheme}:{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
        self.total = spec.rounds

    def describe(self) -> tuple[str, ...]:
        """Return one line: scheme, games and the hash they end with."""
        first, last = self._before_first + 1, self._before_first + self._rounds
        return (f"games {first} to {last} of the {self._scheme.name} chain that ends with {self._newest}",)

    async def events(self, after: int) -> AsyncGenerator[SourceEvent, None]:
        """Tell the games that follow the `after` oldest ones."""
        if after < self._rounds:
            ends = await self._block_ends()
            told = self._played(ends, after) if self._pacer.speed > 0 else self._listed(ends, after)
            async with aclosing(told):
                async for event in told:
                    yield event
        yield EndOfSource(reason=f"all {self._rounds} games of the chain told")

    async def _block_ends(self) -> list[str]:
        """Return the newest hash of each block, oldest block first; the oldest block may be shorter."""
        ends = []
        hash_ = self._newest
        for _ in range((self._rounds - 1) // _BLOCK_GAMES):
            ends.append(hash_)
            await self._pacer.breathe()
            hash_ = self._scheme.chain.back(hash_, _BLOCK_GAMES)
        ends.append(hash_)
        ends.reverse()
        return ends

    async def _results(self, ends: list[str], after: int) -> AsyncGenerator[FinishedRound, None]:
        """Yield the rounds after position `after`, without times."""
        oldest_block = (self._rounds - 1) % _BLOCK_GAMES + 1
        position = 0
        for number, end in enumerate(ends):
            games = _BLOCK_GAMES if number else oldest_block
            if position + games <= after:
                position += games
                continue
            await self._pacer.breathe()
            for index, hash_ in enumerate(self._scheme.chain.block(end, games)):
                position += 1
                if position <= after:
                    continue
                if index % _BREATH == 0:
                    await self._pacer.breathe()
                yield FinishedRound(
                    round_id=str(self._before_first + position),
                    crash_centi=self._crash_centi(hash_),
                    position=position,
                    hash=hash_,
                    verified=True,
                )

    async def _played(self, ends: list[str], after: int) -> AsyncGenerator[SourceEvent, None]:
        player = RoundPlayer(self._pacer, self._now)
        async with aclosing(self._results(ends, after)) as results:
            async for result in results:
                plan = RoundPlan(result=result, flight_us=flight_us(result.crash_centi))
                async with aclosing(player.play(plan)) as told:
                    async for event in told:
                        yield event

    async def _listed(self, ends: list[str], after: int) -> AsyncGenerator[SourceEvent, None]:
        pause = CRASHED_US + BETTING_US
        length = 0
        async for result in self._results(ends, after):
            length += pause + flight_us(result.crash_centi)
        crashed_at = self._now() - length
        async with aclosing(self._results(ends, after)) as results:
            async for result in results:
                flight = flight_us(result.crash_centi)
                crashed_at += pause + flight
                yield msgspec.structs.replace(
                    result,
                    started_at_us=crashed_at - flight,
                    crashed_at_us=crashed_at,
                    duration_ms=flight // 1000,
                )
