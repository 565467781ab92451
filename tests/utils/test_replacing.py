from pathlib import Path

import pytest

from utils.replacing import beside, replacing


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_the_new_content_appears_when_the_block_ends(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    out.write_text("old")
    with replacing(out) as partial:
        partial.write_text("new")
        assert out.read_text() == "old"
        assert partial.parent == out.parent
    assert out.read_text() == "new"
    assert names(tmp_path) == ["out.txt"]


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    out.write_text("old")

    def fail_halfway() -> None:
        with replacing(out) as partial:
            partial.write_text("half")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail_halfway()
    assert out.read_text() == "old"
    assert names(tmp_path) == ["out.txt"]


def test_what_was_written_beside_is_gone_unless_it_was_moved(tmp_path: Path) -> None:
    with beside(tmp_path / "out.txt") as partial:
        partial.write_text("x")
    assert names(tmp_path) == []
    with beside(tmp_path / "out.txt") as partial:
        partial.rename(tmp_path / "moved.txt")
    assert names(tmp_path) == ["moved.txt"]


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    with replacing(out) as first, replacing(out) as second:
        first.write_text("first")
        second.write_text("second")
    assert out.read_text() == "first"
    assert names(tmp_path) == ["out.txt"]


def test_a_missing_directory_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "nowhere" / "out.txt"):
        pass
