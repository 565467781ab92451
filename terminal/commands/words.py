"""The options that several commands have, and how one is declared."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from terminal.options import HELP

Action = Callable[[], int]

COMMON = "Every command also takes " + ", ".join(f"{name} {text.split()[0]}" for name, text in HELP.items())

RANGES = "1h, 6h, 24h, 3d, 7d, 30d or all."


def option(name: str, metavar: str, text: str, least: float | None = None) -> Any:
    """Return an option that is followed by a value, of at least `least`."""
    return typer.Option(name, metavar=metavar, help=text, min=least)


def switch(name: str, text: str) -> Any:
    """Return an option that is there or not."""
    return typer.Option(name, help=text)


AsJson = Annotated[bool, switch("--json", "Print one JSON object.")]
Bookmaker = Annotated[str | None, option("--bookmaker", "NAME", "Only this one.")]
Start = Annotated[str | None, option("--from", "TIME", "As 2025-10-26T14:30; not with --range.")]
End = Annotated[str | None, option("--to", "TIME", "Up to, not including; default: now.")]
