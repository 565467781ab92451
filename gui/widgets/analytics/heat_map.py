"""Hours by weekdays, painted, with what the colours stand for below."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme
from gui.view_models.analytics.charts import Cell, Heat
from gui.view_models.tones import Tone
from gui.widgets.analytics.chart import LABEL, TITLE, Chart
from gui.widgets.painting import draw_text, text_width

_ROW, _GAP = 21, 2
_HEADS = 16  # height of the labels of the columns
_LEGEND = 18  # height of a line of it
_STEPS = 6  # of colour in the legend
_SWATCH = 12
_PALEST, _STRONGEST = 0.06, 0.92  # of the accent over the ground
_NO_HEAT = Heat()


class HeatMap(Chart):
    """Shows `Heat`. The arrow keys go through rows and columns."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(name, theme, parent)
        self._heat = _NO_HEAT
        self._columns = 0

    @property
    def heat(self) -> Heat:
        """What is shown."""
        return self._heat

    def show_heat(self, heat: Heat, title: str) -> None:
        """Show other cells."""
        self.set_title(title)
        if heat == self._heat:
            return
        self._heat = heat
        self._columns = len(heat.column_labels)
        self.keep_cursor()
        self._fit()
        self.update()

    def count(self) -> int:
        """Return how many cells there are."""
        return len(self._heat.rows) * self._columns

    def reading(self, part: int) -> str:
        """Return what is said of a cell."""
        return self._cell(part).reading

    def step(self, key: Qt.Key) -> int:
        """Go up and down, too."""
        rows = {Qt.Key.Key_Up: -self._columns, Qt.Key.Key_Down: self._columns}
        step = rows.get(key)
        if step is None or self.cursor_at is None:
            return super().step(key) if step is None else step
        return step if 0 <= self.cursor_at + step < self.count() else 0

    def part_at(self, x: float, y: float) -> int | None:
        """Return the cell at a place."""
        column, row = int((x - self._left()) / self._width()), int((y - TITLE) / _ROW)
        inside = x >= self._left() and column < self._columns and y >= TITLE and row < len(self._heat.rows)
        return row * self._columns + column if inside else None

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(320, self.height())

    def _cell(self, part: int) -> Cell:
        return self._heat.rows[part // self._columns][part % self._columns]

    def _left(self) -> float:
        return max((text_width(label, LABEL) for label in self._heat.row_labels), default=0.0) + 8

    def _width(self) -> float:
        return max((self.width() - self._left()) / max(self._columns, 1), 4.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cells, labels and legend."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.theme.color("surface"))
        self.paint_title(painter)
        if not self._columns:
            return
        muted = self.theme.color(Tone.MUTED)
        for row, label in enumerate(self._heat.row_labels):
            draw_text(painter, label, 0, TITLE + row * _ROW + 14, muted, LABEL)
        for part in range(self.count()):
            self._paint_cell(painter, part)
        self._paint_heads(painter)
        self._paint_legend(painter)

    def _box(self, part: int) -> QRectF:
        row, column = divmod(part, self._columns)
        left, right = (round(self._left() + self._width() * each) for each in (column, column + 1))
        return QRectF(left, TITLE + row * _ROW, right - left - _GAP, _ROW - _GAP)

    def _paint_cell(self, painter: QPainter, part: int) -> None:
        self._paint_box(painter, self._box(part), self._cell(part))
        if part == self.cursor_at:
            painter.setPen(QPen(self.theme.color("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._box(part).adjusted(-1, -1, 1, 1))

    def _paint_box(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        theme = self.theme
        if cell.small:
            painter.setPen(QPen(theme.color("line"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
            return
        if cell.level is None:
            painter.fillRect(box, theme.blend("raised", "surface", 0.5))
            return
        share = round(_PALEST + cell.level * (_STRONGEST - _PALEST), 2)
        painter.fillRect(box, theme.blend("accent", "surface", share))
        if cell.marked:
            painter.setPen(QPen(theme.color("text"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_heads(self, painter: QPainter) -> None:
        every = 1 if self._width() >= 22 else 3 if self._width() >= 8 else 6
        baseline = TITLE + len(self._heat.rows) * _ROW + 12
        for column in range(0, self._columns, every):
            label = self._heat.column_labels[column]
            middle = self._left() + self._width() * (column + 0.5) - _GAP / 2
            left = middle - text_width(label, LABEL) / 2
            draw_text(painter, label, left, baseline, self.theme.color(Tone.MUTED), LABEL)

    def _entries(self) -> list[tuple[Cell, str]]:
        """Return the samples of the legend, behind the colours."""
        samples = (
            (Cell(level=None, reading="", small=True), self._heat.small),
            (Cell(level=0.5, reading="", marked=True), self._heat.marked),
        )
        return [(cell, words) for cell, words in samples if words]

    def _legend_places(self) -> list[tuple[int, float]]:
        """Return line and left edge of the colours and of each sample."""
        colours = 0.0
        if self._heat.low:
            texts = text_width(self._heat.low, LABEL) + text_width(self._heat.high, LABEL)
            colours = texts + 11 + _STEPS * (_SWATCH + 1)
        places, line, left = [], 0, self._left()
        for width in (colours, *(_SWATCH + 6 + text_width(words, LABEL) for _, words in self._entries())):
            if left + width > self.width() and left > self._left():
                line, left = line + 1, self._left()
            places.append((line, left))
            left += width + 16 if width else 0
        return places

    def _fit(self) -> None:
        lines = self._legend_places()[-1][0] + 1
        height = TITLE + len(self._heat.rows) * _ROW + _HEADS + 8 + lines * _LEGEND
        if height != self.height():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the legend anew."""
        self._fit()

    def _paint_legend(self, painter: QPainter) -> None:
        first = TITLE + len(self._heat.rows) * _ROW + _HEADS + 8.0
        muted = self.theme.color(Tone.MUTED)
        places = self._legend_places()
        if self._heat.low:
            line, left = places[0]
            top = first + line * _LEGEND
            left += draw_text(painter, self._heat.low, left, top + 10, muted, LABEL) + 6
            for step in range(_STEPS):
                box = QRectF(left, top, _SWATCH, _SWATCH)
                self._paint_box(painter, box, Cell(level=step / (_STEPS - 1), reading=""))
                left += _SWATCH + 1
            draw_text(painter, self._heat.high, left + 5, top + 10, muted, LABEL)
        for (cell, words), (line, left) in zip(self._entries(), places[1:], strict=True):
            top = first + line * _LEGEND
            self._paint_box(painter, QRectF(left, top, _SWATCH, _SWATCH), cell)
            draw_text(painter, words, left + _SWATCH + 6, top + 10, muted, LABEL)
