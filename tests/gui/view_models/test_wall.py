"""Where cards go: everything in sight where that is possible, nothing on top of anything else."""

from hypothesis import given
from hypothesis import strategies as st

from gui.view_models.wall import CardSize, WallSize, place

WIDTH, HEIGHT = 1010, 690  # of the wall in a window of 1366 x 768


def test_eight_bookmakers_are_full_cards_three_abreast() -> None:
    placement = place(8, WIDTH, HEIGHT)
    assert (placement.size, placement.columns, placement.width, placement.height) == (
        CardSize.FULL,
        3,
        319,
        180,
    )


def test_fifty_bookmakers_are_compact_cards_five_abreast_without_scrolling() -> None:
    placement = place(50, WIDTH, HEIGHT)
    assert (placement.size, placement.columns, placement.rows) == (CardSize.COMPACT, 5, 10)
    assert placement.total_height <= HEIGHT


def test_compact_cards_grow_where_the_wall_has_room() -> None:
    placement = place(50, 1_560, 1_000)
    assert placement.size is CardSize.COMPACT
    assert placement.height > place(50, WIDTH, HEIGHT).height
    assert placement.total_height <= 1_000


def test_full_cards_give_up_their_foot_before_they_give_way_to_compact_ones() -> None:
    for count, width, height in ((12, WIDTH, HEIGHT), (8, 668, 562), (50, 2_200, 1_362)):
        placement = place(count, width, height)
        assert placement.size is CardSize.FULL
        assert placement.height < 180
        assert placement.total_height <= height
    assert place(9, WIDTH, HEIGHT).height == 180


def test_fifty_are_a_table_without_scrolling_in_a_small_window() -> None:
    placement = place(50, 668, 562)
    assert placement.size is CardSize.ROW
    assert placement.total_height <= 562


def test_a_hundred_and_twenty_are_a_table() -> None:
    assert place(120, WIDTH, HEIGHT).size is CardSize.ROW
    for width, height in ((WIDTH, HEIGHT), (1_560, 1_000)):
        assert place(120, width, height).total_height <= height


def test_one_card_does_not_fill_the_wall() -> None:
    assert place(1, 1_900, 1_000).width <= 420


def test_the_operator_overrides_the_choice() -> None:
    assert place(8, WIDTH, HEIGHT, WallSize.ROW).size is CardSize.ROW
    full = place(50, WIDTH, HEIGHT, WallSize.FULL)
    assert full.size is CardSize.FULL
    assert full.total_height > HEIGHT


@given(
    st.integers(0, 300),
    st.integers(1, 4_000),
    st.integers(1, 3_000),
    st.sampled_from(list(WallSize)),
)
def test_cards_never_overlap_and_stay_on_the_wall(
    count: int, width: int, height: int, wanted: WallSize
) -> None:
    placement = place(count, width, height, wanted)
    seen = set()
    for index in range(count):
        x, y, wide, high = placement.rectangle(index)
        assert placement.cell(index) not in seen
        seen.add(placement.cell(index))
        assert wide > 0
        assert high > 0
        assert x >= 0
        assert y + high <= placement.total_height
        assert x + wide <= max(width, 340)


@given(st.integers(1, 200), st.integers(300, 2_600), st.integers(300, 1_500))
def test_the_automatic_choice_scrolls_only_where_a_table_must(count: int, width: int, height: int) -> None:
    placement = place(count, width, height)
    if placement.size is not CardSize.ROW:
        assert placement.total_height <= height


def test_arrow_keys_stay_on_the_wall() -> None:
    placement = place(8, WIDTH, HEIGHT)
    assert placement.step(0, -1, 0, 8) == 0
    assert placement.step(0, 1, 0, 8) == 1
    assert placement.step(1, 0, 1, 8) == 4
    assert placement.step(5, 0, 1, 8) == 5
    table = place(120, WIDTH, HEIGHT)
    assert table.step(0, 0, 1, 120) == 1
    assert table.step(0, 1, 0, 120) == table.rows
