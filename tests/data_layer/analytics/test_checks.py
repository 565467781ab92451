"""Questions without a sense, each refused with one line that names the value at fault."""

import pytest

from data_layer.analytics.checks import BadQuestionError, check, zone
from data_layer.analytics.questions import (
    BacktestQuestion,
    DistributionQuestion,
    DriftQuestion,
    IntegrityQuestion,
    IntervalsQuestion,
    Question,
    Scope,
    Span,
    StreaksQuestion,
)

_BOOKMAKERS = ("Admiral", "Mozzart")
_GROUPS = {"Admiral": "A", "Soccer": ""}
_ADMIRAL = Scope(bookmaker="Admiral")


@pytest.mark.parametrize(
    "question",
    [
        DistributionQuestion(),
        DistributionQuestion(scope=_ADMIRAL, span=Span(), thresholds_centi=()),
        DistributionQuestion(scope=Scope(bookmaker="Soccer")),  # configured, no rounds yet
        DistributionQuestion(scope=Scope(bookmaker="Mozzart")),  # rounds, not configured
        StreaksQuestion(scope=Scope(group="A"), threshold_centi=100),
        IntervalsQuestion(minutes=7, timezone="Europe/Belgrade"),
        IntervalsQuestion(minutes=2_880),
        IntervalsQuestion(scope=_ADMIRAL, minutes=None, rounds=100),
        DriftQuestion(span=Span(start_us=5)),
        IntegrityQuestion(span=Span(end_us=5)),
        BacktestQuestion(bookmaker="Admiral"),
    ],
)
def test_a_question_with_a_sense_passes(question: Question) -> None:
    check(question, _BOOKMAKERS, _GROUPS)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (DistributionQuestion(thresholds_centi=(200, 99)), "threshold 0.99x is below 1.00x"),
        (StreaksQuestion(threshold_centi=10**11 + 1), "threshold 1000000000.01x is above 1,000,000,000x"),
        (DistributionQuestion(thresholds_centi=(200,) * 201), "201 thresholds are more than 200"),
        (
            StreaksQuestion(span=Span(start_us=60_000_000, end_us=0)),
            "the span from 1970-01-01 00:01:00 UTC to 1970-01-01 00:00:00 UTC ends before it begins",
        ),
        (
            StreaksQuestion(span=Span(start_us=0, end_us=0)),
            "the span from 1970-01-01 00:00:00 UTC to 1970-01-01 00:00:00 UTC is empty",
        ),
        (StreaksQuestion(span=Span(start_us=10**18, end_us=0)), f"the span from {10**18} us to"),
        (StreaksQuestion(span=Span(name="2h")), 'range "2h" is none of 1h, 6h, 24h, 3d, 7d, 30d, all'),
        (StreaksQuestion(span=Span(name="1h", start_us=5)), "range 1h and two times: ask for one of them"),
        (StreaksQuestion(newest=-1), "runs to list: -1 is below 0"),
        (
            DistributionQuestion(scope=Scope(bookmaker="Admirl")),
            'bookmaker "Admirl" is unknown; did you mean Admiral?',
        ),
        (
            DistributionQuestion(scope=Scope(bookmaker="xyz")),
            'bookmaker "xyz" is unknown; there are Admiral, Mozzart, Soccer',
        ),
        (DistributionQuestion(scope=Scope(group="Q")), 'group "Q" is unknown; there are A'),
        (
            DistributionQuestion(scope=Scope(bookmaker="Admiral", group="A")),
            'bookmaker "Admiral" and group "A": ask about one of them',
        ),
        (IntervalsQuestion(timezone="Belgrade"), "nearest valid: Europe/Belgrade"),
        (IntervalsQuestion(minutes=None), "buckets have a length in minutes or in rounds, one of them"),
        (IntervalsQuestion(rounds=100), "buckets have a length in minutes or in rounds, one of them"),
        (IntervalsQuestion(minutes=0), "minutes a bucket: 0 is below 1"),
        (IntervalsQuestion(minutes=10**9), "minutes a bucket: 1000000000 is above 527040"),
        (IntervalsQuestion(minutes=1_500), "no number of whole days; nearest valid: 1440"),
        (IntervalsQuestion(minutes=None, rounds=0, scope=_ADMIRAL), "rounds a bucket: 0 is below 1"),
        (IntervalsQuestion(minutes=None, rounds=9), "buckets of rounds are those of one bookmaker: name it"),
        (DriftQuestion(thresholds_centi=()), "a test for drift needs a threshold"),
        (DriftQuestion(alpha=0.0), "alpha 0 is not above 0 and at most 0.5"),
        (DriftQuestion(alpha=float("nan")), "alpha nan is not above 0"),
        (BacktestQuestion(bookmaker=""), "a backtest runs over the rounds of one bookmaker: name it"),
        (BacktestQuestion(bookmaker="Nobody"), 'bookmaker "Nobody" is unknown'),
        (BacktestQuestion(bookmaker="Admiral", strategy=""), "a backtest needs a strategy: name one"),
        (BacktestQuestion(bookmaker="Admiral", bankroll_minor=0), "bankroll in minor units: 0 is below 1"),
        (BacktestQuestion(bookmaker="Admiral", currency=""), 'currency "" has not 1 to 8 characters'),
    ],
)
def test_a_question_without_a_sense_is_refused_in_one_line_that_names_the_value(
    question: Question, text: str
) -> None:
    with pytest.raises(BadQuestionError) as caught:
        check(question, _BOOKMAKERS, _GROUPS)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../UTC", "Europe", "Europe/Belgrad", "x" * 300])
def test_an_unknown_zone_is_refused_with_the_nearest_one(name: str) -> None:
    with pytest.raises(BadQuestionError, match="is unknown; nearest valid: "):
        zone(name)


def test_a_list_of_many_names_is_cut() -> None:
    names = [f"Bookmaker {number}" for number in range(50)]
    with pytest.raises(BadQuestionError, match="and 42 more"):
        check(DistributionQuestion(scope=Scope(bookmaker="?")), names, {})
