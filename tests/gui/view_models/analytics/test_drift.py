"""Drift, goodness of fit and the cap of the tail as values."""

from gui.view_models.analytics import drift
from gui.view_models.condition import Light
from gui.view_models.tones import Tone
from tests.gui import analytics_answers as answers


def test_alarms_come_first_with_the_round_they_began_at() -> None:
    view = drift.view(answers.drift())
    assert [row.cells[0].text for row in view.rows] == ["Meridian", "Admiral"]
    assert view.rows[0].cells[5].text == "alarm since round 1,234"
    assert view.rows[0].cells[5].light is Light.BAD
    assert (view.light, view.summary) == (Light.BAD, "1 alarm, 1 misfit, 1 capped tail")


def test_the_bar_ends_at_the_limit() -> None:
    lines = (answers.drift_line(log_e=3.0), answers.drift_line("B", 60.0), answers.drift_line("C", -2.0))
    view = drift.view(answers.drift(lines=lines))
    assert {row.cells[0].text: row.cells[6].bar for row in view.rows} == {"Admiral": 0.5, "B": 1.0, "C": 0.0}


def test_strong_evidence_without_an_alarm_is_neither_well_nor_bad() -> None:
    view = drift.view(answers.drift(lines=(answers.drift_line(log_e=4.0),)))
    cell = view.rows[0].cells[5]
    assert (cell.text, cell.light) == ("very strong", Light.WARN)
    assert view.rows[0].cells[6].text == "54.6"


def test_what_cannot_be_tested_says_why() -> None:
    line = answers.drift_line(log_e=None, expected=None, note="no claimed return")
    row = drift.view(answers.drift(lines=(line,))).rows[0]
    assert (row.cells[5].text, row.cells[5].light) == ("no claimed return", Light.OFF)
    assert row.cells[6].bar is None


def test_a_note_of_too_few_rounds_is_at_hand() -> None:
    line = answers.drift_line(note="n too small (5,000 rounds)")
    assert "n too small" in drift.view(answers.drift(lines=(line,))).rows[0].cells[5].tip


def test_fits_and_misfits_have_words_and_lights() -> None:
    view = drift.view(answers.drift())
    verdicts = {row.cells[0].text: (row.cells[5].text, row.cells[5].light) for row in view.goodness}
    assert verdicts == {"Admiral": ("fits", Light.LIVE), "Meridian": ("does not fit", Light.WARN)}
    unknown = answers.goodness("New", None, note="n too small (12 rounds)")
    row = drift.view(answers.drift(goodness=(unknown,))).goodness[0]
    assert (row.cells[5].text, row.cells[5].tone) == ("n too small (12 rounds)", Tone.MUTED)


def test_a_capped_tail_is_said_and_an_unknown_one_too() -> None:
    caps = (
        answers.tail_cap("A"),
        answers.tail_cap("B", p_value=0.0001, capped=True),
        answers.tail_cap("C", p_value=None, expected_above=None, note="n too small (3 rounds)"),
    )
    view = drift.view(answers.drift(caps=caps))
    assert [row.cells[5].text for row in view.caps] == ["no cap", "capped", "n too small (3 rounds)"]


def test_nothing_found_is_said_too() -> None:
    view = drift.view(answers.drift(lines=(answers.drift_line(),), goodness=(), caps=()))
    assert (view.light, view.summary) == (Light.LIVE, "nothing found")


def test_where_nothing_could_be_tested_nothing_is_called_well() -> None:
    line = answers.drift_line(log_e=None, expected=None, note="no claimed return")
    view = drift.view(answers.drift(lines=(line,), goodness=(), caps=()))
    assert (view.light, view.summary) == (Light.OFF, "nothing to test against")


def test_it_says_since_when_it_looks() -> None:
    assert "Since the first round" in drift.view(answers.drift()).sentence


def test_a_rare_end_of_the_tail_with_too_few_rounds_is_not_called_well() -> None:
    rare = answers.tail_cap("A", p_value=0.0001, expected_above=9.0)
    cell = drift.view(answers.drift(caps=(rare,))).caps[0].cells[5]
    assert (cell.text, cell.light) == ("n too small", Light.OFF)
