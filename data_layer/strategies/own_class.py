"""A class of the user's own, and the process that it is run in.

The process is for mistakes, not against malice: the class has the user's own rights. One that raises, returns
nonsense, uses too much memory or never returns is ended and named with its line; whoever asked goes on. Where
the system cannot limit memory (Windows), only its time is limited.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from data_layer.strategies.base import StrategyError, StrategyFaultError
from data_layer.strategies.own_protocol import PIPES_CLOSED, Load
from data_layer.strategies.parameters import cut

MEMORY_BYTES = 512 * 1024 * 1024  # of address space; half of it may really be used
LOAD_WITHIN_S = 5.0
FILE, CLASS, CHANGED = "file", "class", "changed"  # parameters of a question; all others go to the class

_ROOT = Path(__file__).resolve().parents[2]
_FRAME = re.compile(r'^  File "(?P<file>[^"]*)", line (?P<line>\d+) in (?P<name>.*)$')


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnClass:
    """Which class it is, and what it is made with."""

    file: Path  # absolute
    class_name: str
    settings: Mapping[str, str] = field(default_factory=dict)  # keyword arguments, as text

    @property
    def name(self) -> str:
        """For the operator: "mine.py:Mine"."""
        return f"{self.file.name}:{self.class_name}"

    def describe(self) -> str:
        """Return it with its parameters: "python mine.py:Mine after=3"."""
        return " ".join(("python", self.name, *(f"{key}={value}" for key, value in self.settings.items())))

    def load(self, memory_bytes: int = MEMORY_BYTES) -> Load:
        """Return the first request to its process."""
        return Load(
            file=str(self.file),
            class_name=self.class_name,
            settings=dict(self.settings),
            memory_bytes=memory_bytes,
            within_s=LOAD_WITHIN_S,
        )

    def fault(self, what: str) -> StrategyFaultError:
        """Return the error that says what the class did."""
        return StrategyFaultError(f"{self.name}: {what}")


def named(place: str, settings: Mapping[str, str] | None = None) -> OwnClass:
    """Return the class that "FILE:CLASS" names. Raises `StrategyError` where there is no such file."""
    file, colon, class_name = place.rpartition(":")
    if not colon or not class_name.isidentifier():
        raise StrategyError(f"{cut(place)!r} does not name a class; as mine.py:Mine")
    return located(Path(file), class_name, settings)


def located(file: Path, class_name: str, settings: Mapping[str, str] | None = None) -> OwnClass:
    """Return the class of a file. Raises `StrategyError` where there is no such file."""
    try:
        path = _utf8(file.expanduser().absolute())
        found = path.is_file()
    except (OSError, RuntimeError):  # a name that is too long, the home of nobody
        path, found = file, False
    if not found:
        raise StrategyError(f"no such file: {_told(cut(str(path), 200))}")
    return OwnClass(file=path, class_name=class_name, settings=dict(settings or {}))


def _utf8(path: Path) -> Path:
    """Return a path that can be told in a question. Raises `StrategyError`."""
    if _told(str(path)) != str(path):
        raise StrategyError(f"{_told(str(path))}: its name is not UTF-8; name the file otherwise")
    return path


def _told(text: str) -> str:
    """Return `text` with what is not UTF-8 written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def parameters(own: OwnClass) -> tuple[tuple[str, str], ...]:
    """Return the class as the parameters of a question.

    The moment at which its file was changed is among them, so that an answer is kept for this text only.
    Raises `StrategyError` for settings that a class cannot be given.
    """
    for name, value in own.settings.items():
        if name in (FILE, CLASS, CHANGED) or not name.isidentifier():
            raise StrategyError(f"{_told(name)}: cannot be the name of a setting; name it otherwise")
        if _told(value) != value:
            raise StrategyError(f"{name}: {_told(value)} is not UTF-8")
    changed = own.file.stat().st_mtime_ns
    named_apart = ((FILE, str(own.file)), (CLASS, own.class_name), (CHANGED, str(changed)))
    return (*named_apart, *own.settings.items())


def of_parameters(texts: Mapping[str, str]) -> OwnClass:
    """Return the class that the parameters of a question name. Raises `StrategyError`."""
    settings = {name: value for name, value in texts.items() if name not in (FILE, CLASS, CHANGED)}
    file, class_name = texts.get(FILE, ""), texts.get(CLASS, "")
    if not file:
        raise StrategyError("strategy python: file is missing: name the class as mine.py:Mine")
    return located(Path(file), class_name, settings) if class_name else named(file, settings)


def command() -> list[str]:
    """Return the words that start the process; it is to be started in `working_directory()`."""
    return [sys.executable, "-m", "data_layer.strategies.own_child"]


def working_directory() -> Path:
    """Return where the process finds the project."""
    return _ROOT


def trace_file() -> IO[bytes]:
    """Return an unnamed file for the process's standard error."""
    return tempfile.TemporaryFile()


def why_ended(
    own: OwnClass, trace: IO[bytes], within_s: float, code: int | None, *, late: bool = False
) -> str:
    """Return in words why the process ended without an answer; `late` when we ended it for that."""
    with contextlib.suppress(OSError, ValueError):
        trace.seek(0)
        text = trace.read(65_536).decode(errors="replace")
        if text.startswith("Timeout"):
            return f"did not return within {within_s:g} s{_line_of(own, text)}"
        if text.startswith("Fatal Python error"):
            return f"{text.splitlines()[0]}{_line_of(own, text)}"
    if late:
        return f"did not return within {within_s:g} s"
    if code is not None and code < 0:
        return f"its process was ended by signal {-code}"
    if code == PIPES_CLOSED:
        return "closed files that are not its own, so that its answers are lost"
    return f"its process ended by itself (exit code {code})"


def _line_of(own: OwnClass, trace: str) -> str:
    """Return the innermost line of the class's file in a trace, which has the newest call first."""
    for line in trace.splitlines():
        found = _FRAME.match(line)
        if found and found["file"] == str(own.file):
            return f", line {found['line']} in {found['name']}"
    return ""


def end(process: "subprocess.Popen[bytes]", patience_s: float = 0.5) -> int | None:
    """End the process, at once if it does not go by itself, and return its exit code."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
    finally:
        end_others(process.pid)


def end_others(pid: int) -> None:
    """End what the class has started in spite of all, in the session of its process `pid`."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def environment() -> dict[str, str]:
    """Return the environment of the process: ours, without what would change how Python starts."""
    return {name: value for name, value in os.environ.items() if name not in _PYTHON_SWITCHES}


_PYTHON_SWITCHES = frozenset(
    {"PYTHONINSPECT", "PYTHONSTARTUP", "PYTHONFAULTHANDLER", "PYTHONMALLOC", "PYTHONSAFEPATH"}
)
