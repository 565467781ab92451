"""What is typed over the analytics means what it says, or is refused with what would mean something."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.checks import check
from data_layer.analytics.questions import Scope, Span
from gui.view_models.analytics.choices import (
    BUCKETS,
    OWN_TIMES,
    Bucket,
    ChoiceError,
    Choices,
    as_words,
    bucket_words,
    first_times,
    from_words,
    local_words,
    parse_bucket,
    parse_moment,
    parse_threshold,
    parse_times,
    scope_entries,
    span_words,
)
from gui.view_models.analytics.figures import threshold_text
from tests.gui.fakes import NOW_US, SECOND_US

BELGRADE = "Europe/Belgrade"


@pytest.mark.parametrize(
    ("text", "centi"),
    [("2", 200), (" 2x ", 200), ("2.5", 250), ("1,37", 137), ("1.00", 100), ("1.370", 137), ("10 X", 1_000)],
)
def test_a_threshold_may_be_typed_in_many_ways(text: str, centi: int) -> None:
    assert parse_threshold(text) == centi


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.99", "below 1.00x"),
        ("0", "below 1.00x"),
        ("", "no multiplier"),
        ("two", "no multiplier"),
        ("-2", "no multiplier"),
        ("1e3", "no multiplier"),
        ("1.234", "two decimals"),
        ("99999999999", "no round is"),
    ],
)
def test_what_is_no_threshold_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ChoiceError, match=said):
        parse_threshold(text)


@given(st.integers(100, 100_000_000))
@settings(max_examples=60, deadline=None)
def test_a_threshold_that_is_shown_can_be_typed(centi: int) -> None:
    assert parse_threshold(threshold_text(centi).replace(",", "")) == centi


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        ("7", Bucket(minutes=7)),
        ("45 min", Bucket(minutes=45)),
        ("90minutes", Bucket(minutes=90)),
        ("2 h", Bucket(minutes=120)),
        ("2 d", Bucket(minutes=2_880)),
        ("100 rounds", Bucket(minutes=None, rounds=100)),
        ("1 round", Bucket(minutes=None, rounds=1)),
    ],
)
def test_a_length_is_in_minutes_hours_days_or_rounds(text: str, bucket: Bucket) -> None:
    assert parse_bucket(text) == bucket


@pytest.mark.parametrize("text", ["", "0", "0 rounds", "-5", "soon", "25 h", "2000 min"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ChoiceError):
        parse_bucket(text)


@pytest.mark.parametrize("text", BUCKETS)
def test_the_lengths_at_hand_can_be_typed_as_they_are_shown(text: str) -> None:
    assert bucket_words(parse_bucket(text)) == text


@given(st.one_of(st.integers(1, 1_440), st.integers(1, 300).map(lambda days: days * 1_440)))
@settings(max_examples=60, deadline=None)
def test_every_length_survives_being_shown(minutes: int) -> None:
    assert parse_bucket(bucket_words(Bucket(minutes=minutes))) == Bucket(minutes=minutes)


def test_a_time_is_local_to_the_chosen_zone() -> None:
    summer = parse_moment("2025-07-01 14:00", BELGRADE, NOW_US)
    assert summer == parse_moment("2025-07-01 12:00", "UTC", NOW_US)
    winter = parse_moment("2025-12-01", BELGRADE, NOW_US)
    assert winter == parse_moment("2025-11-30 23:00:00", "UTC", NOW_US)


def test_a_time_without_a_date_is_todays_where_the_operator_is() -> None:
    # In Belgrade it is 02:14 of the 20th, in New York still the 19th.
    assert parse_moment("01:00", BELGRADE, NOW_US) == parse_moment("2025-11-20 01:00", BELGRADE, NOW_US)
    york = "America/New_York"
    assert parse_moment("01:00", york, NOW_US) == parse_moment("2025-11-19 01:00", york, NOW_US)


def test_the_hour_that_comes_twice_is_the_first_of_them() -> None:
    found = parse_moment("2025-10-26 02:30", BELGRADE, NOW_US)
    assert found == parse_moment("2025-10-26 00:30", "UTC", NOW_US)


@pytest.mark.parametrize("text", ["tomorrow", "2025-13-01", "25:00", "2025-02-30 10:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ChoiceError, match="is no time"):
        parse_moment(text, "UTC", NOW_US)


def test_two_times_are_in_order_and_the_second_may_be_open() -> None:
    start_us, end_us = parse_times("2025-11-19", "now", "UTC", NOW_US)
    assert end_us is None
    assert start_us < NOW_US
    for start, end in (("2025-11-19", "2025-11-19"), ("2025-11-19", "2025-11-18"), ("2030-01-01", "now")):
        with pytest.raises(ChoiceError, match="ends before it begins"):
            parse_times(start, end, "UTC", NOW_US)
    with pytest.raises(ChoiceError, match="first of the two"):
        parse_times("", "now", "UTC", NOW_US)


def test_the_times_to_begin_with_can_be_asked_about() -> None:
    assert parse_times(*first_times(BELGRADE, NOW_US), BELGRADE, NOW_US)[0] < NOW_US


def test_moments_name_the_year_where_it_is_another() -> None:
    moment = parse_moment("2024-11-20 14:00", "UTC", NOW_US)
    assert moment is not None
    assert local_words(moment, "UTC", NOW_US) == "20 Nov 2024 14:00"
    assert local_words(NOW_US, "UTC", NOW_US) == "20 Nov 01:14:09"
    assert local_words(NOW_US, BELGRADE, NOW_US) == "20 Nov 02:14:09"


def test_spans_are_said_in_words() -> None:
    assert span_words(Span(name="7d"), "UTC", NOW_US) == "7 d"
    assert span_words(Span(), "UTC", NOW_US) == "all time"
    hour_ago = NOW_US - 3_609 * SECOND_US
    assert span_words(Span(start_us=hour_ago), "UTC", NOW_US) == "20 Nov 00:14 to now"
    assert span_words(Span(end_us=hour_ago), "UTC", NOW_US) == "the first round to 20 Nov 00:14"


def test_choices_are_remembered_in_words() -> None:
    usual = Choices(timezone=BELGRADE)
    for chosen in (
        usual,
        Choices(scope=Scope(bookmaker="Ставка"), range_name="all", bucket=Bucket(minutes=None, rounds=50)),
        Choices(scope=Scope(group="A"), threshold_centi=1_337, bucket=Bucket(minutes=2_880)),
    ):
        assert from_words(as_words(chosen), usual) == chosen
    own = Choices(range_name=OWN_TIMES, start_us=1, end_us=2, timezone=BELGRADE)
    assert from_words(as_words(own), usual) == usual


def test_remembered_words_without_a_meaning_change_nothing() -> None:
    usual = Choices(timezone=BELGRADE)
    for word in ("", "nonsense", "../etc", "-5 d", "\x00"):
        words = dict.fromkeys(("range", "threshold", "timezone", "bucket", "else"), word)
        assert from_words(words, usual) == usual
    assert from_words({"threshold": "9" * 30}, usual).threshold_centi == 100_000_000


def test_everybody_groups_and_bookmakers_can_be_chosen() -> None:
    entries = scope_entries(["Mozzart", "Admiral"], {"B", "", "A"})
    assert [text for _, text in entries] == ["All bookmakers", "Group A", "Group B", "Mozzart", "Admiral"]
    assert entries[1][0] == Scope(group="A")


def every_question(choices: Choices) -> list[object]:
    made = [choices.distribution(), choices.streaks(), choices.intervals(), choices.drift()]
    return [*made, choices.integrity()]


@pytest.mark.parametrize("scope", [Scope(), Scope(group="A"), Scope(bookmaker="Admiral")])
@pytest.mark.parametrize("threshold_centi", [100, 137, 200])
@pytest.mark.parametrize("bucket", [Bucket(), Bucket(minutes=7), Bucket(minutes=None, rounds=50)])
def test_what_can_be_chosen_can_be_asked(scope: Scope, threshold_centi: int, bucket: Bucket) -> None:
    choices = Choices(scope=scope, threshold_centi=threshold_centi, bucket=bucket)
    for question in every_question(choices):
        check(question, ["Admiral"], {"Admiral": "A"})  # type: ignore[arg-type]  # each is one of them


def test_the_chosen_threshold_is_among_the_configured_ones() -> None:
    choices = Choices(threshold_centi=137, thresholds_centi=(200, 150))
    assert choices.distribution().thresholds_centi == (137, 150, 200)


def test_drift_is_never_asked_about_a_span_that_moves_on() -> None:
    assert Choices(range_name="1h").drift().span == Span(name="all")
    chosen = Choices(range_name=OWN_TIMES, start_us=1, end_us=2)
    assert chosen.drift().span == Span(start_us=1, end_us=2)
    assert Choices(range_name="1h").integrity().span == Span(name="1h")
