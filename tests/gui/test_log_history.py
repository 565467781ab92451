"""Whoever opens a log late still hears what was said before."""

import threading

from data_layer.messages import LogLine
from gui.log_history import LogHistory
from tests.gui.test_feed import Tap


def test_a_late_subscriber_hears_the_past_and_then_the_present() -> None:
    tap = Tap()
    history = LogHistory(tap)
    tap.tell("before")
    heard: list[str] = []
    leave = history.subscribe(lambda line: heard.append(line.text))
    tap.tell("after")
    leave()
    tap.tell("too late")
    assert heard == ["before", "after"]


def test_only_the_newest_lines_are_remembered() -> None:
    tap = Tap()
    history = LogHistory(tap, remembered=2)
    for text in "abc":
        tap.tell(text)
    heard: list[str] = []
    history.subscribe(lambda line: heard.append(line.text))
    assert heard == ["b", "c"]


def test_no_line_is_missed_or_told_twice_while_somebody_subscribes() -> None:
    tap = Tap()
    history = LogHistory(tap, remembered=100_000)
    said = [str(number) for number in range(20_000)]
    speaker = threading.Thread(target=tap.tell_all, args=(said,))
    speaker.start()
    heard: list[list[str]] = []
    for _ in range(20):
        lines: list[str] = []
        heard.append(lines)
        history.subscribe(lambda line, lines=lines: lines.append(line.text))  # type: ignore[misc]  # no type of its own
    speaker.join()
    assert all(lines == said for lines in heard)


def test_a_subscriber_that_logs_does_not_lock_itself_out() -> None:
    tap = Tap()
    history = LogHistory(tap)
    heard: list[str] = []

    def answer(line: LogLine) -> None:
        heard.append(line.text)
        if line.text == "question":
            tap.tell("answer")

    history.subscribe(answer)
    tap.tell("question")
    assert sorted(heard) == ["answer", "question"]


def test_a_stopped_history_has_left_the_tap() -> None:
    tap = Tap()
    history = LogHistory(tap)
    history.stop()
    assert tap.callbacks == []
