"""A class of the user's own, asked live: in its own process, with a deadline, never waited for.

When a round has ended its outcome is sent and the bet on the next one asked for, so that the answer is there
long before the next betting phase. A round that comes before the answer gets no bet.
"""

import asyncio
import contextlib

import msgspec

from data_layer.strategies import own_class
from data_layer.strategies.base import PaperStake, Strategy
from data_layer.strategies.own_class import OwnClass
from data_layer.strategies.own_protocol import (
    HEADER,
    MOST_FRAME_BYTES,
    Failed,
    Loaded,
    Next,
    Reply,
    Request,
    Step,
    pack,
    replies,
)

ANSWER_WITHIN_S = 0.5
_GRACE_S = 0.2  # beyond what the process is given to end itself
_MOST_WAITING = 10_000  # outcomes that are not sent yet


class OwnLive(Strategy):
    """The class as a strategy of this process. `serve` has to run beside it."""

    def __init__(self, own: OwnClass, within_s: float = ANSWER_WITHIN_S) -> None:
        self._own = own
        self._within_s = within_s
        self._outcomes: list[tuple[bool | None, int]] = []
        self._bankroll_minor: int | None = None  # to ask with; None: nothing is to be asked
        self._wake = asyncio.Event()
        self._bet: PaperStake | None = None
        self.answered = False  # the bet on the next round is known

    def next_bet(self, bankroll_minor: int) -> PaperStake | None:
        """Return what was answered; None where it is no bet, or not there yet."""
        return self._bet if self.answered else None

    def settle(self, won: bool | None, crash_centi: int) -> None:
        """Note an outcome; it is sent with the next question.

        Raises `StrategyFaultError` when so many wait that the class must be too slow for its rounds.
        """
        if len(self._outcomes) >= _MOST_WAITING:
            raise self._own.fault(f"is {len(self._outcomes):,} rounds behind")
        self._outcomes.append((won, crash_centi))
        self._bet, self.answered = None, False

    def ask(self, bankroll_minor: int) -> None:
        """Have the bet on the next round asked for."""
        self._bankroll_minor = bankroll_minor
        self._wake.set()

    async def serve(self) -> None:
        """Run the process until cancelled. Raises `StrategyFaultError` when the class fails or is late."""
        with contextlib.closing(own_class.trace_file()) as trace:
            process = await asyncio.create_subprocess_exec(
                *own_class.command(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=trace,
                cwd=own_class.working_directory(),
                env=own_class.environment(),
                start_new_session=True,  # Ctrl-C is for us, and what it starts can be ended with it
            )
            within_s = own_class.LOAD_WITHIN_S
            try:
                await self._load(process)
                within_s = self._within_s
                await self._answer_questions(process)
            except (EOFError, OSError, TimeoutError, msgspec.MsgspecError) as error:
                late = isinstance(error, TimeoutError)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_GRACE_S):
                        await process.wait()
                await _end(process)
                why = own_class.why_ended(self._own, trace, within_s, process.returncode, late=late)
                raise self._own.fault(why) from None
            finally:
                await _end(process)

    async def _load(self, process: asyncio.subprocess.Process) -> None:
        request = self._own.load()
        if not isinstance(await self._exchange(process, request, request.within_s), Loaded):
            raise msgspec.DecodeError("another answer than was asked for")

    async def _answer_questions(self, process: asyncio.subprocess.Process) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._bankroll_minor is None:
                continue
            outcomes, self._outcomes = self._outcomes, []
            request = Step(outcomes=outcomes, bankroll_minor=self._bankroll_minor, within_s=self._within_s)
            reply = await self._exchange(process, request, self._within_s)
            if not isinstance(reply, Next):
                raise msgspec.DecodeError("another answer than was asked for")
            if not self._outcomes:  # else the answer came too late for its round
                self._bet = PaperStake(reply.stake_minor, reply.cashout_centi) if reply.stake_minor else None
                self.answered = True

    async def _exchange(
        self, process: asyncio.subprocess.Process, request: Request, within_s: float
    ) -> Reply:
        assert process.stdin is not None
        assert process.stdout is not None
        async with asyncio.timeout(within_s + _GRACE_S):
            process.stdin.write(pack(request))
            await process.stdin.drain()
            (length,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
            if length > MOST_FRAME_BYTES:
                raise msgspec.DecodeError("an answer that is too long")
            reply = replies.decode(await process.stdout.readexactly(length))
        if isinstance(reply, Failed):
            raise self._own.fault(reply.text)
        return reply


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    own_class.end_others(process.pid)  # before, for what holds the pipes open keeps us waiting
    await process.wait()
