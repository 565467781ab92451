"""The log book: what is kept, what is shown, and what a copy says."""

import logging

from hypothesis import given
from hypothesis import strategies as st

from data_layer.messages import LogLine
from gui.view_models import logs
from gui.view_models.tones import Tone
from tests.gui.fakes import NOW_US

LEVELS = st.sampled_from([logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR])


def line(text: str, level: int = logging.INFO, process: str = "Admiral") -> LogLine:
    return LogLine(at_us=NOW_US, level=level, logger="data_layer.writer", process=process, text=text)


def take(book: logs.LogBook, *lines: LogLine) -> logs.Arrival:
    arrival = book.arrival(lines)
    book.retire(arrival)
    book.admit(arrival)
    return arrival


def texts(book: logs.LogBook) -> list[str]:
    return [each.text for each in book.shown]


def test_only_what_the_level_lets_through_is_shown() -> None:
    book = logs.LogBook()
    take(book, line("a", logging.DEBUG), line("b"), line("c", logging.ERROR))
    assert texts(book) == ["b", "c"]
    book.refilter(logs.LogFilter(level=logging.DEBUG))
    assert texts(book) == ["a", "b", "c"]
    assert logs.summary(book) == "3 lines"


def test_text_is_found_without_regard_to_capitals_in_text_process_and_logger() -> None:
    for wanted in ("EXITED", "volcano", "writer"):
        chosen = logs.LogFilter(text=wanted)
        assert chosen.matches(line("worker exited", process="VolcanoBet"))
    assert not logs.LogFilter(text="mozzart").matches(line("worker exited"))


def test_one_process_can_be_looked_at_alone() -> None:
    book = logs.LogBook()
    take(book, line("a", process="writer"), line("b"), line("c", process="writer"))
    book.refilter(logs.LogFilter(process="writer"))
    assert texts(book) == ["a", "c"]
    assert book.processes == ("writer", "Admiral")
    assert logs.summary(book) == "2 of 3 lines"


def test_why_no_line_is_shown_is_said_only_while_none_is() -> None:
    book = logs.LogBook()
    assert logs.why_empty(book) == "Nothing has been logged yet."
    take(book, line("a"))
    assert logs.why_empty(book) == ""
    book.refilter(logs.LogFilter(process="writer"))
    assert logs.why_empty(book) == "No line of the newest 1 passes these filters."


def test_the_oldest_lines_make_room_for_the_newest() -> None:
    book = logs.LogBook(kept=3)
    take(book, line("1"), line("2"))
    arrival = take(book, line("3"), line("4"))
    assert (arrival.forgotten, arrival.removed) == (1, 1)
    assert texts(book) == ["2", "3", "4"]


def test_more_lines_at_once_than_are_kept_leave_the_newest() -> None:
    book = logs.LogBook(kept=3)
    take(book, line("old"))
    take(book, *(line(str(number)) for number in range(10)))
    assert texts(book) == ["7", "8", "9"]
    assert book.count == 3


@given(st.lists(st.lists(LEVELS, max_size=12), max_size=12), st.integers(min_value=1, max_value=20), LEVELS)
def test_what_is_shown_is_always_what_the_filter_finds_among_what_is_kept(
    batches: list[list[int]], kept: int, level: int
) -> None:
    book = logs.LogBook(kept=kept)
    book.refilter(logs.LogFilter(level=level))
    everything: list[LogLine] = []
    for batch in batches:
        lines = [line(str(len(everything) + number), each) for number, each in enumerate(batch)]
        everything += lines
        before = len(book.shown)
        arrival = take(book, *lines)
        assert len(book.shown) == before - arrival.removed + len(arrival.shown)
    assert list(book.shown) == [each for each in everything[-kept:] if each.level >= level]


def test_errors_and_warnings_stand_out_by_word_and_colour() -> None:
    assert (logs.level_word(logging.ERROR), logs.level_tone(logging.ERROR)) == ("error", Tone.BAD)
    assert (logs.level_word(logging.WARNING), logs.level_tone(logging.WARNING)) == ("warning", Tone.WARN)
    assert (logs.level_word(logging.INFO), logs.level_tone(logging.INFO)) == ("", Tone.MUTED)


def test_a_trace_is_one_line_in_the_list_and_whole_in_a_copy() -> None:
    trace = line("it failed\nTraceback\n  in main", logging.ERROR)
    assert logs.first_line(trace) == "it failed  (and 2 more lines)"
    copied = logs.as_text([trace])
    assert copied.endswith("ERROR    Admiral  it failed\nTraceback\n  in main")


def test_a_cleared_book_is_empty() -> None:
    book = logs.LogBook()
    take(book, line("a"))
    book.clear()
    assert (texts(book), book.count) == ([], 0)


def test_a_narrow_place_names_who_speaks_unless_it_is_the_program_itself() -> None:
    assert logs.brief_text(line("crashed", process="Admiral")) == "Admiral crashed"
    assert logs.brief_text(line("started", process="main")) == "started"


def test_long_text_is_broken_at_spaces_and_cut_on_its_last_row() -> None:
    text = "no fresh statistics: there is no database yet"
    assert logs.wrapped(text, 20, 3) == ["no fresh statistics:", "there is no database", "yet"]
    assert logs.wrapped(text, 20, 2) == ["no fresh statistics:", "there is no databas…"]
    assert logs.wrapped("x" * 25, 10, 3) == ["x" * 10, "x" * 10, "x" * 5]
    assert logs.wrapped("short", 20, 3) == ["short"]
    assert logs.wrapped("no room", 0, 3) == [""]


def test_wide_letters_take_two_cells_and_marks_none() -> None:
    assert logs.cells("彩票 A") == 6
    assert logs.cells("e\u0301") == 1
    assert logs.cut("彩票博彩公司", 7) == "彩票博…"


@given(st.text(max_size=200), st.integers(1, 60), st.integers(1, 4))
def test_wrapped_rows_never_exceed_their_room_or_number(text: str, room: int, most: int) -> None:
    rows = logs.wrapped(text, room, most)
    assert 1 <= len(rows) <= most
    assert all(logs.cells(row) <= max(room, 2) for row in rows)  # a wide letter is never broken
