"""Numbers, ages and times as the operator reads them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.messages import Origin
from gui.view_models import words

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


@pytest.mark.parametrize(
    ("value", "text"), [(None, words.NOTHING), (0, "0"), (999, "999"), (30_724, "30,724")]
)
def test_counts_are_grouped_by_thousands(value: int | None, text: str) -> None:
    assert words.count_text(value) == text


@pytest.mark.parametrize(("centi", "text"), [(100, "1.00x"), (197, "1.97x"), (98_211, "982.11x")])
def test_multipliers_have_two_decimals_and_their_sign(centi: int, text: str) -> None:
    assert words.multiplier_text(centi) == text


def test_a_share_of_nothing_is_no_number() -> None:
    assert words.percent_text(0, 0) == words.NOTHING
    assert words.percent_text(99, 1000) == "9.9 %"


def test_money_carries_its_currency_and_a_loss_a_true_minus() -> None:
    assert words.money_text(123_456, "EUR") == "1,234.56 EUR"
    assert words.money_text(-5, "RSD", signed=True) == "\N{MINUS SIGN}0.05 RSD"
    assert words.money_text(5, "RSD", signed=True) == "+0.05 RSD"
    assert words.money_text(0, "RSD", signed=True) == "0.00 RSD"
    assert words.money_text(None, "EUR") == words.NOTHING


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (1_200_000_000, "1.2 GB"),
        (345_000_000, "345 MB"),
        (2 * 10**12, "2.0 TB"),
    ],
)
def test_sizes_take_the_unit_that_keeps_them_short(size: int, text: str) -> None:
    assert words.bytes_text(size) == text


@pytest.mark.parametrize(
    ("age_us", "text"),
    [
        (-5, "0 s"),
        (41 * SECOND_US + 999_999, "41 s"),
        (3 * MINUTE_US + 59 * SECOND_US, "3 min"),
        (2 * HOUR_US, "2 h"),
        (9 * DAY_US + HOUR_US, "9 d"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(age_us: int, text: str) -> None:
    assert words.age_text(age_us) == text


@pytest.mark.parametrize(
    ("duration_us", "text"),
    [
        (400_000, "0.4 s"),
        (41 * SECOND_US, "41 s"),
        (3 * MINUTE_US + 20 * SECOND_US, "3 min 20 s"),
        (2 * HOUR_US, "2 h"),
        (4 * DAY_US + HOUR_US, "4 d 1 h"),
    ],
)
def test_a_duration_is_told_in_two_units(duration_us: int, text: str) -> None:
    assert words.duration_text(duration_us) == text


@given(st.integers(min_value=-(10**15), max_value=10**16))
def test_every_age_and_duration_has_a_unit(value: int) -> None:
    assert re.fullmatch(r"\d+ (s|min|h|d)", words.age_text(value))
    assert re.fullmatch(r"\d+(\.\d)? (s|min|h|d)( \d+ (s|min|h))?", words.duration_text(value))


def test_ranges_get_their_unit_and_unknown_ones_stay_readable() -> None:
    assert words.range_words("24h") == "24 h"
    assert words.range_words("all") == "all time"
    assert words.range_words("2w") == "2w"


def test_only_rounds_that_are_not_live_carry_a_tag() -> None:
    assert words.origin_tag(()) == ""
    assert words.origin_tag((Origin.LIVE,)) == ""
    assert words.origin_tag((Origin.REPLAY, Origin.SIMULATOR, Origin.REPLAY)) == "simulated, replay"
    assert all(words.origin_tag((origin,)) for origin in Origin if origin is not Origin.LIVE)


def test_a_moment_of_another_day_carries_its_date() -> None:
    now_us = 1_763_640_000_000_000  # the middle of 20 November 2025 in every time zone's sense of a day
    assert re.fullmatch(r"\d\d:\d\d:\d\d", words.moment_text(now_us, now_us))
    assert re.fullmatch(r"\d+ [A-Z][a-z]{2} \d\d:\d\d", words.moment_text(now_us - 3 * DAY_US, now_us))
    assert re.fullmatch(r"\d+ [A-Z][a-z]{2} 20\d\d", words.moment_text(now_us - 900 * DAY_US, now_us))
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", words.date_text(now_us))
