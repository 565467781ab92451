"""State lights: each state has its own shape besides its own colour."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from gui.theme import Theme
from gui.view_models.condition import Light


def paint_light(
    painter: QPainter, light: Light, x: float, y: float, theme: Theme, radius: float = 4.5
) -> None:
    """Paint a light with its centre at x, y. Leaves pen and brush changed; antialiasing must be on."""
    color = theme.color(light.tone)
    center = QPointF(x, y)
    if light in (Light.OFF, Light.BUSY):
        pen = QPen(color, radius * 0.4)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inner = radius - pen.widthF() / 2
        if light is Light.OFF:
            painter.drawEllipse(center, inner, inner)
        else:
            box = QRectF(x - inner, y - inner, 2 * inner, 2 * inner)
            painter.drawArc(box, 50 * 16, 260 * 16)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if light is Light.LIVE:
        painter.drawEllipse(center, radius, radius)
    elif light is Light.WARN:
        reach = radius * 1.15
        corners = [
            QPointF(x, y - reach),
            QPointF(x + reach, y + reach * 0.8),
            QPointF(x - reach, y + reach * 0.8),
        ]
        painter.drawPolygon(QPolygonF(corners))
    elif light is Light.BAD:
        side = radius * 1.7
        painter.drawRoundedRect(QRectF(x - side / 2, y - side / 2, side, side), 1, 1)
    else:
        bar = radius * 0.6
        for left in (x - radius * 0.85, x + radius * 0.25):
            painter.drawRoundedRect(QRectF(left, y - radius * 0.9, bar, radius * 1.8), 0.8, 0.8)
