"""What each bookmaker's rounds are claimed to be: the return, and from it how often a multiplier is reached.

Plain code without numpy, because the window and the composition load it. `_centi` are hundredths of a
multiplier; a share is between 0 and 1.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.specs import ChainSpec, ReplaySpec, SimulatorSpec

if TYPE_CHECKING:
    from config.settings import Settings
    from config.specs import BookmakerSpec
    from data_layer.analytics.rounds import Rounds

_ONE_CENTI = 100

# Return of the schemes of `fairness/`, as their sites publish the formulas: what a cash-out at m pays back
# is m * P(X >= m). Ethercrash's falls from 0.99 at 1.01x towards 99 / 101, which stands here.
SCHEME_RTP: Mapping[str, float] = {
    "bustabit": 0.99,
    "bustabit-v2": 0.99,
    "ethercrash": 99 / 101,
    "bc.game": 0.99,
    "stake": 0.99,
    "duel": 0.999,
}
_ETHERCRASH = "ethercrash"


@dataclass(frozen=True, slots=True)
class Claim:
    """How one bookmaker's crash points are said to be distributed.

    On the grid of hundredths every claim here has one form: P(X >= c/100) = `scale` / (c - `offset`) for c
    of at least 101, never above 1, and 1 at c = 100. Crash points are independent of each other.
    """

    rtp: float  # return to the player, the share of all stakes that is paid back
    scheme: str | None = None  # of `fairness/`, where the rounds come from one

    @property
    def scale(self) -> float:
        """The share's numerator, in hundredths."""
        return self.rtp * 100

    @property
    def offset(self) -> int:
        """What is taken off the multiplier, in hundredths, before it divides."""
        return 1 if self.scheme == _ETHERCRASH else 0

    @property
    def edge(self) -> float:
        """The house edge, 1 - rtp."""
        return 1 - self.rtp

    @property
    def probability_of_one(self) -> float:
        """The share of rounds of exactly 1.00x, which nobody can win."""
        return 1 - self.survival(_ONE_CENTI + 1)

    def survival(self, threshold_centi: int) -> float:
        """Return P(X >= threshold), exact on the grid of hundredths.

        A crash point is rtp / U, U uniform on (0, 1], cut to hundredths and at least 1.00 (the formulas of
        Bustabit, BC.Game, Stake and Duel); Ethercrash: (100/101) * 99 / (100 m - 1).
        """
        if threshold_centi <= _ONE_CENTI:
            return 1.0
        return min(1.0, self.scale / (threshold_centi - self.offset))

    def payback(self, threshold_centi: int) -> float:
        """Return what a stake of 1 that is cashed out at the threshold brings back on average."""
        return self.survival(threshold_centi) * threshold_centi / 100


class Claims:
    """The claims of all bookmakers, by name. A bookmaker without one is told apart: nothing is assumed."""

    def __init__(self, claims: Mapping[str, Claim]) -> None:
        self._claims = dict(claims)

    def of(self, bookmaker: str) -> Claim | None:
        """Return what is claimed for this bookmaker's rounds, None where nothing is."""
        return self._claims.get(bookmaker)

    def returns(self) -> dict[str, float]:
        """Return the claimed return of every bookmaker that has a claim, as a share of all stakes."""
        return {name: claim.rtp for name, claim in self._claims.items()}


class Expected:
    """What the rounds of several bookmakers together are claimed to be, each weighted by its rounds.

    None where a bookmaker with rounds has no claim, and where there are no rounds.
    """

    def __init__(self, parts: "Iterable[Rounds]", claims: Claims) -> None:
        self._rounds = Counter[Claim | None]()
        for part in parts:
            if part.count:
                self._rounds[claims.of(part.bookmaker)] += part.count

    def share(self, threshold_centi: int) -> float | None:
        """Return the share of rounds at or above a threshold."""
        return self._mean(lambda claim: claim.survival(threshold_centi))

    def rtp(self) -> float | None:
        """Return the return to the player."""
        return self._mean(lambda claim: claim.rtp)

    def _mean(self, of: Callable[[Claim], float]) -> float | None:
        weighted = 0.0
        for claim, rounds in self._rounds.items():
            if claim is None:
                return None
            weighted += of(claim) * rounds
        return weighted / self._rounds.total() if self._rounds else None


def claims_of(settings: "Settings") -> Claims:
    """Return the claims of the configured bookmakers, also of those that are switched off.

    A bookmaker's own `rtp` wins; a simulator or chain has that of its scheme; a live source the one of
    `[analytics]`. A recording without its own has none, and neither has a bookmaker that is not configured:
    a return that nobody claimed would only raise false alarms.
    """
    found = {one.name: _claim(one, settings.analytics.rtp) for one in settings.bookmakers}
    return Claims({name: claim for name, claim in found.items() if claim is not None})


def _claim(bookmaker: "BookmakerSpec", usual_rtp: float) -> Claim | None:
    if bookmaker.rtp is not None:
        return Claim(bookmaker.rtp)
    source = bookmaker.source
    if isinstance(source, (SimulatorSpec, ChainSpec)):
        return Claim(SCHEME_RTP[source.scheme], source.scheme)
    return None if isinstance(source, ReplaySpec) else Claim(usual_rtp)
