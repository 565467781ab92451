"""`main.py view`: an instance watched from another data directory, through a real Redis alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.specs import BookmakerSpec, SimulatorSpec
from data_layer.analytics.questions import Distribution, DistributionQuestion, Span
from data_layer.messages import WorkerState
from data_layer.readers.analyst.remote_analyst import RemoteAnalyst
from data_layer.readers.reading import Reading
from orchestration.engine import Engine
from orchestration.remote.viewing import Viewing
from tests.redis_server import RedisServer, free_port, needs_redis_server, wait_until

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path)
    made.start()
    yield made
    made.close()


@pytest.fixture
def engine(tmp_path: Path, server: RedisServer) -> Iterator[Engine]:
    names = ("Admiral", "a:*")
    specs = [BookmakerSpec(name=name, source=SimulatorSpec(seed=name, speed=100.0)) for name in names]
    made = Engine(tmp_path / "here", specs, command="test", redis=server.target)
    made.start()
    yield made
    made.stop(drain_s=2.0)


@needs_redis_server
def test_a_view_without_a_database_shows_and_commands_the_workers(
    tmp_path: Path, server: RedisServer, engine: Engine
) -> None:
    viewing = Viewing(tmp_path / "there", server.target)
    reading = Reading(None, None, server.target, redis_on=True, on_switch=viewing.use_redis)
    viewing.start()
    reading.start()

    def state(name: str) -> WorkerState | None:
        states = {view.status.bookmaker: view.status.state for view in viewing.live_view.snapshot().workers}
        return states.get(name)

    try:
        wait_until(lambda: state("a:*") is WorkerState.RUNNING, "the workers are shown", 30.0)
        wait_until(lambda: len(reading.last_rounds.recent("a:*", 3)) == 3, "rounds", 30.0)
        wait_until(lambda: bool(reading.reader.peek("data_collector")), "statistics")
        viewing.controls.pause(["a:*"])
        wait_until(lambda: state("a:*") is WorkerState.PAUSED, "it is paused")
        assert state("Admiral") is WorkerState.RUNNING
        shown = {view.status.bookmaker for view in engine.live_view.snapshot().workers}
        assert shown == {"Admiral", "a:*"}
        assert not any(view.status.machine for view in engine.live_view.snapshot().workers)
    finally:
        reading.stop()
        viewing.stop()
    assert list((tmp_path / "there").rglob("*.db")) == []


CENTRAL = """
[[bookmakers]]
name = "Admiral"
source = { kind = "simulator", seed = "x", speed = 0.0, rounds = 500 }
"""


@needs_redis_server
def test_a_headless_instance_answers_the_questions_of_a_view(tmp_path: Path, server: RedisServer) -> None:
    config = tmp_path / "central.toml"
    config.write_text(CENTRAL, encoding="utf-8")
    words = ("headless", "--config", str(config), "--data-dir", str(tmp_path / "here"), "--duration", "60")
    environ = {**os.environ, "REDIS_ENABLED": "true", "REDIS_URL": server.url}
    analyst = RemoteAnalyst(server.target, tuple)
    analyst.start()
    question = DistributionQuestion(span=Span(name="all"))

    def rounds() -> int:
        found = analyst.ask(question).result(20.0)
        assert isinstance(found, Distribution)
        return found.sample.rounds

    with subprocess.Popen([sys.executable, "main.py", *words], cwd=ROOT, env=environ) as central:
        try:
            wait_until(lambda: server.command("GET", "version") is not None, "it publishes", 30.0)
            wait_until(lambda: server.command("EXISTS", "analytics:server") == 1, "it answers", 30.0)
            wait_until(lambda: rounds() == 500, "all rounds", 30.0)
            central.terminate()
            assert central.wait(60.0) == 0
        finally:
            analyst.stop()
            central.kill()


def run_main(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *words],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": "", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_view_without_redis_says_what_to_set(tmp_path: Path) -> None:
    done = run_main("view", "--data-dir", str(tmp_path), REDIS_ENABLED="false")
    assert (done.returncode, "REDIS_ENABLED" in done.stderr) == (2, True)


def test_a_view_of_a_redis_that_is_away_waits_for_it(tmp_path: Path) -> None:
    done = run_main(
        "view",
        "--duration",
        "1",
        "--data-dir",
        str(tmp_path),
        REDIS_ENABLED="true",
        REDIS_PORT=str(free_port()),
    )
    assert (done.returncode, done.stderr) == (0, "")
