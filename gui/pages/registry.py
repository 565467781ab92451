"""The pages of the window in the order of the rail. A page's module is imported when it is first opened."""

from collections.abc import Callable
from dataclasses import dataclass

from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.theme import Theme


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One entry of the rail and how its page is made."""

    title: str
    icon: str
    make: Callable[[WindowDependencies, Theme], Page]


def _wall(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.wall import WallPage

    return WallPage(dependencies, theme)


def _data(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.data import DataPage

    return DataPage(dependencies, theme)


def _analytics(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.analytics import AnalyticsPage

    return AnalyticsPage(dependencies, theme)


def _alerts(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.alerts import AlertsPage

    return AlertsPage(dependencies, theme)


def _strategies(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.strategies import StrategiesPage

    return StrategiesPage(dependencies, theme)


def _agents(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.agents import AgentsPage

    return AgentsPage(dependencies, theme)


def _health(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.health import HealthPage

    return HealthPage(dependencies, theme)


def _logs(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.logs import LogsPage

    return LogsPage(dependencies, theme)


def _settings(dependencies: WindowDependencies, theme: Theme) -> Page:
    from gui.pages.settings import SettingsPage

    return SettingsPage(dependencies, theme)


PAGES = (
    PageEntry("Wall", "wall", _wall),
    PageEntry("Data", "data", _data),
    PageEntry("Analytics", "analytics", _analytics),
    PageEntry("Alerts", "alerts", _alerts),
    PageEntry("Strategies", "strategies", _strategies),
    PageEntry("Agents", "agents", _agents),
    PageEntry("Health", "health", _health),
    PageEntry("Logs", "logs", _logs),
    PageEntry("Settings", "settings", _settings),
)
