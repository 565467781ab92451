"""What columns are taken for, by their names and by what stands in them."""

import random
from collections.abc import Sequence

import pytest

from data_layer.recordings.guessing import guess_mapping

CHANCE = random.Random(7)
POINTS = [max(1.0, int(99 / (1 - CHANCE.random())) / 100) for _ in range(60)]
IDS = [str(51_216_121 + 17 * number) for number in range(60)]
TIMES = [f"2025-08-31 21:{number:02d}:07" for number in range(60)]
HASHES = [f"{CHANCE.getrandbits(256):064x}" for _ in range(60)]


def guessed(columns: Sequence[str] | None, *cells: Sequence[object]) -> dict[str, int] | None:
    rows = list(zip(*cells, strict=True))
    mapping = guess_mapping(columns, len(cells), rows)
    return None if mapping is None else {field: column.index for field, column in mapping.fields.items()}


@pytest.mark.parametrize(
    "name",
    ["crash_point", "Crash Point", "multiplier", "BUST", "coefficient", "koeficijent", "value", "Result"],
)
def test_a_crash_point_is_known_by_many_names(name: str) -> None:
    assert guessed(["id", name], IDS, POINTS) == {"round_id": 0, "crash_point": 1}


def test_columns_without_names_are_known_by_what_they_hold() -> None:
    found = {"round_id": 2, "crash_point": 1, "crashed_at": 0, "hash": 3}
    assert guessed(None, TIMES, list(map(str, POINTS)), IDS, HASHES) == found


def test_a_name_that_its_column_belies_is_not_believed() -> None:
    # Somebody calls the number of the round "result" and the multiplier "x1".
    assert guessed(["result", "x1"], IDS, POINTS) == {"crash_point": 1, "round_id": 0}


def test_epoch_times_are_told_from_ids_by_their_steps() -> None:
    seconds = [str(1_756_676_871 + 25 * number) for number in range(60)]
    counted = [str(1_756_676_871 + number) for number in range(60)]
    assert guessed(None, seconds, POINTS) == {"crash_point": 1, "crashed_at": 0}
    assert guessed(None, counted, POINTS) == {"round_id": 0, "crash_point": 1}


def test_bustabit_s_four_columns_are_known_only_when_the_money_adds_up() -> None:
    wagered = [1_000 + number for number in range(60)]
    profit = [-900 + 20 * number for number in range(60)]
    found = guess_mapping(None, 4, list(zip(IDS, POINTS, wagered, profit, strict=True)))
    assert found is not None
    assert found.currency == "BITS"
    assert set(found.fields) == {"round_id", "crash_point", "stake", "net_profit"}
    lost_more_than_staked = [-2_000, *profit[1:]]
    found = guess_mapping(None, 4, list(zip(IDS, POINTS, wagered, lost_more_than_staked, strict=True)))
    assert found is not None
    assert found.currency is None
    assert set(found.fields) == {"round_id", "crash_point"}


def test_money_of_unknown_meaning_is_left_alone() -> None:
    profit = list(range(60))
    assert guessed(["id", "crash", "profit", "bets"], IDS, POINTS, profit, profit) == {
        "round_id": 0,
        "crash_point": 1,
    }


def test_nothing_is_guessed_where_nothing_looks_like_crash_points() -> None:
    assert guessed(["name", "town"], ["Ana"] * 60, ["Split"] * 60) is None
    assert guessed(None, IDS, list(map(float, range(60)))) is None
