"""The pages of the window in the order of the rail. A page's module is imported when it is first opened."""

import importlib
from dataclasses import dataclass

from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.theme import Theme


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One entry of the rail and where its page is to be found."""

    title: str
    icon: str
    module: str
    kind: str  # name of the page's class in that module

    def make(self, dependencies: WindowDependencies, theme: Theme) -> Page:
        """Return the page, newly made; its module is imported if need be."""
        kind: object = getattr(importlib.import_module(self.module), self.kind)
        if not (isinstance(kind, type) and issubclass(kind, Page)):
            raise TypeError(f"{self.module}.{self.kind} is no page")
        return kind(dependencies, theme)


PAGES = (
    PageEntry("Wall", "wall", "gui.pages.wall", "WallPage"),
    PageEntry("Data", "data", "gui.pages.data", "DataPage"),
    PageEntry("Analytics", "analytics", "gui.pages.analytics", "AnalyticsPage"),
    PageEntry("Alerts", "alerts", "gui.pages.alerts", "AlertsPage"),
    PageEntry("Strategies", "strategies", "gui.pages.strategies", "StrategiesPage"),
    PageEntry("Agents", "agents", "gui.pages.agents", "AgentsPage"),
    PageEntry("Health", "health", "gui.pages.health", "HealthPage"),
    PageEntry("Logs", "logs", "gui.pages.logs", "LogsPage"),
    PageEntry("Settings", "settings", "gui.pages.settings", "SettingsPage"),
)
