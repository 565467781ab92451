"""The course of a paper bankroll over rounds, with what the edge alone leaves on average beside it."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.errands import Errands
from gui.theme import Theme
from gui.view_models.strategies import BankrollCurve
from gui.widgets.analytics.chart import TITLE
from gui.widgets.analytics.line_plot import LinePlot

_HEIGHT = 260
_AXIS_WIDTH = 64
_NO_CURVE = BankrollCurve()


class BankrollPlot(LinePlot):
    """Shows a `BankrollCurve`. The arrow keys go along it."""

    def __init__(self, name: str, theme: Theme, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(name, theme, errands, parent)
        self._curve = _NO_CURVE
        self.setFixedHeight(_HEIGHT)

    @property
    def ready(self) -> bool:
        """Whether the curve can be seen, or none was ever to be shown."""
        return self._plot is not None or not self._asked

    def show_curve(self, curve: BankrollCurve, title: str) -> None:
        """Show another curve; the first one as soon as it can be drawn."""
        self.set_title(title)
        if curve != self._curve:
            self._curve = curve
            self._show_points()

    def reading(self, part: int) -> str:
        """Return what is said of a point."""
        return self._curve.readings[part]

    # What the plot asks.

    def _say(self, reason: str) -> None:
        self._asked = False
        super()._say(reason)

    def _points(self) -> Sequence[float]:
        return self._curve.rounds

    def _room(self) -> QRect:
        return QRect(0, TITLE, self.width(), self.height() - TITLE)

    def _add_items(self) -> None:
        graph, plot, items = self._graph, self._plot, self._items
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)
        plot.getAxis("left").setWidth(_AXIS_WIDTH)
        items["start"] = graph.InfiniteLine(angle=0)
        for name in ("expected", "bankroll"):
            items[name] = graph.PlotDataItem()
            items[name].setDownsampling(auto=True, method="peak")
            items[name].setClipToView(True)
        for name in ("start", "expected", "bankroll"):
            plot.addItem(items[name])

    def _color_items(self) -> None:
        theme, graph, items = self.theme, self._graph, self._items
        dashes = Qt.PenStyle.DashLine
        items["start"].setPen(graph.mkPen(theme.color("line"), width=1))
        items["expected"].setPen(graph.mkPen(theme.color("text"), width=1, style=dashes))
        items["bankroll"].setPen(graph.mkPen(theme.color("accent"), width=1))

    def _draw(self) -> None:
        curve, items = self._curve, self._items
        items["bankroll"].setData(list(curve.rounds), list(curve.bankrolls))
        items["expected"].setData(list(curve.rounds) if curve.expected else [], list(curve.expected))
        items["start"].setVisible(bool(curve.bankrolls))
        if curve.bankrolls:
            shown = (*curve.bankrolls, *curve.expected)
            items["start"].setPos(curve.bankrolls[0])
            self._plot.setXRange(0, max(curve.rounds[-1], 1), padding=0.01)
            self._plot.setYRange(min(shown), max(*shown, min(shown) + 1), padding=0.05)
        self._show_cursor()

    # What Qt says.

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(300, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the title, or what is pointed at."""
        self.paint_title(QPainter(self))
