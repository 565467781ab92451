"""What failed and runs again is told for a while."""

from data_layer.engine import BoardSnapshot, RedisStatus, WorkerView
from data_layer.messages import InstanceInfo, WorkerState
from gui.view_models.attention import problems
from gui.view_models.restarts import TOLD_FOR_US, Restart, RestartMemory
from gui.view_models.words import clock_text
from tests.gui.fakes import NOW_US, SECOND_US, board, live, status


def running(restarts: int = 0) -> BoardSnapshot:
    return board(WorkerView(status=status(restarts=restarts), live=live()))


def failing(reason: str, restarts: int = 0) -> BoardSnapshot:
    broken = status(state=WorkerState.BACKING_OFF, reason=reason, restarts=restarts)
    return board(WorkerView(status=broken, live=live()))


def test_a_worker_that_failed_and_runs_again_is_told_with_its_reason_and_age() -> None:
    memory = RestartMemory()
    memory.watch(running(), NOW_US)
    memory.watch(failing("ended unexpectedly (signal 9)"), NOW_US)
    assert memory.told(failing("ended unexpectedly (signal 9)"), NOW_US) == []
    memory.watch(running(restarts=1), NOW_US)
    (told,) = memory.told(running(restarts=1), NOW_US + 12 * SECOND_US)
    assert (told.name, told.reason) == ("Admiral", "ended unexpectedly (signal 9)")
    assert told.detail == f"{clock_text(NOW_US)}, 12 s ago"


def test_a_second_restart_is_counted_and_both_are_forgotten_in_time() -> None:
    memory = RestartMemory()
    for restarts in (0, 1, 2):
        memory.watch(running(restarts), NOW_US)
    (told,) = memory.told(running(2), NOW_US)
    assert told.detail.endswith("second time in 10 min")
    assert memory.told(running(2), NOW_US + TOLD_FOR_US) == []


def test_restarts_from_before_the_window_are_no_news() -> None:
    memory = RestartMemory()
    memory.watch(running(restarts=3), NOW_US)
    assert memory.told(running(restarts=3), NOW_US) == []


def test_the_writer_is_watched_too() -> None:
    def engine(state: WorkerState, restarts: int, reason: str = "") -> BoardSnapshot:
        instance = InstanceInfo(
            pid=1,
            started_at_us=NOW_US,
            heartbeat_us=0,
            command="window",
            writer_address="",
            writer_state=state,
            writer_reason=reason,
            writer_restarts=restarts,
        )
        return BoardSnapshot(instance=instance, writer=None, workers=())

    memory = RestartMemory()
    memory.watch(engine(WorkerState.RUNNING, 0), NOW_US)
    memory.watch(engine(WorkerState.STARTING, 1, "ended unexpectedly (signal 9)"), NOW_US)
    (told,) = memory.told(engine(WorkerState.RUNNING, 1), NOW_US)
    assert (told.name, told.reason) == ("", "ended unexpectedly (signal 9)")


def test_many_workers_that_failed_alike_are_one_entry() -> None:
    def titles(count: int) -> list[str]:
        restarts = [
            Restart(name=name, reason="ended unexpectedly (signal 9)", detail="02:14:07", at_us=number)
            for number, name in enumerate(["", "A", "B", "C", "D"][: count + 1])
        ]
        found = problems(
            board(),
            (),
            restarts=restarts,
            engine_trouble="",
            reader_trouble="",
            redis=RedisStatus(),
            now_us=NOW_US,
            monotonic_us=0,
        )
        return [problem.title for problem in found]

    assert titles(1) == [
        "A: ended unexpectedly (signal 9), runs again",
        "Writer: ended unexpectedly (signal 9), runs again",
    ]
    assert len(titles(3)) == 4
    assert titles(4) == [
        "4 bookmakers: ended unexpectedly (signal 9), run again",
        "Writer: ended unexpectedly (signal 9), runs again",
    ]
