"""The worker process, real, against a writer in memory."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from config.specs import ReplaySpec, SimulatorSpec
from data_layer.messages import Ending, Origin, Pause, Phase, Resume, Stop
from orchestration.outbox import FileOutbox
from tests.orchestration.worker_rig import WorkerRig

_PROJECT = Path(__file__).resolve().parents[2]


def positions(rig: WorkerRig) -> list[int]:
    return [one.position for one in rig.writer.rounds()]


def whole(count: int) -> list[int]:
    return list(range(1, count + 1))


def test_a_finite_source_is_delivered_to_its_end(rig: WorkerRig) -> None:
    rig.change(source=SimulatorSpec(seed="a", speed=0, rounds=3_000))
    rig.writer.start()
    rig.start()
    ending = rig.wait_for_end()
    assert ending == Ending(reason="all 3000 rounds played", finished=True)
    assert rig.end_code == "exit code 0"
    assert positions(rig) == whole(3_000)
    assert not rig.spec.outbox_path.exists()
    first = rig.writer.rounds()[0]
    assert (first.bookmaker, first.origin) == ("Admiral", Origin.SIMULATOR)
    last = rig.board.read_live(0)
    assert last is not None
    assert (last.received, last.committed, last.outbox) == (3_000, 3_000, 0)


def test_a_killed_worker_goes_on_where_it_was_recorded(rig: WorkerRig) -> None:
    rig.writer.start()
    for life in range(1, 5):
        rig.start()
        rig.wait_until(lambda life=life: len(rig.writer.rounds()) >= 8 * life)  # type: ignore[misc]  # no type of its own
        rig.kill()
    rig.start()
    rig.wait_until_ready()
    ending = rig.stop()
    assert ending == Ending(reason="stopped")
    count = len(rig.writer.rounds())
    assert positions(rig) == whole(count)
    assert len({one.round_id for one in rig.writer.rounds()}) == count


def test_a_killed_fast_source_is_read_again_from_what_is_committed(rig: WorkerRig) -> None:
    rig.change(source=SimulatorSpec(seed="a", speed=0, rounds=20_000))
    rig.writer.start()
    for kill_at in (2_000, 9_000):
        rig.start()
        rig.wait_until(lambda at=kill_at: len(rig.writer.committed) >= at)  # type: ignore[misc]  # no type of its own
        rig.kill()
    rig.start()
    ending = rig.wait_for_end()
    assert ending is not None
    assert ending.finished
    assert positions(rig) == whole(20_000)
    bankrolls = [bet.bankroll_minor for bet in rig.writer.bets()]
    for before, after in itertools.pairwise(bankrolls):
        assert after - before in (100, -100)


def test_the_outbox_is_replayed_after_a_kill_without_a_writer(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= 3)
    rig.writer.stop()
    received = rig.live.received
    rig.wait_until(lambda: rig.live.received >= received + 10 and rig.live.outbox > 0)
    rig.wait_until(lambda: rig.live.trouble == "waiting for the writer")
    rig.kill()
    rig.start()  # it knows its position, so it goes on without the writer
    rig.wait_until_ready()
    rig.wait_until(lambda: rig.live.received >= 5)
    assert not rig.live.connected
    rig.writer.start()
    rig.wait_until(lambda: rig.live.connected and rig.live.outbox <= 1)
    rig.stop()
    assert positions(rig) == whole(len(rig.writer.rounds()))
    assert len(rig.writer.rounds()) >= received + 15


def test_what_is_in_the_outbox_is_not_played_again(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= 3)
    rig.writer.stop()
    rig.wait_until(lambda: rig.live.outbox >= 5)
    rig.kill()
    stored = len(rig.writer.rounds())
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= stored + 10)
    rig.stop()
    assert rig.writer.resent == 0
    assert positions(rig) == whole(len(rig.writer.rounds()))


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="only on Linux: limits set on a process")
def test_a_full_disk_is_shown_and_the_rounds_go_on(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= 2)
    rig.writer.stop()
    process = psutil.Process(rig.child.pid)
    process.rlimit(psutil.RLIMIT_FSIZE, (rig.spec.outbox_path.stat().st_size, psutil.RLIM_INFINITY))
    rig.wait_until(lambda: "the outbox cannot be written" in rig.live.trouble)
    received = rig.live.received
    rig.wait_until(lambda: rig.live.received >= received + 5)
    rig.child.send(Pause())
    rig.wait_until(lambda: rig.live.paused)
    process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    rig.wait_until(lambda: rig.live.trouble == "waiting for the writer")
    rig.kill()
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= received + 5)
    rig.stop()
    assert positions(rig) == whole(len(rig.writer.rounds()))


def test_a_stop_delivers_what_was_taken_in_even_to_a_writer_that_comes_back(rig: WorkerRig) -> None:
    rig.change(source=SimulatorSpec(seed="a", speed=0))
    rig.writer.commits = False
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: rig.live.outbox >= 100)
    rig.child.send(Stop(drain_s=20))
    rig.writer.stop()
    rig.writer.commits = True
    rig.writer.start()
    assert rig.wait_for_end() == Ending(reason="stopped")
    last = rig.board.read_live(0)
    assert last is not None
    assert last.outbox == 0
    assert len(rig.writer.rounds()) == last.received


def test_a_writer_that_dies_in_the_middle_again_and_again_loses_nothing(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    for death in (5, 12, 20, 31):
        rig.writer.dies_after = death
        rig.wait_until(lambda: rig.writer.dies_after == 0)
        rig.writer.stop()
        rig.writer.start()
    rig.wait_until(lambda: rig.live.connected)
    rig.stop()
    assert positions(rig) == whole(len(rig.writer.rounds()))


def test_without_any_knowledge_a_new_worker_waits_visibly_for_the_writer(rig: WorkerRig) -> None:
    rig.start()
    rig.wait_until(lambda: rig.live.trouble == "waiting for the writer")
    beat = rig.live.heartbeat_us
    rig.wait_until(lambda: rig.live.heartbeat_us > beat)
    assert rig.live.received == 0
    rig.writer.start()
    rig.wait_until_ready()
    rig.wait_until(lambda: rig.live.received > 0)


def test_a_stop_without_a_writer_ends_in_time_and_keeps_what_is_recorded(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= 2)
    rig.writer.stop()
    rig.wait_until(lambda: rig.live.outbox >= 5)
    rig.stop(drain_s=0.05)
    outbox = FileOutbox(rig.spec.outbox_path)
    kept = outbox.pending
    outbox.close()
    assert kept >= 5
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= kept)
    rig.stop()
    assert positions(rig) == whole(len(rig.writer.rounds()))


def test_a_paused_worker_beats_and_takes_no_rounds_until_it_is_resumed(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: rig.live.received >= 2)
    rig.child.send(Pause())
    rig.wait_until(lambda: rig.live.paused)
    received, beat = rig.live.received, rig.live.heartbeat_us
    assert rig.live.phase is Phase.WAITING
    for _ in range(3):
        rig.wait_until(lambda beat=beat: rig.live.heartbeat_us > beat)  # type: ignore[misc]  # no type of its own
        beat = rig.live.heartbeat_us
    assert rig.live.received == received
    rig.child.send(Resume())
    rig.wait_until(lambda: rig.live.received >= received + 3)
    assert not rig.live.paused
    rig.stop()
    assert positions(rig) == whole(len(rig.writer.rounds()))


def test_a_worker_started_paused_takes_nothing(rig: WorkerRig) -> None:
    rig.change(source=SimulatorSpec(seed="a", speed=0, rounds=500))
    rig.start()
    rig.child.send(Pause())
    rig.wait_until(lambda: rig.live.paused)
    rig.writer.start()  # for which it waits before it takes anything
    rig.wait_until_ready()
    beat = rig.live.heartbeat_us
    rig.wait_until(lambda: rig.live.heartbeat_us > beat)
    assert rig.live.received < 500
    rig.child.send(Resume())
    ending = rig.wait_for_end()
    assert ending is not None
    assert ending.finished


def test_the_live_board_follows_the_rounds(rig: WorkerRig) -> None:
    rig.change(source=SimulatorSpec(seed="a", speed=20))
    rig.writer.start()
    rig.start()
    seen: set[Phase] = set()

    def all_seen() -> bool:
        live = rig.live
        seen.add(live.phase)
        if live.phase is Phase.FLYING:
            assert live.multiplier_centi >= 100
        return {Phase.BETTING, Phase.FLYING, Phase.CRASHED} <= seen

    rig.wait_until(all_seen)
    live = rig.live
    assert live.origin is Origin.SIMULATOR
    assert {agent.name for agent in live.agents if agent.running} == {"betting", "rgb", "session"}
    assert live.session is not None
    rig.wait_until(lambda: rig.live.players is not None)
    rig.stop()


def test_what_an_earlier_source_left_is_delivered_under_its_own_stream(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= 2)
    rig.writer.stop()
    rig.wait_until(lambda: rig.live.outbox >= 5)  # even if all that is stored is among them
    rig.kill()
    (earlier,) = {hello.stream for hello in rig.writer.hellos}
    rig.change(source=SimulatorSpec(seed="another", speed=0, rounds=700))
    rig.writer.start()
    rig.start()
    ending = rig.wait_for_end()
    assert ending is not None
    assert ending.finished
    left = [one.position for one in rig.writer.rounds(earlier)]
    assert len(left) >= 5
    assert left == whole(len(left))
    assert len(rig.writer.rounds()) - len(left) == 700
    outbox = FileOutbox(rig.spec.outbox_path)
    assert outbox.pending == 0
    assert outbox.position(rig.writer.hellos[-1].stream) is None
    outbox.close()


def test_a_missing_recording_is_a_permanent_fault_with_a_reason(rig: WorkerRig, tmp_path: Path) -> None:
    rig.change(source=ReplaySpec(path=tmp_path / "rounds.csv"))
    rig.writer.start()
    rig.start()
    ending = rig.wait_for_end()
    assert ending is not None
    assert ending.permanent
    assert "rounds.csv" in ending.reason
    assert rig.end_code == "exit code 1"


def test_a_worker_whose_parent_is_gone_ends(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    rig.wait_until_ready()
    child = rig.child
    child._link.close()
    child._process.join(60)
    assert child._process.exitcode == 70
    rig._child = None
    FileOutbox(rig.spec.outbox_path).close()


_LIVE_A_LITTLE = """
import asyncio, sys
sys.path.insert(0, {project!r})
from multiprocessing import Pipe
from pathlib import Path
import orchestration.bookmaker_worker as worker
from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.messages import Ending
from orchestration.live_board import LiveBoard
from orchestration.worker_spec import WorkerSpec, outbox_file
directory = Path({directory!r})
LiveBoard.create(directory / "live.board", 1).close()
ours, theirs = Pipe()
spec = WorkerSpec(
    bookmaker=BookmakerSpec(name="Admiral", source=SimulatorSpec(speed={speed}, rounds=20)),
    slot=0, board_path=directory / "live.board", outbox_path=outbox_file(directory, "Admiral"),
    writer_address={address!r}, secret={secret!r})
worker.run_worker(spec, theirs)
unwanted = ("PySide6", "numpy", "pydantic", "pydantic_settings", "redis", "rich", "typer", "sqlite3", "apsw",
            "pyqtgraph", "fastapi")
print(sorted(name for name in unwanted if name in sys.modules))
"""


@pytest.mark.parametrize("speed", [0, 2_000])
def test_a_worker_never_loads_what_it_does_not_need(rig: WorkerRig, tmp_path: Path, speed: int) -> None:
    rig.writer.start()
    code = _LIVE_A_LITTLE.format(
        project=str(_PROJECT),
        directory=str(tmp_path),
        speed=speed,
        address=rig.writer.address,
        secret=rig.spec.secret,
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ},
    )
    assert done.stdout.strip() == "[]", done.stderr
    assert len(rig.writer.rounds()) == 20
