"""The four stats widgets: by event, by the clock, and never waiting."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.dependencies import WindowDependencies
from gui.sample.window import Sample, SampleClock
from gui.stats_widgets import (
    BettingAgentStats,
    DataCollectorStats,
    RGBCollectorStats,
    SessionKeeperStats,
    StatsWidget,
)
from gui.theme import DARK, LIGHT
from tests.gui.fakes import empty_dependencies

ALL = (DataCollectorStats, BettingAgentStats, RGBCollectorStats, SessionKeeperStats)


@pytest.fixture
def made() -> Iterator[list[StatsWidget]]:
    """Widgets that are released after the test."""
    widgets: list[StatsWidget] = []
    yield widgets
    for widget in widgets:
        widget.release()


def show(
    qtbot: QtBot,
    made: list[StatsWidget],
    kinds: Sequence[type[StatsWidget]],
    dependencies: WindowDependencies,
) -> list[StatsWidget]:
    for kind in kinds:
        widget = kind(dependencies, DARK)
        qtbot.addWidget(widget)
        widget.resize(900, 300)
        widget.show()
        qtbot.waitExposed(widget)
        made.append(widget)
    return made


def test_each_has_totals_and_a_row_for_every_bookmaker(
    qtbot: QtBot, made: list[StatsWidget], sample: Sample
) -> None:
    for widget in show(qtbot, made, ALL, sample.dependencies):
        assert widget.shown is not None
        assert widget.shown.figures
        found = {row.cells[0].text for row in widget.table.table.rows}
        assert found == {worker.name for worker in sample.engine.workers}


def test_nothing_is_missing_before_the_engine_has_said_anything(
    qtbot: QtBot, made: list[StatsWidget], tmp_path: Path
) -> None:
    for widget in show(qtbot, made, ALL, empty_dependencies(tmp_path)):
        assert widget.shown is not None
        assert widget.shown.rows == ()
        assert widget.shown.empty
        widget.grab()


def test_news_of_the_reader_is_shown_without_waiting_for_the_clock(
    qtbot: QtBot, made: list[StatsWidget], sample: Sample, sample_clock: SampleClock
) -> None:
    kinds = (DataCollectorStats, BettingAgentStats, RGBCollectorStats)
    widgets = show(qtbot, made, kinds, sample.dependencies)
    before = [widget.shown.note if widget.shown else "" for widget in widgets]
    for widget in widgets:
        widget._ticks.stop()
    sample_clock.advance(5)
    sample.reader.refresh()
    qtbot.waitUntil(
        lambda: all(
            widget.shown is not None and widget.shown.note != note
            for widget, note in zip(widgets, before, strict=True)
        )
    )


def test_figures_that_nobody_renews_say_how_old_they_are(
    qtbot: QtBot, made: list[StatsWidget], sample: Sample, sample_clock: SampleClock
) -> None:
    widgets = show(qtbot, made, (DataCollectorStats, BettingAgentStats), sample.dependencies)
    sample_clock.advance(600)
    for widget in widgets:
        widget.refresh()
        assert widget.shown is not None
        assert widget.shown.note == "figures are 10 min old"


def test_sessions_move_with_the_clock(
    qtbot: QtBot, made: list[StatsWidget], sample: Sample, sample_clock: SampleClock
) -> None:
    (widget,) = show(qtbot, made, (SessionKeeperStats,), sample.dependencies)
    before = widget.shown
    sample_clock.advance(3_600)
    qtbot.waitUntil(lambda: widget.shown != before)


def test_a_hidden_widget_rests_and_catches_up_when_it_is_shown(
    qtbot: QtBot, made: list[StatsWidget], sample: Sample, sample_clock: SampleClock
) -> None:
    (widget,) = show(qtbot, made, (SessionKeeperStats,), sample.dependencies)
    widget.hide()
    assert not widget._ticks.isActive()
    before = widget.shown
    sample_clock.advance(3_600)
    widget.show()
    assert widget.shown != before


def test_the_theme_can_be_changed_while_they_are_shown(
    qtbot: QtBot, made: list[StatsWidget], sample: Sample
) -> None:
    for widget in show(qtbot, made, ALL, sample.dependencies):
        widget.set_theme(LIGHT)
        assert widget.grab().toImage().pixelColor(450, 6).lightness() > 200
