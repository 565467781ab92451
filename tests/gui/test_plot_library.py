"""On which threads the library of the curves is loaded."""

import importlib
import threading
from collections.abc import Iterator
from types import ModuleType

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.errands import Errands
from gui.plot_library import PlotLibrary


@pytest.fixture
def errands() -> Iterator[Errands]:
    made = Errands("plot library")
    yield made
    made.stop()


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Return what is imported by name from now on, and whether by the window's thread."""
    found: list[tuple[str, bool]] = []
    load = importlib.import_module

    def noted(name: str) -> ModuleType:
        found.append((name, threading.current_thread() is threading.main_thread()))
        return load(name)

    monkeypatch.setattr(importlib, "import_module", noted)
    return found


def test_what_makes_types_of_qt_is_loaded_on_the_windows_thread(
    qtbot: QtBot, errands: Errands, loaded: list[tuple[str, bool]]
) -> None:
    owner = QObject()
    library = PlotLibrary(errands, owner)
    given: list[ModuleType] = []
    library.load(given.append, pytest.fail)
    assert not given  # later, never at once
    qtbot.waitUntil(lambda: bool(given))
    assert [module.__name__ for module in given] == ["pyqtgraph"]
    assert [name for name, by_window in loaded if not by_window] == ["numpy"]
    assert ("pyqtgraph", True) in loaded
