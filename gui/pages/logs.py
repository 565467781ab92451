"""The logs page: the log of all processes, in full height."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.theme import Theme
from gui.widgets.log_pane import LogPane
from gui.widgets.panel import Panel


class LogsPage(Page):
    """One log pane."""

    title = "Logs"
    icon = "logs"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self._panel = Panel("Log of all processes", theme, self)
        self.pane = LogPane(dependencies.logs, theme, self._panel)
        self._panel.body.addWidget(self.pane, 1)
        self._panel.bar.show_state(note=f"also in {dependencies.data_dir / 'logs'}")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.addWidget(self._panel)

    def open_search(self) -> bool:
        """Lead the keyboard to what is looked for in the log."""
        self.pane.open_search()
        return True

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        self._panel.set_theme(theme)
        self.pane.set_theme(theme)

    def release(self) -> None:
        """End the subscription."""
        self.pane.release()
