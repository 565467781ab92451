"""How long the database keeps what is no round, as plain values that travel to the writer."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """Days that rows are kept; 0 keeps them for ever."""

    rgb_days: int = 7
    quarantine_days: int = 90


EVERYTHING = Retention(rgb_days=0, quarantine_days=0)
