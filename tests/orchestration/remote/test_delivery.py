"""Rounds of another machine through a real Redis, with everything that can go wrong on their way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.cache.streams import GROUP, Entry
from data_layer.messages import Gap, Record
from tests.orchestration.remote.rig import TwoMachines, kill, load, stopped, until
from tests.redis_server import Certificates, RedisServer, needs_redis_server

pytestmark = needs_redis_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    redis_server = RedisServer(tmp_path, persistent=True)
    redis_server.start()
    yield redis_server
    redis_server.close()


@pytest.fixture
def machines(tmp_path: Path, server: RedisServer) -> Iterator[TwoMachines]:
    both = TwoMachines(tmp_path, server.target)
    yield both
    both.close()


def xlen(server: RedisServer) -> int:
    return int(str(server.command("XLEN", "rounds:stream")))


def let_the_sign_of_life_run_out(server: RedisServer) -> None:
    """Have Redis forget now, and not in five seconds, that an instance lived that has ended."""
    server.command("PEXPIRE", "stream:writer", 1)


def until_nothing_is_left(machines: TwoMachines, server: RedisServer) -> None:
    """Wait until nothing is under way any more: the last entries go a moment after their commit."""
    machines.until_acknowledged()
    with server.client() as client:
        until(lambda: client.xpending("rounds:stream", GROUP)["pending"] == 0)
    assert xlen(server) == 0


def test_every_round_of_another_machine_is_stored_once_and_leaves_nothing_in_redis(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start()
    until_nothing_is_left(machines, server)
    machines.until_everything_is_stored()


def test_a_flushed_redis_costs_no_round(machines: TwoMachines, server: RedisServer) -> None:
    machines.start()
    for rounds in (100, 1_000, 2_500, 4_000):
        machines.until_stored(rounds)
        server.flush()
    machines.until_everything_is_stored()


@pytest.mark.parametrize("persistent", [True, False])
def test_a_killed_redis_costs_no_round(tmp_path: Path, persistent: bool) -> None:
    server = RedisServer(tmp_path, persistent=persistent)
    server.start()
    machines = TwoMachines(tmp_path, server.target)
    try:
        machines.start()
        for rounds in (200, 2_000, 4_000):
            machines.until_stored(rounds)
            server.kill()
            server.start()
        machines.until_everything_is_stored()
    finally:
        machines.close()
        server.close()


def test_killed_writers_relays_and_workers_cost_no_round(machines: TwoMachines) -> None:
    machines.start()
    for rounds in (100, 1_500, 3_000):
        machines.until_stored(rounds)
        kill(machines.writer().pid)
        machines.until_stored(rounds + 200)
        kill(machines.relay().pid)
        machines.until_stored(rounds + 400)
        assert machines.remote is not None
        for view in machines.remote.live_view.snapshot().workers:
            if view.status.pid and not view.status.finished:
                kill(view.status.pid)
    machines.until_everything_is_stored()


def test_a_frozen_redis_costs_no_round_and_stops_no_worker(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start()
    machines.until_stored(300)
    server.suspend()
    until(lambda: machines.relay().trouble)
    until(lambda: machines.writer().stream_trouble)
    server.resume()
    machines.until_everything_is_stored()


def test_what_was_delivered_while_the_central_instance_was_away_is_stored_at_its_return(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start()
    machines.until_stored(300)
    machines.stop_central()
    let_the_sign_of_life_run_out(server)
    until(lambda: "no instance" in machines.relay().trouble)
    machines.start_central()
    machines.until_everything_is_stored()


def test_rounds_that_redis_loses_in_the_middle_are_sent_again_in_their_order(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start()
    machines.until_stored(200)
    for _ in range(3):
        with stopped(machines.writer().pid):
            until(lambda: xlen(server) > 3)
            with server.client() as client:
                oldest = [entry for entry, _ in client.xrange("rounds:stream", count=xlen(server))]
                client.xdel("rounds:stream", *oldest[: len(oldest) // 2])
        machines.until_stored(machines.stored() + 300)
    machines.until_everything_is_stored()


def test_a_lost_group_is_made_again_and_nothing_is_skipped(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start()
    for rounds in (200, 2_000):
        machines.until_stored(rounds)
        server.command("XGROUP", "DESTROY", "rounds:stream", GROUP)
    machines.until_everything_is_stored()


def test_what_dead_consumers_left_is_taken_over_and_stored_in_order(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start()
    machines.until_stored(200)
    writer = machines.writer().pid
    with stopped(writer), server.client() as client:
        for consumer in ("dead-1", "dead-2", "dead-3"):
            taken: list[bytes] = []

            def take(name: str = consumer, taken: list[bytes] = taken) -> bool:
                for _, entries in client.xreadgroup(GROUP, name, {"rounds:stream": ">"}, count=2):
                    taken.extend(entry for entry, _ in entries)
                return bool(taken)

            until(take)
            client.xclaim("rounds:stream", GROUP, consumer, 0, taken, idle=3_600_000)  # dead for an hour
        kill(writer)
    until_nothing_is_left(machines, server)
    machines.until_everything_is_stored()


def test_entries_that_come_twice_are_stored_once_and_are_no_duplicates(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start()
    machines.until_stored(200)
    with stopped(machines.writer().pid):
        until(lambda: xlen(server) > 4)
        with server.client() as client:
            for _, fields in client.xrange("rounds:stream"):
                client.xadd("rounds:stream", fields)
    machines.until_everything_is_stored()


def test_another_type_under_the_key_is_told_and_left_alone(
    machines: TwoMachines, server: RedisServer
) -> None:
    server.command("SET", "rounds:stream", "a note of somebody")
    machines.start()
    until(lambda: "no stream" in machines.writer().stream_trouble)
    until(lambda: "WRONGTYPE" in machines.relay().trouble)
    assert server.command("GET", "rounds:stream") == b"a note of somebody"
    server.command("DEL", "rounds:stream")
    machines.until_everything_is_stored()


def test_a_redis_without_memory_is_told_and_costs_no_round(
    machines: TwoMachines, server: RedisServer
) -> None:
    machines.start()
    machines.until_stored(200)
    server.configure("maxmemory", "1")
    until(lambda: machines.relay().trouble == "Redis is out of memory")
    server.configure("maxmemory", "0")
    machines.until_everything_is_stored()


POISON: list[dict[str, bytes]] = [
    {"hello": b"world"},
    {"session": b"x", "bookmaker": b"Steady", "stream": b"s", "after": b"0", "records": b"\xc1\xff"},
    {"session": b"x", "bookmaker": b"Steady", "stream": b"s", "after": b"many", "records": b"\x90"},
    {"session": b"x", "bookmaker": b"\xff\xfe", "stream": b"s", "after": b"0", "records": b"\x90"},
    {"session": b"x", "bookmaker": b"a\0b", "stream": b"s", "after": b"0", "records": b"\x90"},
    {"session": b"x", "bookmaker": b"", "stream": b"s", "after": b"0", "records": b"\x90"},
    {"session": b"x", "bookmaker": b"B" * 5_000, "stream": b"s", "after": b"0", "records": b"\x90"},
    {"session": b"\xe9", "bookmaker": b"B", "stream": b"s", "after": b"0", "records": b"\x90"},
    {"session": b"x", "bookmaker": b"B", "stream": b"s", "after": b"0", "records": b"\x91" * 200_000},
    {"session": b"x", "bookmaker": b"B", "stream": b"s", "after": b"9" * 5_000, "records": b"\x90"},
]


def odd(bookmaker: str, *records: Record) -> dict[str | bytes, str | bytes | int]:
    """Return an entry that could be ours, of a session that others use too."""
    return Entry(session="x", bookmaker=bookmaker, stream="s", records=records).fields()


ODD = [
    odd(name, *(Gap(bookmaker=name, started_at_us=1, ended_at_us=2, reason="odd") for _ in range(count)))
    for name, count in (("A", 1), ("B", 1), ("A", 0))
]


def test_foreign_entries_are_quarantined_with_a_reason_and_hold_nobody_up(
    machines: TwoMachines, server: RedisServer
) -> None:
    with server.client() as client:
        for fields in (*POISON, *ODD):
            client.xadd("rounds:stream", fields)
    machines.start()
    until(lambda: len(machines.rows("SELECT 1 FROM quarantine")) == len(POISON))
    reasons = {str(reason) for (reason,) in machines.rows("SELECT reason FROM quarantine")}
    assert "no stream entry of ours: without session" in reasons
    assert "its records are none of ours" in reasons
    places = {str(place) for (place,) in machines.rows("SELECT place FROM quarantine")}
    assert len(places) == len(POISON)
    until_nothing_is_left(machines, server)
    machines.until_everything_is_stored()
    assert set(machines.rows("SELECT bookmaker FROM gaps WHERE reason = 'odd'")) == {("A",), ("B",)}
    assert set(machines.rows("SELECT bookmaker, stream FROM quarantine")) == {("", "rounds:stream")}
    assert machines.rows("SELECT 1 FROM rollup_lifetime WHERE bookmaker IN ('', 'rounds:stream')") == []
    assert machines.writer().stream_remark.startswith(
        f"{len(POISON)} entries of other programs in quarantine"
    )


def test_names_that_look_like_keys_or_commands_reach_nothing_else(
    machines: TwoMachines, server: RedisServer
) -> None:
    names = ["a:*", "x\r\nFLUSHALL", "{tag}", "n" * 200, "Кладионица", "acks", "rounds:stream"]
    specs = [
        BookmakerSpec(name=name, source=SimulatorSpec(seed=name, speed=0.0, rounds=50)) for name in names
    ]
    machines.start(specs)
    machines.until_everything_is_stored()


def test_a_bookmaker_that_another_machine_collects_too_is_stored_once(
    tmp_path: Path, server: RedisServer
) -> None:
    specs = load(2_000)
    first, second = TwoMachines(tmp_path, server.target), TwoMachines(tmp_path / "second", server.target)
    try:
        first.start(specs)
        second.start_remote(specs)
        assert second.remote is not None
        assert second.remote.wait_until_exhausted(60.0)
        second.stop_remote()
        first.until_everything_is_stored()
    finally:
        second.close()
        first.close()


def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, password="right")
    server.start()
    machines = TwoMachines(tmp_path, replace(server.target, password="wrong"))
    try:
        machines.start(load(200))
        until(lambda: machines.relay().trouble == "Redis refuses the password or user")
        until(lambda: machines.writer().stream_trouble == "Redis refuses the password or user")
    finally:
        machines.close()
        server.close()


def test_two_instances_with_a_database_do_not_share_the_rounds(tmp_path: Path, server: RedisServer) -> None:
    first, second = TwoMachines(tmp_path, server.target), TwoMachines(tmp_path / "second", server.target)
    try:
        first.start_central()
        until(lambda: server.command("EXISTS", "stream:writer"))
        second.start_central()
        until(lambda: "another instance" in second.writer().stream_trouble)
        first.start_remote()
        first.until_everything_is_stored()
        assert second.stored() == 0
        let_the_sign_of_life_run_out(server)
        until(lambda: not second.writer().stream_trouble)  # the first has ended
    finally:
        second.close()
        first.close()


def test_the_user_of_the_deployed_rights_delivers_over_tls(tmp_path: Path) -> None:
    rights = Path(__file__).parents[3] / "config" / "deploy" / "users.acl"
    users = tuple(line.removeprefix("user ") for line in rights.read_text().splitlines() if line)
    server = RedisServer(tmp_path, tls=Certificates(tmp_path / "tls"), users=users)
    server.start()
    user = replace(server.target, username="aviator", password="change-this-password")
    machines = TwoMachines(tmp_path, user)
    try:
        machines.start()
        machines.until_everything_is_stored()
    finally:
        machines.close()
        server.close()
