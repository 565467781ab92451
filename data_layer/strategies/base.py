"""What a paper strategy is. It says what it would bet on the next round; nothing here can place a bet.

A class of your own subclasses `Strategy` in a file of yours:

    from data_layer.strategies.base import PaperStake, Strategy

    class AfterThreeLow(Strategy):
        low = 0

        def next_bet(self, bankroll_minor):
            return PaperStake(100, 200) if self.low >= 3 else None

        def settle(self, won, crash_centi):
            self.low = self.low + 1 if crash_centi < 200 else 0

Money is in whole minor units of one currency, multipliers are in hundredths. A strategy knows nothing of a
round before it has ended, and never touches money: the `Player` that holds the bankroll does.

Your class runs in a process of its own (own_child.py), half a second for an answer live and two over a batch
of recorded rounds. It must not start processes, send signals or reach the network: each raises at its line.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

from data_layer.errors import AviatorError

LEAST_CASHOUT_CENTI = 101
MOST_CASHOUT_CENTI = 10**9
MOST_STAKE_MINOR = 10**9  # a payout of any cash-out then fits an integer of 64 bits


class StrategyError(AviatorError):
    """A strategy that cannot be used as it was asked for. The text names what is wrong and what would do."""

    exit_code = 2


class StrategyFaultError(AviatorError):
    """A class of the user's own that failed. The text names the class, what it did, and its line."""


class PaperStake(NamedTuple):
    """What a strategy would bet on the next round."""

    stake_minor: int
    cashout_centi: int  # at this multiplier it would be cashed out; a round that reaches it is won

    @property
    def payout_minor(self) -> int:
        """What is paid when the round is won, the stake in it, rounded down to a whole minor unit."""
        return self.stake_minor * self.cashout_centi // 100


class Strategy(ABC):
    """One way of betting on paper. It sees every round in order, and is asked before each."""

    @abstractmethod
    def next_bet(self, bankroll_minor: int) -> PaperStake | None:
        """Return the bet on the next round, None to sit it out. Asking twice changes nothing.

        A stake that is more than `bankroll_minor` ends it all: the player is ruined.
        """

    def settle(self, won: bool | None, crash_centi: int) -> None:
        """See a round that has ended: won or lost, None where there was no bet, and its crash point."""
        return
