"""What the database knows of a bookmaker's feed beside its rounds, and one feed as the checks see it.

Plain code without numpy, so that the database may fill it in.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KnownGap:
    """A stretch in which a worker said that it may have missed rounds."""

    started_at_us: int
    ended_at_us: int | None  # None: until the next round, whenever that came
    reason: str
    missing: int | None = None  # rounds, where it could tell


@dataclass(frozen=True, slots=True)
class Refusals:
    """Inputs that were quarantined for one reason."""

    count: int
    first_at_us: int  # when the first of them was received


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """Of one bookmaker in one span."""

    # Of the newest rounds in order of play; None where they are no numbers behind one and the same text.
    ids: "array[int] | None" = None
    id_prefix: str = ""  # that text
    id_digits: int = 0  # to which numbers are filled up with zeros
    gaps: tuple[KnownGap, ...] = ()  # oldest first
    duplicates: int = 0  # rounds that came again, ever
    refused: Mapping[str, Refusals] = field(default_factory=dict)  # by reason
