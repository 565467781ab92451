"""A worker's live picture as it stands in Redis, for other programs."""

import socket

from data_layer.cache.json_shapes import WorkerStateObject
from data_layer.messages import LiveState, WorkerState
from utils import clock

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
