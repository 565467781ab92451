"""Until when a mute lasts that was typed, and whom it silences."""

from datetime import datetime

import pytest

from gui.view_models.alert_mutes import EXAMPLES, LENGTHS, mute_end, seconds_of, targets
from tests.gui.fakes import NOW_US, SECOND_US
from tests.gui.view_models.test_alerts import alert


def local_us(*fields: int) -> int:
    return round(datetime(*fields).timestamp()) * SECOND_US  # type: ignore[arg-type]


NOON_US = local_us(2026, 5, 5, 12, 0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90 s", 90), ("15m", 900), ("1 min 30 s", 90), ("2H", 7_200), ("0.5 h", 1_800), (" 3 d ", 259_200)],
)
def test_lengths_of_time_are_understood(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds
    assert mute_end(text, NOW_US) == NOW_US + seconds * SECOND_US


@pytest.mark.parametrize("text", ["", "soon", "15", "5 parsecs", "1 h and", "-5 min", "nan s"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number and s, min, h or d"):
        seconds_of(text)
    with pytest.raises(ValueError, match=r"neither a length nor a time: try 30 min"):
        mute_end(text, NOW_US)


def test_a_time_of_day_is_the_next_one() -> None:
    assert mute_end("12:01", NOON_US) == local_us(2026, 5, 5, 12, 1)
    assert mute_end("12:00", NOON_US) == local_us(2026, 5, 6, 12, 0)
    assert mute_end("0:30", NOON_US) == local_us(2026, 5, 6, 0, 30)


def test_tomorrow_is_the_next_morning() -> None:
    assert mute_end("tomorrow", NOON_US) == local_us(2026, 5, 6, 8, 0)
    assert mute_end("tomorrow", local_us(2026, 5, 5, 0, 5)) == local_us(2026, 5, 6, 8, 0)


def test_a_date_is_that_day_and_minute() -> None:
    assert mute_end("2026-05-09", NOON_US) == local_us(2026, 5, 9)
    assert mute_end("2026-05-09 18:45", NOON_US) == local_us(2026, 5, 9, 18, 45)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("25:00", "no time of day"),
        ("2026-02-30", "is no date"),
        ("2026-05-05 11:59", "is over"),
        ("2028-01-01", "a year at most"),
        ("400 d", "a year at most"),
        ("0 s", "more than nothing"),
        (f"{'9' * 400} d", "a year at most"),
    ],
)
def test_ends_that_make_no_sense_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        mute_end(text, NOON_US)


def test_everything_that_is_offered_is_understood() -> None:
    for text in (*EXAMPLES, *dict(LENGTHS)):
        assert mute_end(text, NOON_US) > NOON_US


def test_muting_an_alert_silences_its_rule_at_those_it_is_about() -> None:
    both, engine = alert(bookmakers=("A", "B")), alert(rule="disk", bookmakers=())
    assert targets(both, "alert") == (("stall", "A"), ("stall", "B"))
    assert targets(both, "rule") == (("stall", ""),)
    assert targets(both, "bookmaker") == (("", "A"), ("", "B"))
    assert [targets(engine, scope) for scope in ("alert", "rule", "bookmaker")] == [(("disk", ""),)] * 3
