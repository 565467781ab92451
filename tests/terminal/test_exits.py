import sys
from collections.abc import Callable

import apsw
import pytest

from config.problems import InvalidSettingsError, Problem
from data_layer.errors import InstanceRunningError, NothingRunningError, UsageError
from terminal.exits import guarded

TWO_PROBLEMS = [Problem(key="a", place="x", text="bad"), Problem(key="b", place="y", text="bad")]


def raising(error: BaseException) -> Callable[[], int]:
    def action() -> int:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (UsageError("no"), 2, ["aviator: no"]),
        (InvalidSettingsError(TWO_PROBLEMS), 2, ["aviator: x: a: bad", "aviator: y: b: bad"]),
        (NothingRunningError("no"), 3, ["aviator: no"]),
        (InstanceRunningError("two\nlines"), 1, ["aviator: two lines"]),
        (UsageError("a\x1b[31m\u2028\udcffb"), 2, ["aviator: a\\x1b[31m\\u2028\\udcffb"]),
        (
            apsw.CorruptError("malformed"),
            1,
            ["aviator: the database cannot be read: malformed; main.py diagnose tells what is wrong with it"],
        ),
        (PermissionError(13, "denied", "f"), 1, ["aviator: [Errno 13] denied: 'f'"]),
        (
            KeyError("x"),
            1,
            ["aviator: a fault in AVIATOR: KeyError: 'x' (--log-level debug shows the trace)"],
        ),
        (KeyboardInterrupt(), 1, []),
        (BrokenPipeError(), 0, []),
    ],
)
def test_every_end_has_its_code_and_its_lines(
    error: BaseException, code: int, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(raising(error)) == code
    out, err = capsys.readouterr()
    assert (out, err.splitlines()) == ("", lines)


def test_streams_that_were_closed_before_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)

    def write() -> int:
        print("words")  # noqa: T201  # as a command does
        raise UsageError("no")

    assert guarded(write) == 2
    for stream in (sys.stdout, sys.stderr):
        stream.close()


def test_a_trace_comes_before_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(raising(UsageError("no")), debug=True)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback")
    assert lines[-1] == "aviator: no"


def test_the_code_of_the_action_is_passed_on() -> None:
    assert guarded(lambda: 5) == 5
