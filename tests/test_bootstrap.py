import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

FAKE_MAIN = "import sys; print('main', sys.prefix, *sys.argv[1:]); sys.exit(7)"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout with a space in its path, without requirements, whose main.py ends with 7."""
    root = tmp_path_factory.mktemp("a checkout")
    shutil.copy(bootstrap.__file__, root / "bootstrap.py")
    shutil.copytree(bootstrap.ROOT / "utils", root / "utils")
    (root / "main.py").write_text(FAKE_MAIN)
    (root / "requirements.txt").write_text("# nothing\n")
    return root


def start(checkout: Path, *words: str) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return subprocess.Popen(
        [sys.executable, str(checkout / "bootstrap.py"), *words],
        env={
            **environ,
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "DISPLAY": "",
            "WAYLAND_DISPLAY": "",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    with start(checkout, *words) as process:
        output, complaints = process.communicate(timeout=100)
    return subprocess.CompletedProcess(process.args, process.returncode, output, complaints)


def stamp(checkout: Path) -> Path:
    return checkout / ".venv" / "aviator-stamp.json"


def test_the_first_start_makes_the_environment_and_hands_over(checkout: Path) -> None:
    first = run(checkout, "stats", "--range", "1 h")
    assert first.stdout.split() == ["main", *str(checkout / ".venv").split(), "stats", "--range", "1", "h"]
    assert first.returncode == 7
    assert "making" in first.stderr

    second = run(checkout)
    assert second.stdout.startswith("main")
    assert (second.returncode, second.stderr) == (7, "")


def test_an_interrupted_environment_is_made_anew_and_by_one_of_those_that_want_it(checkout: Path) -> None:
    run(checkout)
    stamp(checkout).unlink()
    left = checkout / ".venv" / "left-over"
    left.touch()
    with start(checkout) as one, start(checkout) as other:
        told = [process.communicate(timeout=100)[1] for process in (one, other)]
    assert [one.returncode, other.returncode] == [7, 7]
    assert not left.exists()
    assert sum("making" in each for each in told) == 1


def test_an_environment_without_its_python_is_made_anew(checkout: Path) -> None:
    run(checkout)
    python = checkout / ".venv" / bootstrap.PYTHON.relative_to(bootstrap.VENV)
    python.unlink()
    assert run(checkout).returncode == 7


def test_packages_that_cannot_be_had_are_one_line_and_cost_nothing_that_was_there(checkout: Path) -> None:
    run(checkout)
    kept = checkout / ".venv" / "kept"
    kept.touch()
    requirements = checkout / "requirements.txt"
    requirements.write_text("no-such-package==1.0\n")
    failed = run(checkout)
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr.splitlines()[-1].startswith("bootstrap: the packages could not be")

    requirements.write_text("# nothing\n")
    assert run(checkout).returncode == 7
    assert kept.exists()


def test_a_python_too_old_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 1))
    with pytest.raises(bootstrap.SetupError, match=r"^Python 99\.1 or newer is needed, this is 3\."):
        bootstrap.main([])


def test_the_file_can_be_read_by_the_pythons_it_refuses() -> None:
    compile(Path(bootstrap.__file__).read_text(encoding="utf-8"), "bootstrap.py", "exec", dont_inherit=True)
    import ast

    ast.parse(Path(bootstrap.__file__).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize(
    ("words", "opens"),
    [
        ([], True),
        (["--data-dir", "status"], True),
        (["--log-level=debug"], True),
        (["status"], False),
        (["--data-dir", "x", "headless", "--json"], False),
        (["--help"], False),
    ],
)
def test_only_the_window_needs_the_windows_libraries(
    monkeypatch: pytest.MonkeyPatch, words: list[str], opens: bool
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert bootstrap.opens_window(words) is opens


def test_nothing_is_installed_for_a_window_that_no_display_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not bootstrap.opens_window([])


@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("apt-get", "sudo apt-get update && sudo apt-get install -y libegl1 xvfb"),
        ("dnf", "sudo dnf install 'libEGL.so.1()(64bit)' /usr/bin/Xvfb"),
        ("zypper", "sudo zypper install 'libEGL.so.1()(64bit)' /usr/bin/Xvfb"),
        ("none", "(your package manager) for what Debian calls libegl1 xvfb"),
    ],
)
def test_the_line_to_run_is_the_one_of_this_system(
    monkeypatch: pytest.MonkeyPatch, manager: str, line: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name if name == manager else None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    missing = {"libEGL.so.1": "libegl1", "Xvfb": "xvfb"}
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.provide(missing)
    assert str(caught.value) == f"missing: Xvfb, libEGL.so.1; run: {line}"


def test_a_bare_system_is_told_all_it_lacks_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "apt-get" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(bootstrap, "WINDOW_LIBRARIES", {"libno-such-thing.so.1": "libno-such-thing1"})
    monkeypatch.setattr(bootstrap, "FONTS", tmp_path / "none")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "none")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    venv = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    with pytest.raises(bootstrap.SetupError, match=rf"install -y fonts-inter libno-such-thing1 {venv}$"):
        bootstrap.main([])
    assert {"fonts-inter", venv, "xvfb", "redis-server"} <= set(bootstrap.missing_for_tests().values())


def test_a_library_that_the_loader_does_not_find_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "WINDOW_LIBRARIES", {"libno-such-thing.so.1": "libno-such-thing1"})
    assert bootstrap.missing_libraries() == {"libno-such-thing.so.1": "libno-such-thing1"}


def test_skipped_tests_are_counted_by_their_reason(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('n', [1, 2])\n"
        "@pytest.mark.skipif(True, reason='only on Windows')\n"
        "def test_a(n): pass\n"
        "def test_b(): pytest.skip('no server')\n"
        "def test_c(): pass\n"
    )
    report = tmp_path / "report.xml"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--junitxml={report}",
            str(tmp_path),
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert bootstrap.skips(report) == {"only on Windows": 2, "no server": 1}
    assert bootstrap.skips(tmp_path / "none.xml") == {}


def test_every_requirement_is_pinned_and_named_once() -> None:
    lines = bootstrap.REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    pins = [line.split(";")[0].strip() for line in lines if line and not line.startswith("#")]
    assert all(pin.count("==") == 1 for pin in pins)
    names = [pin.split("==")[0].lower() for pin in pins]
    assert len(set(names)) == len(names)
    assert "://" not in "".join(lines)


def test_the_stamp_is_of_this_python_and_these_requirements(checkout: Path) -> None:
    run(checkout)
    found = json.loads(stamp(checkout).read_text())
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert len(found["requirements"]) == 64
