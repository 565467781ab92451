"""The strategies page: it plays when told to, keeps what it has, and says what cannot be played."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from data_layer.analytics.questions import Answer, BacktestQuestion, Question
from data_layer.strategies.base import StrategyFaultError
from gui.pages.strategies import StrategiesPage
from gui.sample.window import Sample
from gui.theme import DARK, LIGHT
from tests.gui.fakes import empty_dependencies
from tests.gui.view_models.test_strategies import ANSWER


class HandAnalyst:
    """Answers at once, unless it is `silent` or has a `failure`."""

    def __init__(self) -> None:
        self.trouble = ""
        self.failure: Exception | None = None
        self.silent = False
        self.asked: list[BacktestQuestion] = []

    def bookmakers(self) -> tuple[str, ...]:
        return ("Admiral", "Former")

    def ask(self, question: Question) -> "Future[Answer]":
        assert isinstance(question, BacktestQuestion)
        self.asked.append(question)
        future: Future[Answer] = Future()
        if self.failure is not None:
            future.set_exception(self.failure)
        elif not self.silent:
            future.set_result(ANSWER)
        return future


@pytest.fixture
def analyst() -> HandAnalyst:
    return HandAnalyst()


@pytest.fixture
def page(qtbot: QtBot, sample: Sample, analyst: HandAnalyst) -> Iterator[StrategiesPage]:
    made = StrategiesPage(replace(sample.dependencies, analyst=analyst), DARK)
    qtbot.addWidget(made)
    made.resize(1_000, 700)
    made.show_board(sample.engine.snapshot())
    yield made
    made.release()


def settled(qtbot: QtBot, page: StrategiesPage) -> None:
    qtbot.waitUntil(lambda: not page.is_settling())


def test_the_first_look_plays_flat_over_the_first_bookmaker(
    page: StrategiesPage, analyst: HandAnalyst, qtbot: QtBot
) -> None:
    page.show()
    settled(qtbot, page)
    (question,) = analyst.asked
    assert (question.bookmaker, question.strategy, question.span.name) == ("Admiral", "flat", "7d")
    assert page.panel.honest.text == ANSWER.note
    assert page.panel.plot.count() == 3
    page.panel.plot.point_at(1)
    assert "by the edge alone 999.97 EUR" in page.panel.plot.accessibleDescription()


def test_another_strategy_is_played_when_the_button_is_pressed(
    page: StrategiesPage, analyst: HandAnalyst, qtbot: QtBot
) -> None:
    page.show()
    settled(qtbot, page)
    page.line.choose_strategy("martingale")
    assert len(analyst.asked) == 1
    limit = page.line.field("limit")
    assert limit is not None
    limit.line.setText("250")
    QTest.mouseClick(page.line.play, Qt.MouseButton.LeftButton)
    settled(qtbot, page)
    assert analyst.asked[-1].strategy == "martingale"
    assert ("limit", "250.00") in analyst.asked[-1].parameters


def test_what_was_typed_for_a_strategy_is_there_again(page: StrategiesPage, qtbot: QtBot) -> None:
    stake = page.line.field("stake")
    assert stake is not None
    stake.line.clear()
    QTest.keyClicks(stake.line, "7.50")
    page.line.choose_strategy("kelly")
    page.line.choose_strategy("flat")
    again = page.line.field("stake")
    assert again is not None
    assert again.text == "7.50"


def test_a_wrong_value_is_told_and_nothing_is_asked(
    page: StrategiesPage, analyst: HandAnalyst, qtbot: QtBot
) -> None:
    page.show()
    settled(qtbot, page)
    page.line.bankroll.line.setText("nothing")
    page.play()
    settled(qtbot, page)
    assert len(analyst.asked) == 1
    assert page.line.bankroll.wrong
    assert page.line.caption.text == "bankroll: 'nothing' is no number; nearest valid: 1000.00"
    page.line.bankroll.line.setText("500")
    page.play()
    settled(qtbot, page)
    assert analyst.asked[-1].bankroll_minor == 50_000
    assert not page.line.bankroll.wrong


def test_while_it_is_played_the_button_says_so_and_waits(
    page: StrategiesPage, analyst: HandAnalyst, qtbot: QtBot
) -> None:
    analyst.silent = True
    page.show()
    qtbot.waitUntil(lambda: len(analyst.asked) == 1)
    assert (page.line.play.text(), page.line.play.isEnabled()) == ("playing", False)
    assert page.panel.shown_bar.note == "computing"
    assert page.is_settling()


def test_a_class_that_failed_is_named_and_the_old_result_stays_drawn_back(
    page: StrategiesPage, analyst: HandAnalyst, qtbot: QtBot
) -> None:
    page.show()
    settled(qtbot, page)
    analyst.failure = StrategyFaultError("mine.py:Mine: ValueError: no, line 12 in settle")
    page.line.bankroll.line.setText("2000")
    page.play()
    settled(qtbot, page)
    assert page.line.caption.text == "mine.py:Mine: ValueError: no, line 12 in settle"
    assert page.panel.shown_bar.old
    assert page.line.play.isEnabled()


def test_without_an_analyst_it_says_so(qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory) -> None:
    page = StrategiesPage(empty_dependencies(tmp_path_factory.mktemp("data")), DARK)
    qtbot.addWidget(page)
    page.show()
    page.play()
    assert "no database of rounds" in page.panel.shown_bar.message
    page.release()


def test_it_can_be_shown_in_other_colours(page: StrategiesPage, qtbot: QtBot) -> None:
    page.show()
    settled(qtbot, page)
    before = page.grab().toImage()
    page.apply_theme(LIGHT)
    assert page.grab().toImage() != before


def test_two_times_are_asked_for_in_the_zone_of_the_window(
    page: StrategiesPage, analyst: HandAnalyst, qtbot: QtBot
) -> None:
    page.show()
    settled(qtbot, page)
    assert not page.line.start.isVisible()
    page.line.choose_range("times")
    assert page.line.start.isVisible()
    page.line.start.line.setText("2025-11-01 10:00")
    page.line.end.line.setText("2025-11-01 11:30")
    page.play()
    settled(qtbot, page)
    span = analyst.asked[-1].span
    assert span.name == ""
    assert span.start_us is not None
    assert span.end_us is not None
    assert span.end_us - span.start_us == 90 * 60_000_000


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2025-11-01 11:00", "2025-11-01 10:00", "ends before it begins"),
        ("", "now", "the first of the two times is missing"),
        ("nonsense", "now", '"nonsense" is no time'),
    ],
)
def test_times_that_make_no_span_are_told_and_nothing_is_asked(
    page: StrategiesPage, analyst: HandAnalyst, qtbot: QtBot, start: str, end: str, words: str
) -> None:
    page.show()
    settled(qtbot, page)
    page.line.choose_range("times")
    page.line.start.line.setText(start)
    page.line.end.line.setText(end)
    page.play()
    settled(qtbot, page)
    assert len(analyst.asked) == 1
    assert words in page.line.caption.text
    assert page.line.start.wrong


def test_paper_money_is_in_the_currency_of_the_bookmaker(
    qtbot: QtBot, sample: Sample, analyst: HandAnalyst
) -> None:
    settings = replace(sample.dependencies.settings, currencies={"Admiral": "RSD"})
    page = StrategiesPage(replace(sample.dependencies, analyst=analyst, settings=settings), DARK)
    qtbot.addWidget(page)
    page.show_board(sample.engine.snapshot())
    page.show()
    settled(qtbot, page)
    assert analyst.asked[-1].currency == "RSD"
    page.release()
