"""The whole window over sample data, without a display."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from data_layer.engine import BoardSnapshot
from gui.main_window import MainWindow
from gui.pages.analytics import AnalyticsPage
from gui.pages.data import DataPage
from gui.pages.logs import LogsPage
from gui.pages.page import Page
from gui.pages.registry import PAGES
from gui.sample.window import Sample, SampleClock, make_sample
from gui.theme import LIGHT
from gui.view_models.levers import Lever
from gui.view_models.wall import CardSize, WallSize
from gui.window_memory import load
from tests.gui.fakes import empty_dependencies
from tests.gui.opened_window import Opener, opened, press, refresh

__all__ = ["opened"]  # fixtures


class Fixed:
    """A board that does not change."""

    def __init__(self, shown: BoardSnapshot) -> None:
        self._shown = shown

    def snapshot(self) -> BoardSnapshot:
        return self._shown


def test_it_shows_every_bookmaker_and_what_is_wrong(opened: Opener) -> None:
    window = opened()
    assert [card.model.head.name for card in window.wall.cards][:2] == ["Admiral", "Mozzart"]
    assert len(window.side_pane.attention.problems) == 2
    assert window.wall.shown_size is CardSize.FULL
    assert window.header.buttons[Lever.PAUSE].text() == "Pause all"


def test_the_status_line_counts_what_needs_attention_while_the_list_is_out_of_sight(opened: Opener) -> None:
    window = opened()

    def said() -> str:
        refresh(window)
        return window.status_bar.accessibleDescription()

    assert "attention" not in said()
    window.toggle_pane()
    assert said().startswith("2 need attention, database")
    window.toggle_pane()
    window.open_details("Admiral")
    assert said().startswith("2 need attention")
    window.close_details()
    assert "attention" not in said()


def test_an_empty_wall_says_why_it_is_empty(opened: Opener, sample: Sample) -> None:
    window = opened()
    said = window.wall.canvas.accessibleDescription
    assert said() == ""
    full = sample.engine.snapshot()
    live = sample.dependencies.live
    window.dependencies = replace(window.dependencies, live=Fixed(replace(full, workers=())))
    refresh(window)
    assert said().startswith("No bookmakers are configured")
    window.dependencies = replace(window.dependencies, live=Fixed(replace(full, instance=None, workers=())))
    refresh(window)
    assert said().startswith("Starting")
    window.dependencies = replace(window.dependencies, live=live)
    refresh(window)
    assert said() == ""


def test_it_copes_with_an_engine_that_has_not_started(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(empty_dependencies(tmp_path))
    with qtbot.waitSignal(window.settled):
        window.show()
    refresh(window)
    assert window.wall.cards == []
    assert not window.header.buttons[Lever.STOP].isEnabled()
    for number in range(len(PAGES)):
        window.open_page(number)
        window.sample()
    window.close()


def test_bookmakers_that_appear_later_get_their_cards(
    opened: Opener, tmp_path: Path, sample_clock: SampleClock
) -> None:
    sample = make_sample(8, tmp_path, clock=sample_clock)
    late = list(sample.engine.workers)
    sample.engine.workers.clear()
    window = opened(sample)
    assert window.wall.cards == []
    sample.engine.workers.extend(late)
    refresh(window)
    assert len(window.wall.cards) == 8


@pytest.mark.parametrize(("count", "size"), [(1, CardSize.FULL), (50, CardSize.COMPACT), (120, CardSize.ROW)])
def test_the_size_of_the_cards_follows_their_number(
    opened: Opener, tmp_path: Path, count: int, size: CardSize
) -> None:
    window = opened(make_sample(count, tmp_path))
    assert window.wall.shown_size is size
    window.set_wall_size(WallSize.FULL)
    assert window.wall.shown_size is CardSize.FULL


def test_the_theme_changes_everywhere_at_once(opened: Opener) -> None:
    window = opened()
    press(window, Qt.Key.Key_T)
    assert window.theme is LIGHT
    picture = window.grab().toImage()
    for at in ((5, 5), (1360, 200), (700, 760)):
        assert picture.pixelColor(*at).name() == LIGHT.surface
    assert picture.pixelColor(70, 60).name() == LIGHT.bg


def test_it_remembers_how_it_was_left(opened: Opener, sample: Sample) -> None:
    window = opened()
    window.resize(1100, 700)
    window.toggle_theme()
    window.toggle_pane()
    window.set_wall_size(WallSize.COMPACT)
    window.open_page([page.title for page in PAGES].index("Health"))
    window.close()
    again = opened(size=(1100, 700))
    assert again.theme is LIGHT
    assert again.side_pane.isHidden()
    assert again.wall.wanted_size is WallSize.COMPACT
    assert again.stack.page.title == "Health"
    state = load(sample.dependencies.data_dir)
    assert state.geometry


def test_it_remembers_what_was_chosen_on_the_pages(opened: Opener) -> None:
    def page(window: MainWindow, title: str) -> Page:
        window.open_page([entry.title for entry in PAGES].index(title))
        return window.stack.page

    window = opened()
    data, analytics = page(window, "Data"), page(window, "Analytics")
    assert isinstance(data, DataPage)
    assert isinstance(analytics, AnalyticsPage)
    data.choose_range("7d")
    analytics.line.choose_range("30d")
    window.close()
    opened().close()  # where the pages are not opened it is kept
    again = page(opened(), "Analytics")
    assert isinstance(again, AnalyticsPage)
    assert again.remembered() == {"range": "30d"}
    assert again.line.ranges.key == "30d"
    again.line.choose_range("24h")
    again.window().close()
    last = opened()
    assert page(last, "Analytics").remembered() == {}
    assert page(last, "Data").remembered() == {"range": "7d"}


def test_closing_stops_the_sampling_and_the_subscriptions(opened: Opener, sample: Sample) -> None:
    window = opened()
    window.timer.start()
    window.close()
    assert not window.timer.isActive()
    sample.logs.emit_samples()  # nobody listens any more, so nothing may happen


def test_a_page_is_made_only_when_it_is_opened(opened: Opener) -> None:
    window = opened()
    assert window.stack.count() == 1
    window.open_page(1)
    window.open_page(1)
    assert window.stack.count() == 2


def test_an_engine_that_failed_says_so_on_the_empty_wall(qtbot: QtBot, tmp_path: Path) -> None:
    dependencies = replace(empty_dependencies(tmp_path), trouble=lambda: "another instance runs here")
    window = MainWindow(dependencies)
    with qtbot.waitSignal(window.settled):
        window.show()
    refresh(window)
    assert window.side_pane.attention.problems[0].title == "another instance runs here"
    window.close()


def test_a_first_window_fills_a_screen_that_is_smaller_than_it_is_drawn(qtbot: QtBot, sample: Sample) -> None:
    window = MainWindow(sample.dependencies)
    room = window.screen().availableGeometry()
    assert room.width() < 1366  # the screen of the tests
    with qtbot.waitSignal(window.settled):
        window.open()
    assert window.isMaximized()
    assert room.contains(window.geometry())
    window.close()
    window.deleteLater()


def test_the_search_of_the_log_is_the_one_of_the_open_page_or_else_of_the_side_pane(opened: Opener) -> None:
    window = opened()
    window.toggle_pane()
    window.find_in_log()
    assert window.log_pane is not None
    assert window.log_pane.text.hasFocus()
    window.open_page([page.title for page in PAGES].index("Logs"))
    window.find_in_log()
    page = window.stack.page
    assert isinstance(page, LogsPage)
    assert page.pane.text.hasFocus()


def test_the_side_pane_makes_way_for_a_page_in_a_narrow_window_and_comes_back(opened: Opener) -> None:
    window = opened()
    window.resize(760, 500)
    assert window.side_pane.isVisible()  # the wall has sizes of its own for little room
    window.open_page(8)
    assert window.side_pane.isHidden()
    window.toggle_pane()
    assert window.side_pane.isVisible()  # the operator wants it nevertheless
    window.open_page(1)
    assert window.side_pane.isHidden()
    window.resize(1366, 768)
    assert window.side_pane.isVisible()
    window.toggle_pane()
    window.open_page(0)
    assert window.side_pane.isHidden()  # nor does it come back when it was folded away by hand


def test_a_side_pane_that_made_way_is_remembered_as_open(opened: Opener) -> None:
    window = opened()
    window.resize(760, 500)
    window.open_page(8)
    window.close()
    assert window.memory.pane_open


def test_a_window_that_was_left_on_a_far_larger_screen_fills_this_one(
    opened: Opener, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened().close()
    monkeypatch.setattr(MainWindow, "restoreGeometry", lambda self, geometry: False)  # as Qt then says
    window = MainWindow(sample.dependencies)
    window.timer.stop()
    window.open()
    assert window.memory.geometry
    assert window.isMaximized()
    window.close()
    window.deleteLater()
