"""Widgets in a line that goes on below where it has no more room."""

from collections.abc import Iterator

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP, _LINE_GAP = 10, 6


class Flow(QWidget):
    """Places visible children from left to right at their preferred sizes; its height follows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(0)

    def add(self, part: QWidget) -> None:
        """Put `part` behind the others."""
        part.setParent(self)
        self._parts.append(part)
        self.arrange()

    def remove(self, part: QWidget) -> None:
        """Place `part` no more; what becomes of it is the caller's."""
        self._parts.remove(part)
        self.arrange()

    def clear(self) -> None:
        """Place nothing more of what was added; it stays a child."""
        self._parts.clear()

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(300, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the line anew."""
        self.arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Break the line with the sizes that the parts have now."""
        self.arrange()

    def arrange(self) -> None:
        """Place everything; to be called after a part was hidden, shown or changed its size."""
        bottom = 0
        for line in self._lines():
            height = max(size.height() for _, size in line)
            top = bottom + (_LINE_GAP if bottom else 0)
            left = 0
            for part, size in line:
                part.setGeometry(left, top + (height - size.height()) // 2, size.width(), size.height())
                left += size.width() + _GAP
            bottom = top + height
        if self.height() != bottom:
            self.setFixedHeight(bottom)

    def _lines(self) -> Iterator[list[tuple[QWidget, QSize]]]:
        line: list[tuple[QWidget, QSize]] = []
        taken = 0
        for part in self._parts:
            if part.isHidden():
                continue
            size = part.sizeHint().boundedTo(part.maximumSize()).expandedTo(part.minimumSize())
            if line and taken + size.width() > self.width():
                yield line
                line, taken = [], 0
            line.append((part, size))
            taken += size.width() + _GAP
        if line:
            yield line
