"""The list of everything the window can be told to do, with its keys."""

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
        Command(title="Start or resume", keys=("S",), run=lambda: levers.pull(Lever.START)),
        Command(title="Pause, or resume what is paused", keys=("P",), run=levers.pause_or_resume),
        Command(title="Restart", keys=("R",), run=lambda: levers.pull(Lever.RESTART)),
        Command(title="Stop", keys=("X",), run=lambda: levers.pull(Lever.STOP)),
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
        Command(
            title=f"Cards: {size.value}",
            run=lambda size=size: window.set_wall_size(size),  # type: ignore[misc]  # bound now, not later
        )
        for size in WallSize
    ]
    commands += [
        Command(
            title=page.title,
            keys=(f"Ctrl+{number + 1}",),
            kind="page",
            run=lambda number=number: window.open_page(number),  # type: ignore[misc]  # bound now, not later
        )
        for number, page in enumerate(PAGES)
    ]
    return commands
