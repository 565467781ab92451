"""What the plots of curves share: pyqtgraph below a title, the axes, their colours and a cursor on the curve.

pyqtgraph takes a third of a second to load, so that begins when the first curve comes; until it is there the
place is empty. It has no types of its own, hence `Any`.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from gui.errands import Errands
from gui.plot_library import PlotLibrary
from gui.theme import Theme, font
from gui.view_models.tones import Tone
from gui.widgets.analytics.chart import LABEL, Chart


class LinePlot(Chart):
    """A chart that pyqtgraph draws. The arrow keys go along its curve."""

    def __init__(self, name: str, theme: Theme, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(name, theme, parent)
        self._library = PlotLibrary(errands, self)
        self._asked = False
        self._graph: Any = None  # the module pyqtgraph
        self._plot: Any = None
        self._items: dict[str, Any] = {}

    # What each plot says for itself.

    def _points(self) -> Sequence[float]:
        """Return where the points of the curve are sideways, rising."""
        raise AssertionError("each plot says this for itself")

    def _on_axis(self, point: float) -> float:
        """Return where a point is on the lower axis."""
        return point

    def _from_axis(self, at: float) -> float:
        """Return what is at a place of the lower axis: the reverse of `_on_axis`."""
        return at

    def _room(self) -> QRect:
        """Return the room of the plot and its axes in this widget."""
        raise AssertionError("each plot says this for itself")

    def _add_items(self) -> None:
        """Put everything but the cursor into the plot."""
        raise AssertionError("each plot says this for itself")

    def _color_items(self) -> None:
        """Colour what `_add_items` put there."""
        raise AssertionError("each plot says this for itself")

    def _draw(self) -> None:
        """Show the curve as it is now, and the cursor."""
        raise AssertionError("each plot says this for itself")

    # The plot.

    def _show_points(self) -> None:
        """Draw another curve; the first one as soon as it can be drawn."""
        self.keep_cursor()
        if self._plot is not None:
            self._draw()
        elif not self._asked:
            self._load()
        self.update()

    def _load(self) -> None:
        self._asked, self.trouble = True, ""
        self._library.load(self._build, self._say)

    def _say(self, reason: str) -> None:
        self.trouble = f"The curve cannot be drawn: {reason}"
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Try again what could not be loaded: whoever comes back may have mended it."""
        super().showEvent(event)
        if self.trouble:
            self._load()

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
            plot.getAxis(side).setStyle(tickFont=font(LABEL), tickLength=-4, autoExpandTextSpace=False)
        plot.getAxis("bottom").setHeight(22)
        self._add_items()
        self._items["cursor"] = graph.InfiniteLine(angle=90)
        plot.addItem(self._items["cursor"])
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
        theme, graph = self.theme, self._graph
        self._plot.setBackground(theme.color("surface"))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(graph.mkPen(theme.color("line"), width=1))
            axis.setTextPen(theme.color(Tone.MUTED))
        self._color_items()
        self._items["cursor"].setPen(graph.mkPen(theme.color("muted"), width=1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the plot into its room."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        if self._plot is not None:
            self._plot.setGeometry(self._room())

    # The cursor.

    def count(self) -> int:
        """Return how many points there are."""
        return len(self._points()) if self._plot is not None else 0

    def part_at(self, x: float, y: float) -> int | None:
        """Return the point nearest to a place, sideways."""
        if self._plot is None or not self.count():
            return None
        box = self._plot.getViewBox()
        scene = self._plot.mapToScene(round(x) - self._plot.x(), round(y) - self._plot.y())
        if not box.sceneBoundingRect().contains(scene):
            return None
        inside: QPointF = box.mapSceneToView(scene)
        wanted = self._from_axis(inside.x())
        points = self._points()
        place = min(bisect_left(points, wanted), len(points) - 1)
        return place - 1 if place and wanted - points[place - 1] < points[place] - wanted else place

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
            line.setPos(self._on_axis(self._points()[self.cursor_at]))
