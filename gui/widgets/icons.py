"""Line icons, painted on a grid of 20 by 20 so that they need no files and take any colour."""

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

_GRID = 20.0


def _wall(path: QPainterPath) -> None:
    for x in (3.0, 11.5):
        for y in (3.0, 11.5):
            path.addRoundedRect(QRectF(x, y, 5.5, 5.5), 1.2, 1.2)


def _data(path: QPainterPath) -> None:
    path.addEllipse(QRectF(3.5, 2.5, 13, 4.6))
    for y in (9.8, 15.0):
        path.moveTo(3.5, y)
        path.cubicTo(QPointF(3.5, y + 3.1), QPointF(16.5, y + 3.1), QPointF(16.5, y))
    for x in (3.5, 16.5):
        path.moveTo(x, 4.8)
        path.lineTo(x, 15.0)


def _analytics(path: QPainterPath) -> None:
    path.moveTo(2.8, 15.6)
    for x, y in ((7.2, 9.6), (10.6, 12.4), (17.2, 4.4)):
        path.lineTo(x, y)
    path.moveTo(12.8, 4.4)
    path.lineTo(17.2, 4.4)
    path.lineTo(17.2, 8.8)


def _alerts(path: QPainterPath) -> None:
    path.moveTo(3.2, 14.6)
    path.cubicTo(QPointF(6.6, 11.6), QPointF(3.2, 3.2), QPointF(10, 3.2))
    path.cubicTo(QPointF(16.8, 3.2), QPointF(13.4, 11.6), QPointF(16.8, 14.6))
    path.closeSubpath()
    path.moveTo(8.2, 17.2)
    path.cubicTo(QPointF(9, 18.2), QPointF(11, 18.2), QPointF(11.8, 17.2))


def _strategies(path: QPainterPath) -> None:
    path.addRoundedRect(QRectF(3.2, 3.2, 13.6, 13.6), 2.6, 2.6)
    for x, y in ((6.9, 6.9), (13.1, 6.9), (10, 10), (6.9, 13.1), (13.1, 13.1)):
        path.addEllipse(QPointF(x, y), 0.5, 0.5)


def _agents(path: QPainterPath) -> None:
    path.addEllipse(QRectF(6.4, 2.6, 7.2, 7.2))
    path.moveTo(3.2, 17.4)
    path.cubicTo(QPointF(3.8, 11.4), QPointF(16.2, 11.4), QPointF(16.8, 17.4))


def _health(path: QPainterPath) -> None:
    path.moveTo(1.8, 11)
    for x, y in ((5.6, 11), (8, 4), (11.8, 16.4), (14, 11), (18.2, 11)):
        path.lineTo(x, y)


def _logs(path: QPainterPath) -> None:
    for y, end in ((4.6, 16.6), (10, 12.4), (15.4, 16.6)):
        path.moveTo(3.4, y)
        path.lineTo(end, y)


def _settings(path: QPainterPath) -> None:
    for y, knob in ((4.6, 12.6), (10, 6.4), (15.4, 11)):
        path.moveTo(2.8, y)
        path.lineTo(knob - 2.1, y)
        path.addEllipse(QPointF(knob, y), 2.1, 2.1)
        path.moveTo(knob + 2.1, y)
        path.lineTo(17.2, y)


def _pane(path: QPainterPath) -> None:
    path.addRoundedRect(QRectF(2.6, 3.6, 14.8, 12.8), 2, 2)
    path.moveTo(12.2, 3.6)
    path.lineTo(12.2, 16.4)


def _theme(path: QPainterPath) -> None:
    path.addEllipse(QRectF(3.4, 3.4, 13.2, 13.2))
    path.moveTo(10, 3.4)
    path.lineTo(10, 16.6)
    for y in (6.6, 10.0, 13.4):
        path.moveTo(10, y)
        path.lineTo(15.6 if y != 10.0 else 16.6, y)


def _help(path: QPainterPath) -> None:
    path.moveTo(7, 7.4)
    path.cubicTo(QPointF(7, 2.6), QPointF(13.4, 2.8), QPointF(13, 7.2))
    path.cubicTo(QPointF(12.7, 9.4), QPointF(10, 9.4), QPointF(10, 12.4))
    path.addEllipse(QPointF(10, 16), 0.5, 0.5)


def _close(path: QPainterPath) -> None:
    path.moveTo(5, 5)
    path.lineTo(15, 15)
    path.moveTo(15, 5)
    path.lineTo(5, 15)


_SHAPES: dict[str, Callable[[QPainterPath], None]] = {
    "wall": _wall,
    "data": _data,
    "analytics": _analytics,
    "alerts": _alerts,
    "strategies": _strategies,
    "agents": _agents,
    "health": _health,
    "logs": _logs,
    "settings": _settings,
    "pane": _pane,
    "theme": _theme,
    "help": _help,
    "close": _close,
}
NAMES = tuple(_SHAPES)


@lru_cache(maxsize=32)
def _path(name: str) -> QPainterPath:
    path = QPainterPath()
    _SHAPES[name](path)
    return path


def paint_icon(painter: QPainter, name: str, x: float, y: float, size: float, color: QColor) -> None:
    """Paint an icon with its upper left corner at x, y. Raises KeyError for a name not in `NAMES`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(x, y)
    painter.scale(size / _GRID, size / _GRID)
    pen = QPen(color, 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_path(name))
    painter.restore()
