"""The log book: every line in the file and with every subscriber, none of which can hurt the others."""

import logging
import threading
from pathlib import Path

import pytest

from data_layer.messages import LogLine
from orchestration import log_lines
from orchestration.log_lines import LogBook


def a_line(text: str) -> LogLine:
    return LogLine(at_us=1, level=logging.INFO, logger="tests", process="Admiral", text=text)


def test_lines_reach_the_file_and_every_subscriber_until_it_leaves(tmp_path: Path) -> None:
    book = LogBook(tmp_path / "aviator.log")
    first: list[LogLine] = []
    second: list[LogLine] = []

    def fails(line: LogLine) -> None:
        raise RuntimeError("a viewer's fault")

    book.subscribe(fails)
    leave = book.subscribe(first.append)
    leave()
    book.subscribe(second.append)
    book.start()
    lines = [a_line(f"line {number}") for number in range(100)]
    for line in lines:
        book.write(line)
    book.close()
    assert first == []
    assert second == lines
    assert len((tmp_path / "aviator.log").read_text().splitlines()) == 100


def test_a_subscriber_that_hangs_never_keeps_a_writer_of_lines_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_lines, "_MAX_WAITING_LINES", 10)
    book = LogBook(tmp_path / "aviator.log")
    stuck, entered = threading.Event(), threading.Event()

    def hangs(line: LogLine) -> None:
        entered.set()
        stuck.wait()

    book.subscribe(hangs)
    book.start()
    book.write(a_line("the first"))
    entered.wait()
    for number in range(50):
        book.write(a_line(f"line {number}"))
    stuck.set()
    book.close()
    text = (tmp_path / "aviator.log").read_text()
    assert "40 log lines were dropped here" in text
    assert "line 9" in text
    assert "line 10" not in text
