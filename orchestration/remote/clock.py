"""The times of another machine in terms of this one's clocks, which never agree exactly."""

import collections

import msgspec

from data_layer.cache.remote_states import RemoteState
from data_layer.engine import WorkerView

_REPORTS = 64  # the least delay of so many tells how far the clocks are apart


class RemoteClock:
    """Follows one run of one machine.

    A report took some time to come here, so the difference of the clocks is at most what it seems; the least
    seen lately is the best estimate. How old a report is, is measured with this machine's clock from the
    moment when it was first seen, so a clock that is wrong over there makes nothing look alive or dead.
    """

    def __init__(self) -> None:
        self._run = ""
        self._differences: collections.deque[int] = collections.deque(maxlen=_REPORTS)

    def view(self, state: RemoteState, now_us: int, monotonic_us: int) -> WorkerView:
        """Return a report that was first seen now, with its times as this machine counts."""
        known = state.run == self._run
        if not known:
            self._run = state.run
            self._differences.clear()
        difference = now_us - state.sent_at_us
        self._differences.append(difference)
        ahead = min(self._differences)
        status = msgspec.structs.replace(
            state.status,
            machine=state.machine,
            since_us=_shifted(state.status.since_us, ahead),
            restart_at_us=_shifted(state.status.restart_at_us, ahead),
        )
        live = state.live
        if live is not None:
            age_us = max(0, state.monotonic_us - live.heartbeat_us)
            if not known:  # it may have stood there for long
                ahead = 0
                age_us += max(0, difference)
            live = msgspec.structs.replace(
                live,
                heartbeat_us=monotonic_us - age_us,
                phase_started_at_us=_shifted(live.phase_started_at_us, ahead),
                phase_ends_at_us=_shifted(live.phase_ends_at_us, ahead),
                observed_at_us=_shifted(live.observed_at_us, ahead),
            )
        return WorkerView(status=status, live=live)


def _shifted(at_us: int, by_us: int) -> int:
    return at_us + by_us if at_us else 0
