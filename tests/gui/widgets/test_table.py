"""The table as the operator uses it: sorting, copying, narrow windows."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT
from gui.view_models.condition import Light
from gui.view_models.tables import Cell, Column, Row, number_cell, text_cell
from gui.widgets.table import DataTable
from gui.widgets.table_cells import CellDelegate, Tags, cell_width

COLUMNS = (
    Column(key="name", title="bookmaker", stretch=True),
    Column(key="count", title="rounds", numeric=True),
    Column(key="mean", title="a rather long heading", numeric=True, spare=2),
    Column(key="max", title="another long heading", numeric=True, spare=1),
)
ROWS = tuple(
    Row(
        key=name,
        cells=(
            text_cell(name, tag="simulated", light=Light.WARN),
            number_cell(f"{count:,}", count),
            number_cell("1.97x", 197),
            Cell(text="#0ac8ff", sort=1, swatch=(10, 200, 255)),
        ),
    )
    for name, count in (("Mozzart", 9), ("Admiral", 1_000), ("MaxBet", 200))
)


@pytest.fixture
def table(qtbot: QtBot) -> DataTable:
    made = DataTable(DARK, "rounds")
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show_table(COLUMNS, ROWS)
    made.show()
    qtbot.waitExposed(made)
    return made


def names(table: DataTable) -> list[str]:
    return [row.key for row in table.table.rows]


def click_heading(table: DataTable, column: int) -> None:
    heading = table.horizontalHeader()
    at = QPoint(heading.sectionViewportPosition(column) + 5, 10)
    QTest.mouseClick(heading.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_clicks_on_a_heading_sort_largest_first_then_smallest_then_not_at_all(table: DataTable) -> None:
    click_heading(table, 1)
    assert names(table) == ["Admiral", "MaxBet", "Mozzart"]
    click_heading(table, 1)
    assert names(table) == ["Mozzart", "MaxBet", "Admiral"]
    click_heading(table, 1)
    assert names(table) == ["Mozzart", "Admiral", "MaxBet"]


def test_the_selection_is_copied_as_it_is_shown(table: DataTable) -> None:
    click_heading(table, 0)
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0].startswith("bookmaker\trounds")
    assert copied[1:] == ["Admiral (simulated)\t1,000\t1.97x\t#0ac8ff"]


def test_the_menu_copies_the_whole_table_and_sorts(table: DataTable) -> None:
    menu = table.make_menu()
    actions = {action.text(): action for action in menu.actions()}
    assert not actions["Copy selected rows"].isEnabled()
    actions["Copy whole table"].trigger()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 4
    menu.close()


def test_columns_that_can_be_spared_give_way_one_by_one_in_a_narrow_table(table: DataTable) -> None:
    shown = []
    for width in (900, 420, 240):
        table.resize(width, 300)
        shown.append([column.key for index, column in enumerate(COLUMNS) if not table.isColumnHidden(index)])
    assert shown == [["name", "count", "mean", "max"], ["name", "count", "max"], ["name", "count"]]


def test_columns_fill_the_width_and_no_more(table: DataTable) -> None:
    for width in (400, 700, 1_400):
        table.resize(width, 300)
        shown = sum(table.columnWidth(index) for index in range(4) if not table.isColumnHidden(index))
        assert abs(shown - table.viewport().width()) <= 4


def test_a_letter_typed_into_the_table_is_no_command_of_the_window(table: DataTable) -> None:
    letter = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_P, Qt.KeyboardModifier.NoModifier, "p")
    letter.ignore()
    table.event(letter)
    assert letter.isAccepted()
    command = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier, "")
    command.ignore()
    table.event(command)
    assert not command.isAccepted()


def test_a_table_without_rows_says_why(table: DataTable) -> None:
    before = table.grab().toImage()
    table.show_table(COLUMNS, (), "Nothing has been recorded yet.")
    empty = table.grab().toImage()
    table.show_table(COLUMNS, (), "")
    assert empty not in (before, table.grab().toImage())


def test_both_themes_are_painted_in_their_own_colours(table: DataTable) -> None:
    dark = table.grab().toImage()
    table.set_theme(LIGHT)
    light = table.grab().toImage()
    corner = (table.width() - 3, table.height() - 3)
    assert dark.pixelColor(*corner) != light.pixelColor(*corner)
    assert light.pixelColor(*corner).lightness() > 200


def test_the_tags_of_a_column_are_all_whole_all_short_or_all_gone(table: DataTable) -> None:
    columns = (COLUMNS[0], COLUMNS[1])
    rows = tuple(
        Row(key=name, cells=(text_cell(f"Bookmaker {name}", tag="simulated"), number_cell("9", 9)))
        for name in ("Mozzart", "Max")
    )
    table.show_table(columns, rows)
    delegate = table.itemDelegate()
    assert isinstance(delegate, CellDelegate)
    seen = {}
    for width in range(150, 500, 2):
        table.resize(width, 300)
        seen[delegate.tags[0]] = True
        room = table.columnWidth(0)
        if delegate.tags[0] is not Tags.NONE:
            widest = max(cell_width(row.cells[0], False, delegate.tags[0]) for row in rows)
            assert widest <= room
    assert list(seen) == [Tags.NONE, Tags.SHORT, Tags.WHOLE]
    assert [Tags.SHORT.of(Cell(tag=tag)) for tag in ("simulated", "paper, simulated", "replay")] == [
        "sim",
        "paper, sim",
        "replay",
    ]


def test_the_corner_between_two_scroll_bars_is_empty(table: DataTable) -> None:
    table.resize(160, 90)
    corner = table.cornerWidget()
    assert corner is not None
    colors = {
        corner.grab().toImage().pixelColor(x, y).name()
        for x in range(max(1, corner.width()))
        for y in range(max(1, corner.height()))
    }
    assert colors == {DARK.color("surface").name()}


def test_dispensable_words_are_cut_before_those_of_the_stretching_column(table: DataTable) -> None:
    columns = (
        Column(key="raised", title="raised", numeric=True),
        Column(key="alert", title="alert", stretch=True),
        Column(key="detail", title="detail", spare=9),
    )
    words = "twenty windows of rounds that were shown before"
    table.show_table(
        columns, (Row(key="a", cells=(number_cell("09:27:42", 1), text_cell(words), text_cell(words))),)
    )
    widths = []
    for width in (500, 460):
        table.resize(width, 300)
        widths.append((table.columnWidth(1), table.columnWidth(2)))
    assert widths[0][0] > widths[0][1]
    assert widths[1] == (widths[0][0] - 40 + widths[0][1] - 170, 170)
