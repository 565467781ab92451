"""Which workers a machine reports, and how often."""

import pytest

from config.redis_target import RedisTarget
from data_layer.cache.remote_states import RemoteState, RemoteStates
from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.messages import WorkerState, WorkerStatus
from orchestration.remote import reporter
from tests.orchestration.remote.rig import until


class Board:
    """A board with one worker that runs, one that ended its source, and one that does not run."""

    def snapshot(self) -> BoardSnapshot:
        """See `LiveView`."""
        return BoardSnapshot(
            instance=None,
            writer=None,
            workers=tuple(
                WorkerView(
                    status=WorkerStatus(
                        bookmaker=name, group="", state=state, reason="", since_us=1, finished=finished
                    ),
                    live=None,
                )
                for name, state, finished in (
                    ("runs", WorkerState.RUNNING, False),
                    ("ended", WorkerState.STOPPED, True),
                    ("idle", WorkerState.STOPPED, False),
                )
            ),
        )


class NoControls:
    """Nothing is ordered here."""

    def start(self, names: object) -> None:
        """See `Controls`."""

    stop = restart = pause = start


def test_a_worker_that_does_not_run_leaves_room_for_the_report_of_another_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[set[str]] = []

    def report(_: RemoteStates, states: list[RemoteState]) -> list[object]:
        told.append({state.status.bookmaker for state in states})
        return []

    monkeypatch.setattr(RemoteStates, "report", report)
    monkeypatch.setattr(reporter, "INTERVAL_S", 0.001)
    reporting = reporter.RemoteReporter(RedisTarget(), Board(), NoControls())
    reporting.start()
    until(lambda: len(told) >= 200)
    reporting.stop()
    looks = told[:200]
    assert all({"runs", "ended"} <= look for look in looks)
    assert 0 < sum("idle" in look for look in looks) < 200
    assert told[-1] == {"runs", "ended", "idle"}  # the last word is of all
