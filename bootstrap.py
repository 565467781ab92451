"""Set up everything that is missing, then hand over. Nothing but a Python is needed to run this.

    python3 bootstrap.py            the desktop application
    python3 bootstrap.py test       every check and every test; further words go to pytest
    python3 bootstrap.py check      format, lint, types, import contracts
    python3 bootstrap.py bench      the benchmarks
    python3 bootstrap.py WORDS...   main.py with these words

Packages live in `.venv` beside this file. A stamp in it says that it is complete and for which requirements
and which Python: without one it was interrupted and is made anew.
"""

from __future__ import annotations  # so that an older Python reaches the line that tells it so

import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "aviator-stamp.json"
REQUIREMENTS = ROOT / "requirements.txt"

# What a library is called by the loader -> the Debian package that has it.
WINDOW_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
TEST_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth", "redis-server": "redis-server"}
FONTS = Path("/usr/share/fonts")
FONT = {"Inter (font)": "fonts-inter"}  # the window does without, but is drawn for its widths

COMMON_OPTIONS = ("--config", "--data-dir", "--log-level")  # of main.py, each with a value
SHOWN_LINES = 12  # of a failed step's last words
APT_PATIENCE_S = 180  # with another package manager that holds the lock
EXPECTED_SKIPS = ("no recorded rounds", "only on ")  # in CI: recordings that are not there, other systems


class SetupError(Exception):
    """What keeps the set-up from going on; the text is for the operator and says what to do."""


def main(words: list[str]) -> int:
    """Set up what `words` need and run them. Returns the exit code, unless the process is replaced."""
    if sys.version_info < OLDEST_PYTHON:
        wanted, here = ".".join(map(str, OLDEST_PYTHON)), ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"Python {wanted} or newer is needed, this is {here}: run bootstrap.py with a newer one"
        )
    word = words[0] if words else ""
    if word == "test":
        return run_tests(words[1:])
    missing = missing_libraries() if opens_window(words) else {}
    if missing:
        provide({**missing, **missing_font(), **missing_venv()})
    ensure_packages()
    if word == "check":
        return run_checks()
    if word == "bench":
        return subprocess.call([str(PYTHON), "-m", "benchmarks", *words[1:]], cwd=ROOT)
    return hand_over([str(PYTHON), str(ROOT / "main.py"), *words])


def opens_window(words: list[str]) -> bool:
    """Tell whether main.py will open a window: no command among `words`, and a display to show it on."""
    rest = iter(words)
    for word in rest:
        if word in COMMON_OPTIONS:
            next(rest, None)
        elif not word.startswith("--") or word == "--help":
            return False
    from utils.display import display_problem

    return not display_problem()


def hand_over(command: list[str]) -> int:
    """Become `command`; where a process cannot be replaced, wait for it and return its exit code."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command[0], command)
    with subprocess.Popen(command) as process:
        while True:
            with contextlib.suppress(KeyboardInterrupt):  # it got the same Ctrl-C, and ends by itself
                return process.wait()


def say(text: str) -> None:
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


# System libraries and programs.


def missing_libraries() -> dict[str, str]:
    """Return the libraries the loader does not find, with their Debian packages. Only Linux lacks any."""
    if not sys.platform.startswith("linux"):
        return {}
    missing = {}
    for library, package in WINDOW_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing[library] = package
    return missing


def missing_font() -> dict[str, str]:
    """Return the window's font where it is missing and can be had: a bare Debian has no fonts at all."""
    if not shutil.which("apt-get") or any(FONTS.rglob("Inter*.[ot]t[fc]")):
        return {}
    return FONT


def missing_venv() -> dict[str, str]:
    """Return what Debian keeps apart from its Python, where `.venv` still has to be made with it."""
    if PYTHON.exists() or (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        return {}
    return {"the venv module": f"python{'.'.join(map(str, sys.version_info[:2]))}-venv"}


def missing_for_tests() -> dict[str, str]:
    """Return what the tests use and the system lacks: libraries, programs, the window's font."""
    programs = TEST_PROGRAMS if sys.platform.startswith("linux") else {"redis-server": "redis"}
    missing = {name: package for name, package in programs.items() if not shutil.which(name)}
    return {**missing_libraries(), **missing, **missing_font(), **missing_venv()}


def provide(missing: dict[str, str]) -> None:
    """Install `missing` where that is possible. Raises `SetupError` with the exact line to run."""
    packages = sorted(set(missing.values()))
    if shutil.which("apt-get") and getattr(os, "geteuid", lambda: -1)() == 0:
        say(f"installing {' '.join(packages)}")
        if apt_install(packages):
            return
        raise SetupError(f"installing failed; run: {install_line(missing)}")
    raise SetupError(f"missing: {', '.join(sorted(missing))}; run: {install_line(missing)}")


def install_line(missing: dict[str, str]) -> str:
    """Return the command that installs `missing` here."""
    packages = " ".join(sorted(set(missing.values())))
    if shutil.which("apt-get"):
        return f"sudo apt-get update && sudo apt-get install -y {packages}"
    for manager in ("dnf", "zypper"):  # these find a package by what it provides
        if shutil.which(manager):
            wanted = [f"'{name}()(64bit)'" for name in missing if ".so." in name]
            wanted += [f"/usr/bin/{name}" for name in missing if name in TEST_PROGRAMS]
            return f"sudo {manager} install {' '.join(wanted)}"
    if shutil.which("brew"):
        return f"brew install {packages}"
    return f"(your package manager) for what Debian calls {packages}"


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages as root, with a fresh index where the old one does not do."""
    base = ["apt-get", "-o", f"DPkg::Lock::Timeout={APT_PATIENCE_S}", "-qq"]
    install = [*base, "install", "-y", "--no-install-recommends", *packages]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    output = ""
    for step in (install, [*base, "update"], install):
        done = subprocess.run(
            step,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output = done.stdout
        if step is install and done.returncode == 0:
            return True
    sys.stderr.write("".join(output.splitlines(keepends=True)[-SHOWN_LINES:]))
    return False


# The virtual environment.


def ensure_packages() -> None:
    """Make `.venv` and install the requirements, unless the stamp says that this is done."""
    wanted = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "requirements": hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest(),
    }
    if is_complete(wanted):
        return
    from utils.sole_process import sole

    with sole(REQUIREMENTS, lambda: say("another set-up is under way here: waiting for it")):
        if is_complete(wanted):  # by the other set-up that was waited for
            return
        written = VENV if VENV.exists() else ROOT
        if not os.access(written, os.W_OK):
            raise SetupError(f"{written} cannot be written: make it writable for this user, or copy {ROOT}")
        if read_stamp().get("python") != wanted["python"] or not PYTHON.exists():
            make_venv()
        STAMP.unlink(missing_ok=True)  # an installation that is interrupted here leaves none
        try:
            install_requirements()
        except SetupError:
            write_stamp({**wanted, "requirements": ""})  # what was there still is: complete it another time
            raise
        write_stamp(wanted)


def is_complete(wanted: dict[str, str]) -> bool:
    return read_stamp() == wanted and PYTHON.exists()


def run_step(command: list[str]) -> tuple[int, str]:
    """Run a step of the set-up and return its exit code and its complaints.

    It holds the lock too: it may outlive this process, and the next set-up waits for it.
    """
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        close_fds=False,
    )
    return done.returncode, done.stderr


def read_stamp() -> dict[str, str]:
    """Return the stamp, empty where there is no usable one."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_stamp(stamp: dict[str, str]) -> None:
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def make_venv() -> None:
    """Make `.venv` from nothing. Raises `SetupError`."""
    missing = missing_venv()
    if missing:
        provide(missing)
    say(f"making {VENV}")
    # The interpreter below any environment that is active: clearing must not remove what runs this.
    base = getattr(sys, "_base_executable", None) or sys.executable
    code, words = run_step([base, "-m", "venv", "--clear", str(VENV)])
    if code != 0 or not PYTHON.exists():
        raise SetupError(f"{VENV} could not be made: {' '.join(words.split()) or 'see above'}")


def install_requirements() -> None:
    """Let pip install the pinned packages. Raises `SetupError`."""
    say("installing packages; the first time this takes a few minutes")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--prefer-binary"]
    command += ["--disable-pip-version-check", "-r", str(REQUIREMENTS)]
    code, output = run_step(command)
    if code == 0:
        return
    sys.stderr.write("".join(output.splitlines(keepends=True)[-SHOWN_LINES:]))
    words = output.lower()
    if any(sign in words for sign in ("connection", "name resolution", "timed out", "network", "proxy")):
        raise SetupError(
            "the packages could not be fetched: is there a network? Run this again when there is"
        )
    if "no space left" in words:
        raise SetupError(f"the disk of {VENV} is full: the packages need about 1 GB")
    raise SetupError("the packages could not be installed; see above")


# Checks and tests.


def run_checks() -> int:
    """Run every check, also after one that failed, and return 1 when any did."""
    contracts = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    checks = {
        "format": ["-m", "ruff", "format", "--check", "."],
        "lint": ["-m", "ruff", "check", "."],
        "types": ["-m", "mypy"],
        "imports": ["-c", contracts],
    }
    failed = []
    for name, words in checks.items():
        say(f"check {name}")
        if subprocess.call([str(PYTHON), *words], cwd=ROOT, stdin=subprocess.DEVNULL) != 0:
            failed.append(name)
    say(f"checks that failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def run_tests(words: list[str]) -> int:
    """Run every check and test. With CI=true nothing may be missing or skipped."""
    strict = os.environ.get("CI", "").lower() in ("1", "true")
    missing = missing_for_tests()
    if missing:
        try:
            provide(missing)
        except SetupError as error:
            if strict and missing_for_tests():
                raise
            say(str(error))
            say("until then the tests that need it are skipped")
            if missing_libraries():
                words = ["--ignore=tests/gui", *words]
    ensure_packages()
    checks = run_checks()
    with tempfile.TemporaryDirectory() as scratch, virtual_screen() as screen:
        report = Path(scratch) / "report.xml"
        command = [str(PYTHON), "-m", "pytest", f"--junitxml={report}", *words]
        env = {**os.environ, **screen, "QT_QPA_PLATFORM": "offscreen"}
        tests = subprocess.call(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL)
        skipped = skips(report)
    for reason, count in skipped.items():
        say(f"skipped {count}: {reason}")
    unexpected = sum(count for reason, count in skipped.items() if not reason.startswith(EXPECTED_SKIPS))
    if strict and unexpected:
        say(f"{unexpected} tests were skipped, and with CI=true none may be")
        return tests or 1
    return tests or checks


@contextlib.contextmanager
def virtual_screen() -> Iterator[dict[str, str]]:
    """Offer a screen of its own to the tests that need X; yields the environment that names it."""
    if os.name != "posix" or not shutil.which("Xvfb"):
        yield {}
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(
        command,
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        try:
            yield {"DISPLAY": f":{number}", "WAYLAND_DISPLAY": ""} if number else {}
        finally:
            server.terminate()


def skips(report: Path) -> dict[str, int]:
    """Return why tests were skipped and how many, from pytest's JUnit report."""
    from xml.etree import ElementTree

    found: dict[str, int] = {}
    if report.is_file():
        for entry in ElementTree.parse(report).iter("skipped"):
            reason = entry.get("message", "no reason given")
            found[reason] = found.get(reason, 0) + 1
    return found


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        say(str(error))
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
    except OSError as error:
        say(f"cannot set up: {error}")
    sys.exit(1)
