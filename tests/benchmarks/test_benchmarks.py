"""Every benchmark in its quick form: figures come out. How good they are is for the benchmarks to say."""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks import harness
from benchmarks.harness import Figure, at_most, ratio_at_least, ratio_at_most

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Return a directory for temporary files with a path that is short enough for sockets."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory in which all benchmarks find the bytecode that the first one has left."""
    return tmp_path_factory.mktemp("bytecode")


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(scratch: Path, bytecode: Path) -> Run:
    """Run the benchmarks as a user does, with all temporary files in `scratch`."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environ = {**kept, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    environ["PYTHONPYCACHEPREFIX"] = str(bytecode)

    def run_benchmarks(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "benchmarks", *words],
            cwd=ROOT, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip

    return run_benchmarks


@pytest.mark.parametrize("name", harness.names())
def test_a_benchmark_comes_to_figures_and_leaves_nothing_behind(run: Run, scratch: Path, name: str) -> None:
    found = run("--quick", "--json", name)
    assert found.returncode in (0, 1), found.stderr
    report = json.loads(found.stdout)
    assert report["failures"] == {}
    assert report["figures"]
    for figure in report["figures"]:
        assert figure["benchmark"] == name
        assert figure["value"] is not None
        assert figure["ratio"] is not None
    assert list(scratch.iterdir()) == []
    environs = [process.info["environ"] or {} for process in psutil.process_iter(["environ"])]
    assert not [environ for environ in environs if environ.get("TMPDIR", "").startswith(str(scratch))]


def test_an_unknown_name_is_refused(run: Run) -> None:
    found = run("sorcery")
    assert found.returncode == 2
    assert "no benchmark sorcery" in found.stderr


def figure(value: float, target: harness.Target | None) -> Figure:
    return Figure(
        name="some", value=value, unit="ms", yardstick="another", yardstick_value=10.0, target=target
    )


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [
        (3.0, at_most(3.0), True),
        (3.1, at_most(3.0), False),
        (13.0, ratio_at_most(1.3), True),
        (13.1, ratio_at_most(1.3), False),
        (5.0, ratio_at_least(0.5), True),
        (4.9, ratio_at_least(0.5), False),
        (99.0, None, True),
        (math.nan, at_most(3.0), False),
        (math.nan, ratio_at_least(0.5), False),
    ],
)
def test_a_target_is_met_or_missed(value: float, target: harness.Target | None, met: bool) -> None:
    assert figure(value, target).met is met


def test_a_figure_survives_its_json_and_stands_in_the_table() -> None:
    figures = {"one": [figure(5.0, ratio_at_least(0.7)), figure(math.nan, at_most(1.0))]}
    found = json.loads(harness.as_json(figures, {"two": "no disk"}))
    assert found["failures"] == {"two": "no disk"}
    first, second = found["figures"]
    assert (first["benchmark"], first["ratio"], first["target"], first["met"]) == ("one", 0.5, 0.7, False)
    assert second["value"] is None
    assert Figure.from_json_object(first) == figures["one"][0]
    assert not Figure.from_json_object(second).met
    table = harness.as_table(figures)
    assert "ratio at least 0.7" in table
    assert "against 10 ms: another" in table
