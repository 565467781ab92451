"""What the reader computes from the recorded rounds, bets and colour samples. Units are in the names.

`_us` are UTC microseconds since the epoch, `_centi` hundredths of a multiplier, `_minor` minor units of a
currency.
"""

import msgspec

from data_layer.messages import Origin, RgbSample


class _Result(msgspec.Struct, frozen=True, gc=False):
    """Base of all results: immutable, so that every view may hold on to one."""


class ThresholdCount(_Result, frozen=True, kw_only=True):
    """Rounds at or above one threshold."""

    threshold_centi: int
    count: int


class RoundStats(_Result, frozen=True, kw_only=True):
    """Rounds of one bookmaker (or of all, with an empty name) in one range."""

    bookmaker: str
    range: str  # "1h", "6h", "24h", "3d", "7d", "30d", "all"
    count: int = 0
    # Over the range, from the very first round on; None below ten minutes. Of all bookmakers: their sum.
    per_hour: float | None = None
    sum_centi: int = 0
    min_centi: int | None = None
    max_centi: int | None = None
    median_centi: int | None = None
    at_or_above: tuple[ThresholdCount, ...] = ()
    current_below_2x: int = 0  # length of the running streak of rounds below 2.00x
    longest_below_2x: int = 0  # of all time
    newest_at_us: int | None = None
    origins: tuple[Origin, ...] = ()  # of the bookmaker's rounds, lifetime


class BettingStats(_Result, frozen=True, kw_only=True):
    """Paper bets of one bookmaker (or of all), lifetime."""

    bookmaker: str
    bets: int = 0
    won: int = 0
    staked_minor: int = 0
    paid_out_minor: int = 0
    bankroll_minor: int | None = None
    currency: str = ""
    newest_at_us: int | None = None
    strategy: str = ""  # of the newest bet, with its parameters; of all bookmakers: empty
    # From the first bet to the newest; None below ten minutes. Of all bookmakers: their sum.
    per_hour_minor: float | None = None
    drawdown_minor: int | None = None  # deepest fall from a high; None for all bookmakers together
    longest_losing: int = 0  # bets in a row; of all bookmakers: the longest of one


class RgbStats(_Result, frozen=True, kw_only=True):
    """Colour samples of one region of one bookmaker: how many, and the newest."""

    bookmaker: str
    samples: int = 0
    newest: RgbSample | None = None
