"""One total, as a label with its number."""

from dataclasses import dataclass

from gui.view_models.tones import Tone


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One total: a small label with the window of the number, and the number below it."""

    label: str
    text: str
    tone: Tone = Tone.TEXT
    tip: str = ""
