"""The list of everything the window can be told to do, with its keys."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gui.commands import Command
from gui.pages.registry import PAGES
from gui.view_models.levers import Lever
from gui.view_models.wall import WallSize

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def window_commands(window: "MainWindow") -> list[Command]:
    """Return the commands of `window` in the order in which the help lists them."""
    levers, wall = window.levers, window.wall
    commands = [
        Command(title="Search or run", keys=("Ctrl+K",), run=window.open_palette),
        Command(title="Keys and commands", keys=("F1", "?"), run=window.open_help),
        Command(title="Start or resume the selection", keys=("S",), run=_selected(window, Lever.START)),
        Command(title="Pause or resume the selection", keys=("P",), run=levers.pause_or_resume),
        Command(title="Restart the selection", keys=("Shift+R",), run=_selected(window, Lever.RESTART)),
        Command(title="Stop the selection", keys=("Shift+X",), run=_selected(window, Lever.STOP)),
        Command(title="Select all", keys=("Ctrl+A",), run=wall.select_all),
        Command(title="Select the feed", keys=("G",), run=wall.select_group),
        Command(title="Select nothing", keys=("Esc",), run=window.escape),
        Command(title="Dark or light", keys=("T",), run=window.toggle_theme),
        Command(title="Show or hide the side pane", keys=("L",), run=window.toggle_pane),
        Command(title="Next size of the cards", keys=("V",), run=window.next_wall_size),
        Command(title="Full screen", keys=("F11",), run=window.toggle_full_screen),
        Command(title="Close the window", keys=("Ctrl+Q",), run=window.close_window),
    ]
    commands += [
        Command(title=f"{lever.value.capitalize()} all", run=partial(levers.pull_all, lever))
        for lever in Lever
    ]
    commands += [
        Command(title=f"Cards: {size.value}", run=partial(window.set_wall_size, size)) for size in WallSize
    ]
    commands += [
        Command(
            title=page.title, keys=(f"Ctrl+{number + 1}",), kind="page", run=partial(window.open_page, number)
        )
        for number, page in enumerate(PAGES)
    ]
    return commands


def _selected(window: "MainWindow", lever: Lever) -> Callable[[], None]:
    return partial(window.levers.pull_selected, lever)
