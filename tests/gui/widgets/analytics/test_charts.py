"""The painted charts: where their parts are, and what is said of what the mouse or the keyboard points at."""

import sys
from collections import Counter

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsView
from pytestqt.qtbot import QtBot

from gui.errands import Errands
from gui.theme import DARK, LIGHT
from gui.view_models.analytics import distribution
from gui.view_models.analytics.charts import Bar, Bars, Cell, Heat
from gui.widgets.analytics.bar_chart import BarChart
from gui.widgets.analytics.heat_map import HeatMap
from gui.widgets.analytics.survival_plot import SurvivalPlot
from tests.gui import analytics_answers as answers


def bars(count: int, **fields: object) -> Bars:
    given: dict[str, object] = {
        "bars": tuple(Bar(label=str(number), value=0.5, reading=f"bar {number}") for number in range(count)),
        "ticks": ((0.0, "0 %"), (0.5, "50 %")),
        "top": 1.0,
    }
    return Bars(**(given | fields))  # type: ignore[arg-type]


@pytest.fixture
def chart(qtbot: QtBot) -> BarChart:
    made = BarChart("buckets", DARK)
    qtbot.addWidget(made)
    made.resize(400, made.height())
    made.show()
    return made


def test_the_bar_under_the_mouse_is_said_in_place_of_the_title(chart: BarChart) -> None:
    chart.show_bars(bars(4), "shares")
    slots = [chart.part_at(x, 60) for x in range(0, 400, 4)]
    assert [part for part in dict.fromkeys(slots) if part is not None] == [0, 1, 2, 3]
    chart.point_at(2, by_mouse=True)
    assert chart.accessibleDescription() == "bar 2"
    assert chart.part_at(60, 5) is None


def test_arrow_keys_go_from_bar_to_bar_and_stop_at_the_ends(chart: BarChart) -> None:
    chart.show_bars(bars(3), "shares")
    for key, at in (
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_End, 2),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Left, 0),
    ):
        QTest.keyClick(chart, key)
        assert chart.cursor_at == at
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.accessibleDescription() == ""


def test_bars_that_do_not_fit_begin_with_the_newest_and_follow_the_keyboard(chart: BarChart) -> None:
    chart.show_bars(bars(1_000, newest_last=True), "shares")
    newest = chart.first
    assert newest > 800
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.first == 0
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert chart.first == newest


def test_who_looks_at_older_bars_is_not_led_away_by_new_ones(chart: BarChart) -> None:
    chart.show_bars(bars(1_000, newest_last=True), "shares")
    chart.point_at(0)
    chart.show_bars(bars(1_001, newest_last=True), "shares")
    assert chart.first == 0
    chart.point_at(1_000)
    newest = chart.first
    chart.show_bars(bars(1_002, newest_last=True), "shares")
    assert chart.first == newest + 1


def test_newest_bars_without_anything_to_show_are_not_shown_first(chart: BarChart) -> None:
    full = bars(1_000).bars[:500]
    empty = tuple(Bar(label="", value=None, reading="no rounds") for _ in range(500))
    chart.show_bars(bars(0, bars=full + empty, newest_last=True), "shares")
    assert chart.first < 500
    assert max(chart.part_at(x, 60) or 0 for x in range(chart.width())) == 499


def wheel(chart: BarChart, sideways: int, upwards: int) -> bool:
    event = QWheelEvent(
        QPointF(90, 60),
        QPointF(90, 60),
        QPoint(),
        QPoint(sideways, upwards),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.accept()
    chart.wheelEvent(event)
    return event.isAccepted()


def test_the_wheel_goes_sideways_here_and_up_and_down_on_the_page(chart: BarChart) -> None:
    chart.show_bars(bars(1_000, newest_last=True), "shares")
    before = chart.first
    assert not wheel(chart, 0, 120)
    assert wheel(chart, 120, 0)
    assert chart.first < before


def test_nothing_is_pointed_at_that_is_gone(chart: BarChart) -> None:
    chart.show_bars(bars(5), "shares")
    chart.point_at(4)
    chart.show_bars(bars(2), "shares")
    assert chart.cursor_at is None
    chart.show_bars(Bars(), "nothing")
    chart.grab()
    assert chart.part_at(200, 60) is None


def heights(chart: BarChart, color: QColor) -> int:
    """Return how many pixels of a column through the first bar have a colour."""
    picture = chart.grab().toImage()
    columns = [x for x in range(picture.width()) if chart.part_at(x, 60) == 0]
    middle = columns[len(columns) // 2]
    return sum(picture.pixelColor(middle, y) == color for y in range(picture.height()))


def test_a_bar_is_as_high_as_its_value_and_small_ones_are_drawn_back(chart: BarChart) -> None:
    strong, weak = (DARK.blend("accent", "surface", share) for share in (0.85, 0.35))

    def one(value: float | None, *, small: bool = False) -> Bars:
        return bars(1, bars=(Bar(label="", value=value, reading="", small=small),))

    chart.show_bars(one(0.25), "")
    quarter = heights(chart, strong)
    chart.show_bars(one(0.5), "")
    assert heights(chart, strong) == pytest.approx(2 * quarter, abs=2)
    chart.show_bars(one(0.5, small=True), "")
    assert heights(chart, strong) == 0
    assert heights(chart, weak) > quarter
    chart.show_bars(one(None), "")
    assert heights(chart, weak) == heights(chart, strong) == 0


# The heat map.


def heat(**fields: object) -> Heat:
    rows = tuple(
        tuple(Cell(level=(row * 24 + column) / 167, reading=f"{row} {column}") for column in range(24))
        for row in range(7)
    )
    given: dict[str, object] = {
        "rows": rows,
        "row_labels": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        "column_labels": tuple(map(str, range(24))),
        "low": "45 %",
        "high": "52 %",
        "marked": "7 of 168 differ from all at 95 %; about 8 do by chance",
        "small": "n too small (under 30 rounds)",
    }
    return Heat(**(given | fields))  # type: ignore[arg-type]


@pytest.fixture
def heat_map(qtbot: QtBot) -> HeatMap:
    made = HeatMap("hours of the week", DARK)
    qtbot.addWidget(made)
    made.resize(700, 240)
    made.show()
    made.show_heat(heat(), "share")
    return made


def test_every_hour_of_the_week_has_its_place(heat_map: HeatMap) -> None:
    found = {heat_map.part_at(x, y) for x in range(0, 700, 4) for y in range(0, 240, 4)}
    assert found == {None, *range(168)}


def test_arrow_keys_go_through_days_and_hours(heat_map: HeatMap) -> None:
    for key, at in (
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Down, 24),
        (Qt.Key.Key_Right, 25),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_End, 167),
    ):
        QTest.keyClick(heat_map, key)
        assert heat_map.cursor_at == at
    assert heat_map.accessibleDescription() == "6 23"


@pytest.mark.usefixtures("inter")
def test_a_narrow_legend_takes_another_line(qtbot: QtBot, heat_map: HeatMap) -> None:
    wide = heat_map.height()
    heat_map.resize(420, wide)
    qtbot.waitUntil(lambda: heat_map.height() > wide)


def test_stronger_shares_have_more_colour_and_few_rounds_none(heat_map: HeatMap) -> None:
    picture = heat_map.grab().toImage()
    places = {
        part: next(
            (x, y) for y in range(30, 180, 3) for x in range(40, 700, 3) if heat_map.part_at(x, y) == part
        )
        for part in (0, 167)
    }
    pale, strong = (picture.pixelColor(x + 6, y + 6) for x, y in (places[0], places[167]))
    assert strong.blue() > pale.blue()
    few = tuple(tuple(Cell(level=None, reading="", small=True) for _ in range(24)) for _ in range(7))
    heat_map.show_heat(heat(rows=few, low="", high="", marked=""), "share")
    x, y = places[167]
    assert heat_map.grab().toImage().pixelColor(x + 8, y + 8) == DARK.color("surface")


# The survival curve.


@pytest.fixture
def plot(qtbot: QtBot) -> SurvivalPlot:
    errands = Errands("pyqtgraph")
    made = SurvivalPlot("survival curve", DARK, errands)
    qtbot.addWidget(made)
    made.resize(500, made.height())
    made.show()
    made.show_curve(distribution.view(answers.distribution(), 200).curve, "survival")
    qtbot.waitUntil(lambda: made.ready)
    errands.stop()
    return made


def test_the_curve_is_drawn_and_its_points_can_be_reached(plot: SurvivalPlot) -> None:
    assert plot.count() == 6
    QTest.keyClick(plot, Qt.Key.Key_End)
    assert plot.accessibleDescription().startswith("100x: 0.97 % reach it")
    found = [plot.part_at(x, 120) for x in range(0, 500, 2)]
    assert [part for part in dict.fromkeys(found) if part is not None] == list(range(6))


def test_a_curve_that_cannot_be_drawn_says_why_and_is_tried_again_when_it_is_opened_again(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    errands = Errands("pyqtgraph")
    plot = SurvivalPlot("survival curve", DARK, errands)
    qtbot.addWidget(plot)
    plot.show()
    with monkeypatch.context() as broken:
        broken.setitem(sys.modules, "pyqtgraph", None)
        plot.show_curve(distribution.view(answers.distribution(), 200).curve, "survival")
        qtbot.waitUntil(lambda: bool(plot.trouble))
    plot.show_curve(distribution.view(answers.distribution(), 300).curve, "newer")
    assert plot.trouble.startswith("The curve cannot be drawn")
    assert not plot.ready
    for _ in range(2):  # however often: it is tried once
        plot.hide()
        plot.show()
    qtbot.waitUntil(lambda: plot.ready)
    assert plot.trouble == ""
    assert len(plot.findChildren(QGraphicsView)) == 1
    errands.stop()


def test_the_curve_shows_in_both_themes(plot: SurvivalPlot) -> None:
    for theme in (LIGHT, DARK):
        plot.set_theme(theme)
        picture = plot.grab().toImage()
        colors = Counter(
            picture.pixelColor(x, y).name()
            for x in range(0, picture.width(), 2)
            for y in range(30, picture.height() - 50, 2)  # without the legend
        )
        assert colors.most_common(1)[0][0] == theme.color("surface").name()
        assert colors[theme.blend("accent", "surface", 0.14).name()] > 500  # the band of all at once


def test_the_claim_ends_where_the_picture_does(plot: SurvivalPlot) -> None:
    answer = answers.distribution()
    far = msgspec.structs.replace(answer.survival[-1], multiplier_centi=10**8, expected=1e-6)
    unlikely = answers.distribution(survival=(*answer.survival, far))
    plot.show_curve(distribution.view(unlikely, 200).curve, "survival")
    across, up = plot._items["claimed"].getData()
    assert across[-1] < 6.0
    assert len(set(up[-2:])) == 2  # it does not run along the axis


def test_a_curve_without_points_leaves_the_place_empty(plot: SurvivalPlot) -> None:
    plot.show_curve(distribution.Curve(), "survival")
    assert plot.count() == 0
    plot.grab()
    assert plot.part_at(200, 100) is None


def test_a_threshold_of_one_and_a_band_down_to_nothing_can_be_drawn(plot: SurvivalPlot) -> None:
    answer = answers.distribution()
    low = answers.distribution(survival=answer.survival[:1])
    plot.show_curve(distribution.view(low, 100).curve, "survival")
    plot.grab()
    assert plot.count() == 1
