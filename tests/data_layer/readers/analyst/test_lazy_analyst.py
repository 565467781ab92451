"""An analyst that is made when the first question comes."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest

from data_layer.analytics.questions import Answer, DistributionQuestion, IntegrityQuestion, Question
from data_layer.errors import AviatorError
from data_layer.readers.analyst.lazy_analyst import LazyAnalyst

WAIT_S = 10.0
QUESTION = DistributionQuestion()


class HandAnalyst:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.trouble = ""
        self.asked: list[tuple[Question, Future[Answer]]] = []
        self.running = False

    def ask(self, question: Question) -> "Future[Answer]":
        self.asked.append((question, Future()))
        return self.asked[-1][1]

    def bookmakers(self) -> Sequence[str]:
        return ("Admiral", "Mozzart")

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


def test_nothing_is_made_before_the_first_question_and_one_for_all() -> None:
    made = HandAnalyst()
    go_on, calls = threading.Event(), []

    def make() -> HandAnalyst:
        calls.append(threading.current_thread())
        go_on.wait(WAIT_S)
        return made

    lazy = LazyAnalyst(make, ["Admiral"])
    assert (calls, lazy.bookmakers(), lazy.trouble) == ([], ("Admiral",), "")
    first, second, given_up = (lazy.ask(QUESTION) for _ in range(3))
    assert given_up.cancel()
    go_on.set()
    asked_first = _nth(made, 3)
    lazy_thread = calls[0]
    lazy_thread.join(WAIT_S)
    asked_first[0][1].set_exception(AviatorError("no"))
    for _, future in asked_first[1:]:
        future.set_exception(AviatorError("not either"))
    with pytest.raises(AviatorError, match="no"):
        first.result(WAIT_S)
    with pytest.raises(AviatorError, match="not either"):
        second.result(WAIT_S)
    direct = lazy.ask(IntegrityQuestion())
    assert made.asked[-1] == (IntegrityQuestion(), direct)
    assert (len(calls), lazy.bookmakers()) == (1, ("Admiral", "Mozzart"))
    assert threading.current_thread() not in calls
    lazy.stop()
    assert not made.running
    with pytest.raises(AviatorError, match="have stopped"):
        lazy.ask(QUESTION).result(WAIT_S)


def _nth(made: HandAnalyst, count: int) -> list[tuple[Question, "Future[Answer]"]]:
    waiting = threading.Event()
    while len(made.asked) < count:
        waiting.wait(0.001)
    return made.asked


def test_one_that_cannot_be_made_is_told_and_tried_again(expected_errors: list[object]) -> None:
    made = HandAnalyst()
    results: Iterator[OSError | HandAnalyst] = iter([OSError("no room"), made])

    def make() -> HandAnalyst:
        result = next(results)
        if isinstance(result, OSError):
            raise result
        return result

    lazy = LazyAnalyst(make, [])
    with pytest.raises(AviatorError, match="could not be started: no room"):
        lazy.ask(QUESTION).result(WAIT_S)
    assert "no room" in lazy.trouble
    future = lazy.ask(QUESTION)
    _nth(made, 1)[0][1].set_exception(AviatorError("answered"))
    with pytest.raises(AviatorError, match="answered"):
        future.result(WAIT_S)
    lazy.stop()
    assert len(expected_errors) == 1


def test_one_that_was_never_asked_ends_without_having_been_made() -> None:
    LazyAnalyst(lambda: pytest.fail("made"), []).stop()
