"""Agents, health, logs and settings: what they show, what they start and stop, and in which colours."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from data_layer.engine import RedisStatus
from gui.dependencies import HealthCheck, WindowDependencies
from gui.pages.agents import AgentsPage
from gui.pages.alerts import AlertsPage
from gui.pages.analytics import AnalyticsPage
from gui.pages.data import DataPage
from gui.pages.health import HealthPage
from gui.pages.logs import LogsPage
from gui.pages.page import Page
from gui.pages.settings import SettingsPage
from gui.sample.window import Sample, SampleClock
from gui.theme import DARK, LIGHT
from gui.view_models.wall import WallSize
from tests.gui.fakes import empty_dependencies

PAGES: tuple[type[Page], ...] = (
    DataPage,
    AnalyticsPage,
    AlertsPage,
    AgentsPage,
    HealthPage,
    LogsPage,
    SettingsPage,
)


class Opened:
    """Opens pages and releases them after the test."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.pages: list[Page] = []

    def __call__(self, kind: type[Page], dependencies: WindowDependencies) -> Page:
        page = kind(dependencies, DARK)
        self.pages.append(page)
        self._qtbot.addWidget(page)
        page.resize(1_200, 640)
        page.show()
        self._qtbot.waitExposed(page)
        return page


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Opened]:
    opener = Opened(qtbot)
    yield opener
    for page in opener.pages:
        page.release()


@pytest.mark.parametrize("kind", PAGES)
def test_every_page_bears_an_engine_that_has_said_nothing(
    kind: type[Page], opened: Opened, tmp_path: Path
) -> None:
    page = opened(kind, empty_dependencies(tmp_path))
    page.grab()
    assert kind.title
    assert kind.icon


@pytest.mark.parametrize("kind", PAGES)
def test_every_page_bears_any_size_and_either_theme(kind: type[Page], opened: Opened, sample: Sample) -> None:
    page = opened(kind, sample.dependencies)
    for size in ((640, 380), (1_920, 1_000), (1_300, 690)):
        page.resize(*size)
        page.apply_theme(LIGHT)
        light = page.grab().toImage().pixelColor(40, 22).lightness()
        page.apply_theme(DARK)
        dark = page.grab().toImage().pixelColor(40, 22).lightness()
        assert light > 200 > 60 > dark


def test_the_agents_page_puts_its_lower_parts_one_above_the_other_where_it_is_narrow(
    opened: Opened, sample: Sample
) -> None:
    page = opened(AgentsPage, sample.dependencies)
    assert isinstance(page, AgentsPage)
    assert page.colours.pos().y() == page.sessions.pos().y()
    page.resize(640, 500)
    page.grab()
    assert page.colours.pos().y() < page.sessions.pos().y()


class Checks:
    """A health check that counts its calls, waits when told to, and can fail."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.let_go = threading.Event()
        self.let_go.set()
        self.failure: Exception | None = None

    def __call__(self) -> Sequence[HealthCheck]:
        self.threads.append(threading.get_ident())
        self.let_go.wait(30)
        if self.failure is not None:
            raise self.failure
        return (
            HealthCheck(name="disk", state="healthy", text="48 GB free"),
            HealthCheck(name="database", state="broken", text="not a database", advice="restore a backup"),
        )


@pytest.fixture
def checks() -> Iterator[Checks]:
    made = Checks()
    yield made
    made.let_go.set()


def open_health(opened: Opened, sample: Sample, checks: Checks) -> HealthPage:
    page = opened(HealthPage, replace(sample.dependencies, health=checks))
    assert isinstance(page, HealthPage)
    return page


def test_the_check_runs_on_another_thread_when_the_page_opens_and_shows_the_worst_first(
    qtbot: QtBot, opened: Opened, sample: Sample, checks: Checks
) -> None:
    page = open_health(opened, sample, checks)
    qtbot.waitUntil(lambda: len(page.findings.findings) == 2)
    assert checks.threads[0] != threading.get_ident()
    assert [finding.name for finding in page.findings.findings] == ["database", "disk"]
    page.copy_button.click()
    assert "restore a backup" in QGuiApplication.clipboard().text()


def test_the_check_is_repeated_on_demand_and_when_a_minute_is_over(
    qtbot: QtBot, opened: Opened, sample: Sample, sample_clock: SampleClock, checks: Checks
) -> None:
    page = open_health(opened, sample, checks)
    qtbot.waitUntil(lambda: page.again_button.isEnabled() and len(checks.threads) == 1)
    page.again_button.click()
    qtbot.waitUntil(lambda: page.again_button.isEnabled() and len(checks.threads) == 2)
    page.refresh()
    assert len(checks.threads) == 2
    sample_clock.advance(61)
    page.refresh()
    qtbot.waitUntil(lambda: len(checks.threads) == 3)


def test_a_check_that_takes_long_is_not_started_twice(
    qtbot: QtBot, opened: Opened, sample: Sample, checks: Checks
) -> None:
    checks.let_go.clear()
    page = open_health(opened, sample, checks)
    qtbot.waitUntil(lambda: len(checks.threads) == 1)
    page.run_check()
    assert not page.again_button.isEnabled()
    checks.let_go.set()
    qtbot.waitUntil(page.again_button.isEnabled)
    assert len(checks.threads) == 1


def test_a_check_that_fails_says_so_and_keeps_what_was_found_before(
    qtbot: QtBot, opened: Opened, sample: Sample, checks: Checks
) -> None:
    page = open_health(opened, sample, checks)
    qtbot.waitUntil(lambda: len(page.findings.findings) == 2)
    checks.failure = RuntimeError("no memory")
    page.run_check()
    qtbot.waitUntil(lambda: "The check itself failed: no memory" in page.check.bar.accessibleName())
    assert len(page.findings.findings) == 2


def test_the_workers_of_the_health_page_are_those_of_the_board(
    opened: Opened, sample: Sample, sample_clock: SampleClock, checks: Checks
) -> None:
    page = open_health(opened, sample, checks)
    states = {row.key: row.cells[1].text for row in page.table.table.rows}
    assert states["VolcanoBet"].startswith("worker exited (signal 9), restart in")
    assert states["StarBet"] == "no data for 41 s"
    sample.engine.stop(["Admiral"])
    page.refresh()
    assert {row.key: row.cells[1].text for row in page.table.table.rows}["Admiral"] == "stopped by you"


def test_the_logs_page_shows_the_lines_of_the_tap(qtbot: QtBot, opened: Opened, sample: Sample) -> None:
    page = opened(LogsPage, sample.dependencies)
    assert isinstance(page, LogsPage)
    sample.logs.emit_samples()
    qtbot.waitUntil(lambda: len(page.pane.book.shown) == 10)


def test_choices_of_the_settings_page_are_told_and_what_is_in_force_is_shown(
    qtbot: QtBot, opened: Opened, sample: Sample
) -> None:
    page = opened(SettingsPage, sample.dependencies)
    assert isinstance(page, SettingsPage)
    themes: list[str] = []
    sizes: list[WallSize] = []
    page.theme_wanted.connect(themes.append)
    page.wall_size_wanted.connect(sizes.append)
    page.show_choices("light", WallSize.COMPACT)
    assert (themes, sizes) == ([], [])
    assert (page.themes.key, page.sizes.key) == ("light", "compact")
    page.themes.click("dark")
    page.sizes.click("table")
    assert (themes, sizes) == (["dark"], [WallSize.ROW])
    assert [row.key for row in page.table.table.rows] == ["data_dir", "redis.enabled", "bookmakers[0].name"]


class Lever:
    """A switch of Redis that notes what is asked of it."""

    def __init__(self) -> None:
        self.now = RedisStatus(address="redis://here:6379/0")
        self.ordered = 0

    def status(self) -> RedisStatus:
        return self.now

    def switch(self, *, on: bool) -> None:
        self.now = replace(self.now, enabled=on, connected=on)

    def compute_metrics(self) -> None:
        self.ordered += 1


def test_redis_is_switched_on_the_settings_page(opened: Opened, sample: Sample) -> None:
    lever = Lever()
    page = opened(SettingsPage, replace(sample.dependencies, redis=lever))
    assert isinstance(page, SettingsPage)
    page.show_board(sample.engine.snapshot())
    assert page.redis.key == "off"
    page.redis.click("on")
    assert lever.now.enabled
    page.show_board(sample.engine.snapshot())
    assert page.redis.key == "on"
    assert "redis://here:6379/0" in page.redis_facts.accessibleName()


def test_metrics_are_computed_anew_by_a_button_while_redis_is_there(opened: Opened, sample: Sample) -> None:
    lever = Lever()
    page = opened(SettingsPage, replace(sample.dependencies, redis=lever))
    assert isinstance(page, SettingsPage)
    page.show_board(sample.engine.snapshot())
    assert not page.metrics_button.isEnabled()
    lever.switch(on=True)
    page.show_board(sample.engine.snapshot())
    page.metrics_button.click()
    assert lever.ordered == 1


def test_released_pages_have_left_every_subscription(opened: Opened, sample: Sample) -> None:
    for kind in PAGES:
        opened(kind, sample.dependencies).release()
    assert sample.reader._callbacks == []
    assert sample.logs._callbacks == []
