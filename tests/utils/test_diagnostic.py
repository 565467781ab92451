import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from config import settings
from config.model import RedisSettings
from utils import diagnostic
from utils.diagnostic import Finding, Health, check_disk, check_packages, check_redis, exit_code, overall


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    """Run a real Redis server with the password "geheim"."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not installed")
    port = free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", "geheim"]
    with subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ready to accept connections" in line:
                break
        yield port
        process.terminate()


def finding(health: Health) -> Finding:
    return Finding(name="x", health=health, text="x")


@pytest.mark.parametrize(
    ("healths", "worst", "code"),
    [
        ([], Health.HEALTHY, 0),
        ([Health.OFF, Health.HEALTHY], Health.HEALTHY, 0),
        ([Health.OFF, Health.DEGRADED, Health.HEALTHY], Health.DEGRADED, 1),
        ([Health.BROKEN, Health.DEGRADED], Health.BROKEN, 2),
    ],
)
def test_the_worst_finding_decides_the_exit_code(healths: list[Health], worst: Health, code: int) -> None:
    assert overall(map(finding, healths)) is worst
    assert exit_code(worst) == code


def test_the_packages_here_are_the_pinned_ones() -> None:
    assert check_packages().health is Health.HEALTHY


@pytest.mark.parametrize(
    ("lines", "health", "words"),
    [
        ("pytest==0.1\n", Health.DEGRADED, "instead of 0.1"),
        ("no-such-package==1\npytest==0.1\n", Health.BROKEN, "missing: no-such-package"),
        ('no-such-package==1 ; sys_platform == "plan9"\n# x==1\n', Health.HEALTHY, "0 as"),
    ],
)
def test_packages_are_compared_with_their_pins(
    tmp_path: Path, lines: str, health: Health, words: str
) -> None:
    (tmp_path / "requirements.txt").write_text(lines)
    found = check_packages(tmp_path / "requirements.txt")
    assert found.health is health
    assert words in found.text


@pytest.mark.parametrize(
    ("free", "health"),
    [(5 * 10**9, Health.HEALTHY), (10**8, Health.DEGRADED), (10**7, Health.BROKEN)],
)
def test_a_disk_is_judged_by_its_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, health: Health
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12 - free, free))
    assert check_disk(tmp_path / "not" / "yet").health is health


def test_a_file_where_the_data_directory_should_be_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert check_disk(tmp_path / "file" / "data").health is Health.BROKEN


def test_redis_that_is_off_is_not_asked() -> None:
    found = check_redis(RedisSettings(enabled=False, port=1))
    assert (found.health, found.text) == (Health.OFF, "not configured (database only)")


def test_redis_that_answers_is_healthy_and_said_not_to_be_used(redis_port: int) -> None:
    found = check_redis(RedisSettings(enabled=True, port=redis_port, password=SecretStr("geheim")))
    assert found.health is Health.HEALTHY
    assert found.text == f"answers at 127.0.0.1:{redis_port}/0; {diagnostic.REDIS_NOT_USED}"
    by_url = RedisSettings(enabled=True, url=SecretStr(f"redis://:geheim@127.0.0.1:{redis_port}/0"))
    assert check_redis(by_url).health is Health.HEALTHY


def test_redis_that_refuses_the_password_is_degraded_and_the_password_not_told(redis_port: int) -> None:
    found = check_redis(RedisSettings(enabled=True, port=redis_port, password=SecretStr("falsch")))
    assert found.health is Health.DEGRADED
    assert "REDIS_PASSWORD" in found.advice
    assert "falsch" not in str(found)


def test_redis_that_is_not_there_is_degraded_at_once() -> None:
    started = time.monotonic()
    assert check_redis(RedisSettings(enabled=True, port=free_port())).health is Health.DEGRADED
    assert time.monotonic() - started < 5  # redis-py's own retries would take longer


def test_redis_that_accepts_and_never_answers_is_degraded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert check_redis(RedisSettings(enabled=True, port=port)).health is Health.DEGRADED


def test_a_configuration_without_bookmakers_is_degraded(tmp_path: Path) -> None:
    (tmp_path / "a.toml").touch()
    found = diagnostic.check_configuration(settings.load(config="a.toml", environ={}, cwd=tmp_path))
    assert [(one.health, one.text) for one in found] == [
        (Health.DEGRADED, "a.toml: 0 of 0 bookmakers enabled")
    ]
