import io
import sys

import pytest
from rich.console import Console

from terminal.texts import Column, Sheet, console, multiplier, safe


def printed(sheet: Sheet, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(sheet)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.fixture
def sheet() -> Sheet:
    made = Sheet(
        Column("name"),
        Column("rounds", number=True, spare=1),
        Column("median", number=True),
        Column("note", spare=2),
    )
    made.add("Admiral", "1,234,567", "1.98x", "a remark")
    made.add("A bookmaker with a very long name", "2", "12.00x", "")
    return made


def test_all_columns_are_shown_where_there_is_room(sheet: Sheet) -> None:
    assert printed(sheet, 200) == [
        "name                                  rounds  median  note",
        "Admiral                            1,234,567   1.98x  a remark",
        "A bookmaker with a very long name          2  12.00x",
    ]


def test_the_most_spareable_columns_go_first(sheet: Sheet) -> None:
    assert printed(sheet, 54)[0].split() == ["name", "rounds", "median"]
    assert printed(sheet, 45)[0].split() == ["name", "median"]


@pytest.mark.parametrize("width", range(16, 70))
def test_a_number_is_never_cut(sheet: Sheet, width: int) -> None:
    lines = printed(sheet, width)
    assert "1.98x" in lines[1]
    assert "12.00x" in lines[2]
    assert "1,234,567" in lines[1] or "1,2" not in lines[1]
    assert max(map(len, lines)) <= width


def test_a_row_with_too_few_cells_is_a_mistake(sheet: Sheet) -> None:
    with pytest.raises(ValueError, match="3 cells for 4 columns"):
        sheet.add("a", "b", "c")


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert safe("a\x1b[31mb\n").plain == "a\\x1b[31mb\\n"
    assert safe("Моцарт 皇冠").plain == "Моцарт 皇冠"


@pytest.mark.parametrize(("centi", "colour"), [(199, "#58b8ff"), (200, "#a98bff"), (1000, "#ff6ac1")])
def test_a_multiplier_has_the_colour_of_its_size(centi: int, colour: str) -> None:
    assert multiplier(centi).style == colour
    assert multiplier(None).plain == "\N{EN DASH}"


def test_a_reader_that_has_had_enough_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    with pytest.raises(BrokenPipeError):
        console().print("a line")
