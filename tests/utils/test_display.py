import socket
import sys
from pathlib import Path

import pytest

from utils import display
from utils.display import display_problem


@pytest.fixture(autouse=True)
def _on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


def test_without_any_display_the_problem_is_told() -> None:
    assert display_problem({}) == "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_always_have_one(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert display_problem({}) == ""


def test_qt_may_be_told_to_do_without() -> None:
    assert display_problem({"QT_QPA_PLATFORM": "offscreen"}) == ""
    assert display_problem({"QT_QPA_PLATFORM": "offscreen:enable_fonts"}) == ""
    assert display_problem({"QT_QPA_PLATFORM": "xcb"}) != ""


def test_wayland_is_taken_at_its_word() -> None:
    assert display_problem({"WAYLAND_DISPLAY": "wayland-0"}) == ""


@pytest.mark.parametrize("name", [":4711", ":4711.0", "127.0.0.1:4711", "nonsense", ":", ":99999999"])
def test_a_display_that_does_not_answer_is_a_problem(name: str) -> None:
    assert display_problem({"DISPLAY": name}) == f"the display {name} (DISPLAY) does not answer"


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="only on systems with Unix sockets")
def test_a_display_that_answers_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(display, "_X_SOCKETS", tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "X4711"))
        server.listen()
        assert display_problem({"DISPLAY": ":4711.0"}) == ""


def test_a_display_over_the_network_is_asked_at_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(display, "_X_FIRST_PORT", server.getsockname()[1] - 10)
        assert display_problem({"DISPLAY": "127.0.0.1:10.0"}) == ""
