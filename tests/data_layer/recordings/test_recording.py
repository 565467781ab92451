"""Recordings of every kind: opened, understood, put in order."""

import json
from pathlib import Path

import pytest

from data_layer.errors import SourceError
from tests.data_layer.recordings.recording_files import (
    ROUNDS,
    Opener,
    as_objects,
    csv_lines,
    database,
    told,
    write,
)


def every_kind(directory: Path) -> dict[str, Path]:
    """Write the same rounds as every kind of recording."""
    values = ", ".join(f"({round_id}, {centi / 100})" for round_id, centi in ROUNDS)
    files = {
        "csv": csv_lines(),
        "csv without header": csv_lines(None),
        "semicolons and decimal commas": [line.replace(",", ";").replace(".", ",") for line in csv_lines()],
        "newest first": [csv_lines()[0], *reversed(csv_lines(None))],
        "newest first without header": list(reversed(csv_lines(None))),
        "quotes and blank lines": [
            '"round_id","crash_point"',
            "",
            *csv_lines(None)[:2],
            "",
            *csv_lines(None)[2:],
        ],
        "windows line ends": [line + "\r" for line in csv_lines()],
        "byte order mark": ["\ufeffround_id,crash_point", *csv_lines(None)],
        "json": [json.dumps(as_objects(), indent=2)],
        "json on one line": [json.dumps(as_objects())],
        "json newest first": [json.dumps(as_objects()[::-1])],
        "json object": [json.dumps({"site": "x", "rounds": as_objects()})],
        "json of lists": [json.dumps([list(row.values()) for row in as_objects()])],
        "json lines": list(map(json.dumps, as_objects())),
        "json lines newest first": list(map(json.dumps, as_objects()[::-1])),
    }
    paths = {name: write(directory / f"{name}.txt", lines) for name, lines in files.items()}
    table = (
        "CREATE TABLE results (id INTEGER PRIMARY KEY, value REAL)",
        f"INSERT INTO results VALUES {values}",
    )
    other = "CREATE TABLE notes (id INTEGER, words TEXT)"
    paths["sqlite"] = database(directory / "rounds.db", other, "INSERT INTO notes VALUES (1, 'x')", *table)
    backwards = ", ".join(f"({round_id}, {centi / 100})" for round_id, centi in reversed(ROUNDS))
    paths["sqlite newest first"] = database(
        directory / "newest.db",
        "CREATE TABLE r (game INTEGER, bust REAL)",
        f"INSERT INTO r VALUES {backwards}",
    )
    view = "CREATE VIEW games AS SELECT value AS crash, 'g' || id AS round_id FROM hidden"
    paths["sqlite view"] = database(
        directory / "view.db",
        "CREATE TABLE hidden (id INTEGER PRIMARY KEY, value REAL, a TEXT)",
        f"INSERT INTO hidden (id, value) VALUES {values}",
        view,
    )
    return paths


@pytest.mark.parametrize(
    "kind",
    [
        "csv",
        "csv without header",
        "semicolons and decimal commas",
        "newest first",
        "newest first without header",
        "quotes and blank lines",
        "windows line ends",
        "byte order mark",
        "json",
        "json on one line",
        "json newest first",
        "json object",
        "json of lists",
        "json lines",
        "json lines newest first",
        "sqlite",
        "sqlite newest first",
    ],
)
def test_the_same_rounds_come_out_of_every_kind_of_file(tmp_path: Path, kind: str, opened: Opener) -> None:
    recording = opened(every_kind(tmp_path)[kind])
    assert told(recording) == (ROUNDS, [])
    assert told(recording) == (ROUNDS, [])  # can be read again
    assert told(recording, after=3) == (ROUNDS[3:], [])
    assert told(recording, after=5) == ([], [])


def test_a_view_can_be_chosen_by_its_name(tmp_path: Path, opened: Opener) -> None:
    recording = opened(every_kind(tmp_path)["sqlite view"], table="games")
    assert told(recording)[0] == [(f"g{round_id}", centi) for round_id, centi in ROUNDS]


def test_bustabit_s_history_is_understood_and_put_in_order(shared_data: Path, opened: Opener) -> None:
    recording = opened(shared_data / "bustabit_2537203-2553000.csv")
    rounds, bad = told(recording)
    assert len(rounds) == 15_798
    assert not bad
    assert [round_id for round_id, _ in rounds] == [str(number) for number in range(2_537_203, 2_553_001)]
    points = [centi for _, centi in rounds]
    assert round(sum(centi >= 200 for centi in points) / len(points), 4) == 0.4962
    assert round(sum(centi >= 1000 for centi in points) / len(points), 4) == 0.1003
    assert round(sum(centi == 100 for centi in points) / len(points), 4) == 0.0192
    words = recording.describe()[1]
    assert "stake = column 3" in words
    assert "currency = BITS" in words
    columns, _ = next(recording.batches())
    assert columns.stake_minor is not None
    assert columns.payout_minor is not None
    assert (columns.stake_minor[0], columns.payout_minor[0]) == (46_377_00, (46_377 + 48_970) * 100)


def test_the_1xbet_rounds_are_understood_and_derived_fields_ignored(
    shared_data: Path, opened: Opener
) -> None:
    recording = opened(shared_data / "onexbet_2025-08-31.json", timezone="+02:00")
    rounds, bad = told(recording)
    assert len(rounds) == 4_264
    assert not bad
    points = [centi for _, centi in rounds]
    assert round(sum(centi >= 200 for centi in points) / len(points), 4) == 0.4833
    assert round(sum(centi == 100 for centi in points) / len(points), 4) == 0.0356
    assert max(points) == 3_498
    assert "ignored: is_below_threshold, streak_below_threshold, moving_average" in recording.describe()[1]
    assert "taken as +02:00" in recording.describe()[2]
    columns, _ = next(recording.batches())
    assert columns.crashed_at_us is not None
    assert columns.crashed_at_us[0] == 1_756_676_871_000_000 - 2 * 3_600_000_000


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_long_file_is_told_whole_and_in_order_from_any_position(
    tmp_path: Path, newest_first: bool, opened: Opener
) -> None:
    rows = [f"{number},{1 + number % 900 / 100}" for number in range(1, 20_001)]
    path = write(tmp_path / "long.csv", ["id,crash", *(reversed(rows) if newest_first else rows)])
    recording = opened(path)
    assert recording.newest_first is newest_first
    rounds, bad = told(recording)
    assert not bad
    assert [int(round_id) for round_id, _ in rounds] == list(range(1, 20_001))
    for after in (1, 7_777, 19_999):
        assert told(recording, after)[0] == rounds[after:]


def test_rounds_without_ids_are_named_by_the_file_and_their_position(tmp_path: Path, opened: Opener) -> None:
    path = write(tmp_path / "bare.csv", ["crash", *(f"{1 + n / 10}" for n in (3, 1, 4, 1, 5, 9, 2, 6))])
    recording = opened(path)
    names = [name for name, _ in told(recording)[0]]
    assert len(set(names)) == 8
    assert names[0].endswith("-1")


def test_take_off_and_duration_tell_the_crash_and_the_reverse(tmp_path: Path, opened: Opener) -> None:
    mapping = {"crash_point": "crash", "started_at": "begun", "duration_s": "took"}
    path = write(tmp_path / "t.csv", ["crash,begun,took", "1.5,2025-08-31 21:47:51,7.5"])
    columns, _ = next(opened(path, mapping=mapping).batches())
    assert columns.crashed_at_us == [1_756_676_878_500_000]
    assert columns.duration_ms == [7_500]
    path = write(tmp_path / "u.csv", ["crash,crashed_at,duration_ms", "1.5,2025-08-31 21:47:51,1000"])
    columns, _ = next(opened(path).batches())
    assert columns.started_at_us == [1_756_676_870_000_000]
    path = write(
        tmp_path / "v.csv", ["crash,crashed_at,started_at", "1.5,2025-08-31 21:47:51,2025-08-31 21:47:52"]
    )
    _, (bad,) = next(opened(path).batches())
    assert bad.reason == "crash is before the take-off"


def test_an_export_s_own_column_names_and_units_are_understood(tmp_path: Path, opened: Opener) -> None:
    header = "bookmaker,round_id,crash_centi,crashed_at_us,stake_minor,payout_minor,currency"
    path = write(tmp_path / "own.csv", [header, "A,r1,150,1756676871000000,1234,567,EUR"])
    columns, bad = next(opened(path).batches())
    assert not bad
    assert (columns.round_id, columns.crash_centi) == (["r1"], [150])
    assert (columns.stake_minor, columns.payout_minor, columns.currency) == ([1234], [567], ["EUR"])
    assert columns.crashed_at_us == [1_756_676_871_000_000]


def test_a_growing_file_keeps_its_identity_and_a_replaced_or_otherwise_read_one_does_not(
    tmp_path: Path, opened: Opener
) -> None:
    path = write(tmp_path / "growing.csv", csv_lines())
    before = opened(path).identity
    write(path, [*csv_lines(), "106,7.0"])
    assert opened(path).identity == before
    assert opened(path, mapping={"crash_point": "2"}).identity != before
    write(path, [csv_lines()[0], "99,1.20", *csv_lines(None)])
    assert opened(path).identity != before


def test_a_given_mapping_may_fix_the_currency(tmp_path: Path, opened: Opener) -> None:
    path = write(tmp_path / "a.csv", ["1,1.50,12.5"] * 3)
    recording = opened(path, mapping={"crash_point": "2", "stake": "column 3", "currency": "=RSD"})
    columns, _ = next(recording.batches())
    assert (columns.stake_minor, columns.currency) == ([1_250] * 3, ["RSD"] * 3)


def test_an_unknown_table_is_refused_with_those_there_are(tmp_path: Path, opened: Opener) -> None:
    path = every_kind(tmp_path)["sqlite"]
    with pytest.raises(SourceError, match="no table 'result'; there are notes, results"):
        opened(path, table="result")
