"""Text, chips and frames as the painted widgets draw them. Lengths are in device-independent pixels.

Painters are shared by all cards, so what they measure is kept: the same few texts come again and again.
"""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.theme import SEMIBOLD, Theme, font, text_font
from gui.view_models.tones import Tone

NORMAL = QFont.Weight.Normal


@lru_cache(maxsize=64)
def metrics(pixels: int, weight: QFont.Weight = NORMAL, *, tabular: bool = False) -> QFontMetricsF:
    """Return the measures of the interface font at a size."""
    return QFontMetricsF(font(pixels, weight, tabular=tabular))


def is_figure(text: str) -> bool:
    """Return whether `text` is a number with its unit rather than words: those get figures of one width."""
    return text[:1].isdigit()


@lru_cache(maxsize=8192)
def text_width(text: str, pixels: int, weight: QFont.Weight = NORMAL) -> float:
    """Return the advance of `text`."""
    return metrics(pixels, weight, tabular=is_figure(text)).horizontalAdvance(text)


@lru_cache(maxsize=2048)
def elided(text: str, pixels: int, weight: QFont.Weight, width: int) -> str:
    """Return `text` cut at its end, with an ellipsis, to fit `width`."""
    measures = metrics(pixels, weight, tabular=is_figure(text))
    return measures.elidedText(text, Qt.TextElideMode.ElideRight, max(width, 0))


def elided_before(text: str, ending: str, pixels: int, weight: QFont.Weight, width: int) -> str:
    """Return `text` cut to fit `width`: what it ends with stays, where it does end so and there is room."""
    if text_width(text, pixels, weight) <= width:
        return text
    kept = f", {ending}"
    room = width - int(text_width(kept, pixels, weight))
    if not ending or not text.endswith(kept) or room < width // 3:
        return elided(text, pixels, weight, width)
    return elided(text.removesuffix(kept), pixels, weight, room) + kept


def draw_text(
    painter: QPainter,
    text: str,
    x: float,
    baseline: float,
    color: QColor,
    pixels: int,
    weight: QFont.Weight = NORMAL,
) -> float:
    """Draw `text` from x on its baseline; return its advance."""
    painter.setFont(text_font(pixels, color, weight, tabular=is_figure(text)))
    painter.setPen(color)
    painter.drawText(QPointF(x, baseline), text)
    return text_width(text, pixels, weight)


def set_text(painter: QPainter, pixels: int, color: QColor, *, tabular: bool = False) -> None:
    """Have the painter draw text of this size and colour, for texts that Qt breaks or aligns."""
    painter.setFont(text_font(pixels, color, tabular=tabular))
    painter.setPen(color)


def draw_text_right(
    painter: QPainter,
    text: str,
    right: float,
    baseline: float,
    color: QColor,
    pixels: int,
    weight: QFont.Weight = NORMAL,
) -> float:
    """Draw `text` so that it ends at `right`; return where it begins."""
    x = right - text_width(text, pixels, weight)
    draw_text(painter, text, x, baseline, color, pixels, weight)
    return x


def draw_frame(
    painter: QPainter, frame: QRectF, fill: QColor, border: QColor, radius: float, pen: float
) -> None:
    """Draw a rounded rectangle whose border lies inside `frame`. Antialiasing must be on."""
    painter.setPen(QPen(border, pen))
    painter.setBrush(fill)
    half = pen / 2
    painter.drawRoundedRect(frame.adjusted(half, half, -half, -half), radius - half, radius - half)


CHIP_HEIGHT = 16.0
_CHIP_PADDING = 8.0


def chip_width(text: str) -> float:
    """Return the width of a chip around `text`."""
    return text_width(text, 11, SEMIBOLD) + 2 * _CHIP_PADDING


def draw_chip(painter: QPainter, text: str, tone: Tone, x: float, y: float, theme: Theme) -> float:
    """Draw an outlined chip with its upper left corner at x, y; return its width."""
    width = chip_width(text)
    painter.setPen(QPen(theme.blend(tone, "surface", 0.45), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(x + 0.5, y + 0.5, width - 1, CHIP_HEIGHT - 1), 7.5, 7.5)
    draw_text(painter, text, x + _CHIP_PADDING, y + 12, theme.color(tone), 11, SEMIBOLD)
    return width


TAG_HEIGHT = 15.0
_TAG_PADDING = 4.0


def tag_width(text: str) -> float:
    """Return the width of a tag around `text`."""
    return text_width(text, 10) + 2 * _TAG_PADDING


def draw_tag(painter: QPainter, text: str, x: float, y: float, theme: Theme) -> float:
    """Draw a provenance tag with its upper left corner at x, y; return its width."""
    width = tag_width(text)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(x + 0.5, y + 0.5, width - 1, TAG_HEIGHT - 1), 3.5, 3.5)
    draw_text(painter, text, x + _TAG_PADDING, y + 11, theme.color("muted"), 10)
    return width
