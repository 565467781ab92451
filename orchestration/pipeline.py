"""Inside a worker: from the events of its source to its outbox, with delivery and agents beside it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence

from data_layer import wire
from data_layer.errors import SourceError
from data_layer.messages import Origin, Record, RgbSample, Round
from orchestration.agents.base import AgentHost
from orchestration.agents.betting import Bankroll
from orchestration.agents.crew import crew
from orchestration.delivery import Delivery
from orchestration.fairness_watch import FairnessWatch
from orchestration.local_state import LocalState
from orchestration.outbox import FileOutbox
from orchestration.outbox_entries import Outbox
from orchestration.outbox_memory import MemoryOutbox
from orchestration.round_tracker import RoundTracker
from orchestration.sources.base import (
    EndOfSource,
    FinishedRound,
    GapNotice,
    LiveUpdate,
    Pacer,
    RejectedInput,
    Source,
    SourceEvent,
)
from orchestration.worker_spec import WorkerSpec

WELCOME_WAIT_S = 2.0  # for the writer's position, where the outbox knows one too
MAX_PLAYED_ENTRIES = 10_000  # in the outbox of a source that can wait; a live one never waits

InBackground = Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]

_log = logging.getLogger(__name__)


class Pipeline:
    """One source's way to the writer. Use: construct, `prepare`, `flow`, `drained`, `close`."""

    def __init__(
        self,
        spec: WorkerSpec,
        source: Source,
        pacer: Pacer,
        on_change: Callable[[], None],
        on_round: Callable[[Round], None] = lambda _: None,
    ) -> None:
        """Open the outbox. `on_change` is called when anything shown has changed, `on_round` with every
        round that is recorded.

        Raises `DataDirectoryError` when the outbox cannot be used.
        """
        self._spec = spec
        self._source = source
        self._pacer = pacer
        self._on_change = on_change
        self._on_round = on_round
        self._name = spec.bookmaker.name
        self._tracker = RoundTracker(self._name, source.origin, spec.thresholds_centi)
        fairness = spec.bookmaker.fairness
        self._fairness = None if fairness is None else FairnessWatch(fairness)
        self._bankroll = Bankroll(None)
        self._file: FileOutbox | None = None
        if not source.rereadable or spec.outbox_path.exists():
            self._file = FileOutbox(spec.outbox_path)
        self._outbox: Outbox = self._file or MemoryOutbox()
        self._stream = source.stream or self._file_outbox().id
        self._position = 0  # of the last input, in a stream that has no positions of its own
        self._delivering: asyncio.Task[None] | None = None
        self._prepared = False
        self.received = 0
        self.agents = AgentHost(
            crew(spec.bookmaker, self.state, self._bankroll, self._hand_on_samples), on_change
        )
        self.delivery = self._delivery()

    @property
    def state(self) -> LocalState:
        """The live picture."""
        return self._tracker.state

    @property
    def pending(self) -> int:
        """Inputs that are not acknowledged."""
        return self._outbox.pending

    @property
    def trouble(self) -> str:
        """What hinders delivery, for the operator."""
        return "; ".join(text for text in (self._outbox.trouble, self.delivery.trouble) if text)

    async def prepare(self, in_background: InBackground) -> None:
        """Begin to deliver, find out where to go on and start the agents.

        A live source does not wait for the writer. Others go on after the last position that the outbox or
        the database knows, so they wait when the outbox knows none.
        """
        self._delivering = in_background(self.delivery.run())
        if self._source.rereadable and self._file is not None:
            await self._empty_the_file(in_background)
        self._position = await self._last_position()
        self._find_bankroll()
        self._prepared = True
        self.agents.start()

    async def flow(self) -> str:
        """Take in what the source tells until it ends; return the reason of its end.

        Raises `SourceError` when it cannot go on.
        """
        events = self._source.events(self._position)
        try:
            async for event in events:
                if isinstance(event, EndOfSource):
                    return event.reason
                self._take(event)
                if self._source.origin is not Origin.LIVE:
                    await self._wait_for_room()
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()
        raise SourceError("the source ended without a reason")

    async def drained(self) -> None:
        """Wait until everything recorded is committed."""
        await self.delivery.drained()

    def interrupt(self) -> None:
        """Show that the round in progress is off: the source was paused."""
        self._tracker.interrupt()
        self.agents.observe(self.state)

    def retry_outbox(self) -> None:
        """Try again to write what the disk did not take."""
        if self._file is not None:
            self._file.retry()

    def close_outbox(self) -> None:
        """Let go of the outbox file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    async def close(self) -> None:
        """End agents and delivery and let go of the outbox."""
        await self.agents.stop()
        await self._stop_delivering()
        self._tracker.interrupt()
        self.close_outbox()

    def _take(self, event: SourceEvent) -> None:
        if isinstance(event, LiveUpdate):
            self._tracker.update(event)
            self.agents.observe(self.state)
        elif isinstance(event, FinishedRound):
            finished = self._tracker.finish(event, self._next_position(event.position))
            self.received += 1
            if isinstance(finished, Round):
                self._take_round(finished, event)
            else:
                self._keep([finished], event)
        elif isinstance(event, RejectedInput):
            self.received += 1
            self._keep([self._tracker.reject(event, self._next_position(event.position))], event)
        elif isinstance(event, GapNotice):
            self._keep([self._tracker.gap(event, self._next_position(event.position))], event)
        self._on_change()

    def _take_round(self, finished: Round, event: SourceEvent) -> None:
        gap = None
        if self._fairness is not None:
            finished, gap = self._fairness.check(finished)
        records = [finished, *self.agents.settle(finished)]
        self._keep(records if gap is None else [gap, *records], event)
        self._on_round(finished)

    def _next_position(self, told: int) -> int:
        self._position = told if self._source.stream else self._position + 1
        return self._position

    def _keep(self, records: Sequence[Record], event: SourceEvent) -> None:
        try:
            self._outbox.append(self._stream, records)
        except (ValueError, OverflowError, TypeError) as error:
            _log.warning("An input cannot be recorded and is quarantined: %s", error)
            fault = RejectedInput(
                reason=f"cannot be stored: {type(error).__name__}",
                place=f"input {self._position}",
                raw=ascii(event),
                position=self._position,
            )
            self._outbox.append(self._stream, [self._tracker.reject(fault)])
        self.delivery.offer()

    async def _wait_for_room(self) -> None:
        limit = wire.WINDOW_RECORDS if self._source.rereadable else MAX_PLAYED_ENTRIES
        if self._outbox.entries >= limit:
            await self.delivery.room(limit)

    async def _empty_the_file(self, in_background: InBackground) -> None:
        """Deliver what the bookmaker's earlier source left in a file; this one needs none."""
        await self.delivery.drained()
        await self._stop_delivering()
        self.close_outbox()
        self._outbox = MemoryOutbox()
        self.delivery = self._delivery()
        self._delivering = in_background(self.delivery.run())

    async def _stop_delivering(self) -> None:
        if self._delivering is not None:
            self._delivering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._delivering

    async def _last_position(self) -> int:
        known = None if self._source.rereadable else self._file_outbox().position(self._stream)
        if self._source.origin is Origin.LIVE:
            return known or 0
        if known is None:
            return (await self.delivery.welcomed()).last_position
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WELCOME_WAIT_S):
                return max(known, (await self.delivery.welcomed()).last_position)
        return known

    def _find_bankroll(self) -> None:
        """Go on with what was put in and what all bets so far left of it.

        Where the outbox holds bets that are not stored, the newest of them says what there is.
        """
        file, welcome = self._file, self.delivery.welcome
        newest = None
        if file is not None:
            newest = file.newest_bet if welcome is None else file.waiting_bet
        if newest is not None:
            self._bankroll.minor = newest.bankroll_minor
        elif welcome is not None:
            put_in_minor = self._spec.bookmaker.betting.bankroll_minor
            self._bankroll.minor = max(0, put_in_minor + welcome.paper_profit_minor)

    def _delivery(self) -> Delivery:
        return Delivery(
            self._outbox,
            address=self._spec.writer_address,
            secret=self._spec.secret,
            bookmaker=self._name,
            stream=self._stream,
            on_change=self._delivery_changed,
        )

    def _delivery_changed(self) -> None:
        if self._prepared and self._bankroll.minor is None:
            self._find_bankroll()
        self._on_change()

    def _hand_on_samples(self, samples: Sequence[RgbSample]) -> None:
        self.delivery.offer_samples(samples)

    def _file_outbox(self) -> FileOutbox:
        assert self._file is not None
        return self._file
