"""A slim scroll bar without arrows or track: it says where one is and stays out of the way."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from gui.theme import Theme

_THICKNESS = 10


class SlimScrollBar(QScrollBar):
    """Behaves as any scroll bar does; only its looks are its own."""

    def __init__(self, orientation: Qt.Orientation, theme: Theme, ground: str, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self.theme = theme
        self.ground = ground
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)

    def sizeHint(self) -> QSize:
        """Return the slim size."""
        return QSize(_THICKNESS, _THICKNESS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the handle where the style has it, so that the mouse finds it there."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color(self.ground))
        if self.maximum() <= self.minimum():
            return
        from PySide6.QtWidgets import QStyle, QStyleOptionSlider  # 4 ms that the first paint does without

        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = QRectF(
            self.style().subControlRect(
                QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, self
            )
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        strong = self.isSliderDown() or self.underMouse()
        painter.setBrush(self.theme.color("faint" if strong else "line"))
        painter.drawRoundedRect(handle.adjusted(2, 2, -2, -2), 3, 3)


def scrolling(content: QWidget, theme: Theme, parent: QWidget) -> QScrollArea:
    """Return an area on the page's own ground that scrolls `content` up and down where it does not fit."""
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    area.viewport().setAutoFillBackground(False)
    content.setAutoFillBackground(False)
    slim(area, theme, "bg")
    return area


def slim(area: QAbstractScrollArea, theme: Theme, ground: str = "surface") -> None:
    """Give a scrolling area slim bars on `ground`, a token, or the bars it has other colours."""
    for orientation, bar, put in (
        (Qt.Orientation.Vertical, area.verticalScrollBar(), area.setVerticalScrollBar),
        (Qt.Orientation.Horizontal, area.horizontalScrollBar(), area.setHorizontalScrollBar),
    ):
        if isinstance(bar, SlimScrollBar):
            bar.theme, bar.ground = theme, ground
            bar.update()
        else:
            put(SlimScrollBar(orientation, theme, ground, area))
    if area.cornerWidget() is None:  # the style's own would draw two lines there
        area.setCornerWidget(QWidget(area))
    palette = area.palette()
    # What lies beside the viewport, such as the corner between the bars, is painted in the window's colour.
    palette.setColor(palette.ColorRole.Window, theme.color(ground))
    palette.setColor(palette.ColorRole.Base, theme.color(ground))
    area.setPalette(palette)
