"""What is remembered between two looks at the board: rhythms, restarts, progress."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from config.alert_specs import AlertKind, usual
from data_layer.alerts.conditions import patience_us
from data_layer.alerts.facts import WorkerFacts
from data_layer.engine import BoardSnapshot, RedisStatus, WorkerView
from data_layer.messages import (
    InstanceInfo,
    LiveState,
    Phase,
    RedisHealth,
    WorkerState,
    WorkerStatus,
    WriterHealth,
)
from orchestration.alerts.facts import BoardFacts, Rhythm, redis_facts, writer_facts

SECOND_US = 1_000_000
WALL_US = 1_700_000_000 * SECOND_US
STALL = usual(AlertKind.STALL)


def a_live_state(second: float, **changes: Any) -> LiveState:
    """Return what a healthy worker shows at `second`."""
    values: dict[str, Any] = {
        "bookmaker": "Admiral",
        "pid": 7,
        "heartbeat_us": round(second * SECOND_US),
        "observed_at_us": WALL_US + round(second * SECOND_US),
        "connected": True,
    }
    return LiveState(**(values | changes))


def a_status(**changes: Any) -> WorkerStatus:
    """Return a running worker."""
    values: dict[str, Any] = {
        "bookmaker": "Admiral",
        "group": "A",
        "state": WorkerState.RUNNING,
        "reason": "",
        "since_us": WALL_US,
        "pid": 7,
    }
    return WorkerStatus(**(values | changes))


class Board:
    """Looks at one worker on clocks that are moved by hand."""

    def __init__(self) -> None:
        self.facts = BoardFacts()

    def look(self, second: float, live: LiveState | None, status: WorkerStatus | None = None) -> WorkerFacts:
        """Return the facts of the worker at `second`."""
        view = WorkerView(status=status or a_status(), live=live)
        snapshot = BoardSnapshot(instance=None, writer=None, workers=(view,))
        [found] = self.facts.workers(
            snapshot,
            [STALL],
            now_us=WALL_US + round(second * SECOND_US),
            monotonic_us=round(second * SECOND_US),
        )
        return found


def test_the_silence_of_a_feed_is_counted_from_its_last_word() -> None:
    board = Board()

    assert board.look(10, a_live_state(3, heartbeat_us=10 * SECOND_US)).silent_us == 7 * SECOND_US
    never = a_live_state(10, observed_at_us=0)
    assert board.look(10, never).silent_us == 10 * SECOND_US  # since the worker runs


def test_a_betting_window_that_is_announced_is_no_silence() -> None:
    live = a_live_state(
        3,
        heartbeat_us=20 * SECOND_US,
        phase=Phase.BETTING,
        phase_ends_at_us=WALL_US + 18 * SECOND_US,
    )

    assert Board().look(20, live).silent_us == 2 * SECOND_US
    assert Board().look(20, msgspec.structs.replace(live, phase_ends_at_us=0)).silent_us == 17 * SECOND_US


def test_nothing_is_expected_of_a_feed_whose_worker_does_not_work() -> None:
    board = Board()
    silent = a_live_state(0, heartbeat_us=60 * SECOND_US)

    assert board.look(60, silent, a_status(state=WorkerState.PAUSED)).silent_us is None
    assert board.look(60, silent, a_status(state=WorkerState.STOPPED)).silent_us is None
    assert board.look(60, msgspec.structs.replace(silent, paused=True)).silent_us is None
    assert board.look(60, msgspec.structs.replace(silent, heartbeat_us=57 * SECOND_US)).silent_us is None
    assert board.look(60, silent, a_status(pid=8)).silent_us is None  # an earlier process said that
    assert board.look(60, None).silent_us is None


def play(board: Board, silences_s: list[int], start_s: int = 0) -> tuple[int, WorkerFacts]:
    """Let rounds pass, each with a silence of so many seconds; return when that ends, and the last facts."""
    second = start_s
    found = board.look(second, a_live_state(second, received=0, round_id=f"r{second}"))
    for number, silence_s in enumerate(silences_s):
        spoke = second
        for _ in range(silence_s):
            second += 1
            live = a_live_state(
                spoke, received=start_s + number, round_id=f"r{number}", heartbeat_us=second * SECOND_US
            )
            found = board.look(second, live)
        second += 1
        found = board.look(
            second, a_live_state(second, received=start_s + number + 1, round_id=f"r{number + 1}")
        )
    return second, found


def test_the_usual_silence_is_learned_round_by_round() -> None:
    board = Board()
    second, found = play(board, [4, 4])
    assert found.usual_silence_us is None

    _, found = play(board, [4] * 10, second + 1)

    assert found.usual_silence_us == 4 * SECOND_US


def test_a_stall_does_not_make_the_next_one_normal() -> None:
    board = Board()
    second, _ = play(board, [4] * 30)
    second, _ = play(board, [600], second + 1)
    _, found = play(board, [4] * 3, second + 1)

    assert found.usual_silence_us == 4 * SECOND_US


def test_a_feed_that_has_become_slower_is_understood_after_some_rounds() -> None:
    board = Board()
    second, _ = play(board, [2] * 40)
    _, found = play(board, [25] * 30, second + 1)

    assert patience_us(found.usual_silence_us, STALL.limit) > 25 * SECOND_US


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=60))
def test_nothing_is_learned_beyond_the_patience_of_its_time(silences_s: list[int]) -> None:
    rhythm = Rhythm(limit=3.0)
    for number, silence_s in enumerate([0, *silences_s]):
        before_us = patience_us(rhythm.usual_us, 3.0)
        rhythm.learn(a_live_state(0, received=number), silence_s * SECOND_US)
        assert rhythm.longest_us <= max(before_us, patience_us(rhythm.usual_us, 3.0))
    assert len(rhythm.silences) <= 40


def test_restarts_are_counted_for_ten_minutes() -> None:
    board = Board()
    board.look(0, a_live_state(0), a_status(restarts=5))  # those were before

    assert board.look(1, a_live_state(1), a_status(restarts=7)).restarts_lately == 2
    assert board.look(500, a_live_state(500), a_status(restarts=8)).restarts_lately == 3
    assert board.look(602, a_live_state(602), a_status(restarts=8)).restarts_lately == 1


def test_why_a_worker_was_restarted_is_remembered_while_it_runs() -> None:
    board = Board()
    board.look(0, a_live_state(0))
    starting = a_status(state=WorkerState.STARTING, reason="ended unexpectedly (signal 9)", restarts=1)
    board.look(1, a_live_state(1), starting)
    board.look(2, a_live_state(2), a_status(state=WorkerState.STOPPED, reason="stopped by you", restarts=1))

    assert (
        board.look(3, a_live_state(3), a_status(restarts=1)).last_failure == "ended unexpectedly (signal 9)"
    )


def test_an_outbox_is_taken_as_long_as_something_of_it_is() -> None:
    board = Board()
    board.look(0, a_live_state(0, outbox=100, committed=5))

    assert board.look(9, a_live_state(9, outbox=100, committed=5)).taken_lately
    assert not board.look(11, a_live_state(11, outbox=120, committed=5)).taken_lately
    assert board.look(12, a_live_state(12, outbox=120, committed=6)).taken_lately
    assert board.look(30, a_live_state(30, outbox=100, committed=6)).taken_lately
    assert board.look(50, a_live_state(50, outbox=0, committed=6)).taken_lately


def test_a_worker_on_another_machine_is_unheard_since_its_last_report() -> None:
    board = Board()

    assert board.look(40, a_live_state(5), a_status(machine="far")).unheard_us == 35 * SECOND_US
    assert board.look(40, a_live_state(5), a_status()).unheard_us == 0


def test_writer_and_redis_are_as_they_say() -> None:
    instance = InstanceInfo(
        pid=1,
        started_at_us=0,
        heartbeat_us=0,
        command="test",
        writer_address="",
        writer_state=WorkerState.RUNNING,
    )
    writer = WriterHealth(pid=2, heartbeat_us=5 * SECOND_US, trouble="full", stream_trouble="stream")
    snapshot = BoardSnapshot(instance=instance, writer=writer, workers=())

    found = writer_facts(snapshot, 8 * SECOND_US)
    assert found is not None
    assert (found.state, found.unanswered_us, found.trouble) == (WorkerState.RUNNING, 3 * SECOND_US, "full")
    assert writer_facts(BoardSnapshot(instance=None, writer=None, workers=()), 0) is None

    assert redis_facts(snapshot, RedisStatus()) is None  # nobody uses it
    used = BoardSnapshot(
        instance=instance,
        writer=msgspec.structs.replace(writer, redis=RedisHealth(trouble="away")),
        workers=(),
    )
    redis = redis_facts(used, RedisStatus(enabled=True, trouble="away here"))
    assert redis is not None
    assert (redis.trouble, redis.reading_trouble, redis.stream_trouble) == ("away", "away here", "stream")
