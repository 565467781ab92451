"""The thread that answers: what waits, what is answered together, what is refused, and how it ends."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future

import pytest

from data_layer.analytics.questions import Answer, Question, Sample, Scope, Span, Streaks, StreaksQuestion
from data_layer.readers.analyst.question_lane import MOST_WAITING, QuestionLane, UnansweredError

WAIT_S = 20.0


def _question(threshold_centi: int) -> StreaksQuestion:
    return StreaksQuestion(threshold_centi=threshold_centi)


class Answerer:
    """Answers with the threshold; holds each question for which there is a gate until that is opened."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.gates: dict[int, threading.Event] = {}
        self.begun: dict[int, threading.Event] = {}
        self.fault: Exception | None = None

    def hold(self, threshold_centi: int) -> Callable[[], None]:
        self.gates[threshold_centi] = threading.Event()
        self.begun[threshold_centi] = threading.Event()
        return self.gates[threshold_centi].set

    def __call__(self, question: Question) -> Answer:
        assert isinstance(question, StreaksQuestion)
        centi = question.threshold_centi
        self.asked.append(centi)
        if centi in self.gates:
            self.begun[centi].set()
            assert self.gates[centi].wait(WAIT_S)
        if self.fault is not None:
            raise self.fault
        return Streaks(sample=Sample(scope=Scope(), span=Span(), rounds=centi), threshold_centi=centi)


@pytest.fixture
def answerer() -> Iterator[Answerer]:
    found = Answerer()
    yield found
    for gate in found.gates.values():
        gate.set()


@pytest.fixture
def lane(answerer: Answerer) -> Iterator[QuestionLane]:
    found = QuestionLane("lane under test", answerer)
    found.start()
    yield found
    found.stop()
    for gate in answerer.gates.values():
        gate.set()
    found.join(WAIT_S)


def _ask(lane: QuestionLane, threshold_centi: int) -> "Future[Answer]":
    future: Future[Answer] = Future()
    lane.put(_question(threshold_centi), future)
    return future


def test_questions_are_answered_in_the_order_of_asking(lane: QuestionLane, answerer: Answerer) -> None:
    open_gate = answerer.hold(100)
    futures = [_ask(lane, centi) for centi in (100, 300, 200)]
    open_gate()
    assert [future.result(WAIT_S).sample.rounds for future in futures] == [100, 300, 200]
    assert answerer.asked == [100, 300, 200]


def test_equal_questions_that_wait_are_answered_once_and_to_all(
    lane: QuestionLane, answerer: Answerer
) -> None:
    open_gate = answerer.hold(100)
    first = _ask(lane, 100)
    waiting = [_ask(lane, 200) for _ in range(5)]
    open_gate()
    assert {future.result(WAIT_S).sample.rounds for future in (first, *waiting)} == {100, 200}
    assert answerer.asked == [100, 200]


def test_a_question_that_comes_while_an_equal_one_is_computed_has_a_turn_of_its_own(
    lane: QuestionLane, answerer: Answerer
) -> None:
    open_gate = answerer.hold(100)
    first = _ask(lane, 100)
    assert answerer.begun[100].wait(WAIT_S)
    second = _ask(lane, 100)
    open_gate()
    first.result(WAIT_S)
    second.result(WAIT_S)
    assert answerer.asked == [100, 100]


def test_a_question_that_nobody_waits_for_any_more_is_not_computed(
    lane: QuestionLane, answerer: Answerer
) -> None:
    open_gate = answerer.hold(100)
    first = _ask(lane, 100)
    assert answerer.begun[100].wait(WAIT_S)
    given_up, kept, other = _ask(lane, 200), _ask(lane, 300), _ask(lane, 300)
    assert given_up.cancel()
    assert other.cancel()
    open_gate()
    first.result(WAIT_S)
    assert kept.result(WAIT_S).sample.rounds == 300
    assert answerer.asked == [100, 300]
    with pytest.raises(CancelledError):
        given_up.result()


def test_more_questions_than_fit_are_refused_at_once(lane: QuestionLane, answerer: Answerer) -> None:
    open_gate = answerer.hold(100)
    _ask(lane, 100)
    assert answerer.begun[100].wait(WAIT_S)
    waiting = [_ask(lane, 1_000 + number) for number in range(MOST_WAITING)]
    refused = _ask(lane, 9_999)
    assert isinstance(refused.exception(0), UnansweredError)
    again = _ask(lane, 1_000)  # waits already
    open_gate()
    assert again.result(WAIT_S).sample.rounds == 1_000
    assert waiting[-1].result(WAIT_S).sample.rounds == 1_000 + MOST_WAITING - 1


def test_a_fault_of_the_environment_is_the_answer_and_the_next_question_is_answered(
    lane: QuestionLane, answerer: Answerer
) -> None:
    answerer.fault = UnansweredError("no disk")
    assert _ask(lane, 100).exception(WAIT_S) is answerer.fault
    answerer.fault = None
    assert _ask(lane, 100).result(WAIT_S).sample.rounds == 100


def test_a_mistake_of_ours_is_logged_and_told_and_the_next_question_is_answered(
    lane: QuestionLane, answerer: Answerer, expected_errors: list[logging.LogRecord]
) -> None:
    answerer.fault = ZeroDivisionError("oh")
    fault = _ask(lane, 100).exception(WAIT_S)
    assert isinstance(fault, UnansweredError)
    assert "ZeroDivisionError" in str(fault)
    answerer.fault = None
    assert _ask(lane, 100).result(WAIT_S).sample.rounds == 100
    assert len(expected_errors) == 1


def test_stopping_tells_all_who_wait_at_once_even_during_a_computation(
    lane: QuestionLane, answerer: Answerer
) -> None:
    answerer.hold(100)
    running = _ask(lane, 100)
    assert answerer.begun[100].wait(WAIT_S)
    waiting = _ask(lane, 200)
    began = time.monotonic()
    lane.stop()
    for future in (running, waiting, _ask(lane, 300)):
        assert isinstance(future.exception(0), UnansweredError)
    assert time.monotonic() - began < WAIT_S / 2  # the computation is still held
    answerer.gates[100].set()
    lane.join(WAIT_S)
    assert answerer.asked == [100]


def test_beginning_and_end_are_on_the_thread_of_the_lane() -> None:
    seen: list[int] = []
    lane = QuestionLane(
        "lane under test",
        Answerer(),
        begin=lambda: seen.append(threading.get_ident()),
        end=lambda: seen.append(threading.get_ident()),
    )
    lane.start()
    lane.stop()
    lane.join(WAIT_S)
    assert len(seen) == 2
    assert seen[0] == seen[1] != threading.get_ident()
