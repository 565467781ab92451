"""The table model announces exactly what changed, and selections follow their rows."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from gui.view_models.tables import Column, Row, number_cell, text_cell
from gui.widgets.table_model import TableModel

COLUMNS = (Column(key="name", title="bookmaker"), Column(key="count", title="rounds", numeric=True))


def row(name: str, count: int | None) -> Row:
    return Row(key=name, cells=(text_cell(name), number_cell(str(count), count)))


def names(model: TableModel) -> list[str]:
    return [each.key for each in model.rows]


@pytest.fixture
def model(qapp: QApplication) -> TableModel:
    made = TableModel()
    made.show_table(COLUMNS, (row("b", 10), row("a", 9), row("c", 100)))
    return made


def test_rows_stay_as_they_come_until_somebody_sorts(model: TableModel) -> None:
    assert names(model) == ["b", "a", "c"]
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert names(model) == ["c", "b", "a"]
    model.sort(1, Qt.SortOrder.AscendingOrder)
    assert names(model) == ["a", "b", "c"]
    model.sort(-1)
    assert names(model) == ["b", "a", "c"]


def test_a_refresh_announces_one_block_from_the_first_to_the_last_changed_row(model: TableModel) -> None:
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: told.append((top.row(), bottom.row())))
    model.show_table(COLUMNS, (row("b", 10), row("a", 8), row("c", 101)))
    model.show_table(COLUMNS, (row("b", 10), row("a", 8), row("c", 101)))
    assert told == [(1, 2)]


def test_a_refresh_keeps_the_order_that_was_asked_for(model: TableModel) -> None:
    model.sort(1, Qt.SortOrder.DescendingOrder)
    model.show_table(COLUMNS, (row("b", 1_000), row("a", 9), row("c", 100), row("d", 500)))
    assert names(model) == ["b", "d", "c", "a"]


def test_a_persistent_index_follows_its_row_through_refreshes_and_sorting(model: TableModel) -> None:
    held = QPersistentModelIndex(model.index(0, 1))
    model.sort(0, Qt.SortOrder.AscendingOrder)
    model.show_table(COLUMNS, (row("c", 1), row("b", 2), row("0", 3)))
    assert model.cell(held).sort == 2
    model.show_table(COLUMNS, (row("c", 1),))
    assert not held.isValid()


def test_other_columns_begin_anew(model: TableModel) -> None:
    model.sort(1, Qt.SortOrder.DescendingOrder)
    model.show_table((Column(key="x", title="other"),), (Row(key="a", cells=(text_cell("a"),)),))
    assert model.order is None
    assert model.columnCount() == 1


def test_a_new_heading_keeps_the_order(model: TableModel) -> None:
    model.sort(1, Qt.SortOrder.DescendingOrder)
    model.show_table(
        (COLUMNS[0], Column(key="count", title="rounds, 1 h", numeric=True)), (row("a", 1), row("b", 2))
    )
    assert names(model) == ["b", "a"]


def test_headings_alignment_and_tips_are_what_the_columns_say(model: TableModel) -> None:
    assert model.headerData(1, Qt.Orientation.Horizontal) == "rounds"
    alignment = model.data(model.index(0, 1), Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight
    assert model.data(QModelIndex()) is None


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from("abcdefg"), st.one_of(st.none(), st.integers(0, 5))),
            unique_by=lambda each: each[0],
            max_size=7,
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([-1, 0, 1]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_sequence_of_refreshes_breaks_the_rules_of_models(
    qapp: QApplication, tables: Sequence[Sequence[tuple[str, int | None]]], column: int
) -> None:
    model = TableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for table in tables:
        model.show_table(COLUMNS, tuple(row(name, count) for name, count in table))
        model.sort(column)
        assert sorted(names(model)) == sorted(name for name, _ in table)
    del tester
