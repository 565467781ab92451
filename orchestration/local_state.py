"""The live picture of one bookmaker inside its worker: what its agents and its slot on the board show."""

import collections
from dataclasses import dataclass, field

from data_layer.messages import Phase, Round

LAST_CRASHES = 32


@dataclass(slots=True)
class LocalState:
    """Kept by the `RoundTracker`, read by everybody else. Fields as in `messages.LiveState`."""

    phase: Phase = Phase.WAITING
    round_id: str = ""
    multiplier_centi: int = 0
    phase_started_at_us: int = 0
    phase_ends_at_us: int = 0
    observed_at_us: int = 0
    players: int | None = None
    stake_minor: int | None = None
    currency: str | None = None
    last_crashes_centi: collections.deque[int] = field(
        default_factory=lambda: collections.deque(maxlen=LAST_CRASHES)
    )  # newest last

    def crashed(self, finished: Round, observed_at_us: int) -> None:
        """Show the end of a round, which stays until the next one is seen."""
        self.phase = Phase.CRASHED
        self.round_id = finished.round_id
        self.multiplier_centi = finished.crash_centi
        self.phase_started_at_us = finished.crashed_at_us or observed_at_us
        self.phase_ends_at_us = 0
        self.observed_at_us = observed_at_us
        if finished.players_total is not None:
            self.players = finished.players_total
        if finished.stake_minor is not None:
            self.stake_minor = finished.stake_minor
        self.currency = finished.currency or self.currency
        self.last_crashes_centi.append(finished.crash_centi)
