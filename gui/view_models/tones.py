"""What a colour means. View models speak in tones; only `gui.theme` knows how each of them looks."""

import enum


class Tone(enum.StrEnum):
    """A role of colour; the values are the field names of `gui.theme.Theme`."""

    TEXT = "text"
    MUTED = "muted"
    FAINT = "faint"  # large text only: small text in it would not be readable enough
    ACCENT = "accent"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    PAUSED = "paused"
    LOW = "low"
    MID = "mid"
    HIGH = "high"


MID_FROM_CENTI = 200
HIGH_FROM_CENTI = 1000


def multiplier_tone(centi: int) -> Tone:
    """Return the tone of a multiplier by size: under 2x, from 2x, from 10x, as the game colours them."""
    if centi >= HIGH_FROM_CENTI:
        return Tone.HIGH
    return Tone.MID if centi >= MID_FROM_CENTI else Tone.LOW
