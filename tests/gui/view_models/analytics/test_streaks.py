"""Streaks as values: how likely each is, and the sentence that no round is due."""

import msgspec

from data_layer.analytics.questions import ConditionalShare, Interval
from gui.view_models.analytics import streaks
from gui.view_models.analytics.charts import log_height, log_ticks
from gui.view_models.tones import Tone
from tests.gui import analytics_answers as answers
from tests.gui.fakes import NOW_US


def view(**fields: object) -> streaks.StreaksView:
    return streaks.view(answers.streaks(**fields), "UTC", NOW_US)


def test_current_and_longest_stand_beside_how_likely_they_are() -> None:
    found = {figure.label: figure.text for figure in view().figures}
    assert found == {
        "below 2x in a row now": "4",
        "one as long somewhere here, by chance": "above 99.9 %",
        "longest": "11",
        "one as long, by chance": "31 %",
        "rounds since 2x": "4",
        "share from 2x": "48.2 %",
    }


def test_without_an_open_run_there_are_none_in_a_row_now() -> None:
    found = view(current=None, probability_of_current=None)
    assert [figure.text for figure in found.figures[:2]] == ["0", "\N{EN DASH}"]


def test_of_several_bookmakers_the_runs_are_named() -> None:
    found = view(sample=answers.sample(""))
    assert found.figures[2].text == "11, Admiral"
    assert found.run_columns[0].key == "bookmaker"
    assert all(len(row.cells) == len(found.run_columns) for row in found.runs)


def test_of_one_bookmaker_its_name_is_not_repeated() -> None:
    found = view()
    assert found.run_columns[0].key == "length"
    assert all(len(row.cells) == len(found.run_columns) for row in found.runs)


def test_an_open_run_is_marked_open() -> None:
    cells = [cell.text for cell in view().runs[0].cells]
    assert cells[2:] == ["open", "\N{EN DASH}"]
    ended = view().runs[1].cells
    assert ended[3].text == "12.34x"
    assert ended[3].tone is Tone.HIGH


def test_lengths_that_did_not_occur_keep_their_place() -> None:
    bars = view().lengths.bars
    assert [bar.label for bar in bars] == ["1", "2", "3", "4"]
    assert bars[2].reading == "3 below in a row: no runs"
    assert bars[3].reading == "4 below in a row: 0 runs, 0.6 expected"
    assert (bars[3].value, bars[3].mark) == (None, log_height(0.6))


def test_counts_stand_on_a_logarithmic_axis_on_which_one_can_be_seen() -> None:
    one, ten = log_height(1), log_height(10)
    assert one is not None
    assert ten is not None
    assert 0 < one < ten
    assert log_height(0) is None
    assert [words for _, words in log_ticks(3_000)] == ["1", "10", "100", "1,000", "10,000"]
    assert log_ticks(10)[1][0] == ten
    found = view().lengths
    assert found.top >= max(bar.value or 0.0 for bar in found.bars)


def test_no_round_is_due() -> None:
    assert view().sentence == (
        "No round is ever due: however many in a row were below, the next one reaches 2x as often as any"
        " other."
    )
    plain = [row.cells[4].text for row in view().conditional]
    assert plain == ["48.2 %", "48.2 %"]


def test_few_rounds_after_many_below_are_muted_and_said_to_be_few() -> None:
    found = view()
    assert [row.cells[2].tone for row in found.conditional] == [Tone.TEXT, Tone.MUTED]
    assert "n too small" in found.conditional[1].cells[2].tip
    assert "n too small" in found.conditional_title


def test_the_runs_test_is_a_sentence() -> None:
    facts = dict(view().facts)
    expected = "501 runs, 500 expected of independent rounds, p 0.97: nothing in the order"
    assert facts["runs test"] == expected


def test_only_what_chance_hardly_does_among_ten_rows_stands_out() -> None:
    def tone(reached: int) -> Tone:
        each = ConditionalShare(
            k=3, rounds=1_000, reached=reached, share=reached / 1_000, wilson=Interval(0.0, 0.1)
        )
        return view(conditional=(each,)).conditional[0].cells[2].tone

    assert [tone(reached) for reached in (429, 431, 482, 533, 535)] == [  # 482 expected, 15.8 its deviation
        Tone.WARN,
        Tone.TEXT,
        Tone.TEXT,
        Tone.TEXT,
        Tone.WARN,
    ]


def test_the_times_of_runs_have_seconds_each() -> None:
    whole_minute = 1_763_600_400_000_000
    run = answers.run(1)
    runs = (msgspec.structs.replace(run, started_at_us=whole_minute, ended_at_us=whole_minute + 1_000_000),)
    began, ended = view(newest=runs).runs[0].cells[1:3]
    assert began.text.endswith(":00:00")
    assert ended.text.endswith(":00:01")
