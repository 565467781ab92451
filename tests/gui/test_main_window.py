"""The whole window over sample data, without a display."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from data_layer.engine import BoardSnapshot
from data_layer.messages import WorkerState
from gui.main_window import SLOW_EVERY, MainWindow
from gui.pages.logs import LogsPage
from gui.pages.registry import PAGES
from gui.sample.window import Sample, SampleClock, make_sample
from gui.theme import DARK, LIGHT
from gui.view_models.levers import Lever
from gui.view_models.wall import CardSize, WallSize
from gui.window_memory import load
from tests.gui.fakes import empty_dependencies

Opener = Callable[..., MainWindow]


@pytest.fixture
def opened(qtbot: QtBot, sample: Sample) -> Iterator[Opener]:
    """Open windows that are closed at the end; their own timer stands still, tests take the samples."""
    windows: list[MainWindow] = []

    def open_window(given: Sample = sample, size: tuple[int, int] = (1366, 768)) -> MainWindow:
        window = MainWindow(given.dependencies)
        window.timer.stop()
        windows.append(window)
        window.resize(*size)
        with qtbot.waitSignal(window.settled):
            window.show()
        refresh(window)
        return window

    yield open_window
    for window in windows:
        window.close()
        window.deleteLater()


class Fixed:
    """A board that does not change."""

    def __init__(self, shown: BoardSnapshot) -> None:
        self._shown = shown

    def snapshot(self) -> BoardSnapshot:
        return self._shown


def refresh(window: MainWindow) -> None:
    """Take as many samples as bring everything up to date."""
    for _ in range(SLOW_EVERY):
        window.sample()


def press(window: QWidget, key: Qt.Key, held: Qt.KeyboardModifier | None = None) -> None:
    target = window.focusWidget() or window
    QTest.keyClick(target, key, held or Qt.KeyboardModifier.NoModifier)


def chosen(window: MainWindow) -> tuple[str, ...]:
    return window.wall.selection.names


def shown(widget: QWidget) -> bool:
    return widget.isVisible()


def detailed(window: MainWindow) -> str | None:
    return window.detailed


def test_it_shows_every_bookmaker_and_what_is_wrong(opened: Opener) -> None:
    window = opened()
    assert [card.model.head.name for card in window.wall.cards][:2] == ["Admiral", "Mozzart"]
    assert len(window.side_pane.attention.problems) == 2
    assert window.wall.shown_size is CardSize.FULL
    assert window.header.buttons[Lever.PAUSE].text() == "Pause all"


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


def test_a_click_selects_and_the_buttons_follow(opened: Opener, sample: Sample) -> None:
    window = opened()
    first, second, third = window.wall.cards[:3]
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    QTest.mouseClick(third, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    assert (first.selected, second.selected, third.selected) == (True, True, True)
    button = window.header.buttons[Lever.PAUSE]
    assert button.text() == "Pause 3"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert sample.engine.commands == [("pause", ("Admiral", "Mozzart", "BalkanBet"))]
    refresh(window)
    assert window.header.buttons[Lever.START].text() == "Resume 3"
    assert not button.isEnabled()


def test_keys_move_extend_select_and_command(opened: Opener, sample: Sample) -> None:
    window = opened()
    window.activateWindow()
    press(window, Qt.Key.Key_Right)
    assert chosen(window) == ("Admiral",)
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert chosen(window) == ("Mozzart", "BalkanBet", "Soccer", "Meridian")
    press(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(window.wall.selection.names) == 8
    press(window, Qt.Key.Key_Escape)
    assert chosen(window) == ()
    press(window, Qt.Key.Key_P)
    assert sample.engine.commands == []
    press(window, Qt.Key.Key_Home)
    press(window, Qt.Key.Key_G)
    assert chosen(window) == ("Admiral", "StarBet")
    press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert sample.engine.commands[-1] == ("restart", ("Admiral", "StarBet"))


def test_stopping_everything_asks_first(opened: Opener, sample: Sample) -> None:
    window = opened()
    question = window.question
    window.levers.pull(Lever.STOP)
    assert shown(question)
    assert question.text == "Stop all 8 bookmakers?"
    press(window, Qt.Key.Key_T)  # nothing but an answer is taken
    assert window.theme is DARK
    press(window, Qt.Key.Key_Escape)
    assert not shown(question)
    window.levers.pull(Lever.STOP)
    press(window, Qt.Key.Key_Return)  # cancelling is what Enter does without thinking
    assert not shown(question)
    assert sample.engine.commands == []
    window.levers.pull(Lever.STOP)
    press(window, Qt.Key.Key_Tab)
    press(window, Qt.Key.Key_Return)
    assert sample.engine.commands == [("stop", tuple(card.model.head.name for card in window.wall.cards))]
    refresh(window)
    assert {card.model.state for card in window.wall.cards} == {WorkerState.STOPPED}


def test_stopping_one_does_not_ask(opened: Opener, sample: Sample) -> None:
    window = opened()
    window.wall.select(["Soccer"])
    window.levers.pull(Lever.STOP)
    assert not shown(window.question)
    assert sample.engine.commands == [("stop", ("Soccer",))]


def test_the_menu_names_its_target(opened: Opener, sample: Sample) -> None:
    window = opened()
    window.wall.select(["Mozzart"])
    menu = window.levers.menu()
    labels = [action.text().split("\t")[0] for action in menu.actions() if action.text()]
    assert labels[:4] == ["Start Mozzart", "Pause Mozzart", "Restart Mozzart", "Stop Mozzart"]
    assert "Select feed B" in labels
    menu.actions()[1].trigger()
    assert sample.engine.commands == [("pause", ("Mozzart",))]
    menu.deleteLater()


def test_the_palette_finds_bookmakers_pages_and_commands(opened: Opener, sample: Sample) -> None:
    window = opened()
    press(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.command_palette.isVisible()
    palette = window.command_palette
    QTest.keyClicks(palette.line, "socc")
    assert palette.found()[0].title == "Soccer"
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert chosen(window) == ("Soccer",)
    window.open_palette()
    QTest.keyClicks(palette.line, "pause volc")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert sample.engine.commands == []  # it backs off, so there is nothing to pause
    window.open_palette()
    QTest.keyClicks(palette.line, "stop volc")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert sample.engine.commands == [("stop", ("VolcanoBet",))]
    window.open_palette()
    QTest.keyClicks(palette.line, "pause all")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert len(sample.engine.commands[-1][1]) == 7
    window.open_palette()
    QTest.keyClicks(palette.line, "health")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.stack.page.title == "Health"
    window.open_palette()
    QTest.keyClicks(palette.line, "no such thing")
    assert list(palette.found()) == []
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    QTest.keyClick(palette.line, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_an_attention_entry_leads_to_its_bookmaker(opened: Opener) -> None:
    window = opened()
    window.open_page(1)
    QTest.mouseClick(window.side_pane.attention, Qt.MouseButton.LeftButton)
    attention = window.side_pane.attention
    attention.setFocus()
    QTest.keyClick(attention, Qt.Key.Key_Return)
    assert window.stack.wall_is_shown
    assert chosen(window) == ("VolcanoBet",)


def test_enter_opens_details_and_escape_closes_them(opened: Opener) -> None:
    window = opened()
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_Return)
    assert detailed(window) == "Admiral"
    assert window.side_pane.details.isVisible()
    press(window, Qt.Key.Key_Escape)
    assert detailed(window) is None
    assert not window.side_pane.details.isVisible()
    assert chosen(window) == ("Admiral",)


def test_a_letter_typed_into_a_field_is_no_command(opened: Opener, sample: Sample) -> None:
    window = opened()
    assert window.log_pane is not None
    window.log_pane.text.setFocus()
    QTest.keyClicks(window.log_pane.text, "xpst")
    assert sample.engine.commands == []
    assert window.theme is DARK
    assert window.log_pane.text.text() == "xpst"


def test_the_theme_changes_everywhere_at_once(opened: Opener) -> None:
    window = opened()
    press(window, Qt.Key.Key_T)
    assert window.theme is LIGHT
    picture = window.grab().toImage()
    for at in ((5, 5), (1360, 200), (700, 760)):
        assert picture.pixelColor(*at).name() == LIGHT.surface
    assert picture.pixelColor(70, 60).name() == LIGHT.bg


def test_help_opens_and_any_key_closes_it(opened: Opener) -> None:
    window = opened()
    press(window, Qt.Key.Key_F1)
    assert window.help.isVisible()
    QTest.keyClick(window.help, Qt.Key.Key_Space)
    assert not window.help.isVisible()


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


def test_tab_comes_to_one_card_and_then_leaves_the_wall(opened: Opener) -> None:
    window = opened()
    window.wall.select(["Mozzart"])
    assert window.focusWidget().accessibleName() == "Mozzart"
    press(window, Qt.Key.Key_Tab)
    assert window.focusWidget() is window.side_pane.attention
    press(window, Qt.Key.Key_Backtab)
    assert window.focusWidget().accessibleName() == "Mozzart"
    press(window, Qt.Key.Key_Backtab)
    assert window.focusWidget() is window.header.search


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


def test_going_to_the_wall_leads_the_arrow_keys_to_its_cards(opened: Opener) -> None:
    window = opened()
    window.open_page(1)
    window.header.buttons[Lever.STOP].setFocus()
    press(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is window.wall.canvas


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
