"""The compact card, about 190 by 60: light, name, multiplier, and the last crash points or the reason.

Where the wall has room it is higher, and shows both.
"""

import re

from PySide6.QtGui import QPainter

from gui.theme import SEMIBOLD, Theme
from gui.view_models.cards import CardModel
from gui.widgets.lights import paint_light
from gui.widgets.painting import NORMAL, draw_text, draw_text_right, elided, text_width

_LEFT = 26
_RIGHT = 10
_MOST_LAST = 6
_LAST_GAP = 7
_VALUE_SIZES = (19, 17, 15)
_USUAL_VALUE = "00.00x"
_DIGITS = re.compile(r"[0-9]")


_ROOMY_HEIGHT = 74  # from here on there is room for the reason and the crash points


def paint_compact(painter: QPainter, model: CardModel, theme: Theme, width: int, height: int) -> None:
    """Paint a compact card. The frame is there already."""
    roomy = height >= _ROOMY_HEIGHT
    upper = height / 2 - (16 if roomy else 6)  # baselines of the first and the last line
    lower = height / 2 + (26 if roomy else 15)
    head = model.head
    _first_line(painter, model, theme, width, upper)
    right = float(width - _RIGHT)
    if head.short_tag:
        right = draw_text_right(painter, head.short_tag, right, lower, theme.color("muted"), 10) - 6
    wide = width - _RIGHT - _LEFT
    if roomy:
        reason = elided(head.reason, 11, NORMAL, wide)
        draw_text(painter, reason, _LEFT, height / 2 + 4, theme.color(head.reason_tone), 11)
    if head.brief and (not roomy or text_width(head.reason, 11) > wide):
        brief = elided(head.brief, 11, NORMAL, int(right - _LEFT))
        draw_text(painter, brief, _LEFT, lower, theme.color(head.reason_tone), 11)
        return
    x = float(_LEFT)
    for text, tone in model.last[:_MOST_LAST]:
        if x + text_width(text, 11, SEMIBOLD) > right:
            return
        x += draw_text(painter, text, x, lower, theme.color(tone), 11, SEMIBOLD) + _LAST_GAP


def _first_line(painter: QPainter, model: CardModel, theme: Theme, width: int, baseline: float) -> None:
    head, live = model.head, model.live
    paint_light(painter, head.light, 14.5, baseline - 4.5, theme, 4)
    value, color = live.value + live.unit, theme.color(live.tone)
    size = value_size(head.name, width)
    value_left = draw_text_right(painter, value, width - _RIGHT, baseline + 1.5, color, size, SEMIBOLD)
    name = elided(head.name, 13, SEMIBOLD, int(value_left - 8 - _LEFT))
    draw_text(painter, name, _LEFT, baseline, theme.color("text"), 13, SEMIBOLD)


def value_size(name: str, width: int) -> int:
    """Return the size of the multiplier in pixels, such that the name beside a usual one need not be cut.

    It depends on nothing that changes in flight: neither name nor multiplier jumps. Names that differ in
    their digits only get one size.
    """
    room = width - _RIGHT - 8 - _LEFT - text_width(_DIGITS.sub("0", name), 13, SEMIBOLD)
    fitting = (size for size in _VALUE_SIZES if text_width(_USUAL_VALUE, size, SEMIBOLD) <= room)
    return next(fitting, _VALUE_SIZES[-1])
