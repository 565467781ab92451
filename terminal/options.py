"""The options that every command shares. They may stand before or after the command's name.

They are taken out before typer sees the rest: so the window, which needs nothing else, opens without loading
typer, and no command has to declare them.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data_layer.errors import UsageError

if TYPE_CHECKING:
    from config.settings import Settings

HELP: Mapping[str, str] = {
    "--config": "FILE  read this configuration instead of config/aviator.toml",
    "--data-dir": "DIR  keep everything there",
    "--log-level": "LEVEL  debug, info, warning or error",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CommonOptions:
    """What was given of them; None where nothing was."""

    config: str | None = None
    data_dir: str | None = None
    log_level: str | None = None

    def load(self) -> "Settings":
        """Read the configuration with these options on top.

        Raises `config.problems.InvalidSettingsError`.
        """
        from config.settings import load

        return load(config=self.config, data_dir=self.data_dir, log_level=self.log_level)

    @property
    def given_data_dir(self) -> Path | None:
        """The data directory as it was given, for where the configuration cannot be read."""
        return Path(self.data_dir).expanduser().absolute() if self.data_dir else None


def split(words: Sequence[str]) -> tuple[CommonOptions, list[str]]:
    """Return the common options and the other words. Raises `UsageError` for an option without its value."""
    found: dict[str, str] = {}
    others: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word == "--":
            others += [word, *rest]
        elif name not in HELP:
            others.append(word)
        else:
            given = value if equals else next(rest, "")
            if not given or (not equals and given.startswith("--")):
                raise UsageError(f"{name} needs a value: {name} {HELP[name].split()[0]}")
            found[name.removeprefix("--").replace("-", "_")] = given
    return CommonOptions(**found), others


def wants_trace(words: Sequence[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a fault is to be shown with its trace; asked before anything else can fail."""
    try:
        level = split(words)[0].log_level
    except UsageError:
        level = None
    return (level or environ.get("AVIATOR_LOG_LEVEL", "")).lower() == "debug"
