"""One line of what was found, by a health check or in a feed."""

from dataclasses import dataclass

from gui.view_models.condition import Light


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was found, with its light and a word beside it."""

    name: str
    word: str
    light: Light
    text: str
    advice: str = ""
