"""What the window remembers from one run to the next: an INI file in the data directory.

A file that is missing, damaged or edited by hand never keeps the window from opening: what cannot be used is
left at its default.
"""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from gui.view_models.wall import WallSize

log = logging.getLogger(__name__)

_NAME = "window.ini"
_MOST_BYTES = 64 * 1024
_CHOICES = "choices"


@dataclass(kw_only=True, slots=True)
class WindowState:
    """The remembered state. Empty strings and None stand for "not chosen"."""

    geometry: bytes = b""  # as Qt made it
    theme: str = ""  # "dark", "light"
    page: str = ""  # title
    wall_size: WallSize = WallSize.AUTO
    pane_open: bool = True
    pane_width: int | None = None
    choices: dict[str, str] = field(default_factory=dict)  # on the pages, by page and name: "Data.range"


def load(data_dir: Path) -> WindowState:
    """Return what was remembered."""
    path = data_dir / _NAME
    state = WindowState()
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return state
    except OSError as error:
        log.warning("the window's settings cannot be read: %s", error)
        return state
    file = QSettings(str(path), QSettings.Format.IniFormat)
    if file.status() is not QSettings.Status.NoError:
        log.warning("the window's settings in %s are damaged and were left alone", path)
        return state
    geometry = file.value("geometry")
    if isinstance(geometry, QByteArray):
        state.geometry = bytes(geometry.data())
    state.theme = _text(file, "theme")
    state.page = _text(file, "page")
    size = _text(file, "wall_size")
    if size in {each.value for each in WallSize}:
        state.wall_size = WallSize(size)
    state.pane_open = _text(file, "pane_open") != "false"
    width = _text(file, "pane_width")
    state.pane_width = int(width) if width.isascii() and width.isdigit() and len(width) < 6 else None
    file.beginGroup(_CHOICES)
    state.choices = {key: word for key in file.childKeys() if (word := _text(file, key))}
    file.endGroup()
    return state


def save(data_dir: Path, state: WindowState) -> None:
    """Remember `state`; a failure is logged, no more."""
    file = QSettings(str(data_dir / _NAME), QSettings.Format.IniFormat)
    file.setValue("geometry", QByteArray(state.geometry))
    file.setValue("theme", state.theme)
    file.setValue("page", state.page)
    file.setValue("wall_size", state.wall_size.value)
    file.setValue("pane_open", "true" if state.pane_open else "false")
    file.setValue("pane_width", "" if state.pane_width is None else str(state.pane_width))
    file.remove(_CHOICES)
    for key, word in state.choices.items():
        file.setValue(f"{_CHOICES}/{key}", word)
    file.sync()
    if file.status() is not QSettings.Status.NoError:
        log.warning("the window's settings could not be written to %s", data_dir / _NAME)


def _text(file: QSettings, key: str) -> str:
    value = file.value(key)
    return value if isinstance(value, str) else ""
