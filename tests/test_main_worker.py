"""`worker` as a user has it: one directory stands for the machine with the database, one for another."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import apsw
import psutil
import pytest

from tests.processes import lives
from tests.redis_server import RedisServer, needs_redis_server

MAIN = Path(__file__).resolve().parent.parent / "main.py"
PATIENCE_S = 60.0

CONFIGURATION = """
[[bookmakers]]
name = "Far away"
enabled = false
source = { kind = "simulator", seed = "far", speed = 6000, rounds = 300 }
[[bookmakers]]
name = "Elsewhere"
enabled = false
source = { kind = "simulator", seed = "else", speed = 0, rounds = 3000 }
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    ours = ("AVIATOR_", "REDIS_", "CACHE_", "QT_", "DISPLAY", "WAYLAND_DISPLAY")
    (tmp_path / "a.toml").write_text(CONFIGURATION, encoding="utf-8")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture
def with_redis(tmp_path: Path, environ: dict[str, str]) -> Iterator[dict[str, str]]:
    server = RedisServer(tmp_path, password="secret")
    server.start()
    yield {**environ, "REDIS_ENABLED": "true", "REDIS_URL": server.url, "REDIS_KEY_PREFIX": "test:"}
    server.close()


def words(machine: str, *rest: str) -> list[str]:
    return [sys.executable, str(MAIN), *rest, "--config", "a.toml", "--data-dir", machine]


def run(tmp_path: Path, env: dict[str, str], machine: str, *rest: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words(machine, *rest), cwd=tmp_path, env=env, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=60, encoding="utf-8",
    )  # fmt: skip


@contextmanager
def running(
    tmp_path: Path, env: dict[str, str], machine: str, *rest: str
) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        words(machine, *rest), cwd=tmp_path, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
            process.communicate()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def stored(tmp_path: Path) -> dict[str, int]:
    """Return the rounds of each bookmaker in the database; none while there is none."""
    try:
        connection = apsw.Connection(
            str(tmp_path / "central" / "aviator.db"), flags=apsw.SQLITE_OPEN_READONLY
        )
    except apsw.CantOpenError:
        return {}
    try:
        connection.set_busy_timeout(2_000)
        return dict(connection.execute("SELECT bookmaker, count(*) FROM rounds GROUP BY bookmaker"))
    except apsw.SQLError:
        return {}
    finally:
        connection.close()


def wait_for_rounds(tmp_path: Path, least: int) -> None:
    wait_for(lambda: stored(tmp_path).get("Far away", 0) >= least)


def kill_and_wait(pid: int) -> None:
    """Kill a command and wait until nothing it had started lives."""
    command = psutil.Process(pid)
    family = command.children(recursive=True)
    command.kill()
    wait_for(lambda: not any(map(lives, family)))


@needs_redis_server
def test_rounds_of_another_machine_arrive_whatever_is_killed_there(
    tmp_path: Path, with_redis: dict[str, str]
) -> None:
    remote = ("worker", "--bookmaker", "Far away", "--bookmaker", "Elsewhere")
    with running(tmp_path, with_redis, "central", "headless", "--json"):
        for rounds in (20, 60):
            with running(tmp_path, with_redis, "remote", *remote) as worker:
                wait_for_rounds(tmp_path, rounds)
                kill_and_wait(worker.pid)
        with running(tmp_path, with_redis, "remote", *remote):
            wait_for(lambda: stored(tmp_path) == {"Far away": 300, "Elsewhere": 3_000})


@needs_redis_server
def test_status_shows_a_remote_worker_on_both_machines(tmp_path: Path, with_redis: dict[str, str]) -> None:
    with ExitStack() as stack:
        stack.enter_context(running(tmp_path, with_redis, "central", "headless"))
        stack.enter_context(running(tmp_path, with_redis, "remote", "worker", "--bookmaker", "Far away"))

        def far_away(machine: str) -> dict[str, object]:
            found = run(tmp_path, with_redis, machine, "status", "--json")
            workers = json.loads(found.stdout)["workers"] if found.stdout else []
            return next((one for one in workers if one["bookmaker"] == "Far away"), {})

        wait_for(lambda: far_away("central").get("machine"))
        wait_for(lambda: far_away("remote").get("machine") == "")
        name = f"Far away on {far_away('central')['machine']}"
        wait_for(lambda: name in run(tmp_path, with_redis, "central", "status").stdout)


def test_without_redis_a_worker_says_what_to_do(tmp_path: Path, environ: dict[str, str]) -> None:
    found = run(tmp_path, environ, "remote", "worker", "--bookmaker", "Far away")
    assert found.returncode == 2
    assert "REDIS_ENABLED=true" in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert not (tmp_path / "remote").exists()


def test_an_unknown_bookmaker_is_answered_with_the_nearest(tmp_path: Path, environ: dict[str, str]) -> None:
    env = {**environ, "REDIS_ENABLED": "true"}
    found = run(tmp_path, env, "remote", "worker", "--bookmaker", "Far awai")
    assert found.returncode == 2
    assert 'did you mean "Far away"?' in found.stderr
    missing = run(tmp_path, env, "remote", "worker")
    assert missing.returncode == 2
    assert "--bookmaker" in missing.stderr


def test_a_worker_whose_redis_is_away_collects_and_ends_in_order(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    env = {**environ, "REDIS_ENABLED": "true", "REDIS_PORT": "1"}
    with running(tmp_path, env, "remote", "worker", "--bookmaker", "Far away") as worker:
        assert worker.stderr is not None
        assert any("Rounds cannot be delivered, they are kept" in line for line in worker.stderr)
        worker.terminate()
        said = worker.communicate(timeout=PATIENCE_S)[1]
    assert worker.returncode == 0, said


def test_a_machine_without_the_database_loads_neither_qt_nor_numpy_nor_pydantic_in_its_children() -> None:
    program = (
        "import sys, orchestration.remote.relay_process, orchestration.bookmaker_worker;"
        "import orchestration.remote.reporter;"
        "print(*{'PySide6', 'numpy', 'pydantic', 'typer', 'rich'} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=MAIN.parent, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == ""
