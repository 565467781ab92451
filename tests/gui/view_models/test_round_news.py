"""High rounds get a line in the log, once, and only while they are news."""

from data_layer.messages import RoundBrief
from gui.view_models.round_news import RoundNews
from tests.gui.fakes import NOW_US, SECOND_US, brief


def said(news: RoundNews, recent: list[RoundBrief], now_us: int = NOW_US) -> str | None:
    line = news.line("Admiral", recent, now_us)
    return None if line is None else f"{line.process} {line.text}"


def test_a_high_round_is_told_once() -> None:
    news, low, high = RoundNews(), brief(142, 1), brief(1_206, 2)
    assert said(news, [low]) is None
    assert said(news, [low, high]) == "Admiral crashed at 12.06x"
    assert said(news, [low, high], NOW_US + 2 * SECOND_US) is None


def test_low_rounds_and_those_known_before_the_window_are_not_told() -> None:
    news = RoundNews()
    assert said(news, [brief(5_000, 1)]) is None
    assert said(news, [brief(5_000, 1), brief(999, 2)]) is None


def test_the_first_round_of_an_empty_database_is_told() -> None:
    news = RoundNews()
    assert said(news, []) is None
    assert said(news, [brief(1_000, 1)]) == "Admiral crashed at 10.00x"


def test_rounds_from_before_the_first_look_or_without_a_time_are_not_told() -> None:
    news = RoundNews()
    said(news, [])
    old = brief(5_000, 1, crashed_at_us=NOW_US - 1)
    assert said(news, [old, brief(6_000, 2, crashed_at_us=None)]) is None


def test_a_fast_recording_is_told_once_a_second_with_its_highest_round() -> None:
    news = RoundNews()
    said(news, [])
    assert said(news, [brief(1_000, 1), brief(9_000, 2), brief(2_000, 3)]) == "Admiral crashed at 90.00x"
    assert said(news, [brief(1_000, 4)], NOW_US + SECOND_US // 2) is None
    assert said(news, [brief(1_100, 5)], NOW_US + SECOND_US) == "Admiral crashed at 11.00x"
