"""BettingAgent: bets on paper, to see what a strategy would have won. Nothing here places a real one.

When the agent or its worker starts anew the bankroll goes on, and a progression begins at its first step.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from config.specs import BettingSpec
from data_layer.messages import Bet, Phase, Record, Round
from data_layer.strategies import catalogue
from data_layer.strategies.base import Strategy
from data_layer.strategies.player import Player
from orchestration.agents.base import Agent
from orchestration.local_state import LocalState
from utils import clock

if TYPE_CHECKING:  # loaded by the workers that run a class of the user's own, and by no others
    from data_layer.strategies.own_live import OwnLive

_LONGEST_WORDS = 200  # of the column that names the strategy
_REMEMBERED = 1_000  # rounds that a source may tell again

_log = logging.getLogger(__name__)


class Bankroll:
    """The virtual money of one bookmaker. It outlives a failed agent."""

    def __init__(self, minor: int | None) -> None:
        """`minor` is None until it is known what the stored bets left."""
        self.minor = minor


class BettingAgent(Agent):
    """Asks a strategy before every round, and settles its bet at the round's end."""

    def __init__(
        self,
        spec: BettingSpec,
        bankroll: Bankroll,
        *,
        every_round: bool,
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        """With `every_round` it bets on rounds too whose betting phase is not seen in time: faster than life
        it may last a millisecond, and at speed 0 there is none.

        Raises `StrategyError` for a strategy that cannot be made.
        """
        self._spec = spec
        self._bankroll = bankroll
        self._every_round = every_round
        self._now = now
        self._own: OwnLive | None = None
        self._player: Player | None = None  # from when the bankroll is known
        self._settled: dict[str, None] = {}  # the newest rounds, by id
        self._placed_on = ""  # the round whose betting phase was seen
        self._placed_at_us: int | None = None
        self._open_since_us = 0  # when the round before was over
        self._strategy, self._words = self._make()

    def _make(self) -> tuple[Strategy, str]:
        if self._spec.strategy != catalogue.OWN:
            return catalogue.from_spec(self._spec)
        from data_layer.strategies import own_class
        from data_layer.strategies.own_live import OwnLive

        assert self._spec.file is not None  # the configuration holds that
        own = own_class.located(self._spec.file, self._spec.class_name)
        self._own = OwnLive(own)
        return self._own, own.describe()

    @property
    def note(self) -> str:
        """Why it does not bet any more."""
        player = self._player
        if player is None or player.short_of_minor is None:
            return ""
        left, short = (
            f"{minor / 100:,.2f} {self._spec.currency}"
            for minor in (player.bankroll_minor, player.short_of_minor)
        )
        return f"ruined on paper: {left} left, the next stake would be {short}; raise bankroll_minor to go on"

    @property
    def knows_the_next_bet(self) -> bool:
        """Whether a class of the user's own has said what it bets on the next round, or is not asked."""
        return self._own is None or self._own.answered

    async def run(self) -> None:
        """Serve a class of the user's own; else nothing is done by the clock."""
        if self._own is not None:
            await self._own.serve()
        await asyncio.Event().wait()

    def observe(self, state: LocalState) -> None:
        """Place a bet when a betting phase is seen for the first time, unless that is over by then."""
        if state.phase is Phase.BETTING:
            if self._placed_at_us is None or self._placed_on != state.round_id:
                seen_us = state.observed_at_us or self._now()
                too_late = 0 < state.phase_ends_at_us < seen_us
                self._placed_on = state.round_id
                self._placed_at_us = None if too_late else seen_us
                self._know_the_bankroll()
        elif state.phase is Phase.WAITING:
            self._placed_at_us = None  # the round was called off

    def settle(self, finished: Round) -> Sequence[Record]:
        """Return the settled bet on this round, if there was one. One that is told again is no new game."""
        if finished.round_id in self._settled:
            return ()
        self._settled[finished.round_id] = None
        if len(self._settled) > _REMEMBERED:
            del self._settled[next(iter(self._settled))]
        player = self._know_the_bankroll()
        placed_at_us = self._placed_at(finished)
        self._open_since_us = finished.crashed_at_us or 0
        if player is None:
            self._strategy.settle(None, finished.crash_centi)
            return ()
        was_ruined = player.ruined
        bet = None if placed_at_us is None else player.bet()
        settled = player.settle(bet, finished.crash_centi)
        self._bankroll.minor = player.bankroll_minor
        if player.ruined and not was_ruined:
            _log.warning("No more paper bets, %s: %s", self._words, self.note)
        if self._own is not None and not player.ruined:
            self._own.ask(player.bankroll_minor)
        if settled is None or placed_at_us is None:
            return ()
        return (
            Bet(
                bookmaker=finished.bookmaker,
                round_id=finished.round_id,
                strategy=self._words[:_LONGEST_WORDS],
                placed_at_us=placed_at_us,
                stake_minor=settled.stake_minor,
                cashout_centi=settled.cashout_centi,
                payout_minor=settled.payout_minor,
                bankroll_minor=settled.bankroll_minor,
                currency=self._spec.currency,
            ),
        )

    def _placed_at(self, finished: Round) -> int | None:
        """Return when the bet on this round was placed, None where there could be none."""
        placed_at_us, self._placed_at_us = self._placed_at_us, None
        if placed_at_us is not None and self._placed_on in ("", finished.round_id):
            return placed_at_us
        if not self._every_round:
            return None
        started_at_us = finished.started_at_us or finished.crashed_at_us or finished.received_at_us
        return max(self._open_since_us, started_at_us)  # raced rounds overlap, and bets have an order

    def _know_the_bankroll(self) -> Player | None:
        """Return the player, None as long as nobody knows what money there is."""
        if self._player is None and self._bankroll.minor is not None:
            self._player = Player(self._strategy, self._bankroll.minor)
            if self._own is not None:
                self._own.ask(self._bankroll.minor)
        return self._player
