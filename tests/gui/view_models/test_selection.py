"""Selecting as in any list: click, Ctrl, Shift."""

import pytest

from gui.view_models.selection import Selection

NAMES = ("Admiral", "Mozzart", "BalkanBet", "Soccer", "Meridian")


@pytest.fixture
def selection() -> Selection:
    made = Selection()
    made.set_order(NAMES)
    return made


def chosen(selection: Selection) -> tuple[str, ...]:
    return selection.names


def test_a_click_selects_one(selection: Selection) -> None:
    selection.click("Mozzart")
    selection.click("Soccer")
    assert chosen(selection) == ("Soccer",)


def test_ctrl_adds_and_removes(selection: Selection) -> None:
    selection.click("Soccer")
    selection.click("Admiral", toggle=True)
    assert chosen(selection) == ("Admiral", "Soccer")
    selection.click("Soccer", toggle=True)
    assert chosen(selection) == ("Admiral",)


def test_shift_extends_from_where_the_selection_began(selection: Selection) -> None:
    selection.click("Mozzart")
    selection.click("Soccer", extend=True)
    assert chosen(selection) == ("Mozzart", "BalkanBet", "Soccer")
    selection.click("Admiral", extend=True)
    assert chosen(selection) == ("Admiral", "Mozzart")


def test_ctrl_and_shift_add_a_stretch(selection: Selection) -> None:
    selection.click("Admiral")
    selection.click("Soccer", toggle=True)
    selection.click("Meridian", toggle=True, extend=True)
    assert chosen(selection) == ("Admiral", "Soccer", "Meridian")


def test_a_bookmaker_that_is_gone_is_no_longer_selected(selection: Selection) -> None:
    selection.choose_all()
    selection.set_order(NAMES[:2])
    assert chosen(selection) == NAMES[:2]
    selection.click("Mozzart")
    selection.set_order(("Admiral",))
    assert chosen(selection) == ()
    assert selection.current is None
    selection.click("Admiral", extend=True)
    assert chosen(selection) == ("Admiral",)


def test_clearing_leaves_the_keyboard_where_it_is(selection: Selection) -> None:
    selection.click("Soccer")
    selection.clear()
    assert chosen(selection) == ()
    assert selection.current == "Soccer"
