"""What comes of a flush: its outcomes, or the fault that the disk or another program caused."""

from collections.abc import Hashable
from dataclasses import dataclass, field

import apsw

from data_layer.errors import AviatorError
from data_layer.messages import Committed, CommittedRounds

# Errors that the disk or another program causes; any other is a mistake of ours.
FAULTS_OF_THE_ENVIRONMENT = (
    apsw.FullError,
    apsw.BusyError,
    apsw.LockedError,
    apsw.IOError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    apsw.PermissionsError,
    apsw.ProtocolError,
    apsw.InterruptError,
    apsw.NoMemError,
    apsw.CorruptError,
    apsw.NotADBError,
)


class CommitFailedError(AviatorError):
    """The database could not be written: a full disk, a lock. Nothing was lost; try again later."""


@dataclass(slots=True)
class Outcome:
    """What became of the rounds and rejected inputs that one key brought."""

    committed: int = 0
    duplicates: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Flushed:
    """A transaction that is on disk."""

    outcomes: dict[Hashable, Outcome]
    event: Committed
    duration_us: int


@dataclass(slots=True)
class Transaction:
    """What a flush collects on its way."""

    outcomes: dict[Hashable, Outcome] = field(default_factory=dict)
    rounds: list[CommittedRounds] = field(default_factory=list)
    bets: int = 0
    samples: int = 0
    changed: bool = False  # a statistic did

    def outcome(self, key: Hashable) -> Outcome:
        return self.outcomes.setdefault(key, Outcome())
