"""The strategies there are, by name, each with its parameters and what it is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from config.specs import BettingSpec
from data_layer.strategies import ladders
from data_layer.strategies.base import Strategy, StrategyError
from data_layer.strategies.kelly import Kelly
from data_layer.strategies.parameters import (
    ADVANTAGE,
    CAP,
    CASHOUT,
    FACTOR,
    LIMIT,
    PART,
    STAKE,
    UNIT,
    WINS,
    Parameter,
    read_all,
)

OWN = "python"  # a class of the user's own; see own_class.py

_Values = Mapping[str, int]  # of the parameters, by name


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One built-in strategy."""

    name: str
    title: str
    text: str  # what it does, in one sentence
    parameters: tuple[Parameter, ...]
    make: Callable[[_Values], Strategy] = field(repr=False)

    def describe(self, values: _Values) -> str:
        """Return the strategy with its parameters: "flat stake=1.00 cashout=2.00x"."""
        told = (f"{each.name}={each.show(values[each.name])}" for each in self.parameters)
        return " ".join((self.name, *told))


def _flat(values: _Values) -> Strategy:
    return ladders.flat(values["stake"], values["cashout"])


def _martingale(values: _Values) -> Strategy:
    return ladders.martingale(values["stake"], values["cashout"], values["factor"], values["limit"])


def _anti_martingale(values: _Values) -> Strategy:
    return ladders.anti_martingale(
        values["stake"], values["cashout"], values["factor"], values["limit"], values["wins"]
    )


def _dalembert(values: _Values) -> Strategy:
    return ladders.dalembert(values["stake"], values["cashout"], values["unit"], values["limit"])


def _fibonacci(values: _Values) -> Strategy:
    return ladders.fibonacci(values["stake"], values["cashout"], values["limit"])


def _kelly(values: _Values) -> Strategy:
    return Kelly(
        values["stake"],
        values["cashout"],
        values["limit"],
        advantage_ppm=values["advantage"],
        part_ppm=values["part"],
        cap_ppm=values["cap"],
    )


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="flat",
            title="Flat",
            text="The same stake on every round.",
            parameters=(STAKE, CASHOUT),
            make=_flat,
        ),
        Kind(
            name="martingale",
            title="Martingale",
            text="The stake grows by a factor with every loss and starts again after a win.",
            parameters=(STAKE, CASHOUT, FACTOR, LIMIT),
            make=_martingale,
        ),
        Kind(
            name="anti-martingale",
            title="Anti-martingale",
            text="The stake grows by a factor with every win and starts again after a loss or enough wins.",
            parameters=(STAKE, CASHOUT, FACTOR, WINS, LIMIT),
            make=_anti_martingale,
        ),
        Kind(
            name="dalembert",
            title="d'Alembert",
            text="One unit more after a loss, one less after a win.",
            parameters=(STAKE, CASHOUT, UNIT, LIMIT),
            make=_dalembert,
        ),
        Kind(
            name="fibonacci",
            title="Fibonacci",
            text="Stakes of 1, 1, 2, 3, 5, ... : one on after a loss, two back after a win.",
            parameters=(STAKE, CASHOUT, LIMIT),
            make=_fibonacci,
        ),
        Kind(
            name="kelly",
            title="Kelly, capped",
            text="A share of the bankroll, as large as a believed advantage makes it, up to a cap.",
            parameters=(STAKE, CASHOUT, ADVANTAGE, PART, CAP, LIMIT),
            make=_kelly,
        ),
    )
}
NAMES = (*KINDS, OWN)


def kind_of(name: str) -> Kind:
    """Return a built-in strategy. Raises `StrategyError` with the nearest name."""
    kind = KINDS.get(name)
    if kind is None:
        raise StrategyError(f"strategy: {_none_of(name)}")
    return kind


def build(name: str, texts: Mapping[str, str]) -> tuple[Strategy, str]:
    """Return a built-in strategy with the parameters that `texts` has, and its description.

    Raises `StrategyError` for an unknown name or parameter, or a value that cannot be used.
    """
    kind = kind_of(name)
    try:
        return _made(kind, read_all(kind.parameters, texts))
    except StrategyError as error:
        raise StrategyError(f"strategy {name}: {error}") from None


def from_spec(spec: BettingSpec) -> tuple[Strategy, str]:
    """Return the built-in strategy that a bookmaker's configuration names, and its description.

    Raises `StrategyError` for values that do not fit together.
    """
    kind = kind_of(spec.strategy)
    return _made(kind, {each.name: each.of_setting(getattr(spec, each.setting)) for each in kind.parameters})


def _made(kind: Kind, values: _Values) -> tuple[Strategy, str]:
    if LIMIT in kind.parameters and values["limit"] < values["stake"]:
        limit, stake = LIMIT.show(values["limit"]), STAKE.show(values["stake"])
        raise StrategyError(f"limit: {limit} is below the stake; nearest valid: {stake}")
    return kind.make(values), kind.describe(values)


def _none_of(name: str) -> str:
    from config.problems import choose

    text, nearest = choose(name, NAMES)
    return f"{text}; nearest valid: {nearest}"
