"""What other threads say reaches the window's thread: all of it, in order, in few signals."""

import threading
from collections.abc import Callable, Sequence

from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from data_layer.messages import LogLine
from gui.feed import MOST_LINES, Feed
from tests.gui.fakes import NOW_US, EmptyEngine


class Tap:
    """A log tap and a reader's news, told by hand from any thread."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[LogLine], None]] = []

    def subscribe(self, callback: Callable[[LogLine], None]) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def tell(self, text: str) -> None:
        line = LogLine(at_us=NOW_US, level=20, logger="a", process="main", text=text)
        for callback in list(self.callbacks):
            callback(line)

    def tell_all(self, texts: Sequence[str]) -> None:
        for text in texts:
            self.tell(text)


class Reader(EmptyEngine):
    """A reader whose news are told by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: list[Callable[[str], None]] = []

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def tell(self, collector_type: str) -> None:
        for callback in list(self.callbacks):
            callback(collector_type)


def test_lines_of_a_busy_thread_arrive_complete_in_order_and_on_the_windows_thread(qtbot: QtBot) -> None:
    tap = Tap()
    feed = Feed(logs=tap)
    batches: list[list[str]] = []
    threads: set[QThread] = set()

    def on_lines(lines: list[LogLine]) -> None:
        batches.append([line.text for line in lines])
        threads.add(QThread.currentThread())

    feed.lines_came.connect(on_lines)
    said = [str(number) for number in range(5_000)]
    speaker = threading.Thread(target=tap.tell_all, args=(said,))
    speaker.start()
    qtbot.waitUntil(lambda: sum(map(len, batches)) == len(said))
    speaker.join()
    assert [text for batch in batches for text in batch] == said
    assert threads == {feed.thread()}
    assert len(batches) < 100
    feed.stop()


def test_the_same_news_between_two_looks_is_told_once(qtbot: QtBot) -> None:
    reader = Reader()
    feed = Feed(reader=reader)
    told: list[str] = []
    feed.stats_changed.connect(told.append)
    for _ in range(100):
        reader.tell("data_collector")
        reader.tell("rgb_collector")
    qtbot.waitUntil(lambda: len(told) >= 2)
    assert told == ["data_collector", "rgb_collector"]
    reader.tell("data_collector")
    qtbot.waitUntil(lambda: len(told) == 3)
    feed.stop()


def test_a_flood_keeps_the_newest_lines_and_no_more(qtbot: QtBot) -> None:
    tap = Tap()
    feed = Feed(logs=tap)
    came: list[LogLine] = []
    feed.lines_came.connect(came.extend)
    for number in range(MOST_LINES + 10):
        tap.tell(str(number))
    qtbot.waitUntil(lambda: bool(came))
    assert (len(came), came[0].text, came[-1].text) == (MOST_LINES, "10", str(MOST_LINES + 9))
    feed.stop()


def test_a_stopped_feed_has_left_its_subscriptions_and_says_nothing_more(qtbot: QtBot) -> None:
    tap, reader = Tap(), Reader()
    feed = Feed(reader=reader, logs=tap)
    late = tap.callbacks[0]
    told: list[object] = []
    feed.lines_came.connect(told.append)
    tap.tell("under way")
    feed.stop()
    feed.stop()
    late(LogLine(at_us=NOW_US, level=20, logger="a", process="main", text="late"))
    assert (tap.callbacks, reader.callbacks) == ([], [])
    other = Feed(logs=tap)
    with qtbot.waitSignal(other.lines_came):
        tap.tell("to another feed, whose turn comes after that of the stopped one")
    assert told == []
    other.stop()
