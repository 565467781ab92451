"""Bars over an axis, painted; where they do not all fit, a slim bar below leads through them."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.analytics.charts import Bar, Bars
from gui.view_models.tones import Tone
from gui.widgets.analytics.chart import LABEL, TITLE, Chart
from gui.widgets.painting import draw_text, draw_text_right, text_width
from gui.widgets.scroll_bar import SlimScrollBar

_LEAST_SLOT, _MOST_SLOT = 4.0, 34.0  # pixels from one bar to the next
_LABELS = 18  # height of the labels below the bars
_WEIGHTS = 20  # height of the small bars of weights
_SCROLL = 10
_LEFT_GAP = 8
_NO_BARS = Bars()


class BarChart(Chart):
    """Shows `Bars`."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None, *, height: int = 190) -> None:
        super().__init__(name, theme, parent)
        self._bars = _NO_BARS
        self._scroll = SlimScrollBar(Qt.Orientation.Horizontal, theme, "surface", self)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.valueChanged.connect(lambda _: self.update())
        self._scroll.hide()
        self.setFixedHeight(height)

    @property
    def bars(self) -> Bars:
        """What is shown."""
        return self._bars

    @property
    def first(self) -> int:
        """The number of the first bar that can be seen."""
        return self._scroll.value() if not self._scroll.isHidden() else 0

    def show_bars(self, bars: Bars, title: str) -> None:
        """Show other bars. Who looked at the newest goes on looking at the newest."""
        self.set_title(title)
        if bars == self._bars:
            return
        follows = not self._bars.bars or self._scroll.value() == self._newest()
        self._bars = bars
        self.keep_cursor()
        self._arrange()
        if bars.newest_last and follows:
            self._scroll.setValue(self._newest())
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._scroll.theme = theme
        super().set_theme(theme)

    def count(self) -> int:
        """Return how many bars there are."""
        return len(self._bars.bars)

    def reading(self, part: int) -> str:
        """Return what is said of a bar."""
        return self._bars.bars[part].reading

    def part_at(self, x: float, y: float) -> int | None:
        """Return the bar whose slot is at a place."""
        if x < self._left() or y < TITLE:
            return None
        place = int((x - self._left()) / self._slot())
        part = self.first + place
        return part if place < self._fitting() and part < self.count() else None

    def point_at(self, part: int | None, *, by_mouse: bool = False) -> None:
        """Point at a bar, which is then in sight."""
        super().point_at(part, by_mouse=by_mouse)
        if self._cursor is not None and not self._scroll.isHidden():
            if self._cursor < self.first:
                self._scroll.setValue(self._cursor)
            elif self._cursor >= self.first + self._fitting():
                self._scroll.setValue(self._cursor - self._fitting() + 1)

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(300, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit in as many bars as there is room for."""
        follows = self._scroll.value() == self._newest()
        self._arrange()
        if self._bars.newest_last and follows:
            self._scroll.setValue(self._newest())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go through the bars sideways; up and down is the page's."""
        sideways = event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not sideways:
            sideways = event.angleDelta().y()
        if sideways and not self._scroll.isHidden():
            self._scroll.setValue(self._scroll.value() - round(sideways / 120 * self._fitting() / 8))
        else:
            event.ignore()

    # Places.

    def _left(self) -> float:
        widest = max((text_width(words, LABEL) for _, words in self._bars.ticks), default=0.0)
        return widest + _LEFT_GAP

    def _room(self) -> float:
        return max(self.width() - self._left() - 2, 1.0)

    def _fitting(self) -> int:
        return max(1, int(self._room() / _LEAST_SLOT))

    def _slot(self) -> float:
        return min(max(self._room() / max(self.count(), 1), _LEAST_SLOT), _MOST_SLOT)

    def _base(self) -> float:
        """Return where the bars stand."""
        below = _LABELS + (_WEIGHTS if self._bars.weighed else 0)
        return self.height() - below - (0 if self._scroll.isHidden() else _SCROLL)

    def _newest(self) -> int:
        """Return the first bar to be seen when the newest one that shows something is the last in sight."""
        bars = self._bars.bars
        last = next((place for place in range(len(bars) - 1, -1, -1) if bars[place].value is not None), 0)
        return min(max(last + 1 - self._scroll.pageStep(), 0), self._scroll.maximum())

    def _arrange(self) -> None:
        hidden = self.count() - self._fitting()
        self._scroll.setVisible(hidden > 0)
        self._scroll.setRange(0, max(hidden, 0))
        self._scroll.setPageStep(self._fitting())
        left = round(self._left())
        self._scroll.setGeometry(left, self.height() - _SCROLL, self.width() - left, _SCROLL)

    # Paint.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axis, bars, level and labels."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.theme.color("surface"))
        base, top = self._base(), TITLE + 4.0
        highest = self._bars.top
        self._paint_axis(painter, base, top, highest)
        slot = self._slot()
        shown = self._bars.bars[self.first : self.first + self._fitting()]
        for place, bar in enumerate(shown):
            left = self._left() + place * slot
            if self.first + place == self._cursor:
                box = QRectF(left, top, slot, base - top + (_WEIGHTS if self._bars.weighed else 0))
                painter.fillRect(box, self.theme.color("raised"))
            self._paint_bar(painter, bar, left, slot, base, (base - top) / highest)
        self._paint_line(painter, base, (base - top) / highest)
        self._paint_labels(painter, shown, slot)
        self.paint_title(painter)

    def _paint_axis(self, painter: QPainter, base: float, top: float, highest: float) -> None:
        for value, words in self._bars.ticks:
            y = round(base - value / highest * (base - top))
            token = self.theme.color("line") if value == 0 else self.theme.blend("line", "surface", 0.5)
            painter.setPen(QPen(token, 1))
            painter.drawLine(QPointF(self._left(), y), QPointF(self.width() - 1, y))
            color = self.theme.color(Tone.MUTED)
            draw_text_right(painter, words, self._left() - _LEFT_GAP, y + 4, color, LABEL)

    def _paint_bar(
        self, painter: QPainter, bar: Bar, left: float, slot: float, base: float, scale: float
    ) -> None:
        theme, tone = self.theme, self._bars.tone
        gap = 1.0 if slot < 8 else 2.0 if slot < 16 else 4.0
        x, width = round(left + gap / 2), max(round(slot - gap), 1)
        color = theme.blend(tone, "surface", 0.35 if bar.small else 0.85)
        if bar.value is not None and bar.value > 0:
            # What is above the scale, a share of very few rounds, is cut at the top.
            height = min(max(round(bar.value * scale), 1), round(base - TITLE - 2))
            box = QRectF(x, base - height, width, height)
            if bar.running and width > 3:
                painter.fillRect(box, theme.blend(tone, "surface", 0.2))
                painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
                painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
            else:
                painter.fillRect(box, color)
        if bar.low is not None and bar.high is not None and width >= 5 and not bar.small:
            top = max(base - bar.high * scale, TITLE + 2.0)
            middle = x + width // 2
            painter.fillRect(
                QRectF(middle, round(top), 1, round(base - bar.low * scale - top)), theme.color("text")
            )
        if bar.mark is not None:
            y = round(base - bar.mark * scale)
            painter.fillRect(QRectF(x - 1, y - 1, width + 2, 2), theme.color("text"))
        if self._bars.weighed:
            height = round(bar.weight * (_WEIGHTS - 6))
            painter.fillRect(QRectF(x, base + 4, width, height), theme.blend("muted", "surface", 0.45))

    def _paint_line(self, painter: QPainter, base: float, scale: float) -> None:
        if self._bars.line is None:
            return
        y = round(base - self._bars.line * scale)
        painter.setPen(QPen(self.theme.color("text"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(self._left(), y + 0.5), QPointF(self.width() - 1, y + 0.5))
        words = self._bars.line_words
        width = text_width(words, LABEL) + 8
        ground = QRectF(self.width() - width, y - 15, width, 14)
        painter.fillRect(ground, self.theme.color("surface"))
        draw_text_right(painter, words, self.width() - 4, y - 4, self.theme.color("text"), LABEL)

    def _paint_labels(self, painter: QPainter, shown: tuple[Bar, ...], slot: float) -> None:
        baseline = self._base() + (_WEIGHTS if self._bars.weighed else 0) + 13
        free_from = self._left() - 6
        for place, bar in enumerate(shown):
            width = text_width(bar.label, LABEL)
            left = self._left() + (place + 0.5) * slot - width / 2
            if left >= free_from and left + width <= self.width():
                draw_text(painter, bar.label, left, baseline, self.theme.color(Tone.MUTED), LABEL)
                free_from = left + width + 10
