"""`diagnose` as a user has it: on a fresh machine, with a wrong configuration, a corrupt database."""

import json
import subprocess
import sys
from pathlib import Path

from tests.commands import MAIN, Run, environ, run

__all__ = ["environ", "run"]  # fixtures


def test_diagnose_tells_a_wrong_configuration_and_goes_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("nonsense = 3\n")
    found = run("diagnose", "--json")
    assert found.returncode == 2
    report = json.loads(found.stdout)
    assert report["health"] == "broken"
    healths = {one["name"]: one["health"] for one in report["findings"]}
    assert (healths["configuration"], healths["Python"], healths["instance"]) == ("broken", "healthy", "off")


def test_diagnose_of_a_fresh_machine_is_healthy_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    found = run("diagnose", "--json")
    assert found.returncode == 0, found.stdout
    findings = {one["name"]: one for one in json.loads(found.stdout)["findings"]}
    assert findings["Redis"]["text"] == "not configured (database only)"
    assert findings["database"]["health"] == "off"
    assert not (tmp_path / "data").exists()


def test_diagnose_of_a_corrupt_database_is_broken(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "aviator.db").write_bytes(b"no database" * 1000)
    found = run("diagnose")
    assert found.returncode == 2
    assert "all in all: broken" in found.stdout


def test_the_module_of_old_does_the_same_as_diagnose(tmp_path: Path, environ: dict[str, str]) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "utils.diagnostic", "--json", "--data-dir", str(tmp_path)],
        cwd=MAIN.parent, env=environ, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert found.returncode == 0
    assert json.loads(found.stdout)["health"] == "healthy"
