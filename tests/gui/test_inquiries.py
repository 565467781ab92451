"""Answers come to the window's thread, ready to be shown, one by one, and only the newest of each asker."""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest
from pytestqt.qtbot import QtBot

from data_layer.analytics.questions import Answer, DistributionQuestion, Question, Scope
from data_layer.errors import AviatorError
from gui.inquiries import Inquiries, Inquiry
from tests.gui import analytics_answers as answers

QUESTION = DistributionQuestion()
OTHER = DistributionQuestion(scope=Scope(bookmaker="Admiral"))


class HandAnalyst:
    """Answers when it is told to, on a thread of its own."""

    trouble = ""

    def __init__(self) -> None:
        self.asked: list[tuple[Question, Future[Answer]]] = []

    def bookmakers(self) -> Sequence[str]:
        return ("Admiral",)

    def ask(self, question: Question) -> "Future[Answer]":
        future: Future[Answer] = Future()
        self.asked.append((question, future))
        return future

    def answer(self, place: int = -1, error: BaseException | None = None) -> None:
        future = self.asked[place][1]

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(answers.distribution())

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()


class Asker:
    """Notes what it is told, and on which thread its answers were made ready."""

    def __init__(self, name: str = "distribution") -> None:
        self.name = name
        self.told: list[object] = []
        self.threads: list[int] = []
        self.fault: Exception | None = None

    def inquiry(self, question: Question = QUESTION) -> Inquiry:
        return Inquiry(
            self.name, question, self.make, lambda answer, made: self.told.append(made), self.told.append
        )

    def make(self, answer: Answer) -> str:
        self.threads.append(threading.get_ident())
        if self.fault is not None:
            raise self.fault
        return f"{answer.sample.rounds} rounds"


@pytest.fixture
def analyst() -> HandAnalyst:
    return HandAnalyst()


@pytest.fixture
def inquiries(qapp: object, analyst: HandAnalyst) -> Iterator[Inquiries]:
    made = Inquiries(analyst)
    yield made
    made.stop()


def test_an_answer_is_made_ready_elsewhere_and_told_here(
    qtbot: QtBot, analyst: HandAnalyst, inquiries: Inquiries
) -> None:
    asker = Asker()
    inquiries.ask(asker.inquiry())
    analyst.answer()
    assert asker.told == []
    qtbot.waitUntil(lambda: asker.told == ["1000 rounds"])
    assert asker.threads != [threading.get_ident()]


def test_the_same_question_is_not_asked_twice_at_a_time(
    qtbot: QtBot, analyst: HandAnalyst, inquiries: Inquiries
) -> None:
    asker = Asker()
    inquiries.ask(asker.inquiry())
    inquiries.ask(asker.inquiry())
    assert len(analyst.asked) == 1
    analyst.answer()
    qtbot.waitUntil(lambda: len(asker.told) == 1)
    inquiries.ask(asker.inquiry())
    assert len(analyst.asked) == 2


def test_an_older_question_no_longer_counts(qtbot: QtBot, analyst: HandAnalyst, inquiries: Inquiries) -> None:
    asker = Asker()
    inquiries.ask(asker.inquiry(QUESTION))
    inquiries.ask(asker.inquiry(OTHER))
    assert analyst.asked[0][1].cancelled()
    analyst.answer(1)
    qtbot.waitUntil(lambda: bool(asker.told))
    assert asker.told == ["1000 rounds"]


def test_an_older_answer_that_is_on_its_way_already_is_not_told(
    qtbot: QtBot, analyst: HandAnalyst, inquiries: Inquiries
) -> None:
    asker, second = Asker(), Asker("streaks")
    inquiries.ask(asker.inquiry(QUESTION))
    analyst.answer(0)
    inquiries.ask(asker.inquiry(OTHER))
    inquiries.ask(second.inquiry())
    analyst.answer(2)
    qtbot.waitUntil(lambda: bool(second.told))
    assert asker.told == []


def test_what_the_analyst_says_is_wrong_is_told_as_it_says_it(
    qtbot: QtBot, analyst: HandAnalyst, inquiries: Inquiries
) -> None:
    asker = Asker()
    inquiries.ask(asker.inquiry())
    analyst.answer(error=AviatorError("the database is locked"))
    qtbot.waitUntil(lambda: asker.told == ["the database is locked"])


def test_a_fault_of_ours_is_logged_and_the_panel_hears_of_it(
    qtbot: QtBot, analyst: HandAnalyst, inquiries: Inquiries, expected_errors: list[logging.LogRecord]
) -> None:
    asker = Asker()
    asker.fault = KeyError("median")
    inquiries.ask(asker.inquiry())
    analyst.answer()
    qtbot.waitUntil(lambda: bool(asker.told))
    assert asker.told == ["it cannot be computed; the log says why"]
    assert len(expected_errors) == 1


def test_every_answer_has_a_turn_of_its_own(qtbot: QtBot, analyst: HandAnalyst, inquiries: Inquiries) -> None:
    askers = [Asker(str(number)) for number in range(5)]
    for asker in askers:
        inquiries.ask(asker.inquiry())
    for place in range(5):
        analyst.answer(place)
    counts: list[int] = []
    while sum(counts[-1:]) < 5:
        qtbot.waitUntil(lambda: sum(len(asker.told) for asker in askers) > sum(counts[-1:]))
        counts.append(sum(len(asker.told) for asker in askers))
    assert [asker.told for asker in askers] == [["1000 rounds"]] * 5


def test_after_its_end_nothing_is_asked_or_told(
    qtbot: QtBot, analyst: HandAnalyst, inquiries: Inquiries
) -> None:
    asker = Asker()
    inquiries.ask(asker.inquiry())
    inquiries.stop()
    inquiries.stop()
    analyst.answer()
    inquiries.ask(asker.inquiry(OTHER))
    assert len(analyst.asked) == 1
    qtbot.wait(1)
    assert asker.told == []
