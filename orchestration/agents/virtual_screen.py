"""The screen that a played bookmaker would show, pixel by pixel and without ever being drawn.

Colours are those of real Aviator pages: near black between rounds, blue in flight, violet from 2x, magenta
from 10x, white digits, red ones on black after the crash. Same moment, same pixels: the noise is a function
of place, round and multiplier.
"""

import zlib
from collections.abc import Iterator

from config.specs import RgbRegion
from data_layer.messages import Phase
from orchestration.local_state import LocalState

WIDTH = 256
HEIGHT = 128

Colour = tuple[int, int, int]

NEAR_BLACK: Colour = (11, 11, 12)
BLUE: Colour = (33, 70, 96)
VIOLET: Colour = (58, 32, 104)
MAGENTA: Colour = (112, 22, 88)
WHITE: Colour = (252, 254, 251)
RED: Colour = (205, 12, 44)

_VIOLET_FROM_CENTI = 200
_MAGENTA_FROM_CENTI = 1_000
_NOISE = 3  # at most, up and down, per channel
_GLYPH_WIDTH, _GLYPH_HEIGHT, _SCALE = 5, 7, 4
_CELL = (_GLYPH_WIDTH + 1) * _SCALE
# Rows from top to bottom, five bits each, the leftmost pixel the highest bit.
_GLYPHS = {
    "0": (0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E),
    "1": (0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E),
    "2": (0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F),
    "3": (0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E),
    "4": (0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02),
    "5": (0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E),
    "6": (0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E),
    "7": (0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08),
    "8": (0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E),
    "9": (0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C),
    ".": (0x00, 0x00, 0x00, 0x00, 0x00, 0x0C, 0x0C),
    "x": (0x00, 0x00, 0x11, 0x0A, 0x04, 0x0A, 0x11),
}


class VirtualScreen:
    """Shows what `state` says, at any moment it is asked."""

    def __init__(self, state: LocalState) -> None:
        self._state = state

    def pixels(self, region: RgbRegion) -> Iterator[Colour]:
        """Yield the region's pixels row by row; what lies outside the screen is left out."""
        state = self._state
        text, ink = _writing(state)
        ground = _ground(state)
        grain = zlib.crc32(f"{state.round_id} {state.phase} {state.multiplier_centi}".encode())
        left = (WIDTH - len(text) * _CELL) // 2
        top = (HEIGHT - _GLYPH_HEIGHT * _SCALE) // 2
        for y in range(max(0, region.y), min(HEIGHT, region.y + region.height)):
            for x in range(max(0, region.x), min(WIDTH, region.x + region.width)):
                colour = ink if _is_ink(text, x - left, y - top) else ground
                yield _grained(colour, x, y, grain)


def _writing(state: LocalState) -> tuple[str, Colour]:
    if state.phase in (Phase.FLYING, Phase.CRASHED):
        text = f"{state.multiplier_centi // 100}.{state.multiplier_centi % 100:02d}x"
        return text, WHITE if state.phase is Phase.FLYING else RED
    return "", WHITE


def _ground(state: LocalState) -> Colour:
    if state.phase is not Phase.FLYING:
        return NEAR_BLACK
    if state.multiplier_centi >= _MAGENTA_FROM_CENTI:
        return MAGENTA
    return VIOLET if state.multiplier_centi >= _VIOLET_FROM_CENTI else BLUE


def _is_ink(text: str, x: int, y: int) -> bool:
    if x < 0 or not 0 <= y < _GLYPH_HEIGHT * _SCALE:
        return False
    place, within = divmod(x, _CELL)
    column = within // _SCALE
    if place >= len(text) or column >= _GLYPH_WIDTH:
        return False
    row = _GLYPHS[text[place]][y // _SCALE]
    return bool(row >> (_GLYPH_WIDTH - 1 - column) & 1)


def _grained(colour: Colour, x: int, y: int, grain: int) -> Colour:
    mixed = (x * 374_761_393 + y * 668_265_263 + grain) * 2_246_822_519 & 0xFFFFFFFF
    return (
        _clipped(colour[0] + (mixed >> 8) % (2 * _NOISE + 1) - _NOISE),
        _clipped(colour[1] + (mixed >> 16) % (2 * _NOISE + 1) - _NOISE),
        _clipped(colour[2] + (mixed >> 24) % (2 * _NOISE + 1) - _NOISE),
    )


def _clipped(value: int) -> int:
    return min(255, max(0, value))
