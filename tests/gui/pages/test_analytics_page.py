"""The analytics page: it asks, keeps what it has until there is better, and says how old that is."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from data_layer.analytics.questions import (
    Answer,
    BacktestQuestion,
    DistributionQuestion,
    DriftQuestion,
    IntervalsQuestion,
    Question,
    Scope,
    Span,
    StreaksQuestion,
)
from data_layer.errors import AviatorError
from gui.dependencies import WindowSettings
from gui.pages.analytics import AnalyticsPage
from gui.sample.window import Sample, SampleClock
from gui.theme import DARK, LIGHT
from gui.view_models.tones import Tone
from gui.widgets.analytics.panels import (
    ChangePanel,
    DistributionPanel,
    DriftPanel,
    IntegrityPanel,
    IntervalsPanel,
    StreaksPanel,
)
from tests.gui import analytics_answers as answers


class HandAnalyst:
    """Answers at once from hand-made answers, unless it is `silent` or has a `failure`."""

    def __init__(self) -> None:
        self.trouble = ""
        self.failure: Exception | None = None
        self.silent = False
        self.rounds = 1_000
        self.asked: list[Question] = []

    def bookmakers(self) -> tuple[str, ...]:
        return ("Admiral", "Former")

    def ask(self, question: Question) -> "Future[Answer]":
        self.asked.append(question)
        future: Future[Answer] = Future()
        if self.failure is not None:
            future.set_exception(self.failure)
        elif not self.silent:
            future.set_result(self._answer(question))
        return future

    def _answer(self, question: Question) -> Answer:
        assert not isinstance(question, BacktestQuestion)
        spoken = answers.sample(scope=question.scope, span=question.span, rounds=self.rounds)
        if isinstance(question, DistributionQuestion):
            return answers.distribution(sample=spoken)
        if isinstance(question, StreaksQuestion):
            return answers.streaks(sample=spoken)
        if isinstance(question, IntervalsQuestion):
            return answers.intervals(sample=spoken)
        if isinstance(question, DriftQuestion):
            return answers.drift(sample=spoken)
        return answers.integrity(sample=spoken)

    def newest(self, kind: type[Question]) -> Question:
        return [question for question in self.asked if isinstance(question, kind)][-1]


@pytest.fixture
def analyst() -> HandAnalyst:
    return HandAnalyst()


@pytest.fixture
def page(qtbot: QtBot, sample: Sample, analyst: HandAnalyst) -> Iterator[AnalyticsPage]:
    settings = WindowSettings(timezone="Europe/Belgrade", alpha=0.02)
    made = AnalyticsPage(replace(sample.dependencies, analyst=analyst, settings=settings), DARK)
    qtbot.addWidget(made)
    made.resize(1_000, 700)
    made.show_board(sample.engine.snapshot())
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(lambda: not made.is_settling())
    yield made
    made.release()


def settle(qtbot: QtBot, page: AnalyticsPage) -> None:
    """Let the choices come to rest and their answers come."""
    qtbot.waitUntil(lambda: not page._debounce.isActive() and not page.is_settling())


def test_all_panels_show_their_answer(page: AnalyticsPage) -> None:
    panels = page.panels
    for panel in panels.values():
        assert panel.shown_bar.span.endswith("1,000 rounds")
        assert panel.shown_bar.tag == "simulated"
        assert panel.content.isVisibleTo(page)
    distribution, change = panels["distribution"], panels["change"]
    assert isinstance(distribution, DistributionPanel)
    assert isinstance(change, ChangePanel)
    assert len(distribution.shares.table.rows) == 2
    assert distribution.plot.ready
    assert len(change.shares.table.rows) == 1
    streaks, intervals = panels["streaks"], panels["intervals"]
    assert isinstance(streaks, StreaksPanel)
    assert isinstance(intervals, IntervalsPanel)
    assert streaks.lengths.count() == 4
    assert streaks.sentence.text.startswith("No round is ever due")
    assert intervals.buckets.count() == 4
    assert intervals.heat.count() == 168
    drift, integrity = panels["drift"], panels["integrity"]
    assert isinstance(drift, DriftPanel)
    assert isinstance(integrity, IntegrityPanel)
    assert [row.cells[0].text for row in drift.lines.table.rows] == ["Meridian", "Admiral"]
    assert len(integrity.findings.findings) == 2


def test_questions_take_zone_alpha_and_thresholds_of_the_configuration(
    page: AnalyticsPage, analyst: HandAnalyst
) -> None:
    intervals, drift = analyst.newest(IntervalsQuestion), analyst.newest(DriftQuestion)
    assert isinstance(intervals, IntervalsQuestion)
    assert isinstance(drift, DriftQuestion)
    assert intervals.timezone == "Europe/Belgrade"
    assert drift.alpha == 0.02
    distribution = analyst.newest(DistributionQuestion)
    assert isinstance(distribution, DistributionQuestion)
    assert set(page.dependencies.settings.thresholds_centi) <= set(distribution.thresholds_centi)


def test_a_configuration_without_a_zone_takes_the_machines_own(
    qtbot: QtBot, sample: Sample, analyst: HandAnalyst
) -> None:
    page = AnalyticsPage(replace(sample.dependencies, analyst=analyst), DARK)
    qtbot.addWidget(page)
    assert page.line.choices.timezone not in ("", "local")
    page.release()


def test_bookmakers_of_the_configuration_and_of_the_database_can_be_chosen(page: AnalyticsPage) -> None:
    offered = [page.line.scopes.itemText(place) for place in range(page.line.scopes.count())]
    assert offered[:2] == ["All bookmakers", "Group A"]
    assert offered[-1] == "Former"
    assert offered.count("Admiral") == 1


def test_several_changes_at_once_are_one_question(
    qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst
) -> None:
    before = len(analyst.asked)
    for name in ("1h", "7d", "30d"):
        page.line.ranges.click(name)
    settle(qtbot, page)
    assert len(analyst.asked) == before + 4  # drift is of all time whatever the range
    assert analyst.newest(StreaksQuestion).span == Span(name="30d")
    assert "30 d" in page.panels["streaks"].shown_bar.span


def choose_scope(page: AnalyticsPage, words: str) -> None:
    place = page.line.scopes.findText(words)
    page.line.scopes.setCurrentIndex(place)
    page.line.scopes.activated.emit(place)


def test_whose_rounds_can_be_chosen(qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst) -> None:
    choose_scope(page, "Admiral")
    settle(qtbot, page)
    streaks = analyst.newest(StreaksQuestion)
    assert isinstance(streaks, StreaksQuestion)
    assert streaks.scope == Scope(bookmaker="Admiral")
    assert page.panels["streaks"].shown_bar.span.startswith("Admiral, ")


def type_into(field: object, text: str) -> None:
    line = getattr(field, "line")  # noqa: B009
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_any_threshold_can_be_typed(qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst) -> None:
    type_into(page.line.threshold, "1.37")
    settle(qtbot, page)
    streaks = analyst.newest(StreaksQuestion)
    assert isinstance(streaks, StreaksQuestion)
    assert streaks.threshold_centi == 137
    assert page.line.threshold.text == "1.37x"


def test_what_has_no_meaning_is_told_and_changes_nothing(
    qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst
) -> None:
    before = len(analyst.asked)
    type_into(page.line.threshold, "0.5")
    type_into(page.line.zone, "Europe/Belgrad")
    type_into(page.intervals.length, "50 rounds")
    fields = (page.line.threshold, page.line.zone, page.intervals.length)
    assert [field.wrong for field in fields] == [True, True, True]
    told = page.line.trouble.text
    assert "below 1.00x" in told
    assert "Europe/Belgrade" in told
    assert "choose one first" in told
    assert not page._debounce.isActive()
    assert len(analyst.asked) == before
    for field in fields:
        QTest.keyClick(field.line, Qt.Key.Key_Escape)
    assert [field.wrong for field in fields] == [False, False, False]
    assert page.line.trouble.text == ""
    assert page.line.threshold.text == "2x"


def test_two_times_can_be_typed_and_the_wrong_way_round_is_refused(
    qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst
) -> None:
    page.line.ranges.click("times")
    assert page.line.start.isVisibleTo(page)
    type_into(page.line.end, "2025-11-19 12:00")
    type_into(page.line.start, "2025-11-19 11:00")
    settle(qtbot, page)
    span = analyst.newest(StreaksQuestion).span
    assert span.start_us is not None
    assert span.end_us is not None
    assert span.end_us - span.start_us == answers.HOUR_US
    assert analyst.newest(DriftQuestion).span == span
    type_into(page.line.start, "2025-11-19 13:00")
    assert "ends before it begins" in page.line.trouble.text
    page.line.ranges.click("6h")
    assert page.line.trouble.text == ""
    assert not page.line.start.isVisibleTo(page)


def test_buckets_of_any_length_and_of_rounds_of_one_bookmaker(
    qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst
) -> None:
    type_into(page.intervals.length, "7")
    settle(qtbot, page)
    asked = analyst.newest(IntervalsQuestion)
    assert isinstance(asked, IntervalsQuestion)
    assert (asked.minutes, asked.rounds) == (7, None)
    assert page.intervals.length.text == "7 min"
    choose_scope(page, "Admiral")
    type_into(page.intervals.length, "50 rounds")
    settle(qtbot, page)
    asked = analyst.newest(IntervalsQuestion)
    assert isinstance(asked, IntervalsQuestion)
    assert (asked.minutes, asked.rounds) == (None, 50)


def test_it_asks_again_after_half_a_minute_and_only_while_it_is_seen(
    page: AnalyticsPage, analyst: HandAnalyst, sample_clock: SampleClock
) -> None:
    before = len(analyst.asked)
    sample_clock.advance(29)
    page.refresh()
    assert len(analyst.asked) == before
    sample_clock.advance(1)
    page.refresh()
    assert len(analyst.asked) == before + 5
    page.hide()
    assert not page._ticks.isActive()


def test_the_old_answer_stays_marked_until_the_new_one_is_there(
    qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst, sample_clock: SampleClock
) -> None:
    analyst.silent = True
    page.line.ranges.click("7d")
    qtbot.waitUntil(lambda: analyst.newest(StreaksQuestion).span == Span(name="7d"))
    streaks = page.panels["streaks"]
    old = [streaks.shown_bar.old]
    sample_clock.advance(2)
    page.refresh()
    old.append(streaks.shown_bar.old)
    assert old == [False, True]
    assert "24 h" in streaks.shown_bar.span
    assert streaks._veil.isVisibleTo(page)
    assert streaks.content.isVisibleTo(page)
    assert not page.panels["drift"].shown_bar.old


def test_a_failure_leaves_the_old_figures_and_says_why(
    qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst, sample_clock: SampleClock
) -> None:
    analyst.failure = AviatorError("the database is locked")
    sample_clock.advance(31)
    page.refresh()
    qtbot.waitUntil(lambda: page.panels["drift"].shown_bar.tone is Tone.WARN)
    assert "the database is locked" in page.panels["drift"].shown_bar.note
    assert page.panels["drift"].content.isVisibleTo(page)
    analyst.failure = None
    sample_clock.advance(31)
    page.refresh()
    qtbot.waitUntil(lambda: page.panels["drift"].shown_bar.tone is Tone.MUTED)


def test_without_rounds_there_is_a_sentence_in_place_of_figures(
    qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst
) -> None:
    analyst.rounds = 0
    choose_scope(page, "Admiral")
    settle(qtbot, page)
    panel = page.panels["distribution"]
    assert panel.shown_bar.message == "No rounds of Admiral are recorded in the last 24 h."
    assert not panel.content.isVisibleTo(page)


def test_trouble_of_the_analyst_is_said_once(qtbot: QtBot, page: AnalyticsPage, analyst: HandAnalyst) -> None:
    analyst.trouble = "the disk is slow"
    page.refresh()
    assert page.line.trouble.text == "The disk is slow."
    analyst.trouble = ""
    page.refresh()
    assert page.line.trouble.text == ""


def test_a_window_without_an_analyst_says_so(qtbot: QtBot, sample: Sample) -> None:
    page = AnalyticsPage(replace(sample.dependencies, analyst=None), DARK)
    qtbot.addWidget(page)
    page.show()
    assert "no database of rounds" in page.panels["streaks"].shown_bar.message
    page.release()


def test_a_wide_page_stands_in_two_columns_and_a_narrow_one_in_one(qtbot: QtBot, page: AnalyticsPage) -> None:
    panels = page.panels
    page.resize(1_900, 900)
    qtbot.waitUntil(lambda: panels["streaks"].x() > panels["distribution"].x())
    assert panels["streaks"].y() == panels["distribution"].y()
    page.resize(660, 500)
    qtbot.waitUntil(lambda: panels["streaks"].x() == panels["distribution"].x())
    assert panels["streaks"].y() > panels["change"].y()


def test_no_panel_is_squeezed_at_any_width(qtbot: QtBot, page: AnalyticsPage) -> None:
    for width in (640, 1_000, 1_600, 2_200):
        page.resize(width, 600)
        qtbot.waitUntil(
            lambda: all(panel.height() >= panel.minimumSizeHint().height() for panel in page.panels.values())
        )


def test_both_themes_reach_every_part(qtbot: QtBot, page: AnalyticsPage) -> None:
    for theme, light in ((LIGHT, True), (DARK, False), (LIGHT, True)):
        page.apply_theme(theme)
        for panel in page.panels.values():
            picture = panel.grab().toImage()
            assert (picture.pixelColor(6, picture.height() // 2).lightness() > 128) is light
        plot = page.panels["distribution"]
        assert isinstance(plot, DistributionPanel)
        picture = plot.plot.grab().toImage()
        assert (picture.pixelColor(picture.width() - 12, 40).lightness() > 128) is light


def test_everything_that_takes_the_keyboard_has_a_name(page: AnalyticsPage) -> None:
    from PySide6.QtWidgets import QWidget

    focusable = [
        widget
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(page)
    ]
    assert len(focusable) > 10
    unnamed = [widget for widget in focusable if not widget.accessibleName() and widget.focusProxy() is None]
    assert unnamed == []


def test_the_page_loads_nothing_that_takes_long_on_the_windows_thread() -> None:
    code = (
        "import sys, gui.pages.analytics;"
        "print(sorted({'numpy', 'scipy', 'pyqtgraph', 'apsw'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
