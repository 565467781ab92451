"""The figures of the header never come without where their rounds come from."""

import pytest
from pytestqt.qtbot import QtBot

from gui.theme import DARK
from gui.view_models.header import HeaderModel
from gui.widgets.header import HeaderFigures

FIGURES = (
    ("live", "46 of 50"),
    ("rounds, 24 h", "199,375"),
    ("per hour", "8,307"),
    ("median, 24 h", "1.97x"),
)


@pytest.mark.parametrize("width", range(140, 420, 20))
def test_the_tag_is_shown_whole_however_narrow_it_gets(qtbot: QtBot, width: int) -> None:
    figures = HeaderFigures(DARK)
    qtbot.addWidget(figures)
    figures.resize(width, 52)
    figures.show_model(HeaderModel(FIGURES, tag="simulated"))
    picture = figures.grab().toImage()
    assert any(picture.pixelColor(x, 32) == DARK.color("line") for x in range(width))
    assert len({picture.pixel(width - 1, y) for y in range(52)}) == 1  # nothing is cut off there
