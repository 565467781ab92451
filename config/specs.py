"""What one bookmaker is fed by and which agents it runs, as plain values that travel to a worker process.

Plain dataclasses on purpose: a worker never imports pydantic, and `config.settings` validates these same
classes when it reads the configuration.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

DEFAULT_THRESHOLDS_CENTI = (150, 200, 300, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatorSpec:
    """Provably fair rounds from a hash chain of our own."""

    kind: Literal["simulator"] = "simulator"
    scheme: str = "bustabit"  # a name of data_layer.analytics.fairness.SCHEMES
    seed: str = "aviator"  # same seed, same rounds
    speed: float = 1.0  # scales time; 0: as fast as the writer accepts
    rounds: int | None = None  # ends after so many; None: never


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainSpec:
    """A site's true history, walked back from a published hash and told in the order it was played."""

    kind: Literal["chain"] = "chain"
    scheme: str = "bustabit"
    hash: str  # of the newest game, 64 hex digits
    newest_game: int = 0  # number of that game; 0: rounds are numbered 1..rounds
    rounds: int = 1000  # how many games back from it
    salt: str | None = None  # None: the scheme's published one
    speed: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaySpec:
    """Recorded rounds from a CSV, JSON, JSONL or SQLite file."""

    kind: Literal["replay"] = "replay"
    path: Path
    mapping: dict[str, str] | None = None  # field of ours -> column of the file; None: guessed
    start: Literal["recorded", "now"] | None = None  # None: "recorded" where the file has times, else "now"
    timezone: str = "UTC"  # of times that do not state theirs
    speed: float = 1.0


SourceSpec = SimulatorSpec | ChainSpec | ReplaySpec


@dataclass(frozen=True, kw_only=True, slots=True)
class BettingSpec:
    """Paper bets: the same stake and cash-out on every round."""

    enabled: bool = True
    stake_minor: int = 100
    cashout_centi: int = 200
    bankroll_minor: int = 100_000  # to begin with
    currency: str = "EUR"


@dataclass(frozen=True, kw_only=True, slots=True)
class RgbRegion:
    """A named rectangle of the screen, in pixels."""

    name: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RgbSpec:
    """Colour samples of named regions at an interval."""

    enabled: bool = True
    interval_s: float = 30.0
    regions: tuple[RgbRegion, ...] = (
        RgbRegion(name="multiplier", x=120, y=60, width=16, height=8),
        RgbRegion(name="canvas", x=0, y=0, width=16, height=8),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionSpec:
    """Keep-alives of a session, counted in memory."""

    enabled: bool = True
    keep_alive_s: float = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class BookmakerSpec:
    """One bookmaker, whole: what its worker is told."""

    name: str
    source: SourceSpec
    enabled: bool = True
    group: str = ""  # bookmakers that are commanded together; shown as "feed X"
    betting: BettingSpec = field(default_factory=BettingSpec)
    rgb: RgbSpec = field(default_factory=RgbSpec)
    session: SessionSpec = field(default_factory=SessionSpec)
