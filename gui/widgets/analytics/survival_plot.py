"""The share of rounds that reach each multiplier, on two logarithmic axes, with its bands and the claim."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.errands import Errands
from gui.theme import Theme
from gui.view_models.analytics.distribution import Curve
from gui.view_models.analytics.figures import threshold_text
from gui.view_models.tones import Tone
from gui.widgets.analytics.chart import LABEL, TITLE
from gui.widgets.analytics.line_plot import LinePlot
from gui.widgets.painting import draw_text, text_width

_LEGEND = 20
_HEIGHT = 300
_MULTIPLIERS = (1, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000, 1_000_000)
_LEAST_GAP = 46.0  # pixels between two labels
_NO_CURVE = Curve()
_KEY, _KEY_GAP = 21.0, 12.0  # of the legend: what stands before the words, and behind them
_WILSON, _DKW = 0.34, 0.14  # of the accent over the ground


class SurvivalPlot(LinePlot):
    """Shows a `Curve`. The arrow keys go along it."""

    def __init__(self, name: str, theme: Theme, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(name, theme, errands, parent)
        self._curve = _NO_CURVE
        self.setFixedHeight(_HEIGHT)

    @property
    def ready(self) -> bool:
        """Whether the curve can be seen."""
        return self._plot is not None

    @property
    def wanted(self) -> bool:
        """Whether there is a curve to show."""
        return self._asked

    def show_curve(self, curve: Curve, title: str) -> None:
        """Show another curve; the first one as soon as it can be drawn."""
        self.set_title(title)
        if curve != self._curve:
            self._curve = curve
            self._show_points()

    def reading(self, part: int) -> str:
        """Return what is said of a point."""
        return self._curve.reading(part)

    # What the plot asks.

    def _points(self) -> Sequence[float]:
        return self._curve.multipliers

    def _on_axis(self, point: float) -> float:
        return math.log10(max(point, 1.0))

    def _from_axis(self, at: float) -> float:
        return float(10**at)

    def _room(self) -> QRect:
        return QRect(1, TITLE, self.width() - 2, self.height() - TITLE - _LEGEND)

    def _add_items(self) -> None:
        graph, plot, items = self._graph, self._plot, self._items
        plot.getAxis("left").setWidth(46)
        for band in ("dkw", "wilson"):
            low, high = graph.PlotCurveItem(), graph.PlotCurveItem()
            items[f"{band} low"], items[f"{band} high"] = low, high
            items[band] = graph.FillBetweenItem(low, high)
            plot.addItem(items[band])
        items["marked"] = graph.InfiniteLine(angle=90)
        for name in ("claimed", "shares"):
            items[name] = graph.PlotCurveItem()
        for name in ("marked", "claimed", "shares"):
            plot.addItem(items[name])

    def _color_items(self) -> None:
        theme, graph, items = self.theme, self._graph, self._items
        items["wilson"].setBrush(theme.blend("accent", "surface", _WILSON))
        items["dkw"].setBrush(theme.blend("accent", "surface", _DKW))
        items["shares"].setPen(graph.mkPen(theme.color("accent"), width=1))
        dashes = Qt.PenStyle.DashLine
        items["claimed"].setPen(graph.mkPen(theme.color("text"), width=1, style=dashes))
        items["marked"].setPen(graph.mkPen(theme.color("line"), width=1))

    # The curve, in decades.

    def _draw(self) -> None:
        curve, items = self._curve, self._items
        if not curve.multipliers:
            for name in ("shares", "claimed", "wilson low", "wilson high", "dkw low", "dkw high"):
                items[name].setData([], [])
            return
        least = min(curve.shares) / 3  # where a band that reaches down to 0 is cut
        across = [self._on_axis(each) for each in curve.multipliers]
        for name, values in (
            ("shares", curve.shares),
            ("wilson low", curve.wilson_low),
            ("wilson high", curve.wilson_high),
            ("dkw low", curve.dkw_low),
            ("dkw high", curve.dkw_high),
        ):
            # A band is filled anew when its upper end changes, once is enough.
            items[name].blockSignals(name.endswith("low"))
            items[name].setData(across, _decades(values, least))
            items[name].blockSignals(False)
        claims = [
            (x, claim)
            for x, claim in zip(across, curve.claimed, strict=True)
            if claim is not None and claim >= least  # below, a line would run along the axis
        ]
        items["claimed"].setData([x for x, _ in claims], [math.log10(claim) for _, claim in claims])
        items["marked"].setPos(self._on_axis(curve.marked))
        self._plot.setXRange(0, max(across[-1], 0.5), padding=0.02)
        self._plot.setYRange(math.log10(least), 0, padding=0.02)
        self._label()
        self._show_cursor()

    def _label(self) -> None:
        """Put labels where there is room for them: the axes' own would stand at powers only."""
        if self._plot is None or not self._curve.multipliers:
            return
        widest = math.log10(max(self._curve.multipliers[-1], 3.2))
        room = max(self.width() - 60.0, 1.0) / widest
        bottom, last = [], -math.inf
        for each in _MULTIPLIERS:
            at = math.log10(each)
            if at <= widest and (at - last) * room >= _LEAST_GAP:
                bottom.append((at, threshold_text(round(each * 100))))
                last = at
        least = math.log10(min(self._curve.shares) / 3)
        left = [
            (float(power), _power_text(power))
            for power in range(0, math.floor(least) - 1, -1)
            if power >= least
        ]
        left += [(power + math.log10(5), "") for power in range(-1, math.floor(least) - 1, -1)]
        self._plot.getAxis("bottom").setTicks([bottom])
        self._plot.getAxis("left").setTicks([left])

    def _place(self) -> None:
        super()._place()
        self._label()

    # What Qt says.

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(380, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint title and legend; the curve paints itself."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.theme.color("surface"))
        self.paint_title(painter)
        if self._curve.multipliers:
            self._paint_legend(painter)

    def _paint_legend(self, painter: QPainter) -> None:
        theme, top = self.theme, self.height() - 15.0
        entries = [
            ("seen", QPen(theme.color("accent"), 1), 0.0),
            ("95 % each", None, _WILSON),
            ("95 % all at once", None, _DKW),
        ]
        if any(each is not None for each in self._curve.claimed):
            entries.insert(1, (self._curve.claim, QPen(theme.color("text"), 1, Qt.PenStyle.DashLine), 0.0))
        wide = sum(_KEY + text_width(words, LABEL) + _KEY_GAP for words, _, _ in entries) - _KEY_GAP
        left = max(0.0, min(48.0, self.width() - 1 - wide))  # below the axis, where there is room
        for words, pen, fill in entries:
            if left + _KEY + text_width(words, LABEL) > self.width():
                return
            if pen is None:
                painter.fillRect(QRectF(left, top, 16, 10), theme.blend("accent", "surface", fill))
            else:
                painter.setPen(pen)
                painter.drawLine(QPointF(left, top + 5.5), QPointF(left + 16, top + 5.5))
            said = draw_text(painter, words, left + _KEY, top + 9, theme.color(Tone.MUTED), LABEL)
            left += _KEY + said + _KEY_GAP


def _decades(values: Sequence[float], least: float) -> list[float]:
    return [math.log10(max(value, least)) for value in values]


def _power_text(power: int) -> str:
    return f"{100 * 10.0**power:g} %"
