import shutil
from pathlib import Path

import pytest

from config import settings
from utils import diagnostic
from utils.diagnostic import Finding, Health, check_disk, check_packages, exit_code, overall


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


def test_a_configuration_without_bookmakers_is_degraded(tmp_path: Path) -> None:
    (tmp_path / "a.toml").touch()
    found = diagnostic.check_configuration(settings.load(config="a.toml", environ={}, cwd=tmp_path))
    assert [(one.health, one.text) for one in found] == [
        (Health.DEGRADED, "a.toml: 0 of 0 bookmakers enabled")
    ]
