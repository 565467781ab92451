"""What the window is told by mouse and keyboard: selecting, commanding, searching, opening and closing."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from data_layer.messages import WorkerState
from gui.sample.window import Sample
from gui.theme import DARK
from gui.view_models.levers import Lever
from tests.gui.opened_window import Opener, chosen, detailed, opened, press, refresh, shown

__all__ = ["opened"]  # fixtures


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


def test_help_opens_and_any_key_closes_it(opened: Opener) -> None:
    window = opened()
    press(window, Qt.Key.Key_F1)
    assert window.help.isVisible()
    QTest.keyClick(window.help, Qt.Key.Key_Space)
    assert not window.help.isVisible()


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


def test_going_to_the_wall_leads_the_arrow_keys_to_its_cards(opened: Opener) -> None:
    window = opened()
    window.open_page(1)
    window.header.buttons[Lever.STOP].setFocus()
    press(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is window.wall.canvas
