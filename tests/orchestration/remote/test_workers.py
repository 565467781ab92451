"""Workers of another machine as the central instance shows and commands them."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.cache.remote_states import RemoteState
from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.messages import LiveState, WorkerState, WorkerStatus
from gui.view_models.condition import judge
from orchestration.remote.clock import RemoteClock
from orchestration.remote.workers import merged, read_boards
from tests.orchestration.remote.rig import TwoMachines, kill, until
from tests.redis_server import RedisServer, needs_redis_server
from utils import clock

ENDLESS = BookmakerSpec(name="Far away", group="B", source=SimulatorSpec(seed="f", speed=50.0))
S = 1_000_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    redis_server = RedisServer(tmp_path)
    redis_server.start()
    yield redis_server
    redis_server.close()


@pytest.fixture
def machines(tmp_path: Path, server: RedisServer) -> Iterator[TwoMachines]:
    both = TwoMachines(tmp_path, server.target)
    yield both
    both.close()


def state_of(machines: TwoMachines, name: str = "Far away") -> WorkerState | None:
    view = machines.shown(name)
    return None if view is None else view.status.state


def commands_of_far_away(server: RedisServer) -> str:
    with server.client() as client:
        [run] = [field.partition(b":")[2].decode() for field in client.hkeys("remote:workers")]
    return f"commands:{run}"


def words_of(view: WorkerView) -> str:
    return judge(view, None, clock.now_us(), clock.monotonic_us()).words


@needs_redis_server
def test_a_remote_worker_is_shown_live_with_its_machine_and_in_the_board_file(
    machines: TwoMachines, tmp_path: Path
) -> None:
    machines.start([ENDLESS])

    def live(view: WorkerView | None) -> bool:
        """Tell whether a worker is shown at work; a moment ago, which a later look could find long ago."""
        now_us = clock.monotonic_us()
        return (
            view is not None
            and view.live is not None
            and view.live.committed > 0
            and judge(view, None, clock.now_us(), now_us).live
            and now_us - view.live.heartbeat_us < 2 * S
        )

    until(lambda: live(machines.shown("Far away")))
    view = machines.shown("Far away")
    assert view is not None
    assert view.status.state is WorkerState.RUNNING
    assert view.status.machine
    assert view.status.group == "B"
    until(lambda: shown_in_file(tmp_path / "central") == ["Far away"])


def shown_in_file(data_dir: Path) -> list[str]:
    board = read_boards(data_dir)
    assert board is not None
    return [worker.status.bookmaker for worker in board.workers]


@needs_redis_server
@pytest.mark.parametrize("key", ["remote:workers", "stream:writer"])
def test_values_of_another_type_under_our_keys_are_replaced(
    machines: TwoMachines, server: RedisServer, key: str
) -> None:
    server.command("DEL", key)
    server.command("ZADD", key, 1, "x")
    machines.start([ENDLESS])
    assert machines.central is not None
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    server.command("SET", commands_of_far_away(server), "a list no more")
    machines.central.controls.pause(["Far away"])
    until(lambda: state_of(machines) is WorkerState.PAUSED)


@needs_redis_server
def test_a_remote_worker_is_paused_resumed_restarted_stopped_and_started(machines: TwoMachines) -> None:
    machines.start([ENDLESS])
    assert machines.central is not None
    controls = machines.central.controls
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    controls.pause(["Far away"])
    until(lambda: state_of(machines) is WorkerState.PAUSED)
    controls.start(["Far away"])
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    view = machines.shown("Far away")
    assert view is not None
    first = view.status.pid
    controls.restart(["Far away"])
    until(lambda: (now := machines.shown("Far away")) and now.status.pid not in (0, first))
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    controls.stop(["Far away"])
    until(lambda: state_of(machines) is WorkerState.STOPPED)
    stopped = machines.shown("Far away")
    assert stopped is not None
    assert words_of(stopped) == "stopped by you"
    controls.start(["Far away"])
    until(lambda: state_of(machines) is WorkerState.RUNNING)


@needs_redis_server
def test_a_remote_worker_that_was_killed_is_shown_in_trouble_and_comes_back(machines: TwoMachines) -> None:
    machines.start([ENDLESS])
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    view = machines.shown("Far away")
    assert view is not None
    kill(view.status.pid)
    until(lambda: (now := machines.shown("Far away")) and now.status.restarts == 1)
    until(lambda: state_of(machines) is WorkerState.RUNNING)


@needs_redis_server
def test_a_machine_that_was_shut_down_says_so_and_one_that_vanished_grows_silent(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start([ENDLESS])
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    server.suspend()  # whatever the machine says now arrives nowhere

    def silent() -> bool:
        view = machines.shown("Far away")
        return view is not None and words_of(view).startswith("worker has not answered for")

    until(silent)
    server.resume()
    until(lambda: not silent())
    machines.stop_remote()

    def shut_down() -> bool:
        view = machines.shown("Far away")
        return view is not None and view.status.reason.endswith("was shut down")

    until(shut_down)
    assert state_of(machines) is WorkerState.STOPPED


@needs_redis_server
def test_orders_reach_the_own_worker_when_a_bookmaker_runs_on_both_machines(machines: TwoMachines) -> None:
    machines.start_central([ENDLESS])
    machines.start_remote([ENDLESS])
    assert machines.central is not None
    assert machines.remote is not None
    until(  # which the other may be before this one is
        lambda: (
            (view := machines.shown("Far away"))
            and view.status.state is WorkerState.RUNNING
            and not view.status.machine
        )
    )
    machines.central.controls.pause(["Far away"])
    until(lambda: state_of(machines) is WorkerState.PAUSED)
    [other] = machines.remote.live_view.snapshot().workers
    assert other.status.state is not WorkerState.PAUSED


@needs_redis_server
def test_foreign_values_among_the_states_and_the_orders_are_ignored(
    machines: TwoMachines, server: RedisServer
) -> None:
    with server.client() as client:
        client.hset("remote:workers", mapping={"Far": b"{}", "b": b"\xff", "c:d": b"[" * 50_000})
    machines.start([ENDLESS])
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    key = commands_of_far_away(server)
    with server.client() as client:
        client.rpush(key, b"\xff", b'"dance"', b'{"bookmaker":"Far away","order":"dance"}', b"[" * 50_000)
        until(lambda: not client.exists(key))
        assert [field.partition(b":")[0] for field in client.hkeys("remote:workers")] == [b"Far%20away"]
    assert machines.central is not None
    shown = [view.status.bookmaker for view in machines.central.live_view.snapshot().workers]
    assert shown == ["Far away"]
    server.command("SET", key, "a list no more")
    until(lambda: (view := machines.shown("Far away")) and view.live and view.live.committed)


@needs_redis_server
def test_remote_workers_are_looked_for_while_redis_is_switched_on(
    machines: TwoMachines, server: RedisServer, tmp_path: Path
) -> None:
    machines.start([ENDLESS])
    assert machines.central is not None
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    machines.central.use_redis(None)
    assert machines.shown("Far away") is None
    assert not (tmp_path / "central" / "remote.board").exists()
    until(lambda: machines.writer().workers == 0)
    machines.central.use_redis(server.target)
    stored = machines.stored()
    until(lambda: state_of(machines) is WorkerState.RUNNING)
    machines.until_stored(stored + 5)


def report(sent_at_us: int, monotonic_us: int, *, run: str = "1") -> RemoteState:
    status = WorkerStatus(
        bookmaker="Far away",
        group="",
        state=WorkerState.RUNNING,
        reason="",
        since_us=sent_at_us - 60 * S,
        pid=7,
    )
    live = LiveState(
        bookmaker="Far away", pid=7, heartbeat_us=monotonic_us - 1_000, observed_at_us=sent_at_us - 2_000
    )
    return RemoteState(
        machine="cellar",
        run=run,
        sent_at_us=sent_at_us,
        monotonic_us=monotonic_us,
        status=status,
        live=live,
    )


@pytest.mark.parametrize("ahead_us", [0, 3_600 * S, -3_600 * S])
def test_clocks_of_other_machines_may_be_wrong(ahead_us: int) -> None:
    ours, monotonic = 1_800_000_000 * S, 500 * S
    remote = RemoteClock()
    for second in range(3):
        state = report(ours + second * S + ahead_us - 200_000, 77 * S + second * S)
        view = remote.view(state, ours + second * S, monotonic + second * S)
    assert view.live is not None
    assert view.live.heartbeat_us == monotonic + 2 * S - 1_000
    assert abs(view.live.observed_at_us - (ours + 2 * S)) < 300_000
    assert view.status.since_us == ours + 2 * S - 60 * S
    assert view.status.machine == "cellar"


def test_a_state_that_stood_there_before_we_looked_is_not_taken_for_a_sign_of_life() -> None:
    ours, monotonic = 1_800_000_000 * S, 50_000 * S
    view = RemoteClock().view(report(ours - 3_600 * S, 77 * S), ours, monotonic)
    assert view.live is not None
    assert view.live.heartbeat_us == monotonic - 3_600 * S - 1_000
    assert "has not answered" in judge(view, None, ours, monotonic).words


def view_of(name: str, state: WorkerState, machine: str = "", *, finished: bool = False) -> WorkerView:
    status = WorkerStatus(
        bookmaker=name, group="", state=state, reason="", since_us=0, machine=machine, finished=finished
    )
    return WorkerView(status=status, live=None)


def test_a_bookmaker_is_shown_where_it_runs() -> None:
    local = BoardSnapshot(
        instance=None,
        writer=None,
        workers=(
            view_of("a", WorkerState.STOPPED),
            view_of("b", WorkerState.RUNNING),
            view_of("c", WorkerState.STOPPED, finished=True),
        ),
    )
    remote = {name: view_of(name, WorkerState.RUNNING, "cellar") for name in ("a", "b", "c", "z")}
    shown = [(view.status.bookmaker, view.status.machine) for view in merged(local, remote).workers]
    assert shown == [("a", "cellar"), ("b", ""), ("c", ""), ("z", "cellar")]
    assert merged(local, {}) is local


def test_a_report_is_read_as_it_was_written() -> None:
    state = report(1, 2)
    assert msgspec.json.decode(msgspec.json.encode(state), type=RemoteState) == state
