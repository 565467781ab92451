"""The distribution and its change as values."""

from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.questions import EdgeEstimate, Interval, ShareChange, SurvivalPoint
from gui.view_models.analytics import change, distribution
from gui.view_models.tones import Tone
from tests.gui import analytics_answers as answers


def labels(view: distribution.DistributionView) -> dict[str, str]:
    return {figure.label: figure.text for figure in view.figures}


def test_median_quantiles_and_ones_are_figures() -> None:
    found = labels(distribution.view(answers.distribution(), 200))
    assert found == {
        "median, 95 %: 1.87x to 1.99x": "1.93x",
        "25 % quantile": "1.29x",
        "highest": "12,897.55x",
        "exactly 1.00x": "44 (4.4 %)",
    }


def test_the_mean_never_stands_without_its_note() -> None:
    facts = dict(distribution.view(answers.distribution(), 200).facts)
    assert facts["mean"] == "9.63x. The mean does not settle."
    assert "mean" not in dict(distribution.view(answers.distribution(mean_note=""), 200).facts)


def test_the_edge_has_its_interval_and_what_is_claimed() -> None:
    facts = dict(distribution.view(answers.distribution(), 200).facts)
    assert facts["house edge"] == (
        "3.9 %, \N{MINUS SIGN}1.0 to 8.8 %, measured at a cash-out of 1.5x; claimed 3.0 %"
    )
    unclaimed = EdgeEstimate(edge=-0.01, interval=Interval(-0.1, 0.1), threshold_centi=200, claimed=None)
    facts = dict(distribution.view(answers.distribution(edge=unclaimed), 200).facts)
    assert "claimed" not in facts["house edge"]


def test_a_note_and_shared_feeds_are_said() -> None:
    answer = answers.distribution(
        note="n too small (3 rounds)", sample=answers.sample(feeds=(("Admiral", "StarBet"),))
    )
    facts = dict(distribution.view(answer, 200).facts)
    assert facts["note"] == "n too small (3 rounds)"
    assert "StarBet with Admiral" in facts["feeds"]


def test_few_rounds_are_said_to_be_few() -> None:
    few = answers.distribution(sample=answers.sample(rounds=7))
    assert dict(distribution.view(few, 200).facts)["note"].startswith("n too small (7 rounds)")
    assert "note" not in dict(distribution.view(answers.distribution(), 200).facts)


def cells(view: distribution.DistributionView, row: int) -> dict[str, str]:
    return {column.key: cell.text for column, cell in zip(view.columns, view.rows[row].cells, strict=True)}


def test_a_threshold_has_count_share_interval_claim_and_payback() -> None:
    view = distribution.view(answers.distribution(), 200)
    assert cells(view, 1) == {
        "threshold": "2x",
        "count": "482",
        "share": "48.2 %",
        "interval": "45.2 to 51.2 %",
        "expected": "48.5 %",
        "payback": "96.4 \N{PLUS-MINUS SIGN} 3.1 %",
    }


def test_the_chosen_threshold_is_marked_and_so_is_a_share_beside_its_claim() -> None:
    thresholds = (answers.share_at(150, 640), answers.share_at(200, 400))
    view = distribution.view(answers.distribution(thresholds=thresholds), 150)
    assert [row.cells[0].tone for row in view.rows] == [Tone.ACCENT, Tone.TEXT]
    assert [row.cells[2].tone for row in view.rows] == [Tone.TEXT, Tone.WARN]


def test_next_to_no_rounds_have_an_interval_in_place_of_an_error_of_nothing() -> None:
    rare = answers.share_at(10_000, 0, payback_error=0.0, payback_interval=Interval(0.0, 0.38))
    view = distribution.view(answers.distribution(thresholds=(rare,)), 200)
    assert cells(view, 0)["payback"] == "0.0 to 38.0 %"
    assert "n too small" in view.rows[0].cells[5].tip


def test_the_curve_says_what_each_of_its_points_is() -> None:
    curve = distribution.view(answers.distribution(), 200).curve
    assert curve.multipliers[:3] == (1.0, 1.5, 2.0)
    assert curve.reading(2) == "2x: 48.5 % reach it (47.5 % to 49.5 %), claimed 48.5 %"
    assert curve.claim == "claimed 97 %"


def test_points_that_nobody_reached_are_not_on_the_curve() -> None:
    nobody = SurvivalPoint(
        multiplier_centi=200, share=0.0, wilson=Interval(0, 0.1), dkw=Interval(0, 0.1), expected=0.4
    )
    assert distribution.view(answers.distribution(survival=(nobody,)), 200).curve.multipliers == ()


@given(st.integers(1, 2_000), st.integers(2, 400))
@settings(max_examples=60, deadline=None)
def test_a_thinned_curve_keeps_its_ends_and_its_order(count: int, most: int) -> None:
    points = [
        SurvivalPoint(multiplier_centi=place, share=1, wilson=Interval(0, 1), dkw=Interval(0, 1), expected=1)
        for place in range(count)
    ]
    places = [point.multiplier_centi for point in distribution.thinned(points, most)]
    assert len(places) == min(count, most)
    assert (places[0], places[-1]) == (0, count - 1)
    assert places == sorted(set(places))


def test_an_answer_without_rounds_has_no_figures_to_invent() -> None:
    answer = answers.distribution(
        sample=answers.sample(rounds=0),
        thresholds=(),
        quantiles=(),
        median_centi=None,
        median_interval_centi=None,
        mean_centi=None,
        highest_centi=None,
        ones=0,
        survival=(),
        edge=None,
    )
    view = distribution.view(answer, 200)
    assert labels(view) == {"median": "\N{EN DASH}", "highest": "\N{EN DASH}", "exactly 1.00x": "0"}
    assert view.facts == ()


# The change.


def test_a_change_is_in_points_with_interval_and_p() -> None:
    view = change.view(answers.distribution(), 200)
    assert [cell.text for cell in view.rows[0].cells] == [
        "2x",
        "48.2 %",
        "47.0 %",
        "+1.20",
        "\N{MINUS SIGN}3.10 to +5.50",
        "0.58",
        "",
    ]
    assert view.sentence.startswith("1,000 rounds now, 990 in the span of equal length before.")


def test_of_everything_there_is_nothing_before() -> None:
    view = change.view(answers.distribution(rounds_before=None, changes=()), 200)
    assert view.rows == ()
    assert "no span before" in view.sentence


def test_an_empty_span_before_is_said() -> None:
    view = change.view(answers.distribution(rounds_before=0, changes=()), 200)
    assert view.sentence == "0 rounds in the span of equal length before: nothing to compare."


def test_a_comparison_of_too_few_rounds_says_so() -> None:
    small = ShareChange(
        threshold_centi=200,
        now=0.5,
        before=0.4,
        difference_points=10.0,
        interval_points=Interval(-40.0, 60.0),
        p_value=None,
        note="n too small (4 and 5 rounds)",
    )
    row = change.view(answers.distribution(changes=(small,)), 200).rows[0]
    assert row.cells[5].text == "\N{EN DASH}"
    assert row.cells[6].text == "n too small (4 and 5 rounds)"
