"""Order and text of tables."""

from hypothesis import given
from hypothesis import strategies as st

from gui.view_models.condition import Light
from gui.view_models.tables import (
    Cell,
    Column,
    Order,
    Row,
    as_tsv,
    number_cell,
    ordered,
    state_cell,
    text_cell,
)


def _rows(*cells: Cell) -> list[Row]:
    return [Row(key=str(number), cells=(cell,)) for number, cell in enumerate(cells)]


def _texts(rows: list[Row]) -> list[str]:
    return [row.cells[0].text for row in rows]


def test_numbers_sort_by_value_and_not_by_text() -> None:
    rows = _rows(number_cell("9.9 %", 0.099), number_cell("10.2 %", 0.102), number_cell("1,000", 1000))
    assert _texts(ordered(rows, Order(column=0))) == ["9.9 %", "10.2 %", "1,000"]


def test_what_has_no_value_comes_last_in_both_directions() -> None:
    rows = _rows(number_cell("none", None), number_cell("2", 2), number_cell("1", 1))
    assert _texts(ordered(rows, Order(column=0))) == ["1", "2", "none"]
    assert _texts(ordered(rows, Order(column=0, descending=True))) == ["2", "1", "none"]


def test_names_sort_as_people_count() -> None:
    rows = _rows(text_cell("admiral 10"), text_cell("Admiral 2"), text_cell("Admiral"))
    assert _texts(ordered(rows, Order(column=0))) == ["Admiral", "Admiral 2", "admiral 10"]


def test_states_sort_by_how_much_they_need_the_operator() -> None:
    rows = _rows(
        state_cell("running", Light.LIVE),
        state_cell("paused by you", Light.PAUSED),
        state_cell("worker exited (signal 9)", Light.BAD),
        state_cell("no data for 41 s", Light.WARN),
    )
    found = _texts(ordered(rows, Order(column=0)))
    assert found == ["worker exited (signal 9)", "no data for 41 s", "paused by you", "running"]


def test_without_an_order_rows_stay_as_they_came() -> None:
    rows = _rows(text_cell("b"), text_cell("a"))
    assert ordered(rows, None) == rows


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False), st.text(max_size=5))), st.booleans())
def test_sorting_loses_and_invents_nothing(values: list[float | str | None], descending: bool) -> None:
    rows = _rows(*(Cell(sort=value) for value in values))
    found = ordered(rows, Order(column=0, descending=descending))
    assert sorted(row.key for row in found) == sorted(row.key for row in rows)


def test_a_copy_is_tab_separated_with_headings_and_tags() -> None:
    columns = (Column(key="a", title="bookmaker"), Column(key="b", title="rounds", numeric=True))
    row = Row(key="x", cells=(text_cell("Admiral", tag="simulated"), number_cell("3,816", 3816)))
    assert as_tsv(columns, [row]) == "bookmaker\trounds\nAdmiral (simulated)\t3,816"


def test_no_name_can_break_the_copy() -> None:
    columns = (Column(key="a", title="bookmaker"),)
    row = Row(key="x", cells=(text_cell("Adm\tiral\r\nBet"),))
    assert as_tsv(columns, [row], headings=False) == "Adm iral Bet"
