"""Text for a terminal: tables without borders, lights with their words, multipliers in the game's colours."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gui.view_models.condition import Light
from gui.view_models.tones import Tone, multiplier_tone
from gui.view_models.words import multiplier_text

_LIGHTS = {
    Light.LIVE: ("\N{BLACK CIRCLE}", "#3fb68b"),
    Light.BUSY: ("\N{WHITE CIRCLE}", "#5b9dff"),
    Light.WARN: ("\N{BLACK UP-POINTING TRIANGLE}", "#e3a008"),
    Light.BAD: ("\N{BLACK SQUARE}", "#f0565b"),
    Light.PAUSED: ("=", "#8b95a3"),
    Light.OFF: ("-", "#8b95a3"),
}
_SIZES = {Tone.LOW: "#58b8ff", Tone.MID: "#a98bff", Tone.HIGH: "#ff6ac1"}


def console() -> Console:
    """Return standard output as it is now: colours only on a terminal, never wider than it."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=False, emoji=False, markup=False)


def grid(*columns: str, numbers: Iterable[str] = ()) -> Table:
    """Return an empty table with these columns; those in `numbers` are aligned at the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    right = set(numbers)
    for name in columns:
        table.add_column(
            name, justify="right" if name in right else "left", no_wrap=True, overflow="ellipsis"
        )
    return table


def light_text(light: Light) -> Text:
    """Return a light: its shape differs too, so that it can be told without its colour."""
    shape, style = _LIGHTS[light]
    return Text(shape, style=style)


def alarm_style(light: Light) -> str:
    """Return the style of the words beside a light: quiet while all is well."""
    return _LIGHTS[light][1] if light in (Light.WARN, Light.BAD) else ""


def multiplier(centi: int | None) -> Text:
    """Return a multiplier in the colour of its size."""
    if not centi:
        return Text(multiplier_text(None), style="dim")
    return Text(multiplier_text(centi), style=_SIZES[multiplier_tone(centi)])


def safe(text: str) -> Text:
    """Return `text` with control characters made visible: names come from files and sites."""
    return Text("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))


def write_json(value: Any) -> None:
    """Write one JSON object to standard output, in ASCII so that every terminal and pipe takes it."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")
