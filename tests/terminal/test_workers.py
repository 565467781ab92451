import io
from collections.abc import Sequence

import msgspec
from rich.console import Console

from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.messages import (
    InstanceInfo,
    LiveState,
    Origin,
    Phase,
    RoundBrief,
    WorkerState,
    WorkerStatus,
    WriterHealth,
)
from terminal import workers
from terminal.diagnosis import gather_workers
from utils.diagnostic import Health

NOW = 1_800_000_000_000_000
MONOTONIC = 5_000_000_000
S = 1_000_000


def view(
    name: str,
    state: WorkerState = WorkerState.RUNNING,
    *,
    reason: str = "",
    silent_s: int = 0,
    restart_s: int = 0,
) -> WorkerView:
    status = WorkerStatus(
        bookmaker=name,
        group="A",
        state=state,
        reason=reason,
        since_us=NOW - 60 * S,
        restart_at_us=NOW + restart_s * S if restart_s else 0,
        pid=7,
    )
    live = LiveState(
        bookmaker=name,
        pid=7,
        heartbeat_us=MONOTONIC,
        origin=Origin.SIMULATOR,
        phase=Phase.FLYING,
        multiplier_centi=1206,
        observed_at_us=NOW - silent_s * S,
        committed=12_345,
        outbox=3,
    )
    return WorkerView(status=status, live=live)


def board(*views: WorkerView) -> BoardSnapshot:
    instance = InstanceInfo(
        pid=42,
        started_at_us=NOW - 65 * S,
        heartbeat_us=MONOTONIC,
        command="headless",
        writer_address="unix:x",
        writer_state=WorkerState.RUNNING,
    )
    writer = WriterHealth(
        pid=43, heartbeat_us=MONOTONIC, commits=9, commit_p99_us=2500, database_bytes=1_200_000
    )
    return BoardSnapshot(instance=instance, writer=writer, workers=views)


def printed(
    snapshot: BoardSnapshot, recent: workers.Recent = workers.no_rounds, width: int = 200
) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(workers.overview(snapshot, NOW, MONOTONIC, recent))
    return out.getvalue().splitlines()


def test_a_worker_is_told_in_one_row() -> None:
    briefs = [
        RoundBrief(round_id=str(n), crash_centi=100 + n, crashed_at_us=NOW - n * S) for n in range(9, 0, -1)
    ]

    def recent(_name: str) -> Sequence[RoundBrief]:
        return briefs

    lines = printed(board(view("Admiral")), recent)
    assert lines[0] == (
        "headless, process 42, up 1 min 5 s | 1 of 1 running | database 1.2 MB | commit p99 2.50 ms"
    )
    assert lines[-1].split("  ")[0] == "\N{BLACK CIRCLE}"
    for words in ("Admiral", "simulated", "12.06x", "flying", "1.01x 1.02x 1.03x", "12,345", " 3 ", "0 s"):
        assert words in lines[-1]


def test_what_is_stale_is_not_shown_as_live() -> None:
    row = printed(board(view("StarBet", silent_s=41)))[-1]
    assert "no data for 41 s" in row
    assert "12.06x" not in row


def test_a_main_process_that_is_silent_is_told() -> None:
    snapshot = board(view("Admiral"))
    assert snapshot.instance is not None
    silent = msgspec.structs.replace(snapshot.instance, heartbeat_us=MONOTONIC - 7 * S)
    lines = printed(BoardSnapshot(instance=silent, writer=snapshot.writer, workers=snapshot.workers))
    assert "its main process has not answered for 7 s" in lines[0]


def test_a_broken_worker_says_why_and_when_it_is_back() -> None:
    broken = view("VolcanoBet", WorkerState.BACKING_OFF, reason="worker exited (signal 9)", restart_s=4)
    lines = printed(board(broken, view("Admiral")))
    assert "worker exited (signal 9), restart in 4 s" in lines[-2]
    assert "12.06x" not in lines[-2]
    assert "1 of 2 running" in lines[0]


def test_a_name_cannot_write_to_the_terminal() -> None:
    assert "\x1b" not in "".join(printed(board(view("\x1b]0;owned\x07"))))


def test_without_bookmakers_it_says_so() -> None:
    assert printed(board())[-1] == "no bookmaker is configured"


def test_one_worker_in_trouble_is_degraded_and_all_of_them_are_broken() -> None:
    failed = view("A", WorkerState.FAILED, reason="no such file")
    stopped = view("C", WorkerState.STOPPED, reason="stopped by you")
    some = gather_workers([failed, view("B"), stopped], NOW, MONOTONIC)
    assert [one.health for one in some] == [Health.DEGRADED, Health.HEALTHY, Health.OFF]
    assert some[0].text == "no such file"
    every = gather_workers([failed, failed, stopped], NOW, MONOTONIC)
    assert [one.health for one in every] == [Health.BROKEN, Health.BROKEN, Health.OFF]
