"""Long work is done elsewhere; its outcome comes back to the window's thread."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from gui.errands import Errands


@pytest.fixture
def errands() -> Iterator[Errands]:
    made = Errands("an errand")
    yield made
    made.stop()


def test_work_runs_on_another_thread_and_its_result_comes_back_to_this_one(
    qtbot: QtBot, errands: Errands
) -> None:
    here = threading.get_ident()
    results: list[tuple[int, int]] = []
    errands.run(
        threading.get_ident, lambda there: results.append((there, threading.get_ident())), pytest.fail
    )
    qtbot.waitUntil(lambda: bool(results))
    assert results[0][0] != here
    assert results[0][1] == here


def test_work_that_fails_gives_its_reason_and_the_next_is_done_all_the_same(
    qtbot: QtBot, errands: Errands
) -> None:
    told: list[str] = []

    def broken() -> str:
        raise OSError("no such disk")

    errands.run(broken, lambda _: pytest.fail("it cannot succeed"), told.append)
    errands.run(lambda: "fine", told.append, pytest.fail)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["no such disk", "fine"]


def test_results_come_in_the_order_of_the_work(qtbot: QtBot, errands: Errands) -> None:
    done: list[int] = []
    for number in range(50):
        errands.run(lambda number=number: number, done.append, pytest.fail)  # type: ignore[misc]  # no type of its own
    qtbot.waitUntil(lambda: len(done) == 50)
    assert done == list(range(50))


def test_after_the_end_nothing_is_handed_over_and_hanging_work_holds_nobody_up(qtbot: QtBot) -> None:
    hanging, leave = threading.Event(), threading.Event()
    errands = Errands("an errand")

    def hang() -> None:
        hanging.set()
        leave.wait(30)

    errands.run(hang, pytest.fail, pytest.fail)
    qtbot.waitUntil(hanging.is_set)
    errands.stop()
    errands.run(pytest.fail, pytest.fail, pytest.fail)
    leave.set()
    done: list[bool] = []
    other = Errands("another errand")
    other.run(lambda: True, done.append, pytest.fail)
    qtbot.waitUntil(lambda: bool(done))
    other.stop()
