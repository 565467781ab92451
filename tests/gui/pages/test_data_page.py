"""The data page: another range is read on another thread and shown when it is there."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from gui.dependencies import CollectorStats
from gui.pages.data import DataPage
from gui.sample.window import Sample
from gui.theme import DARK
from gui.view_models.tones import Tone


class SlowReader:
    """The sample's reader, whose range statistics wait until they are let go, or fail."""

    def __init__(self, sample: Sample) -> None:
        self._reader = sample.reader
        self.trouble = ""
        self.let_go = threading.Event()
        self.failure: Exception | None = None
        self.asked: list[tuple[str, int]] = []

    def peek(self, collector_type: str) -> CollectorStats | None:
        return self._reader.peek(collector_type)

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        return self._reader.subscribe(callback)

    def get_round_stats(self, range_name: str) -> CollectorStats:
        self.asked.append((range_name, threading.get_ident()))
        self.let_go.wait(30)
        if self.failure is not None:
            raise self.failure
        return self._reader.get_round_stats(range_name)


@pytest.fixture
def reader(sample: Sample) -> Iterator[SlowReader]:
    made = SlowReader(sample)
    yield made
    made.let_go.set()


@pytest.fixture
def page(qtbot: QtBot, sample: Sample, reader: SlowReader) -> Iterator[DataPage]:
    made = DataPage(replace(sample.dependencies, reader=reader), DARK)
    qtbot.addWidget(made)
    made.resize(1_200, 600)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.release()


def span(page: DataPage) -> str:
    return page.stats.shown.span if page.stats.shown else ""


def test_the_page_opens_with_the_range_the_reader_keeps(page: DataPage, reader: SlowReader) -> None:
    assert span(page) == "24 h"
    assert page.ranges.key == "24h"
    assert reader.asked == []


def test_another_range_is_read_on_another_thread_while_the_window_goes_on(
    qtbot: QtBot, page: DataPage, reader: SlowReader
) -> None:
    page.choose_range("30d")
    qtbot.waitUntil(lambda: bool(reader.asked))
    assert reader.asked[0][0] == "30d"
    assert reader.asked[0][1] != threading.get_ident()
    assert page.stats.shown is not None
    assert (page.stats.shown.note, page.stats.shown.span) == ("reading 30 d", "24 h")
    reader.let_go.set()
    qtbot.waitUntil(lambda: span(page) == "30 d")


def test_an_answer_that_comes_after_the_operator_changed_his_mind_is_not_shown(
    qtbot: QtBot, page: DataPage, reader: SlowReader
) -> None:
    page.choose_range("30d")
    qtbot.waitUntil(lambda: bool(reader.asked))
    page.choose_range("24h")
    seen: list[str] = []
    page._errands.run(lambda: None, lambda _: seen.append(span(page)), pytest.fail)
    reader.let_go.set()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["24 h"]


def test_what_hinders_reading_is_said(
    qtbot: QtBot, page: DataPage, reader: SlowReader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.failure = RuntimeError("the database is locked")
    reader.let_go.set()
    page.choose_range("7d")
    qtbot.waitUntil(lambda: page.stats.shown is not None and page.stats.shown.note_tone is Tone.BAD)
    assert page.stats.shown is not None
    assert page.stats.shown.note == "the database is locked"


def test_news_of_the_reader_renews_the_chosen_range_one_request_at_a_time(
    qtbot: QtBot, sample: Sample, page: DataPage, reader: SlowReader
) -> None:
    page.choose_range("6h")
    qtbot.waitUntil(lambda: len(reader.asked) == 1)
    page._ask()
    page._ask()
    reader.let_go.set()
    qtbot.waitUntil(lambda: span(page) == "6 h")
    assert len(reader.asked) == 1
    sample.reader.refresh()
    qtbot.waitUntil(lambda: len(reader.asked) == 2)


def test_a_narrow_page_gives_the_title_its_own_line(qtbot: QtBot, page: DataPage) -> None:
    beside = page.ranges.y()
    page.resize(600, 500)
    qtbot.waitUntil(lambda: page.ranges.y() > beside)
    page.resize(1_200, 500)
    qtbot.waitUntil(lambda: page.ranges.y() == beside)
