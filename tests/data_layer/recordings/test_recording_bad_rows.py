"""Recordings with bad rows: each is found with its place and reason, and the good ones stay."""

from pathlib import Path

from tests.data_layer.recordings.recording_files import Opener, told, write


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
