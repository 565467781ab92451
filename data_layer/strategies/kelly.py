"""Kelly's share of the bankroll, capped.

J. L. Kelly, A new interpretation of information rate (1956): who knows that a bet at odds b is won with
probability p stakes the share f = (b p - (1 - p)) / b of the bankroll. With a cash-out m the odds are m - 1,
and with a believed return r = p m per unit staked the share is f = (r - 1) / (m - 1). A crash game returns
less than is staked, so that the true share is below zero: Kelly does not bet there. What can be tried here is
what becomes of somebody who believes otherwise.
"""

from data_layer.strategies.base import PaperStake, Strategy


class Kelly(Strategy):
    """A share of the bankroll on every round, between the table's least stake and its limit.

    Below the least stake the share is more than Kelly's, so that ruin is possible.
    """

    def __init__(
        self,
        stake_minor: int,
        cashout_centi: int,
        limit_minor: int,
        *,
        advantage_ppm: int,
        part_ppm: int,
        cap_ppm: int,
    ) -> None:
        """`advantage_ppm` is what is believed to come back above the stake, in millionths of it; `part_ppm`
        how much of Kelly's share is staked; `cap_ppm` the largest share of the bankroll."""
        self.stake_minor = stake_minor
        self.cashout_centi = cashout_centi
        self.limit_minor = max(stake_minor, limit_minor)
        kelly_ppm = advantage_ppm * 100 // (cashout_centi - 100) * part_ppm // 1_000_000
        self.share_ppm = min(kelly_ppm, cap_ppm)

    def next_bet(self, bankroll_minor: int) -> PaperStake | None:
        """Return the share of the bankroll; nothing for a share that is not above zero."""
        if self.share_ppm <= 0:
            return None
        wanted = bankroll_minor * self.share_ppm // 1_000_000
        return PaperStake(min(max(wanted, self.stake_minor), self.limit_minor), self.cashout_centi)
