"""Figures have as many digits as help, signs of their own and words where words are better."""

import math

import pytest

from data_layer.analytics.questions import Interval
from gui.view_models.analytics import figures
from gui.view_models.tones import Tone


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "\N{EN DASH}"),
        (0.0, "0.0 %"),
        (0.485, "48.5 %"),
        (1.0, "100.0 %"),
        (0.0188, "1.88 %"),
        (0.0097, "0.97 %"),
        (0.00012, "0.012 %"),
    ],
)
def test_small_shares_keep_two_figures(share: float | None, text: str) -> None:
    assert figures.share_text(share) == text


def test_both_ends_of_an_interval_have_the_same_decimals() -> None:
    assert figures.share_interval_text(Interval(0.0094, 0.0119)) == "0.94 to 1.19 %"
    assert figures.share_interval_text(Interval(0.473, 0.501)) == "47.3 to 50.1 %"


def test_differences_have_signs_and_nothing_has_none() -> None:
    assert figures.signed_points(1.234) == "+1.23"
    assert figures.signed_points(-0.5) == "\N{MINUS SIGN}0.50"
    assert figures.signed_points(-0.001) == "0.00"
    assert figures.points_interval_text(Interval(-3.1, 5.5)) == "\N{MINUS SIGN}3.10 to +5.50"
    assert figures.signed_interval_text(Interval(-0.009, 0.065)) == "\N{MINUS SIGN}0.9 to 6.5 %"


@pytest.mark.parametrize(
    ("p_value", "text", "tone"),
    [
        (None, "\N{EN DASH}", Tone.MUTED),
        (0.314, "0.31", Tone.TEXT),
        (0.0551, "0.055", Tone.TEXT),
        (0.004, "0.004", Tone.WARN),
        (1e-9, "< 0.001", Tone.WARN),
    ],
)
def test_p_values_stand_out_only_when_rare(p_value: float | None, text: str, tone: Tone) -> None:
    assert (figures.p_text(p_value), figures.p_tone(p_value)) == (text, tone)


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (None, "\N{EN DASH}"),
        (0.0, "below 1 in a million million"),
        (1e-300, "below 1 in a million million"),
        (0.00029, "1 in 3,400"),
        (0.012, "1.2 %"),
        (0.74, "74 %"),
        (0.99999, "above 99.9 %"),
        (1.0, "above 99.9 %"),
    ],
)
def test_chances_are_said_as_people_say_them(probability: float | None, text: str) -> None:
    assert figures.chance_text(probability) == text


@pytest.mark.parametrize(
    ("e_value", "words", "text"),
    [
        (0.31, "none", "0.31"),
        (1.0, "none", "1.0"),
        (3.0, "hardly any", "3.0"),
        (4.2, "some", "4.2"),
        (30.0, "strong", "30.0"),
        (99.0, "very strong", "99.0"),
        (130.0, "decisive", "130"),
        (1e8, "decisive", "10^8"),
        (0.001, "none", "below 0.01"),
    ],
)
def test_evidence_has_jeffreys_words(e_value: float, words: str, text: str) -> None:
    assert figures.evidence(math.log(e_value)) == words
    assert figures.e_text(math.log(e_value)) == text


def test_evidence_beyond_any_number_is_still_a_power_of_ten() -> None:
    assert figures.e_text(5_000.0) == "10^2171"
    assert figures.evidence(None) == figures.e_text(None) == "\N{EN DASH}"


def test_what_is_almost_certain_is_not_called_certain() -> None:
    assert [figures.chance_text(each) for each in (0.5, 0.9899, 0.996, 0.9989)] == [
        "50 %",
        "99 %",
        "99.6 %",
        "99.9 %",
    ]
