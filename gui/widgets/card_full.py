"""The full card, about 320 by 180: everything about one bookmaker. Where it is less high it has no foot."""

import math

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from gui.theme import SEMIBOLD, Theme
from gui.view_models.cards import CardModel, Countdown, Flight
from gui.widgets.lights import paint_light
from gui.widgets.painting import (
    NORMAL,
    chip_width,
    draw_chip,
    draw_tag,
    draw_text,
    draw_text_right,
    elided,
    elided_before,
    tag_width,
    text_width,
)

_PAD = 14
_TEXT_LEFT = 30
_HEIGHT = 140  # of the parts without the foot; what a card is higher or less high, its middle is
_FOOT_HEIGHT = 40
_HEAD = 50  # the parts from top to bottom, each with where it ends at that height
_LIVE = 107
_LAST = 131
_FIGURE_SHARE = 0.415  # of the card's width
_CURVE_STEPS = 24
_VALUE_SIZES = (34, 28, 22)
_USUAL_AGE = "59 min"


def has_foot(height: int) -> bool:
    """Tell whether a card so high shows the figures of the range."""
    return height >= _HEIGHT + _FOOT_HEIGHT


def _grown(height: int) -> int:
    """Return how much higher a card is than its parts; below 0 for one that is less high."""
    return height - _HEIGHT - (_FOOT_HEIGHT if has_foot(height) else 0)


def changed_parts(old: CardModel, new: CardModel, width: int, height: int) -> list[QRect]:
    """Return what has to be painted again; everything where the border changes."""
    if old.alarm is not new.alarm:
        return [QRect(0, 0, width, height)]
    grown = _grown(height)
    if has_foot(height):
        last_changed, foot_changed = old.last != new.last, old.foot != new.foot
    else:
        last_changed, foot_changed = old.last != new.last or old.foot.age != new.foot.age, False
    parts = (
        (2, _HEAD, old.head != new.head),
        (_HEAD, _LIVE + grown, old.live != new.live),
        (_LIVE + grown, _LAST + grown, last_changed),
        (_LAST + grown, height - 2, foot_changed),
    )
    return [QRect(2, top, width - 4, bottom - top) for top, bottom, changed in parts if changed]


def paint_full(
    painter: QPainter, model: CardModel, theme: Theme, width: int, height: int, dirty: QRect
) -> None:
    """Paint the parts of the card that `dirty` touches. The frame is there already."""
    grown, footed = _grown(height), has_foot(height)
    if dirty.top() < _HEAD:
        _head(painter, model, theme, width)
    if dirty.top() < _LIVE + grown and dirty.bottom() >= _HEAD:
        _live(painter, model, theme, width, grown)
    painter.translate(0, grown)
    if dirty.top() < _LAST + grown and dirty.bottom() >= _LIVE + grown:
        _last(painter, model, theme, width, aged=not footed)
    if footed and dirty.bottom() >= _LAST + grown:
        _foot(painter, model, theme, width)


def _head(painter: QPainter, model: CardModel, theme: Theme, width: int) -> None:
    head = model.head
    paint_light(painter, head.light, 18, 20, theme)
    right = float(width - _PAD)
    if head.group:
        group = elided(head.group, 11, NORMAL, 90)
        right = draw_text_right(painter, group, right, 24, theme.color("muted"), 11) - 8
    room = right - _TEXT_LEFT - (tag_width(head.tag) + 8 if head.tag else 0)
    name = elided(head.name, 14, SEMIBOLD, int(room))
    end = _TEXT_LEFT + draw_text(painter, name, _TEXT_LEFT, 25, theme.color("text"), 14, SEMIBOLD)
    if head.tag:
        draw_tag(painter, head.tag, round(end) + 8, 13, theme)
    reason = elided_before(head.reason, head.brief, 11, NORMAL, width - _TEXT_LEFT - _PAD)
    draw_text(painter, reason, _TEXT_LEFT, 43, theme.color(head.reason_tone), 11)


def _live(painter: QPainter, model: CardModel, theme: Theme, width: int, grown: int) -> None:
    baseline = 90 + round(grown * 0.6)
    live = model.live
    figure_width = width * _FIGURE_SHARE
    room = width - 2 * _PAD - (figure_width if live.figure is not None else 0) - 18
    size = next((each for each in _VALUE_SIZES if text_width(live.value, each, SEMIBOLD) < room), 22)
    end = _PAD + draw_text(painter, live.value, _PAD, baseline, theme.color(live.tone), size, SEMIBOLD)
    if live.unit:
        draw_text(painter, live.unit, end - 1, baseline, theme.blend(live.tone, "surface", 0.8), 20)
    area = QRectF(width - _PAD - figure_width, 54, figure_width, 48 + grown)
    if isinstance(live.figure, Flight):
        _curve(painter, live.figure, theme, area)
    elif isinstance(live.figure, Countdown):
        _bar(painter, live.figure.left, theme, area, baseline - 16)


def _curve(painter: QPainter, flight: Flight, theme: Theme, area: QRectF) -> None:
    """Draw the flight up to what was observed.

    Both ends saturate with the multiplier, so that the curve grows quickly at first, never leaves its area
    and never jumps to another scale.
    """
    reached = max(flight.centi, 101) / 100
    right = area.left() + area.width() * 0.97 * (1 - reached**-0.9)
    height = area.height() * 0.97 * (1 - reached**-0.8)
    bottom, left = area.bottom(), area.left()
    growth = math.log(reached)
    points = []
    for step in range(_CURVE_STEPS + 1):
        share = step / _CURVE_STEPS
        risen = math.expm1(growth * share) / (reached - 1)
        points.append(QPointF(left + (right - left) * share, bottom - height * risen))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.blend(flight.tone, "surface", 0.18))
    painter.drawPolygon(QPolygonF([*points, QPointF(right, bottom), QPointF(left, bottom)]))
    painter.setPen(QPen(theme.color(flight.tone), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
    if not flight.crashed:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(flight.tone))
        painter.drawEllipse(points[-1], 3, 3)


def _bar(painter: QPainter, left: float, theme: Theme, area: QRectF, top: float) -> None:
    track = QRectF(area.left(), top, area.width(), 5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(track, 2.5, 2.5)
    if left * track.width() >= 1:
        track.setWidth(max(track.width() * left, 5))
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(track, 2.5, 2.5)


def _last(painter: QPainter, model: CardModel, theme: Theme, width: int, *, aged: bool) -> None:
    """Paint the last crash points, and with `aged` the age that else stands in the foot."""
    x, right = float(_PAD), float(width - _PAD)
    if aged:
        foot = model.foot
        right = draw_text_right(painter, foot.age, right, 122, theme.color(foot.age_tone), 11)
        right = min(right, width - _PAD - text_width(_USUAL_AGE, 11)) - 8  # ages do not move the chips
    for text, tone in model.last:
        if x + chip_width(text) > right:
            return
        x = round(x + draw_chip(painter, text, tone, x, 110, theme) + 5)


def _foot(painter: QPainter, model: CardModel, theme: Theme, width: int) -> None:
    foot = model.foot
    painter.setPen(QPen(theme.color("line"), 1))
    painter.drawLine(QPointF(_PAD, 136.5), QPointF(width - _PAD, 136.5))
    age_left = draw_text_right(painter, foot.age, width - _PAD, 166, theme.color(foot.age_tone), 12)
    x = float(_PAD)
    for label, value in foot.figures:
        wide = max(text_width(label, 10), text_width(value, 12))
        if x + wide > age_left - 8:
            return
        draw_text(painter, label, x, 151, theme.color("muted"), 10)
        draw_text(painter, value, x, 166, theme.color("text"), 12)
        x = round(x + wide + 14)
