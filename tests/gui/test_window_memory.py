"""What the window remembers, and that a bad file never keeps it from opening."""

from pathlib import Path

import pytest

from gui.view_models.wall import WallSize
from gui.window_memory import WindowState, load, save


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    state = WindowState(
        geometry=b"\x00\x01geometry\xff",
        theme="light",
        page="Data",
        wall_size=WallSize.ROW,
        pane_open=False,
        pane_width=333,
        choices={"Data.range": "7d", "Analytics.bookmaker": "Ставка, 博彩 = @x/1"},
    )
    save(tmp_path, state)
    assert load(tmp_path) == state


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert load(tmp_path) == WindowState()
    assert load(tmp_path / "missing") == WindowState()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe garbage \x80" * 200,
        b"[General]\ngeometry=@ByteArray(\nwall_size=enormous\npane_width=-5\npane_open=maybe\n",
        b"[General]\npane_width=99999999999999999999\ntheme=\xd0\xd0\npage=@Variant(\\0\\0\\0)\n",
        b"wall_size=table, compact\n" * 3,
        b"x" * 1_000_000,
        b"[choices]\nData.range=a, b\n=7\nAnalytics=@Invalid()\n",
    ],
)
def test_a_damaged_file_gives_usable_values(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "window.ini").write_bytes(content)
    state = load(tmp_path)
    assert isinstance(state.wall_size, WallSize)
    assert state.pane_width is None or state.pane_width >= 0
    assert isinstance(state.geometry, bytes)


def test_a_directory_in_place_of_the_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "window.ini").mkdir()
    assert load(tmp_path) == WindowState()
    save(tmp_path, WindowState())
