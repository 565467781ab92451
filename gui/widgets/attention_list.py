"""What needs the operator, one below the other; choosing an entry leads to its bookmaker."""

import re

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme
from gui.view_models.attention import Problem
from gui.widgets.painting import draw_text, metrics, set_text

_TITLE = 13
_DETAIL = 11
_TEXT_LEFT = 12
_GAP = 9
_MOST_TITLE_HEIGHT = 3 * 17
_MOST_DETAIL_HEIGHT = 2 * 14
_QUANTITY = re.compile(r"(?<=\d) (?=(?:s|min|h|d)\b)|(?<=signal) (?=\d)|(?<=code) (?=\d)")
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft


class AttentionList(QWidget):
    """Shows problems; as high as they need, so it belongs into a scroll area."""

    chosen = Signal(str)  # a bookmaker

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problems: tuple[Problem, ...] = ()
        self._boxes: list[QRect] = []
        self._detail_tops: list[int] = []
        self._current = 0
        self.setAccessibleName("attention")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is shown."""
        return self._problems

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Show other problems."""
        if problems == self._problems:
            return
        titles_changed = [each.title for each in problems] != [each.title for each in self._problems]
        self._problems = problems
        self._current = min(self._current, max(len(problems) - 1, 0))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if problems else Qt.FocusPolicy.NoFocus)
        if titles_changed:
            self.setAccessibleDescription("; ".join(each.title for each in problems))
        self._arrange()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of all entries."""
        bottom = self._boxes[-1].bottom() + 1 if self._boxes else 22
        return QSize(200, bottom + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the height of all entries."""
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break titles anew."""
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _arrange(self) -> None:
        height, y = self.sizeHint().height(), 2
        self._boxes, self._detail_tops = [], []
        room = max(self.width() - _TEXT_LEFT - 4, 60)
        for problem in self._problems:
            title = min(_wrapped_height(_unbroken(problem.title), _TITLE, room), _MOST_TITLE_HEIGHT)
            detail = min(_wrapped_height(_unbroken(problem.detail), _DETAIL, room), _MOST_DETAIL_HEIGHT)
            self._boxes.append(QRect(0, y, self.width(), title + detail + 2))
            self._detail_tops.append(y + title + 1)
            y += title + detail + 2 + _GAP
        if self.sizeHint().height() != height:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a coloured bar, the title and its detail for each problem."""
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("surface"))
        if not self._problems:
            draw_text(painter, "Nothing needs attention", 0, 15, theme.color("muted"), 12)
        for index, (problem, box) in enumerate(zip(self._problems, self._boxes, strict=True)):
            if not box.intersects(event.rect()):
                continue
            if self.hasFocus() and index == self._current:
                painter.fillRect(box.adjusted(3, -2, 0, 2), theme.color("raised"))
            painter.fillRect(box.x(), box.y(), 3, box.height(), theme.color(problem.tone))
            wide, top = box.width() - _TEXT_LEFT - 4, self._detail_tops[index]
            set_text(painter, _TITLE, theme.color("text"))
            painter.drawText(
                QRectF(_TEXT_LEFT, box.y(), wide, top - box.y()), _WRAP, _unbroken(problem.title)
            )
            set_text(painter, _DETAIL, theme.color("muted"))
            painter.drawText(
                QRectF(_TEXT_LEFT, top, wide, box.bottom() - top + 1), _WRAP, _unbroken(problem.detail)
            )
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Lead to the bookmaker of the entry."""
        for index, box in enumerate(self._boxes):
            if box.contains(event.position().toPoint()):
                self._current = index
                self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go through the entries, Enter leads to the bookmaker."""
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._problems:
            step = 1 if key == Qt.Key.Key_Down else -1
            self._current = (self._current + step) % len(self._problems)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which entry the keyboard is at."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No longer show it."""
        self.update()

    def _choose(self) -> None:
        if self._current < len(self._problems) and self._problems[self._current].bookmaker:
            self.chosen.emit(self._problems[self._current].bookmaker)


def _wrapped_height(text: str, pixels: int, width: int) -> int:
    room = QRectF(0, 0, width, 1_000)
    return round(metrics(pixels).boundingRect(room, _WRAP, text).height())


def _unbroken(text: str) -> str:
    """Return `text` with its numbers and their units on one line: "8 s"."""
    return _QUANTITY.sub("\N{NO-BREAK SPACE}", text)
