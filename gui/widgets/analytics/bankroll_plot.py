"""The course of a paper bankroll over rounds, with what the edge alone leaves on average beside it.

pyqtgraph draws it. It takes a third of a second to load, so it is loaded on a thread of its own when the
first curve comes; until then the place is empty. It has no types of its own, hence `Any`.
"""

import importlib
from bisect import bisect_left
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.errands import Errands
from gui.theme import Theme, font
from gui.view_models.strategies import BankrollCurve
from gui.view_models.tones import Tone
from gui.widgets.analytics.chart import LABEL, TITLE, Chart

_HEIGHT = 260
_AXIS_WIDTH = 64
_NO_CURVE = BankrollCurve()


class BankrollPlot(Chart):
    """Shows a `BankrollCurve`. The arrow keys go along it."""

    def __init__(self, name: str, theme: Theme, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(name, theme, parent)
        self._errands = errands
        self._curve = _NO_CURVE
        self._asked = False
        self._graph: Any = None  # the module pyqtgraph
        self._plot: Any = None
        self._items: dict[str, Any] = {}
        self.setFixedHeight(_HEIGHT)

    @property
    def ready(self) -> bool:
        """Whether the curve can be seen, or none was ever to be shown."""
        return self._plot is not None or not self._asked

    def show_curve(self, curve: BankrollCurve, title: str) -> None:
        """Show another curve; the first one as soon as it can be drawn."""
        self.set_title(title)
        if curve == self._curve:
            return
        self._curve = curve
        self.keep_cursor()
        if self._plot is not None:
            self._draw()
        elif not self._asked:
            self._asked = True
            self._errands.run(lambda: importlib.import_module("pyqtgraph"), self._build, self._say)
        self.update()

    def _say(self, reason: str) -> None:
        self._asked = False
        self.set_title(f"The curve cannot be drawn: {reason}")

    def _build(self, graph: Any) -> None:
        self._graph = graph
        plot = self._plot = graph.PlotWidget(self)
        plot.setAntialiasing(True)
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(False, False)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setStyle(tickFont=font(LABEL), tickLength=-4, autoExpandTextSpace=False)
            axis.enableAutoSIPrefix(False)
        plot.getAxis("left").setWidth(_AXIS_WIDTH)
        plot.getAxis("bottom").setHeight(22)
        items = self._items
        items["start"] = graph.InfiniteLine(angle=0)
        for name in ("expected", "bankroll"):
            items[name] = graph.PlotDataItem()
            items[name].setDownsampling(auto=True, method="peak")
            items[name].setClipToView(True)
        items["cursor"] = graph.InfiniteLine(angle=90)
        for name in ("start", "expected", "bankroll", "cursor"):
            plot.addItem(items[name])
        self._color()
        self._draw()
        self._place()
        plot.show()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        super().set_theme(theme)
        self._color()

    def _color(self) -> None:
        if self._plot is None:
            return
        theme, graph, items = self.theme, self._graph, self._items
        self._plot.setBackground(theme.color("surface"))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(graph.mkPen(theme.color("line"), width=1))
            axis.setTextPen(theme.color(Tone.MUTED))
        dashes = Qt.PenStyle.DashLine
        items["start"].setPen(graph.mkPen(theme.color("line"), width=1))
        items["expected"].setPen(graph.mkPen(theme.color("text"), width=1, style=dashes))
        items["bankroll"].setPen(graph.mkPen(theme.color("accent"), width=1))
        items["cursor"].setPen(graph.mkPen(theme.color("muted"), width=1))

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

    # The cursor.

    def count(self) -> int:
        """Return how many points there are."""
        return len(self._curve.rounds) if self._plot is not None else 0

    def reading(self, part: int) -> str:
        """Return what is said of a point."""
        return self._curve.readings[part]

    def part_at(self, x: float, y: float) -> int | None:
        """Return the point nearest to a place, sideways."""
        if self._plot is None or not self.count():
            return None
        box = self._plot.getViewBox()
        scene = self._plot.mapToScene(round(x) - self._plot.x(), round(y) - self._plot.y())
        if not box.sceneBoundingRect().contains(scene):
            return None
        inside: QPointF = box.mapSceneToView(scene)
        rounds = self._curve.rounds
        place = min(bisect_left(rounds, inside.x()), len(rounds) - 1)
        nearer = place and inside.x() - rounds[place - 1] < rounds[place] - inside.x()
        return place - 1 if nearer else place

    def point_at(self, part: int | None, *, by_mouse: bool = False) -> None:
        """Point at a point of the curve."""
        super().point_at(part, by_mouse=by_mouse)
        self._show_cursor()

    def _show_cursor(self) -> None:
        if self._plot is None:
            return
        line = self._items["cursor"]
        line.setVisible(self.cursor_at is not None)
        if self.cursor_at is not None:
            line.setPos(self._curve.rounds[self.cursor_at])

    # What Qt says.

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(300, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the curve below the title."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        if self._plot is not None:
            self._plot.setGeometry(0, TITLE, self.width(), self.height() - TITLE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the title, or what is pointed at."""
        self.paint_title(QPainter(self))
