"""What one bookmaker is fed by and which agents it runs, as plain values that travel to a worker process.

Plain dataclasses on purpose: a worker never imports pydantic, and `config.settings` validates these same
classes, with the bounds written here beside their types, when it reads the configuration.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Len

# The schemes of data_layer.analytics.fairness.schemes that need nothing but a hash and a salt.
SchemeName = Literal["bustabit", "bustabit-v2", "ethercrash", "bc.game", "stake"]
# All schemes that a bookmaker's rounds may be of.
FairnessScheme = Literal["bustabit", "bustabit-v2", "ethercrash", "bc.game", "stake", "duel", "aviator"]

# The strategies of data_layer.strategies.catalogue.
StrategyName = Literal["flat", "martingale", "anti-martingale", "dalembert", "fibonacci", "kelly", "python"]

Speed = Annotated[float, Ge(0), Le(100_000)]  # scales time; 0: as fast as the writer accepts
Rounds = Annotated[int, Ge(1), Le(1_000_000_000)]
Pixels = Annotated[int, Ge(0), Le(100_000)]
Minor = Annotated[int, Ge(0), Le(10**15)]  # money in minor units of its currency
Stake = Annotated[int, Ge(1), Le(10**9)]  # of one paper bet, in minor units
Rtp = Annotated[float, Ge(0.5), Le(1)]  # return to the player, as a share
Name = Annotated[str, Len(1, 64)]

# In pydantic's words: no unknown keys, no "true" for 1, no NaN.
_READ_STRICTLY: dict[str, object] = {"extra": "forbid", "strict": True, "allow_inf_nan": False}

DEFAULT_THRESHOLDS_CENTI = (150, 200, 300, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatorSpec:
    """Provably fair rounds from a hash chain of our own."""

    __pydantic_config__: ClassVar = _READ_STRICTLY

    kind: Literal["simulator"] = "simulator"
    scheme: SchemeName = "bustabit"
    seed: str = "aviator"  # same seed, same rounds
    speed: Speed = 1.0
    rounds: Rounds | None = None  # ends after so many; None: never


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainSpec:
    """A site's true history, walked back from a published hash and told in the order it was played."""

    __pydantic_config__: ClassVar = _READ_STRICTLY

    kind: Literal["chain"] = "chain"
    scheme: SchemeName = "bustabit"
    hash: str  # of the newest game, 64 hex digits
    newest_game: Annotated[int, Ge(0), Le(10**12)] = (
        0  # number of that game; 0: rounds are numbered 1..rounds
    )
    rounds: Rounds = 1000  # how many games back from it
    salt: str | None = None  # None: the scheme's published one
    speed: Speed = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaySpec:
    """Recorded rounds from a CSV, JSON, JSONL or SQLite file."""

    __pydantic_config__: ClassVar = _READ_STRICTLY

    kind: Literal["replay"] = "replay"
    path: Path
    mapping: dict[str, str] | None = None  # field of ours -> column of the file; None: guessed
    table: str | None = None  # of an SQLite file; None: the one that most is understood of
    start: Literal["recorded", "now"] | None = None  # None: "recorded" where the file has times, else "now"
    timezone: str = "UTC"  # of times that do not state theirs
    speed: Speed = 1.0


SourceSpec = SimulatorSpec | ChainSpec | ReplaySpec


@dataclass(frozen=True, kw_only=True, slots=True)
class BettingSpec:
    """Paper bets by a strategy; each takes of the parameters below those it has, and leaves the others.

    Bounds and defaults are those of `data_layer.strategies.parameters`, where they are explained.
    """

    __pydantic_config__: ClassVar = _READ_STRICTLY

    enabled: bool = True
    strategy: StrategyName = "flat"
    stake_minor: Stake = 100
    cashout_centi: Annotated[int, Ge(101), Le(10**9)] = 200
    bankroll_minor: Minor = 100_000  # put in, all in all: with more of it a ruined one bets again
    currency: Annotated[str, Len(1, 8)] = "EUR"
    limit_minor: Stake = 10_000
    factor_centi: Annotated[int, Ge(101), Le(10_000)] = 200
    wins: Annotated[int, Ge(1), Le(100)] = 3
    unit_minor: Stake = 100
    advantage: Annotated[float, Ge(-1), Le(1)] = 0.01
    part: Annotated[float, Ge(0.000_001), Le(1)] = 1.0
    cap: Annotated[float, Ge(0.000_001), Le(1)] = 0.02
    file: Path | None = None  # of strategy "python": where the class is
    class_name: Annotated[str, Len(0, 200)] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RgbRegion:
    """A named rectangle of the screen, in pixels."""

    __pydantic_config__: ClassVar = _READ_STRICTLY

    name: Name
    x: Pixels
    y: Pixels
    width: Annotated[Pixels, Ge(1)]
    height: Annotated[Pixels, Ge(1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class RgbSpec:
    """Colour samples of named regions at an interval."""

    __pydantic_config__: ClassVar = _READ_STRICTLY

    enabled: bool = True
    interval_s: Annotated[float, Ge(0.1), Le(86_400)] = 30.0
    regions: tuple[RgbRegion, ...] = (
        RgbRegion(name="multiplier", x=120, y=60, width=16, height=8),
        RgbRegion(name="canvas", x=0, y=0, width=16, height=8),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionSpec:
    """Keep-alives of a session, counted in memory."""

    __pydantic_config__: ClassVar = _READ_STRICTLY

    enabled: bool = True
    keep_alive_s: Annotated[float, Ge(1), Le(86_400)] = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class FairnessSpec:
    """How a bookmaker makes its rounds, so that those that carry a hash can be verified."""

    __pydantic_config__: ClassVar = _READ_STRICTLY

    scheme: FairnessScheme
    salt: Annotated[str, Len(1, 1_000)] | None = None  # None: the scheme's published one
    commitment: str | None = None  # the hash at the old end of the chain, published before the first game


@dataclass(frozen=True, kw_only=True, slots=True)
class BookmakerSpec:
    """One bookmaker, whole: what its worker is told."""

    __pydantic_config__: ClassVar = _READ_STRICTLY

    name: Name
    source: SourceSpec
    enabled: bool = True
    group: Annotated[str, Len(0, 64)] = ""  # bookmakers that are commanded together; shown as "feed X"
    betting: BettingSpec = field(default_factory=BettingSpec)
    rgb: RgbSpec = field(default_factory=RgbSpec)
    session: SessionSpec = field(default_factory=SessionSpec)
    rtp: Rtp | None = None  # claimed return; None: its scheme's, or for a live source that of [analytics]
    fairness: FairnessSpec | None = None  # None: its rounds are not verified as they come
