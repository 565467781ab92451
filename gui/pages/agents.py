"""The agents page: paper bets, colour samples and sessions, each with the state of its agent."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.stats_widgets import BettingAgentStats, RGBCollectorStats, SessionKeeperStats, StatsWidget
from gui.theme import Theme
from gui.widgets.scroll_bar import scrolling, slim

_GAP = 12
_SIDE_BY_SIDE_FROM = 940  # pixels of width; below it colours and sessions stand one above the other
_LEAST_PART = 230  # pixels of height
_MOST_FOR_BETS = 0.56


class AgentsPage(Page):
    """Bets above, colours and sessions side by side below; the borders between them can be moved."""

    title = "Agents"
    icon = "agents"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self.betting = BettingAgentStats(dependencies, theme, self)
        self.colours = RGBCollectorStats(dependencies, theme, self)
        self.sessions = SessionKeeperStats(dependencies, theme, self)
        self._shared = False
        for widget in self.widgets:
            widget.setMinimumHeight(_LEAST_PART)
        self._below = self._splitter(Qt.Orientation.Horizontal, self.colours, self.sessions)
        self._whole = self._splitter(Qt.Orientation.Vertical, self.betting, self._below)
        self._area = scrolling(self._whole, theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.addWidget(self._area)

    def _splitter(self, orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
        splitter = QSplitter(orientation, self)
        splitter.setHandleWidth(_GAP)
        splitter.setChildrenCollapsible(False)
        for part in parts:
            splitter.addWidget(part)
            splitter.setStretchFactor(splitter.count() - 1, 1)
        splitter.setSizes([1_000] * len(parts))
        return splitter

    @property
    def widgets(self) -> tuple[StatsWidget, ...]:
        """The three parts of the page."""
        return (self.betting, self.colours, self.sessions)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with as much room for the bets as they need, if that leaves enough for the rest."""
        if not self._shared:
            self._shared = True
            height = self._whole.height()
            bets = min(self.betting.sizeHint().height(), round(height * _MOST_FOR_BETS))
            self._whole.setSizes([bets, height - bets])
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the lower parts side by side where they fit."""
        wide = event.size().width() >= _SIDE_BY_SIDE_FROM
        self._below.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        super().resizeEvent(event)

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        slim(self._area, theme, "bg")
        for widget in self.widgets:
            widget.set_theme(theme)

    def release(self) -> None:
        """End subscriptions and clocks."""
        for widget in self.widgets:
            widget.release()
