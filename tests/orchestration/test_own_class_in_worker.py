"""A class of the user's own in a real worker: whatever it does, the rounds go on and nothing is left."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.specs import BettingSpec, SimulatorSpec
from data_layer.messages import AgentState
from tests.data_layer.strategies import own_classes
from tests.orchestration.worker_rig import WorkerRig

_CHILD = "data_layer.strategies.own_child"
_ENDLESS = """
from data_layer.strategies.base import PaperStake, Strategy


class Mine(Strategy):
    def next_bet(self, bankroll_minor):
        while True:
            pass
"""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[WorkerRig]:
    made = WorkerRig(tmp_path, SimulatorSpec(seed="a", speed=300))
    made.writer.start()
    yield made
    made.close()


def use(rig: WorkerRig, file: Path, name: str) -> None:
    rig.change(betting=BettingSpec(strategy="python", file=file, class_name=name, bankroll_minor=1_000_000))


def betting(rig: WorkerRig) -> AgentState:
    states = [agent for agent in rig.live.agents if agent.name == "betting"]
    return states[0] if states else AgentState(name="betting", running=False)


def own_processes(rig: WorkerRig) -> list[psutil.Process]:
    return [each for each in psutil.Process(rig.child.pid).children() if _CHILD in each.cmdline()]


def test_a_good_one_bets_on_paper(rig: WorkerRig, tmp_path: Path) -> None:
    use(rig, own_classes.write(tmp_path), "EveryRound")
    rig.start()
    rig.wait_until(lambda: len(rig.writer.bets()) >= 5)
    (process,) = own_processes(rig)
    rig.stop()
    assert not process.is_running()
    assert {bet.strategy for bet in rig.writer.bets()} == {"python mine.py:EveryRound"}


def test_one_that_never_returns_costs_its_bets_and_nothing_else(rig: WorkerRig, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(_ENDLESS)
    use(rig, file, "Mine")
    rig.start()
    rig.wait_until(lambda: "did not return within 0.5 s, line " in betting(rig).reason)
    rounds = len(rig.writer.rounds())
    rig.wait_until(lambda: len(rig.writer.rounds()) >= rounds + 5)
    assert rig.live.trouble == ""
    assert rig.writer.bets() == []
    rig.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends with its time")
def test_it_dies_with_a_worker_that_is_killed(rig: WorkerRig, tmp_path: Path) -> None:
    use(rig, own_classes.write(tmp_path), "EveryRound")
    rig.start()
    rig.wait_until(lambda: len(rig.writer.bets()) >= 1)
    (process,) = own_processes(rig)
    rig.kill()
    process.wait(timeout=20)


def test_a_worker_without_one_does_not_load_what_runs_it() -> None:
    code = (
        "import sys, orchestration.bookmaker_worker\n"
        "unwanted = {'data_layer.strategies.own_class', 'data_layer.strategies.own_live', 'numpy'}\n"
        "print(*sorted(unwanted & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
