"""The shapes of what stands in Redis as JSON: objects with names, for other programs as much as for us.

Decoding checks every value against them, because anybody may write under our keys. Unknown fields are
ignored, so that a newer version may add some. Units are in the names, as in `data_layer.messages`.
"""

from typing import Annotated

import msgspec

_HIGHEST = 2**63 - 1  # what the database can hold
_LONGEST_TEXT = 4_096

Count = Annotated[int, msgspec.Meta(ge=0, le=_HIGHEST)]
Number = Annotated[int, msgspec.Meta(ge=-_HIGHEST, le=_HIGHEST)]
Centi = Annotated[int, msgspec.Meta(ge=100, le=_HIGHEST)]
Text = Annotated[str, msgspec.Meta(max_length=_LONGEST_TEXT)]


class _Object(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base: a JSON object."""


class CrossingObject(_Object, frozen=True, kw_only=True):
    """A threshold that a flight reached."""

    threshold_centi: Centi
    actual_centi: Centi
    crossed_at_us: Number | None = None
    players_left: Count | None = None
    stake_left_minor: Number | None = None


class CrossedObject(CrossingObject, frozen=True, kw_only=True):
    """The data of `threshold_crossed`."""

    bookmaker: Text
    round_id: Text


class RoundObject(_Object, frozen=True, kw_only=True):
    """`round:...`, `last_round:...` and the data of `round_ended`."""

    bookmaker: Text
    round_id: Text
    crash_point: Annotated[float, msgspec.Meta(ge=1)]  # the same as crash_centi, for people
    crash_centi: Centi
    started_at_us: Number | None = None
    crashed_at_us: Number | None = None
    duration_ms: Count | None = None
    players_total: Count | None = None
    players_cashed_out: Count | None = None
    stake_minor: Number | None = None
    payout_minor: Number | None = None
    currency: Text | None = None
    hash: Text | None = None
    seed: Text | None = None
    verified: bool | None = None
    received_at_us: Number
    flags: tuple[Text, ...] = ()  # late, gap_before, corrected
    origin: Text  # live, simulator, chain, replay, import
    crossings: tuple[CrossingObject, ...] = ()


class BriefObject(_Object, frozen=True, kw_only=True):
    """What a card shows of a finished round."""

    round_id: Text
    crash_centi: Centi
    crashed_at_us: Number | None = None
    duration_ms: Count | None = None


class CommittedRoundsObject(_Object, frozen=True, kw_only=True):
    """One bookmaker's share of a commit."""

    bookmaker: Text
    count: Count
    newest: tuple[BriefObject, ...] = ()


class CommittedObject(_Object, frozen=True, kw_only=True):
    """The data of `stats_updated`: what the commits since the last one brought."""

    version: Count
    committed_at_us: Number
    rounds: tuple[CommittedRoundsObject, ...] = ()
    bets: Count = 0
    rgb_samples: Count = 0


class WorkerStateObject(_Object, frozen=True, kw_only=True):
    """`worker:states` and the data of `worker_state`: how one worker is."""

    bookmaker: Text
    state: Text  # starting, running, paused, backing off, failed, stopped
    at_us: Number  # wall clock of the worker's machine when it said so
    pid: Count = 0
    machine: Text = ""
    reason: Text = ""  # for the operator
    origin: Text = "live"
    phase: Text = "waiting"
    round_id: Text = ""
    multiplier_centi: Count = 0
    phase_started_at_us: Number = 0
    phase_ends_at_us: Number = 0
    observed_at_us: Number = 0
    players: Count | None = None
    stake_minor: Number | None = None
    currency: Text | None = None
    received: Count = 0
    outbox: Count = 0
    committed: Count = 0
    duplicates: Count = 0
    quarantined: Count = 0
    connected: bool = False
    trouble: Text = ""
