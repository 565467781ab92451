"""The agents page: paper bets, colour samples and sessions, each with the state of its agent."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.stats_widgets import BettingAgentStats, RGBCollectorStats, SessionKeeperStats, StatsWidget
from gui.theme import Theme

_GAP = 12


class AgentsPage(Page):
    """Bets above, colours and sessions side by side below; the borders between them can be moved."""

    title = "Agents"
    icon = "agents"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self.betting = BettingAgentStats(dependencies, theme, self)
        self.colours = RGBCollectorStats(dependencies, theme, self)
        self.sessions = SessionKeeperStats(dependencies, theme, self)
        below = self._splitter(Qt.Orientation.Horizontal, self.colours, self.sessions)
        whole = self._splitter(Qt.Orientation.Vertical, self.betting, below)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.addWidget(whole)

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

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        for widget in self.widgets:
            widget.apply_theme(theme)

    def release(self) -> None:
        """End subscriptions and clocks."""
        for widget in self.widgets:
            widget.release()
