"""The commands of the window: what the palette finds, what keys do and what the help lists, in one place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gui.view_models.search import Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One thing that the operator can have done."""

    title: str
    run: Callable[[], None]
    keys: tuple[str, ...] = ()  # as QKeySequence reads them
    kind: str = "command"


# What the keyboard and the mouse do on the wall without being commands of their own.
WALL_HINTS = (
    ("Click", "select a bookmaker"),
    ("Ctrl+Click, Shift+Click", "add to the selection, extend it"),
    ("Arrows, Home, End", "go to another card; with Shift extend the selection"),
    ("Space", "add the card to the selection or take it out"),
    ("Enter, double click", "details of the bookmaker"),
    ("Right click, Menu", "commands for the selection"),
)


def key_words(keys: Sequence[str]) -> str:
    """Return keys as they are shown: "Ctrl+K", "F1 or ?"."""
    return " or ".join(keys)


def entries(commands: Sequence[Command]) -> list[Entry]:
    """Return the commands for the palette; an entry's key is the command's position."""
    return [
        Entry(key=str(index), title=command.title, kind=command.kind, hint=key_words(command.keys))
        for index, command in enumerate(commands)
    ]
