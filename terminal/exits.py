"""How a command ends: its exit code, and at most a readable line per fault on standard error."""

import contextlib
import os
import sys
import traceback
from collections.abc import Callable
from typing import TextIO

FINE, FAILED, MISUSED = 0, 1, 2


def guarded(action: Callable[[], int], *, debug: bool = False) -> int:
    """Run `action` and return its exit code; `debug` adds the trace to a fault's line.

    0 fine, 2 usage or configuration, 3 nothing running, 1 anything else. An interruption is quiet, and so is
    a reader that has had enough (`| head`). What is written to a stream that was closed before goes nowhere.
    """
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    try:
        code = action()
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return FINE
    except KeyboardInterrupt:
        return FAILED
    except Exception as error:  # noqa: BLE001  # the edge of the process: nothing below could report it
        if debug:
            traceback.print_exc()
        code, lines = _explain(error)
        for line in lines:
            complain(line)
    return code


def complain(line: str) -> None:
    """Write one line to standard error; characters that would command the terminal are written out."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    with contextlib.suppress(OSError):
        sys.stderr.write(f"aviator: {shown}\n")


def _explain(error: Exception) -> tuple[int, list[str]]:
    from config.problems import InvalidSettingsError
    from data_layer.errors import AviatorError

    if isinstance(error, InvalidSettingsError):
        return MISUSED, [str(problem) for problem in error.problems]
    if isinstance(error, AviatorError):
        return error.exit_code, [" ".join(str(error).split("\n"))]
    if isinstance(error, OSError):
        return FAILED, [str(error)]
    if type(error).__module__ == "apsw":  # damage that shows only where it is read
        return FAILED, [f"the database cannot be read: {error}; main.py diagnose tells what is wrong with it"]
    text = " ".join(f"{type(error).__name__}: {error}".split("\n"))
    return FAILED, [f"a fault in AVIATOR: {text} (--log-level debug shows the trace)"]


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def _forget_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter does not complain when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
