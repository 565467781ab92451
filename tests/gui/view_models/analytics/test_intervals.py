"""Buckets and hours of the week as values."""

import pytest

from gui.view_models.analytics import intervals
from gui.view_models.analytics.charts import nice_ticks
from tests.gui import analytics_answers as answers
from tests.gui.fakes import NOW_US


def view(**fields: object) -> intervals.IntervalsView:
    return intervals.view(answers.intervals(**fields), NOW_US)


def test_buckets_have_shares_with_their_intervals() -> None:
    bars = view().buckets.bars
    assert bars[0].value == 0.48
    assert bars[0].low is not None
    assert bars[0].high is not None
    assert bars[0].low < 0.48 < bars[0].high
    assert bars[0].weight == 1.0
    assert bars[0].reading == (
        "1 Jan 2024 00:00 to 1 Jan 2024 01:00: 100 rounds, 48 reached 2x (48.0 %), median 1.93x,"
        " highest 50.00x"
    )


def test_an_empty_bucket_is_there_and_shows_nothing() -> None:
    empty = view().buckets.bars[1]
    assert (empty.value, empty.low, empty.weight) == (None, None, 0.0)
    assert empty.reading.endswith(": no rounds")


def test_few_rounds_are_drawn_back_and_said_to_be_few() -> None:
    few = view().buckets.bars[2]
    assert few.small
    assert few.reading.endswith("n too small")


def test_the_running_bucket_is_marked() -> None:
    assert [bar.running for bar in view().buckets.bars] == [False, False, False, True]
    assert "still running" in view().buckets.bars[3].reading


def test_shares_of_few_rounds_do_not_set_the_scale() -> None:
    found = view().buckets  # 6 of 8 rounds would be 75 %
    assert 0.5 < found.top < 0.6
    assert all(value <= found.top for value, _ in found.ticks)


def test_midnight_is_labelled_with_its_date() -> None:
    assert [bar.label for bar in view().buckets.bars] == ["1 Jan", "01:00", "02:00", "03:00"]


def test_buckets_of_days_are_labelled_with_dates() -> None:
    day = answers.bucket(5, end_us=answers.bucket(29).start_us)
    assert view(buckets=(day,)).buckets.bars[0].label == "1 Jan"


def test_buckets_of_rounds_are_numbered_even_without_times() -> None:
    untimed = answers.bucket(0, 50, 20, start_us=-1, end_us=-1)
    found = view(heat=(), buckets=(untimed, answers.bucket(1, 30, 20)))
    assert found.heat is None
    assert [bar.label for bar in found.buckets.bars] == ["1", "51"]
    assert found.buckets.bars[0].reading.startswith("rounds 1 to 50: 50 rounds, ")
    assert found.buckets.bars[1].reading.startswith("rounds 51 to 80, 1 Jan 2024 01:00 to ")


def test_hours_of_the_week_lie_by_day_and_hour() -> None:
    cells = [answers.heat_cell(place) for place in range(168)]
    cells[24 + 13] = answers.heat_cell(24 + 13, 100, 70)
    heat = view(heat=tuple(cells)).heat
    assert heat is not None
    assert (len(heat.rows), len(heat.rows[0])) == (7, 24)
    tuesday = heat.rows[1][13]
    assert tuesday.level == 1.0
    assert tuesday.marked
    assert tuesday.reading.startswith("Tue 13:00 to 14:00: 100 rounds, 70 reached 2x (70.0 %")
    assert heat.marked == "1 of 168 differ from all at 95 %; about 8 do by chance"
    assert (heat.low, heat.high) == ("48.0 %", "70.0 %")


def test_hours_of_few_rounds_have_no_colour() -> None:
    cells = [answers.heat_cell(place, 10, 9) for place in range(167)] + [answers.heat_cell(167, 0, 0)]
    heat = view(heat=tuple(cells)).heat
    assert heat is not None
    assert all(cell.level is None for row in heat.rows for cell in row)
    assert heat.rows[0][0].small
    assert not heat.rows[6][23].small
    assert heat.low == heat.marked == ""


@pytest.mark.parametrize(
    ("highest", "percent", "words"),
    [
        (0.55, True, ["0 %", "20 %", "40 %"]),
        (0.02, True, ["0.0 %", "0.5 %", "1.0 %", "1.5 %", "2.0 %"]),
        (100, False, ["0", "50", "100"]),
        (7, False, ["0", "2", "4", "6"]),
    ],
)
def test_axes_have_a_few_round_values(highest: float, percent: bool, words: list[str]) -> None:
    assert [text for _, text in nice_ticks(highest, percent=percent)] == words
