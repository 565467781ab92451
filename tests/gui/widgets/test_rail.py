"""The rail shows every page however low the window is."""

import itertools

import pytest
from pytestqt.qtbot import QtBot

from gui.pages.registry import PAGES
from gui.theme import DARK
from gui.widgets.buttons import RailButton
from gui.widgets.rail import Rail


@pytest.mark.parametrize("height", [480, 600, 768])
def test_entries_share_the_height_and_never_overlap(qtbot: QtBot, height: int) -> None:
    rail = Rail([(page.title, page.icon) for page in PAGES], DARK)
    qtbot.addWidget(rail)
    rail.resize(rail.width(), height)
    rail.show()
    buttons = sorted(rail.findChildren(RailButton), key=lambda button: button.y())
    qtbot.waitUntil(lambda: buttons[-1].geometry().bottom() < height)
    for above, below in itertools.pairwise(buttons):
        assert above.geometry().bottom() < below.y()
    assert all(button.height() >= 34 for button in buttons)
