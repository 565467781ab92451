"""A worker's live picture as it stands in Redis, and back: for windows on other machines."""

import socket

from data_layer.cache.json_shapes import WorkerStateObject
from data_layer.messages import LiveState, Origin, Phase, WorkerState
from utils import clock

_ORIGINS = {origin.name.lower(): origin for origin in Origin}
_PHASES = {phase.value: phase for phase in Phase}
_MACHINE = socket.gethostname()


def state_object(live: LiveState, *, ended: bool = False, now_us: int | None = None) -> WorkerStateObject:
    """Return `live` as it stands in Redis, said now; `ended` says that the worker ends in order."""
    state = WorkerState.PAUSED if live.paused else WorkerState.RUNNING
    return WorkerStateObject(
        bookmaker=live.bookmaker,
        state=WorkerState.STOPPED if ended else state,
        at_us=clock.now_us() if now_us is None else now_us,
        pid=live.pid,
        machine=_MACHINE,
        origin=live.origin.name.lower(),
        phase=live.phase,
        round_id=live.round_id,
        multiplier_centi=live.multiplier_centi,
        phase_started_at_us=live.phase_started_at_us,
        phase_ends_at_us=live.phase_ends_at_us,
        observed_at_us=live.observed_at_us,
        players=live.players,
        stake_minor=live.stake_minor,
        currency=live.currency,
        received=live.received,
        outbox=live.outbox,
        committed=live.committed,
        duplicates=live.duplicates,
        quarantined=live.quarantined,
        connected=live.connected,
        trouble=live.trouble,
    )


def live_from(state: WorkerStateObject, *, now_us: int, monotonic_us: int) -> LiveState:
    """Return the live picture in `state`. The age of what was said becomes the age of the heartbeat.

    The clocks of two machines differ: what comes from the future counts as said just now.
    """
    age_us = max(0, now_us - state.at_us)
    return LiveState(
        bookmaker=state.bookmaker,
        pid=state.pid,
        heartbeat_us=monotonic_us - age_us,
        origin=_ORIGINS.get(state.origin, Origin.LIVE),
        phase=_PHASES.get(state.phase, Phase.WAITING),
        round_id=state.round_id,
        multiplier_centi=state.multiplier_centi,
        phase_started_at_us=state.phase_started_at_us,
        phase_ends_at_us=state.phase_ends_at_us,
        observed_at_us=state.observed_at_us,
        players=state.players,
        stake_minor=state.stake_minor,
        currency=state.currency,
        paused=state.state == WorkerState.PAUSED,
        received=state.received,
        outbox=state.outbox,
        committed=state.committed,
        duplicates=state.duplicates,
        quarantined=state.quarantined,
        connected=state.connected,
        trouble=state.trouble,
    )
