"""Files that are no recordings, and mappings that do not fit: refused in one line."""

from pathlib import Path

import pytest

from data_layer.errors import SourceError
from tests.data_layer.recordings.recording_files import Opener, csv_lines, database, write


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b" \n \n", "empty"),
        ("header.csv", b"id,crash\n", "a header and no rows"),
        ("binary.csv", b"\x7fELF\x00\x00\x01", "binary"),
        ("utf16.csv", "id,crash\n1,1.5\n".encode("utf-16"), "UTF-16"),
        ("words.csv", b"name,town\nAna,Nis\nIvo,Split\n", "nothing looks like crash points in name, town"),
        ("broken.json", b'[\n{"id": 1, "crash": 1.5},\n{', "no valid JSON"),
        ("deep.json", b"[\n" * 100_000, "no valid JSON"),
        ("empty.json", b"[]", "no list of rounds"),
        ("other.json", b'{"a": 1,\n "b": 2}', "no list of rounds"),
        ("broken.db", b"SQLite format 3\x00" + b"\xff" * 4_000, "broken.db"),
        ("line.csv", b"1," + b"9" * 9_000_000, "no line of it is short enough"),
        ("line.jsonl", b'{"crash": 1' + b"5" * 9_000_000, "no valid JSON"),
        ("gone.jsonl", b'{"crash":\n{"crash": 1.5}\n{"cra\n', "no valid JSON"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, said: str, opened: Opener
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError) as refused:
        opened(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_database_without_rows_is_refused_in_one_line(tmp_path: Path, opened: Opener) -> None:
    path = database(tmp_path / "empty.db", "CREATE TABLE rounds (id INTEGER, crash REAL)")
    with pytest.raises(SourceError, match="table rounds: no rows in it"):
        opened(path)


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_file_that_is_cut_while_it_is_read_is_not_told_as_whole(
    tmp_path: Path, opened: Opener, newest_first: bool
) -> None:
    rows = [f"{number},1.50" for number in range(1, 60_000)]
    path = write(tmp_path / "cut.csv", ["id,crash", *(reversed(rows) if newest_first else rows)])
    batches = opened(path).batches()
    columns, _ = next(batches)
    assert columns.round_id[0] == "1"
    with path.open("rb+") as file:
        file.truncate(5)
    with pytest.raises(SourceError, match="became shorter while it was read"):
        list(batches)


def test_rows_that_are_added_while_a_file_is_read_are_read_too(tmp_path: Path, opened: Opener) -> None:
    rows = [f"{number},1.50" for number in range(1, 60_000)]
    path = write(tmp_path / "growing.csv", ["id,crash", *rows])
    batches = opened(path).batches()
    next(batches)
    with path.open("a", encoding="utf-8") as file:
        file.write("60000,2.50\n")
    *_, (columns, _) = batches
    assert (columns.round_id[-1], columns.crash_centi[-1], columns.positions[-1]) == ("60000", 250, 60_000)


def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, opened: Opener) -> None:
    with pytest.raises(SourceError, match="No such file"):
        opened(tmp_path / "absent.csv")
    with pytest.raises(SourceError, match="a directory"):
        opened(tmp_path)
    with pytest.raises(SourceError, match="inside"):
        opened(write(tmp_path / "a.csv", csv_lines()) / "inside")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"crash_pt": "2"}, "no field 'crash_pt'; the nearest is 'crash_point'"),
        ({"crash_point": "bust"}, "no such column"),
        ({"crash_point": "3"}, "no such column"),
        ({"round_id": "1"}, "crash_point is missing"),
        ({"crash_point": "2", "net_profit": "1"}, "net_profit needs the stake"),
        ({"crash_point": "2", "crash_centi": "1"}, "crash_point is given twice"),
        ({"crash_point": "=2.0"}, "only the currency can be fixed"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_in_one_line(
    tmp_path: Path, mapping: dict[str, str], said: str, opened: Opener
) -> None:
    with pytest.raises(SourceError, match=said.replace("(", r"\(")):
        opened(write(tmp_path / "a.csv", csv_lines()), mapping=mapping)
