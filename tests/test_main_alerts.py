"""Alerts as an operator meets them: a configuration, a run, the command, the webhook, and a kill -9."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.orchestration.alerts.test_webhook import Receiver
from tests.redis_server import wait_until

MAIN = Path(__file__).resolve().parent.parent / "main.py"

CONFIGURATION = """
[[alerts.rules]]
name = "big"
kind = "multiplier"
limit = 1.01
severity = "warning"
hold_off_s = 600

[[bookmakers]]
name = "Admiral"
source = { kind = "simulator", seed = "test", speed = 200 }
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environ() -> dict[str, str]:
    """Return the environment without what could change a command's behaviour."""
    ours = (
        "AVIATOR_",
        "REDIS_",
        "CACHE_",
        "QT_",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "http_",
        "HTTP_",
        "all_",
        "ALL_",
    )
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture
def alerts(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Any]:
    """Return what `alerts --json` prints; None where it refuses."""
    (tmp_path / "a.toml").write_text(CONFIGURATION)

    def run_command(*words: str) -> Any:
        found = subprocess.run(
            command("alerts", "--json", *words), cwd=tmp_path, env=environ, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=60, check=False,
        )  # fmt: skip
        return json.loads(found.stdout) if found.returncode == 0 else None

    return run_command


@pytest.fixture
def start(tmp_path: Path, environ: dict[str, str]) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Return what starts a headless run."""
    processes: list[subprocess.Popen[str]] = []

    def run_headless(**extra: str) -> "subprocess.Popen[str]":
        processes.append(
            subprocess.Popen(
                command("headless", "--json"),
                cwd=tmp_path,
                env={**environ, **extra},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return processes[-1]

    yield run_headless
    for process in processes:
        process.kill()
        process.communicate()


def command(*words: str) -> list[str]:
    return [sys.executable, str(MAIN), *words, "--config", "a.toml", "--data-dir", "data"]


def has_ended(alerts: Callable[..., Any], uid: str) -> bool:
    return any(one["uid"] == uid and one["ended_at_us"] for one in alerts("--history")["history"])


def test_an_alert_is_listed_posted_and_survives_a_kill(
    tmp_path: Path, alerts: Callable[..., Any], start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    receiver = Receiver()
    try:
        first = start(AVIATOR_WEBHOOK_URL=receiver.url)
        wait_until(lambda: bool(receiver.bodies), "it is posted")
        wait_until(lambda: bool((alerts() or {}).get("active")), "it is listed")
        [active] = alerts()["active"]
        assert (active["rule"], active["bookmakers"]) == ("big", ["Admiral"])
        assert receiver.bodies[0]["alert"]["uid"] == active["uid"]
        wait_until(lambda: bool(alerts("--history")["history"]), "it is stored")
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        receiver.close()
    log = (tmp_path / "data" / "logs" / "aviator.log").read_text()
    assert "warning alert: Admiral: " in log
    assert "s3cret" not in log
    assert alerts() is None  # nothing runs, and nothing stale is listed
    [left] = alerts("--history")["history"]
    assert (left["uid"], left["ended_at_us"]) == (active["uid"], None)

    receiver = Receiver()
    second = start(AVIATOR_WEBHOOK_URL=receiver.url)
    try:
        wait_until(lambda: len(receiver.bodies) > 1, "it ends the first and posts again")
        wait_until(lambda: has_ended(alerts, active["uid"]), "the next run ends it")
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=60)
    finally:
        receiver.close()
    told = [(body["event"], body["alert"]["uid"] == active["uid"]) for body in receiver.bodies]
    assert told == [("ended", True), ("raised", False), ("ended", False)]
    assert receiver.bodies[-1]["alert"]["end_reason"] == "the instance was stopped"
    found = {one["uid"]: one["end_reason"] for one in alerts("--history")["history"]}
    assert found.pop(active["uid"]) == "the instance ended without a word"
    assert set(found.values()) <= {"the instance was stopped"}
