"""Rounds and bets for tests that do not care what is in them."""

from data_layer.messages import Bet, Origin, Round

STREAM = "simulator:test:1"


def a_round(position: int, bookmaker: str = "Admiral", round_id: str = "") -> Round:
    """Return the round at `position` of a stream."""
    return Round(
        bookmaker=bookmaker,
        round_id=round_id or f"r{position}",
        crash_centi=100 + position % 900,
        crashed_at_us=1_700_000_000_000_000 + position * 20_000_000,
        received_at_us=1_700_000_000_000_000 + position * 20_000_000,
        origin=Origin.SIMULATOR,
        position=position,
    )


def a_bet(position: int, bankroll_minor: int, bookmaker: str = "Admiral") -> Bet:
    """Return a lost bet on the round at `position`."""
    return Bet(
        bookmaker=bookmaker,
        round_id=f"r{position}",
        strategy="flat 2.00x",
        placed_at_us=1_700_000_000_000_000,
        stake_minor=100,
        cashout_centi=200,
        payout_minor=0,
        bankroll_minor=bankroll_minor,
        currency="EUR",
    )
