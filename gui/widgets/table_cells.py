"""How the cells and headings of a table are measured and painted."""

from enum import Enum
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.theme import Theme
from gui.view_models.tables import Cell, Column
from gui.view_models.tones import Tone
from gui.view_models.words import short_tag
from gui.widgets.lights import paint_light
from gui.widgets.painting import (
    NORMAL,
    TAG_HEIGHT,
    draw_tag,
    elided,
    is_figure,
    metrics,
    set_text,
    tag_width,
    text_width,
)
from gui.widgets.table_model import TableModel

HEADER_HEIGHT = 26
_PADDING = 8
_GAP = 7
_SWATCH = 14
_BAR, _BAR_HEIGHT = 56, 4
_LIGHT = 9
_TEXT_PIXELS, _HEADING_PIXELS = 13, 11
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _width(text: str, numeric: bool) -> float:
    """Return the advance of a cell's text: all figures of a numeric column are of one width."""
    return _figures_width(text) if numeric else text_width(text, _TEXT_PIXELS)


@lru_cache(maxsize=8192)
def _figures_width(text: str) -> float:
    return metrics(_TEXT_PIXELS, tabular=True).horizontalAdvance(text)


class Tags(Enum):
    """How the tags of a column stand: all alike, as one without would seem to say something."""

    WHOLE = "simulated"
    SHORT = "sim"
    NONE = ""

    def of(self, cell: Cell) -> str:
        """Return the tag that is painted."""
        return cell.tag if self is Tags.WHOLE else short_tag(cell.tag) if self is Tags.SHORT else ""


def cell_width(cell: Cell, numeric: bool, tags: Tags = Tags.WHOLE) -> float:
    """Return the width a cell needs, padding included."""
    width = _width(cell.text, numeric) + 2 * _PADDING
    if cell.light is not None:
        width += _LIGHT + _GAP
    if cell.swatch is not None:
        width += _SWATCH + _GAP
    if cell.bar is not None:
        width += _BAR + _GAP
    tag = tags.of(cell)
    if tag:
        width += tag_width(tag) + _GAP
    return width


def heading_width(column: Column) -> int:
    """Return the width a heading needs, padding included."""
    # Room for the arrow of the sorted column, so that sorting moves nothing.
    return ceil(text_width(column.title, _HEADING_PIXELS)) + 2 * _PADDING + 12


class CellDelegate(QStyledItemDelegate):
    """Paints one cell: light, swatch, text, tag."""

    def __init__(self, theme: Theme, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._model = model
        self.tags: dict[int, Tags] = {}  # by column

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint ground and content; everything comes from the cell."""
        theme = self.theme
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("raised"))
            if index.column() == 0:
                focused = bool(state & QStyle.StateFlag.State_Active)
                bar = QRect(rect.left(), rect.top(), 2, rect.height())
                painter.fillRect(bar, theme.color("accent" if focused else "line"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.blend("raised", "surface", 0.5))
        painter.setPen(QPen(theme.blend("line", "surface", 0.6), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        numeric = self._model.columns[index.column()].numeric
        cell = self._model.cell(index)
        tag = self.tags.get(index.column(), Tags.WHOLE).of(cell)
        self._paint_content(painter, QRectF(rect), cell, tag, numeric)

    def _paint_content(self, painter: QPainter, rect: QRectF, cell: Cell, tag: str, numeric: bool) -> None:
        left, right = rect.left() + _PADDING, rect.right() - _PADDING
        middle = rect.center().y()
        if cell.light is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_light(painter, cell.light, left + _LIGHT / 2, middle, self.theme)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            left += _LIGHT + _GAP
        if cell.swatch is not None:
            self._paint_swatch(
                painter, QColor(*cell.swatch), QRectF(left, middle - _SWATCH / 2, _SWATCH, _SWATCH)
            )
            left += _SWATCH + _GAP
        if cell.bar is not None:
            self._paint_bar(
                painter, cell.bar, cell.tone, QRectF(left, middle - _BAR_HEIGHT / 2, _BAR, _BAR_HEIGHT)
            )
            left += _BAR + _GAP
        room = right - left
        if tag:
            beside = room - tag_width(tag) - _GAP
            # The name comes first: where it is too long for both, the panel's own tag has to do.
            tag, room = (tag, beside) if _width(cell.text, numeric) <= beside else ("", room)
        text = (
            cell.text
            if _width(cell.text, numeric) <= room
            else elided(cell.text, _TEXT_PIXELS, NORMAL, int(room))
        )
        set_text(painter, _TEXT_PIXELS, self.theme.color(cell.tone), tabular=numeric or is_figure(text))
        painter.drawText(
            QRectF(left, rect.top(), right - left, rect.height() - 1), _RIGHT if numeric else _LEFT, text
        )
        if tag:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            at = left + _width(text, numeric) + _GAP
            draw_tag(painter, tag, round(at), round(middle - TAG_HEIGHT / 2), self.theme)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_bar(self, painter: QPainter, share: float, tone: Tone, box: QRectF) -> None:
        """How far something has come towards its limit."""
        painter.fillRect(box, self.theme.color("raised"))
        filled = QRectF(box.left(), box.top(), round(box.width() * share), box.height())
        painter.fillRect(filled, self.theme.color(Tone.ACCENT if tone is Tone.TEXT else tone))

    def _paint_swatch(self, painter: QPainter, color: QColor, box: QRectF) -> None:
        """A sampled colour, outlined so that it shows on a ground of the same colour."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color("line"), 1))
        painter.setBrush(color)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class Headings(QHeaderView):
    """Small muted headings over a line; the sorted one carries a small arrow."""

    def __init__(self, theme: Theme, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.theme = theme
        self._model = model
        self.setSectionsClickable(True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFixedHeight(HEADER_HEIGHT)
        self.setMinimumSectionSize(24)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Paint one heading."""
        column = self._model.columns[logicalIndex]
        painter.fillRect(rect, self.theme.color("surface"))
        painter.setPen(QPen(self.theme.color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        box = QRectF(rect).adjusted(_PADDING, 0, -_PADDING, -1)
        title = elided(column.title, _HEADING_PIXELS, NORMAL, int(box.width()))
        order = self._model.order
        sorted_by = order is not None and order.column == logicalIndex
        color = self.theme.color(Tone.TEXT if sorted_by else Tone.MUTED)
        set_text(painter, _HEADING_PIXELS, color, tabular=is_figure(title))
        painter.drawText(box, _RIGHT if column.numeric else _LEFT, title)
        if sorted_by and order is not None:
            width = text_width(title, _HEADING_PIXELS)
            tip = box.right() - width - 8 if column.numeric else box.left() + width + 8
            self._paint_arrow(painter, QPoint(round(tip), rect.center().y()), order.descending)

    def _paint_arrow(self, painter: QPainter, middle: QPoint, descending: bool) -> None:
        step = 2 if descending else -2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color(Tone.TEXT), 1.4))
        painter.drawPolyline(
            [middle + QPoint(-3, -step), middle + QPoint(0, step), middle + QPoint(3, -step)]
        )
        painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill what is right of the last section, then paint the sections."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self.theme.color("surface"))
        painter.end()
        super().paintEvent(event)
