"""The side pane: what needs attention (or one bookmaker's details) above the log. It folds away."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.theme import SEMIBOLD, Theme, font
from gui.view_models.attention import Problem
from gui.view_models.details import DetailsModel
from gui.widgets.attention_list import AttentionList
from gui.widgets.details import Details
from gui.widgets.scroll_bar import slim

WIDTH = 292
_LEAST_WIDTH = 220
_MOST_WIDTH = 720
_EDGE = 5  # pixels of the left edge that widen the pane


class SidePane(QWidget):
    """Attention list, details and log in one column whose left edge can be dragged."""

    chosen = Signal(str)  # a bookmaker
    details_closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._dragged_from: int | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("side pane")
        self.attention = AttentionList(theme)
        self.attention.chosen.connect(self.chosen)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.attention)
        slim(self._area, theme)
        self.details = Details(theme, self)
        self.details.hide()
        self.details.closed.connect(self._close_details)
        self._attention_title = self._title("Attention")
        self._log_title = self._title("Log")
        self._log: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(15, 14, 8, 8)
        self._layout.setSpacing(6)
        self._layout.addWidget(self._attention_title)
        self._layout.addWidget(self._area)
        self._layout.addWidget(self.details)
        self._layout.addSpacing(6)
        self._layout.addWidget(self._log_title)
        self._layout.addStretch(1)
        self.set_width(WIDTH)

    def _title(self, words: str) -> QLabel:
        label = QLabel(words, self)
        label.setFont(font(11, SEMIBOLD))
        label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
        return label

    def set_log(self, log: QWidget) -> None:
        """Put the log into its place below the attention list."""
        self._log = log
        self._layout.takeAt(self._layout.count() - 1)  # the stretch that stood there
        self._layout.addWidget(log, 1)
        self._fit()

    def set_width(self, width: int) -> None:
        """Make the pane `width` wide, within its limits."""
        self.setFixedWidth(min(max(width, _LEAST_WIDTH), _MOST_WIDTH))

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Show other problems."""
        before = self.attention.sizeHint().height()
        self.attention.show_problems(problems)
        if self.attention.sizeHint().height() != before:
            self._fit()

    @property
    def lists_problems(self) -> bool:
        """Whether the attention list is in sight: neither folded away nor behind details."""
        return not self.isHidden() and not self.details.isVisibleTo(self)

    def show_details(self, model: DetailsModel | None) -> None:
        """Show one bookmaker in place of the attention list; None brings the list back."""
        if model is not None:
            self.details.show_model(model)
        if (model is not None) != self.details.isVisibleTo(self):
            self.details.setVisible(model is not None)
            self._area.setVisible(model is None)
            self._attention_title.setVisible(model is None)

    def _close_details(self) -> None:
        self.show_details(None)
        self.details_closed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the attention list what it needs, up to half of the height."""
        self._fit()

    def _fit(self) -> None:
        needed = self.attention.sizeHint().height()
        self._area.setFixedHeight(min(needed, max(self.height() // 2 - 30, 60)))

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.attention.set_theme(theme)
        self.details.set_theme(theme)
        slim(self._area, theme)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the line to the left of it."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.color("surface"))
        painter.fillRect(QRect(0, 0, 1, self.height()), self._theme.color("line"))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag the left edge."""
        if event.position().x() <= _EDGE:
            self._dragged_from = round(event.globalPosition().x()) + self.width()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer, or show that the edge can be dragged."""
        if self._dragged_from is not None:
            self.set_width(self._dragged_from - round(event.globalPosition().x()))
        elif event.position().x() <= _EDGE:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the dragging."""
        self._dragged_from = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the details."""
        if event.key() == Qt.Key.Key_Escape and self.details.isVisibleTo(self):
            self._close_details()
        else:
            super().keyPressEvent(event)
