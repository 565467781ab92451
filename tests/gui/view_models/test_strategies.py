"""The form of a backtest and the words for its answer."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from data_layer.analytics.questions import Backtest, CurvePoint, Sample, Scope, Span
from data_layer.strategies import catalogue
from gui.view_models import strategies, strategy_form
from gui.view_models.strategy_form import Form, FormError
from gui.view_models.tones import Tone
from gui.view_models.words import NOTHING
from tests.data_layer.strategies import own_classes

WEEK = Span(name="7d")
SAMPLE = Sample(scope=Scope(bookmaker="Admiral"), span=WEEK, rounds=2)
ANSWER = Backtest(
    sample=SAMPLE,
    strategy="flat stake=1.00 cashout=2.00x",
    bankroll_minor=100_000,
    currency="EUR",
    bets=2,
    won=1,
    staked_minor=200,
    paid_out_minor=200,
    final_minor=100_000,
    expected_loss_minor=6.0,
    hours=2.0,
    profit_per_hour_minor=0.0,
    drawdown_minor=100,
    longest_losing=1,
    ruin_probability=0.25,
    ruin_note="exact",
    curve=(
        CurvePoint(round=1, at_us=None, bankroll_minor=100_100, expected_minor=99_997.0),
        CurvePoint(round=2, at_us=1_763_601_249_000_000, bankroll_minor=100_000, expected_minor=99_994.0),
    ),
    note="On paper only.",
)


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_every_strategy_can_be_chosen_and_is_explained(name: str) -> None:
    assert name in [known for known, _ in strategy_form.strategies()]
    assert strategy_form.explanation(name)
    assert strategy_form.fields(name)


@pytest.mark.parametrize("name", catalogue.KINDS)
def test_the_form_as_it_begins_makes_a_question(name: str) -> None:
    texts = {field.name: field.text for field in strategy_form.fields(name)}
    asked = strategy_form.question(Form(bookmaker="Admiral", strategy=name, texts=texts), WEEK)
    assert (asked.bookmaker, asked.span, asked.strategy) == ("Admiral", WEEK, name)
    assert asked.bankroll_minor == 100_000
    assert catalogue.build(name, dict(asked.parameters))[1] == catalogue.build(name, {})[1]


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        (Form(), "", "there is no bookmaker"),
        (Form(bookmaker="A", texts={"stake": "x"}), "stake", "'x' is no number"),
        (Form(bookmaker="A", bankroll="0"), "bankroll", "bankroll: 0 is below 0.01"),
        (Form(bookmaker="A", strategy="python"), "class", "does not name a class"),
        (Form(bookmaker="A", strategy="python", texts={"settings": "after"}), "settings", "not as after=3"),
        (
            Form(bookmaker="A", strategy="martingale", texts={"stake": "5", "limit": "4"}),
            "limit",
            "limit: 4.00 is below the stake",
        ),
    ],
)
def test_what_cannot_be_used_names_its_field(form: Form, field: str, words: str) -> None:
    with pytest.raises(FormError) as caught:
        strategy_form.question(form, WEEK)
    assert words in str(caught.value)
    assert caught.value.field == field


def test_an_own_class_is_asked_for_as_its_file_is_now(tmp_path: Path) -> None:
    file = own_classes.write(tmp_path)
    form = Form(
        bookmaker="A",
        strategy="python",
        texts={"class": f"{file}:AfterLow", "settings": "after=3, "},
    )
    parameters = dict(strategy_form.question(form, WEEK).parameters)
    assert (parameters["file"], parameters["class"], parameters["after"]) == (str(file), "AfterLow", "3")
    assert parameters["changed"] == str(file.stat().st_mtime_ns)


def test_the_expected_result_stands_beside_the_result() -> None:
    view = strategies.view(ANSWER, "UTC", 1_763_601_249_000_000)
    texts = {figure.label: figure.text for figure in view.figures}
    assert (texts["paper result"], texts["expected from the edge"]) == ("0.00 EUR", "\N{MINUS SIGN}0.06 EUR")
    cells = {row.key: [cell.text for cell in row.cells[1:]] for row in view.rows}
    assert cells["bankroll at the end"] == ["1,000.00 EUR", "999.94 EUR"]
    assert cells["paid back of what was staked"] == ["100.0 %", "97.0 %"]
    assert cells["result per hour"] == ["0.00 EUR", "\N{MINUS SIGN}0.03 EUR"]
    assert dict(view.facts)["ruin"] == "25 %: exact"


def test_the_curve_begins_before_the_first_bet() -> None:
    curve = strategies.curve(ANSWER, "UTC", 1_763_601_249_000_000)
    assert curve.rounds == (0, 1, 2)
    assert curve.bankrolls == (1_000.0, 1_001.0, 1_000.0)
    assert curve.expected == (1_000.0, 999.97, 999.94)
    assert curve.readings[1] == "round 1: 1,001.00 EUR; by the edge alone 999.97 EUR"
    assert curve.readings[2].startswith("round 2, 20 Nov 01:14:09: 1,000.00 EUR")


def test_without_a_claim_nothing_is_expected() -> None:
    from msgspec.structs import replace

    points = tuple(replace(point, expected_minor=None) for point in ANSWER.curve)
    view = strategies.view(replace(ANSWER, expected_loss_minor=None, curve=points), "UTC", 0)
    assert view.curve.expected == ()
    assert [row.cells[2].text for row in view.rows] == [NOTHING] * 4


def test_ruin_is_red() -> None:
    from msgspec.structs import replace

    assert strategies.figures(replace(ANSWER, ruined_at_round=2))[0].tone is Tone.BAD
    assert strategies.figures(ANSWER)[0].tone is Tone.TEXT


@pytest.mark.parametrize(
    ("chance", "paths", "text"),
    [
        (0.0, 2_000, "below 0.15 %"),
        (1.0, 2_000, "above 99.85 %"),
        (0.25, 2_000, "25 %"),
        (1e-9, None, "below 1 in a million"),
        (0.0, None, "below 1 in a million"),
        (None, None, NOTHING),
    ],
)
def test_what_resampling_never_saw_is_told_as_a_bound(
    chance: float | None, paths: int | None, text: str
) -> None:
    answer = replace(ANSWER, ruin_probability=chance, ruin_paths=paths, ruin_note="why")
    assert strategies.figures(answer)[-1].text == text
    assert dict(strategies.facts(answer))["ruin"] == ("why" if chance is None else f"{text}: why")


def test_a_stake_beyond_the_limit_marks_the_limit() -> None:
    with pytest.raises(FormError, match=r"limit: 100\.00 is below the stake") as caught:
        strategy_form.question(
            Form(bookmaker="Admiral", strategy="martingale", texts={"stake": "1,000"}), Span(name="all")
        )
    assert caught.value.field == "limit"


@pytest.mark.parametrize("place", ["~nobody.of.that.name/x.py:Mine", "a" * 5_000 + ".py:Mine", "9" * 5_000])
def test_a_place_that_cannot_be_is_told_in_short(place: str) -> None:
    with pytest.raises(FormError) as caught:
        strategy_form.question(
            Form(bookmaker="Admiral", strategy="python", texts={"class": place}), Span(name="all")
        )
    assert caught.value.field == "class"
    assert len(str(caught.value)) < 250
