"""A strategy with a bankroll of paper money: the rules of stake, payout and ruin, round after round.

The BettingAgent plays live with it, and everything faster (`data_layer.analytics.backtest`) is tested against
it. Nothing here can place a real bet.
"""

from typing import NamedTuple

from data_layer.strategies.base import PaperStake, Strategy


class Settled(NamedTuple):
    """A paper bet that has ended."""

    stake_minor: int
    cashout_centi: int
    payout_minor: int  # 0 when lost
    bankroll_minor: int  # after it


class Player:
    """Plays a strategy until its bankroll does not suffice for a stake that it asks for. That is for good."""

    def __init__(self, strategy: Strategy, bankroll_minor: int) -> None:
        self.strategy = strategy
        self.bankroll_minor = bankroll_minor
        self.short_of_minor: int | None = None  # the stake that the bankroll did not suffice for: ruined

    @property
    def ruined(self) -> bool:
        """Whether it has ended for want of money."""
        return self.short_of_minor is not None

    def bet(self) -> PaperStake | None:
        """Return the bet on the next round, None for none."""
        if self.ruined:
            return None
        wanted = self.strategy.next_bet(self.bankroll_minor)
        if wanted is not None and wanted.stake_minor > self.bankroll_minor:
            self.short_of_minor = wanted.stake_minor
            return None
        return wanted

    def settle(self, bet: PaperStake | None, crash_centi: int) -> Settled | None:
        """Settle `bet` on a round that crashed at `crash_centi`, and show the strategy how it went."""
        if bet is None:
            self.strategy.settle(None, crash_centi)
            return None
        won = crash_centi >= bet.cashout_centi
        payout_minor = bet.payout_minor if won else 0
        self.bankroll_minor += payout_minor - bet.stake_minor
        self.strategy.settle(won, crash_centi)
        return Settled(bet.stake_minor, bet.cashout_centi, payout_minor, self.bankroll_minor)
