"""BettingAgent: bets on paper, to see what a flat bet would have won. Nothing here places a real one."""

import asyncio
from collections.abc import Callable, Sequence

from config.specs import BettingSpec
from data_layer.messages import Bet, Phase, Record, Round
from orchestration.agents.base import Agent
from orchestration.local_state import LocalState
from utils import clock


class Bankroll:
    """The virtual money of one bookmaker. It outlives a failed agent."""

    def __init__(self, minor: int | None) -> None:
        """`minor` is None until it is known what the stored bets left."""
        self.minor = minor


class BettingAgent(Agent):
    """The same stake and cash-out on every round, settled at the round's end."""

    def __init__(
        self,
        spec: BettingSpec,
        bankroll: Bankroll,
        *,
        every_round: bool,
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        """With `every_round` it bets on rounds without a betting phase too, as there are at speed 0."""
        self._spec = spec
        self._bankroll = bankroll
        self._every_round = every_round
        self._now = now
        self._strategy = f"flat {spec.cashout_centi / 100:.2f}x"
        self._placed_on = ""  # the round whose betting phase was seen
        self._placed_at_us: int | None = None

    async def run(self) -> None:
        """Nothing is done by the clock."""
        await asyncio.Event().wait()

    def observe(self, state: LocalState) -> None:
        """Place a bet when a betting phase is seen for the first time."""
        if state.phase is Phase.BETTING:
            if self._placed_at_us is None or self._placed_on != state.round_id:
                self._placed_on = state.round_id
                self._placed_at_us = state.observed_at_us or self._now()
        elif state.phase is Phase.WAITING:
            self._placed_at_us = None  # the round was called off

    def settle(self, finished: Round) -> Sequence[Record]:
        """Return the settled bet on this round, if there was one."""
        placed_at_us, self._placed_at_us = self._placed_at_us, None
        if placed_at_us is None or self._placed_on not in ("", finished.round_id):
            if not self._every_round:
                return ()
            placed_at_us = finished.started_at_us or finished.crashed_at_us or finished.received_at_us
        spec, bankroll = self._spec, self._bankroll
        if bankroll.minor is None or bankroll.minor < spec.stake_minor:
            return ()
        won = finished.crash_centi >= spec.cashout_centi
        payout_minor = spec.stake_minor * spec.cashout_centi // 100 if won else 0
        bankroll.minor += payout_minor - spec.stake_minor
        bet = Bet(
            bookmaker=finished.bookmaker,
            round_id=finished.round_id,
            strategy=self._strategy,
            placed_at_us=placed_at_us,
            stake_minor=spec.stake_minor,
            cashout_centi=spec.cashout_centi,
            payout_minor=payout_minor,
            bankroll_minor=bankroll.minor,
            currency=spec.currency,
        )
        return (bet,)
