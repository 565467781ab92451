"""Which of several reports about one bookmaker is shown, and which of them can go."""

import msgspec
import pytest

from data_layer.cache.remote_states import RemoteState, Reporter
from data_layer.messages import WorkerState, WorkerStatus
from orchestration.remote.reports import FORGOTTEN_AFTER_US, REPLACED_AFTER_US, SILENT_US, Reports

S = 1_000_000
NOW_US = 1_800_000_000 * S
RUNS, IDLE = WorkerState.RUNNING, WorkerState.STOPPED

Blobs = dict[Reporter, bytes]


class Machines:
    """A Redis that some instances report to, and a look at it."""

    def __init__(self) -> None:
        self.us = 1_000 * S
        self.reports = Reports("ours")
        self.blobs: Blobs = {}
        self.gone: list[Reporter] = []

    def say(self, run: str, state: WorkerState, *, name: str = "Admiral", ended: bool = False) -> None:
        """Have an instance report now."""
        status = WorkerStatus(bookmaker=name, group="", state=state, reason=run, since_us=1)
        self.blobs[Reporter(name, run)] = msgspec.json.encode(
            RemoteState(
                machine="cellar",
                run=run,
                sent_at_us=NOW_US + self.us,
                monotonic_us=self.us,
                status=status,
                live=None,
                ended=ended,
            )
        )

    def look(self, after_us: int = 250_000) -> str:
        """Look a while later; return the run that shows the bookmaker."""
        self.us += after_us
        self.gone = self.reports.take(self.blobs, NOW_US + self.us, self.us)
        for who in self.gone:
            del self.blobs[who]
        shown = self.reports.shown()
        return shown["Admiral"][1].status.reason if "Admiral" in shown else ""


@pytest.fixture
def machines() -> Machines:
    return Machines()


def test_the_run_where_it_works_is_shown_whoever_reports_last(machines: Machines) -> None:
    for first, second in (("cellar", "attic"), ("attic", "cellar")) * 5:
        machines.say(first, RUNS if first == "cellar" else IDLE)
        machines.say(second, RUNS if second == "cellar" else IDLE)
        assert machines.look() == "cellar"


def test_of_two_where_it_works_the_one_stays_until_it_is_silent(machines: Machines) -> None:
    machines.say("cellar", RUNS)
    assert machines.look() == "cellar"
    for _ in range(4):
        machines.say("attic", RUNS)
        assert machines.look() == "cellar"
    machines.say("attic", RUNS)
    assert machines.look(SILENT_US) == "attic"


def test_one_that_was_stopped_there_stays_shown_beside_one_that_never_ran(machines: Machines) -> None:
    machines.say("cellar", RUNS)
    machines.look()
    for _ in range(3):
        machines.say("attic", IDLE)
        machines.say("cellar", IDLE)
        assert machines.look() == "cellar"


def test_what_dead_runs_left_goes_once_another_reports(machines: Machines) -> None:
    machines.say("killed", RUNS)
    machines.look()
    machines.say("ended", IDLE, ended=True)
    machines.look()
    machines.say("next", RUNS)
    machines.look(SILENT_US)
    assert machines.look() == "next"
    machines.say("next", RUNS)
    machines.look()
    assert set(machines.blobs) == {Reporter("Admiral", "killed"), Reporter("Admiral", "next")}
    machines.say("next", RUNS)
    machines.look(REPLACED_AFTER_US)
    machines.say("next", RUNS)
    machines.look()
    assert set(machines.blobs) == {Reporter("Admiral", "next")}


def test_a_run_that_died_at_work_gives_way_to_one_that_lives_and_takes_orders(machines: Machines) -> None:
    machines.say("killed", RUNS)
    machines.look()
    for us in (SILENT_US, REPLACED_AFTER_US - SILENT_US - S):
        machines.say("next", IDLE)
        assert machines.look(us) == "killed"
    machines.say("next", IDLE)
    machines.look(2 * S)
    assert machines.look() == "next"
    assert set(machines.blobs) == {Reporter("Admiral", "next")}


def test_a_run_that_is_alone_stays_shown_for_a_day(machines: Machines) -> None:
    machines.say("cellar", RUNS)
    assert machines.look() == "cellar"
    assert machines.look(FORGOTTEN_AFTER_US - S) == "cellar"
    assert machines.look(2 * S) == ""
    assert machines.gone == [Reporter("Admiral", "cellar")]
    assert machines.look() == ""


def test_what_we_report_ourselves_is_of_no_other_machine(machines: Machines) -> None:
    machines.say("ours", RUNS)
    assert machines.look() == ""
    assert machines.gone == []


@pytest.mark.parametrize(
    "who", [Reporter("Admiral", ""), Reporter("Admiral", "another"), Reporter("Mozzart", "cellar")]
)
def test_a_report_under_another_name_is_foreign_and_goes(
    machines: Machines, who: Reporter, caplog: pytest.LogCaptureFixture
) -> None:
    machines.say("cellar", RUNS)
    machines.blobs[who] = machines.blobs[Reporter("Admiral", "cellar")]
    assert machines.look() == "cellar"
    assert machines.gone == [who]
    machines.blobs[who] = b"again"
    machines.look()
    assert machines.gone == [who]
    assert len(caplog.records) == 1
