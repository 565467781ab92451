"""Rounds as columns are the rounds they are made of."""

import pytest
from msgspec.structs import astuple

from data_layer.messages import Origin, Round
from data_layer.round_columns import RoundColumns

ROUNDS = [
    Round(
        bookmaker="Site",
        round_id=str(number),
        crash_centi=100 + number,
        crashed_at_us=number,
        received_at_us=number,
        origin=Origin.IMPORT,
        position=number,
    )
    for number in range(1, 6)
]
COLUMNS = list(zip(*map(astuple, ROUNDS), strict=True))


def test_looked_at_one_by_one_they_are_the_rounds() -> None:
    rounds = RoundColumns(COLUMNS)
    assert len(rounds) == 5
    assert list(rounds) == ROUNDS
    assert rounds[-1] == ROUNDS[-1]


def test_a_part_of_them_is_columns_again() -> None:
    part = RoundColumns(COLUMNS)[1:4]
    assert isinstance(part, RoundColumns)
    assert list(part) == ROUNDS[1:4]


@pytest.mark.parametrize("columns", [COLUMNS[:-1], [*COLUMNS[:-1], ((),)], []])
def test_columns_that_are_no_rounds_are_refused(columns: list[tuple[object, ...]]) -> None:
    with pytest.raises(ValueError, match="columns of one length"):
        RoundColumns(columns)
