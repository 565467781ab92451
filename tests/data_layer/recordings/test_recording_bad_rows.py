"""Recordings with bad rows: each is found with its place and reason, and the good ones stay."""

from pathlib import Path

import pytest

from tests.data_layer.recordings.recording_files import ROUNDS, Opener, csv_lines, database, told, write

OVERSIZED = "9" * 5_000_000  # a line of which no more than the beginning is ever held


def test_jetx_s_two_joined_numbers_are_found_with_their_place(shared_data: Path, opened: Opener) -> None:
    recording = opened(shared_data / "jetx_unclean.db")
    rounds, bad = told(recording)
    assert len(rounds) == 10_456
    reason = "crash point is two numbers joined by U+2028"
    assert [(recording.place(row), row.reason) for row in bad] == [("row 6281", reason), ("row 7266", reason)]
    assert bad[0].raw == "6281, 2.29\u20281.29"


def test_each_fault_is_found_with_its_line_and_the_good_rows_stay(tmp_path: Path, opened: Opener) -> None:
    lines = [
        "round_id,crash_point,stake",
        *(f"{number},1.50,10" for number in range(1, 40)),
        "40,nan,10",
        "41,-2.00,10",
        "42,0.99,10",
        "43,1.005,10",
        "44,2.29\u20281.29,10",
        "45",
        "46,1.50,10,extra",
        ",1.50,10",
        "48,1.50,-1",
        "49,1.50,much",
        "50,1.50,10",
    ]
    recording = opened(
        write(tmp_path / "faulty.csv", lines),
        mapping={"round_id": "round_id", "crash_point": "crash_point", "stake": "3"},
    )
    rounds, bad = told(recording)
    assert [round_id for round_id, _ in rounds] == [*map(str, range(1, 40)), "50"]
    assert [(recording.place(row), row.reason) for row in bad] == [
        ("line 41", "crash point is not finite"),
        ("line 42", "crash point is negative"),
        ("line 43", "crash point is below 1.00"),
        ("line 44", "crash point is off the 0.01 grid"),
        ("line 45", "crash point is two numbers joined by U+2028"),
        ("line 46", "row has fewer cells than columns"),
        ("line 47", "row has more cells than columns"),
        ("line 48", "round id is missing"),
        ("line 49", "stake is negative"),
        ("line 50", "stake is no number"),
    ]


def test_bytes_that_are_no_text_spoil_only_their_row(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"id,crash\n1,1.5\n2,\xff\xfe\n3,2.5\n")
    recording = opened(path)
    rounds, (bad,) = told(recording)
    assert rounds == [("1", 150), ("3", 250)]
    assert (bad.reason, bad.raw) == ("crash point is no number", "2, \\xff\\xfe")


def test_an_oversized_cell_spoils_only_its_row_and_is_cut(tmp_path: Path, opened: Opener) -> None:
    lines = ["id,crash", "1,1.5", "2," + "9" * 200_000, "3,2.5"]
    recording = opened(write(tmp_path / "big.csv", lines))
    rounds, (bad,) = told(recording)
    assert rounds == [("1", 150), ("3", 250)]
    assert (recording.place(bad), bad.reason, len(bad.raw)) == ("line 3", "crash point is oversized", 4_096)


@pytest.mark.parametrize("place", [1, 2, 4, 6])
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_line_too_long_to_be_held_spoils_only_itself(
    tmp_path: Path, opened: Opener, place: int, newest_first: bool
) -> None:
    header, *lines = csv_lines()
    lines = [header, *(reversed(lines) if newest_first else lines)]
    lines.insert(place - 1, f"7,{OVERSIZED}")
    recording = opened(write(tmp_path / "long.csv", lines))
    rounds, (bad,) = told(recording)
    assert rounds == ROUNDS
    assert (recording.place(bad), bad.reason, len(bad.raw)) == (f"line {place}", "row is oversized", 4_096)


@pytest.mark.parametrize("place", [1, 3, 5])
def test_a_json_line_too_long_to_be_held_spoils_only_itself(
    tmp_path: Path, opened: Opener, place: int
) -> None:
    lines = [f'{{"id": {n}, "crash": 1.5}}' for n in range(1, 5)]
    lines.insert(place - 1, f'{{"id": 7, "crash": {OVERSIZED}}}')
    recording = opened(write(tmp_path / "long.jsonl", lines))
    rounds, (bad,) = told(recording)
    assert rounds == [(str(n), 150) for n in range(1, 5)]
    assert (recording.place(bad), bad.reason, len(bad.raw)) == (f"line {place}", "item is oversized", 4_096)


def test_a_quote_that_nothing_closes_spoils_only_its_line(tmp_path: Path, opened: Opener) -> None:
    # In one block and over its end, alone, in pairs, and in the last line.
    lines = [f"{n},1.50" for n in range(1, 30_000)]
    stray = [4, 1_000, 1_200, 20_000, 29_999]
    for number in stray:
        lines[number - 1] = f'{number},"1.50'
    recording = opened(write(tmp_path / "stray.csv", ["id,crash", *lines]))
    rounds, bad = told(recording)
    assert len(rounds) == 29_999 - len(stray)
    reason = "a quote in it is not closed"
    assert [(recording.place(row), row.reason) for row in bad] == [(f"line {n + 1}", reason) for n in stray]
    assert bad[0].raw == '4,"1.50\n'


@pytest.mark.parametrize("place", [2, 4, 6])
def test_a_broken_line_among_the_first_spoils_only_itself(tmp_path: Path, opened: Opener, place: int) -> None:
    lines = csv_lines()
    lines.insert(place - 1, "106")
    recording = opened(write(tmp_path / "broken.csv", lines))
    rounds, (bad,) = told(recording)
    assert rounds == ROUNDS
    assert (recording.place(bad), bad.reason) == (f"line {place}", "row has fewer cells than columns")


def test_text_in_a_database_that_is_none_spoils_only_its_row(tmp_path: Path, opened: Opener) -> None:
    values = "(1, '1.5'), (2, CAST(x'ff312e35' AS TEXT)), (3, '2.5'), (4, x'312e35'), (5, 3)"
    path = database(
        tmp_path / "text.db",
        "CREATE TABLE rounds (id INTEGER PRIMARY KEY, crash)",
        f"INSERT INTO rounds VALUES {values}",
    )
    recording = opened(path)
    rounds, bad = told(recording)
    assert rounds == [("1", 150), ("3", 250), ("5", 300)]
    assert [(recording.place(row), row.reason, row.raw) for row in bad] == [
        ("row 2", "crash point is no number", "2, \\xff1.5"),
        ("row 4", "crash point is missing", "4, "),
    ]


def test_a_quoted_cell_may_hold_a_line_break_and_lines_are_counted_through_it(
    tmp_path: Path, opened: Opener
) -> None:
    lines = ["id,note,crash", '1,"two\nlines",1.5', "2,,nan", "3,,2.5"]
    recording = opened(write(tmp_path / "quoted.csv", lines))
    rounds, (bad,) = told(recording)
    assert rounds == [("1", 150), ("3", 250)]
    assert recording.place(bad) == "line 4"


def test_json_s_forbidden_numbers_and_broken_items_spoil_only_themselves(
    tmp_path: Path, opened: Opener
) -> None:
    good = '{"id": 1, "crash": 1.5}, {"id": 0, "crash": 2.0}'
    bad_items = '{"id": 2, "crash": NaN}, {"id": 3, "crash": true}, 7, {"id": 5}'
    recording = opened(write(tmp_path / "odd.json", [f"[{good}, {bad_items}]"]))
    rounds, bad = told(recording)
    assert rounds == [("1", 150), ("0", 200)]
    assert [(recording.place(row), row.reason) for row in bad] == [
        ("item 3", "crash point is not finite"),
        ("item 4", "crash point is no number"),
        ("item 5", "item is no row"),
        ("item 6", "crash point is missing"),
    ]


def test_a_first_line_that_is_no_json_spoils_only_itself(tmp_path: Path, opened: Opener) -> None:
    lines = ['{"id": 0, "cra', '{"id": 1, "crash": 1.5}', '{"id": 2, "crash": 2.5}']
    recording = opened(write(tmp_path / "odd.jsonl", lines))
    rounds, (bad,) = told(recording)
    assert rounds == [("1", 150), ("2", 250)]
    assert (recording.place(bad), bad.reason) == ("line 1", "item is no valid JSON")


def test_broken_json_lines_spoil_only_themselves(tmp_path: Path, opened: Opener) -> None:
    lines = [
        '{"id": 1, "crash": 1.5}',
        '{"id": 2, "crash"',
        "",
        '{"id": 4, "crash": Infinity}',
        "[" * 100_000,
    ]
    lines.append('{"id": 6, "crash": 2.5}')
    recording = opened(write(tmp_path / "odd.jsonl", lines))
    rounds, bad = told(recording)
    assert rounds == [("1", 150), ("6", 250)]
    assert [(recording.place(row), row.reason) for row in bad] == [
        ("line 2", "item is no valid JSON"),
        ("line 4", "crash point is not finite"),
        ("line 5", "item is no valid JSON"),
    ]
