"""The list of everything the window can be told to do, with its keys."""

from functools import partial
from typing import Protocol

from gui.commands import Command
from gui.lever_controls import LeverControls
from gui.pages.registry import PAGES
from gui.pages.wall import WallPage
from gui.view_models.levers import Lever
from gui.view_models.wall import WallSize


class Commanded(Protocol):
    """What the commands need of a window."""

    def open_palette(self) -> None:
        """Search or run."""
        ...

    def open_help(self) -> None:
        """Show every key."""
        ...

    def find_in_log(self) -> None:
        """Lead the keyboard to the search of the log."""
        ...

    def open_page(self, number: int) -> None:
        """Show a page, by its position on the rail."""
        ...

    def escape(self) -> None:
        """Close what is open or, where nothing is, select nothing."""
        ...

    def toggle_theme(self) -> None:
        """Go from dark to light or back."""
        ...

    def toggle_pane(self) -> None:
        """Fold the side pane away or bring it back."""
        ...

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        ...

    def set_wall_size(self, size: WallSize) -> None:
        """Show cards of one size."""
        ...

    def next_wall_size(self) -> None:
        """Go to the next size of cards."""
        ...

    def compute_metrics(self) -> None:
        """Have the metrics of every range computed anew."""
        ...

    def close_window(self) -> None:
        """Close the window."""
        ...


def window_commands(window: Commanded, levers: LeverControls, wall: WallPage) -> list[Command]:
    """Return the commands of `window` in the order in which the help lists them."""
    commands = [
        Command(title="Search or run", keys=("Ctrl+K",), run=window.open_palette),
        Command(title="Keys and commands", keys=("F1", "?"), run=window.open_help),
        Command(
            title="Start or resume the selection", keys=("S",), run=partial(levers.pull_selected, Lever.START)
        ),
        Command(title="Pause or resume the selection", keys=("P",), run=levers.pause_or_resume),
        Command(
            title="Restart the selection", keys=("Shift+R",), run=partial(levers.pull_selected, Lever.RESTART)
        ),
        Command(title="Stop the selection", keys=("Shift+X",), run=partial(levers.pull_selected, Lever.STOP)),
        Command(title="Select all", keys=("Ctrl+A",), run=wall.select_all),
        Command(title="Select the feed", keys=("G",), run=wall.select_group),
        Command(title="Select nothing", keys=("Esc",), run=window.escape),
        Command(title="Find in the log", keys=("Ctrl+F",), run=window.find_in_log),
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
    commands.append(Command(title="Compute the metrics in Redis anew", run=window.compute_metrics))
    commands += [
        Command(
            title=page.title, keys=(f"Ctrl+{number + 1}",), kind="page", run=partial(window.open_page, number)
        )
        for number, page in enumerate(PAGES)
    ]
    return commands
