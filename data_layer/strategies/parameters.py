"""What can be set of a strategy: name, bounds, default, and how a value is read from text and shown.

Values are whole numbers inside: money in minor units (a hundredth of its currency), multipliers in
hundredths, shares in millionths.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from data_layer.strategies.base import (
    LEAST_CASHOUT_CENTI,
    MOST_CASHOUT_CENTI,
    MOST_STAKE_MINOR,
    StrategyError,
)


class Unit(Enum):
    """What a value is made of."""

    MONEY = auto()
    MULTIPLIER = auto()
    SHARE = auto()
    COUNT = auto()


_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)  # "1,250.00"; "1,5" is no grouping

# How many whole numbers inside are one as people write it.
_SCALES = {Unit.MONEY: 100, Unit.MULTIPLIER: 100, Unit.SHARE: 1_000_000, Unit.COUNT: 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One number that a strategy takes."""

    name: str  # on the command line and in questions
    setting: str  # the field of `config.specs.BettingSpec`
    unit: Unit
    low: int
    high: int
    default: int
    text: str  # for the operator

    def read(self, text: str) -> int:
        """Return what `text` says: "1.50", "1.5x", "2%", "1,250.00".

        Raises `StrategyError` with the nearest valid value.
        """
        from decimal import Decimal  # not for a worker, which reads no text

        bare, told = text.strip().lower(), cut(text)
        scale = _SCALES[self.unit]
        if self.unit is Unit.MULTIPLIER:
            bare = bare.removesuffix("x")
        elif self.unit is Unit.SHARE and bare.endswith("%"):
            bare, scale = bare.removesuffix("%"), scale // 100
        bare = bare.strip()
        if _GROUPED.fullmatch(bare):
            bare = bare.replace(",", "")
        try:
            value = Decimal(bare) * scale
        except ArithmeticError:
            value = Decimal("NaN")
        if not value.is_finite():
            fault = f"{told!r} is no number"
            raise StrategyError(f"{self.name}: {fault}; nearest valid: {self.show(self.default)}")
        if not self.low <= value <= self.high:
            bound, word = (self.low, "below") if value < self.low else (self.high, "above")
            raise StrategyError(f"{self.name}: {told} is {word} {self.show(bound)}, the nearest valid value")
        if value != int(value):
            nearest = self.show(min(self.high, max(self.low, round(value))))
            raise StrategyError(f"{self.name}: {told} is too fine; nearest valid: {nearest}")
        return int(value)

    def show(self, value: int) -> str:
        """Return `value` as `read` takes it."""
        if self.unit is Unit.COUNT:
            return str(value)
        if self.unit is Unit.SHARE:
            return f"{value / 10_000:.10g}%"
        return f"{value // 100}.{value % 100:02d}{'x' if self.unit is Unit.MULTIPLIER else ''}"

    def of_setting(self, value: float) -> int:
        """Return the value of a setting: shares are fractions there, all else is as it is here."""
        return round(value * 1_000_000) if self.unit is Unit.SHARE else int(value)


def cut(text: str, most: int = 43) -> str:
    """Return `text` on one line and short enough to be told: at most `most` characters."""
    bare = " ".join(text.split())
    return f"{bare[: most - 3]}..." if len(bare) > most else bare


STAKE = Parameter(
    name="stake",
    setting="stake_minor",
    unit=Unit.MONEY,
    low=1,
    high=MOST_STAKE_MINOR,
    default=100,
    text="stake of a bet, the first one of a progression, the least one of Kelly",
)
CASHOUT = Parameter(
    name="cashout",
    setting="cashout_centi",
    unit=Unit.MULTIPLIER,
    low=LEAST_CASHOUT_CENTI,
    high=MOST_CASHOUT_CENTI,
    default=200,
    text="multiplier at which a bet is cashed out",
)
LIMIT = Parameter(
    name="limit",
    setting="limit_minor",
    unit=Unit.MONEY,
    low=1,
    high=MOST_STAKE_MINOR,
    default=10_000,
    text="the table's largest stake; a progression stays there",
)
FACTOR = Parameter(
    name="factor",
    setting="factor_centi",
    unit=Unit.MULTIPLIER,
    low=101,
    high=10_000,
    default=200,
    text="how much the stake grows",
)
WINS = Parameter(
    name="wins",
    setting="wins",
    unit=Unit.COUNT,
    low=1,
    high=100,
    default=3,
    text="won bets in a row after which it starts again",
)
UNIT = Parameter(
    name="unit",
    setting="unit_minor",
    unit=Unit.MONEY,
    low=1,
    high=MOST_STAKE_MINOR,
    default=100,
    text="what is added after a loss and taken off after a win",
)
ADVANTAGE = Parameter(
    name="advantage",
    setting="advantage",
    unit=Unit.SHARE,
    low=-1_000_000,
    high=1_000_000,
    default=10_000,
    text="what you believe to get back above the stake; the truth is below zero, and then Kelly never bets",
)
PART = Parameter(
    name="part",
    setting="part",
    unit=Unit.SHARE,
    low=1,
    high=1_000_000,
    default=1_000_000,
    text="how much of Kelly's share is staked",
)
CAP = Parameter(
    name="cap",
    setting="cap",
    unit=Unit.SHARE,
    low=1,
    high=1_000_000,
    default=20_000,
    text="the largest share of the bankroll on one bet",
)

# Not of a strategy, but read and bounded like one.
BANKROLL = Parameter(
    name="bankroll",
    setting="bankroll_minor",
    unit=Unit.MONEY,
    low=1,
    high=10**15,
    default=100_000,
    text="paper money to begin with",
)


def read_all(known: tuple[Parameter, ...], texts: Mapping[str, str]) -> dict[str, int]:
    """Return the value of every known parameter by name, the default where `texts` has none.

    Raises `StrategyError` for one that is not known or cannot be used.
    """
    names = [parameter.name for parameter in known]
    for name in texts:
        if name not in names:
            raise StrategyError(f"{name}: is no parameter here; known: {', '.join(names)}")
    return {
        parameter.name: parameter.read(texts[parameter.name])
        if parameter.name in texts
        else parameter.default
        for parameter in known
    }
