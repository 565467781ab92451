"""What the reports of other machines come to: one view of each bookmaker, and which reports can go."""

import logging
from collections.abc import Mapping

from data_layer.cache.remote_states import RemoteState, Reporter, decode_state
from data_layer.engine import WorkerView
from data_layer.messages import WorkerState
from orchestration.remote.clock import RemoteClock

SILENT_US = 3_000_000  # a machine reports four times a second
REPLACED_AFTER_US = 60_000_000  # a silent report of a bookmaker that another run reports
FORGOTTEN_AFTER_US = 24 * 3_600 * 1_000_000  # one that is alone

_log = logging.getLogger(__name__)


class _Report:
    """The newest word of one run about one bookmaker. Times are this machine's monotonic clock."""

    def __init__(self) -> None:
        self.clock = RemoteClock()
        self.heard_us = 0
        self.ended = self.works = False
        self.view: WorkerView | None = None

    def hear(self, state: RemoteState, now_us: int, monotonic_us: int) -> None:
        first = self.view is None
        self.heard_us = monotonic_us - (max(0, now_us - state.sent_at_us) if first else 0)
        self.view = self.clock.view(state, now_us, monotonic_us)
        self.ended = state.ended
        self.works = state.status.state is not WorkerState.STOPPED or state.status.finished


class Reports:
    """Follows all reports but those of `own_run`. For one thread."""

    def __init__(self, own_run: str) -> None:
        self._own_run = own_run
        self._blobs: Mapping[Reporter, bytes] = {}
        self._reports: dict[Reporter, _Report] = {}
        self._shown: dict[str, Reporter] = {}  # by bookmaker
        self._told = False  # the log, of a foreign value: who writes them may do so again and again

    def take(self, blobs: Mapping[Reporter, bytes], now_us: int, monotonic_us: int) -> list[Reporter]:
        """Take what stands in Redis now; return what nobody needs any more and can go from there."""
        foreign = []
        for who, blob in blobs.items():
            if who.run == self._own_run or self._blobs.get(who) == blob:
                continue
            state = decode_state(who, blob)
            if state is not None:
                self._reports.setdefault(who, _Report()).hear(state, now_us, monotonic_us)
                continue
            foreign.append(who)
            self._reports.pop(who, None)
            if not self._told:
                _log.warning("A foreign value stands for the remote worker %r and goes", who.bookmaker[:100])
                self._told = True
        for who in [who for who in self._reports if who not in blobs]:
            del self._reports[who]
        self._blobs = dict(blobs)
        spoken_of = {
            who.bookmaker
            for who, report in self._reports.items()
            if monotonic_us - report.heard_us <= SILENT_US
        }
        old = [who for who in self._reports if self._can_go(who, monotonic_us, who.bookmaker in spoken_of)]
        for who in old:
            del self._reports[who]
        self._choose(monotonic_us)
        return foreign + old

    def shown(self) -> dict[str, tuple[Reporter, WorkerView, bool]]:
        """Return by bookmaker, in their order, who shows it, what, and whether that was a last word."""
        found = {}
        for name, who in sorted(self._shown.items()):
            report = self._reports[who]
            if report.view is not None:
                found[name] = (who, report.view, report.ended)
        return found

    def _choose(self, monotonic_us: int) -> None:
        """Choose for each bookmaker a run where it works, of these one that speaks, then the one before."""
        chosen: dict[str, tuple[tuple[bool, bool, bool, int], Reporter]] = {}
        for who, report in self._reports.items():
            speaks = monotonic_us - report.heard_us <= SILENT_US
            rank = (report.works, speaks, who == self._shown.get(who.bookmaker), report.heard_us)
            if who.bookmaker not in chosen or rank > chosen[who.bookmaker][0]:
                chosen[who.bookmaker] = (rank, who)
        self._shown = {name: who for name, (_, who) in chosen.items()}

    def _can_go(self, who: Reporter, monotonic_us: int, is_spoken_of: bool) -> bool:
        report, silent_us = self._reports[who], monotonic_us - self._reports[who].heard_us
        if is_spoken_of:
            return silent_us > (SILENT_US if report.ended else REPLACED_AFTER_US)
        return silent_us > FORGOTTEN_AFTER_US
