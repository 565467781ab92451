import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from data_layer.analytics.integrity.same_feed import COMPARED_ROUNDS, same_feeds
from data_layer.analytics.rounds import Rounds
from tests.data_layer.analytics.made import fair_crashes, rounds_of

SECOND_US = 1_000_000


def shown(
    crashes: NDArray[np.int64],
    name: str,
    *,
    begins: int = 0,
    lag_us: int = 0,
    lost: float = 0.0,
    seed: int = 9,
) -> Rounds:
    """Return what one bookmaker shows of a sequence: from round `begins` on, later, without what it lost."""
    kept = np.random.default_rng(seed).random(len(crashes)) >= lost
    kept[:begins] = False
    return rounds_of(crashes[kept], name, (np.arange(len(crashes)) * 20 * SECOND_US + lag_us)[kept])


def test_bookmakers_with_rounds_of_their_own_are_no_feed() -> None:
    assert same_feeds([rounds_of(fair_crashes(3_000, seed=seed), str(seed)) for seed in range(12)]) == ()


def test_the_same_sequence_is_recognised_with_its_lag() -> None:
    crashes = fair_crashes(1_000)
    (feed,) = same_feeds(
        [
            shown(crashes, "late", begins=300, lag_us=1_500_000),
            rounds_of(fair_crashes(800, seed=2), "own"),
            shown(crashes, "whole"),
        ]
    )
    assert feed.bookmakers == ("whole", "late")
    assert feed.matched == 700
    assert feed.lag_us == 1_500_000


@given(st.integers(0, 400), st.floats(0, 0.1), st.floats(0, 0.1), st.integers(0, 1_000))
@settings(max_examples=50, deadline=None)
def test_missing_rounds_and_another_beginning_do_not_hide_it(
    begins: int, lost: float, lost_there: float, seed: int
) -> None:
    crashes = fair_crashes(900, seed=seed)
    one = shown(crashes, "one", lost=lost, seed=1)
    other = shown(crashes, "other", begins=begins, lost=lost_there, lag_us=-2 * SECOND_US, seed=2)
    (feed,) = same_feeds([one, other])
    assert set(feed.bookmakers) == {"one", "other"}
    assert feed.bookmakers[0] == ("one" if one.count >= other.count else "other")
    assert feed.lag_us == (2 if feed.bookmakers[0] == "other" else -2) * SECOND_US


def test_who_is_in_a_feed_with_one_is_in_it_with_all() -> None:
    crashes = fair_crashes(900)
    parts = [
        shown(crashes[:400], "first"),
        shown(crashes[550:], "last"),
        shown(crashes[100:800], "middle"),
        rounds_of(fair_crashes(500, seed=3), "X"),
        rounds_of(fair_crashes(500, seed=3), "Y"),
    ]
    found = same_feeds(parts)
    assert [feed.bookmakers for feed in found] == [("X", "Y"), ("middle", "first", "last")]


def test_feeds_without_times_have_no_lag() -> None:
    crashes = fair_crashes(200)
    (feed,) = same_feeds([rounds_of(crashes, "A"), rounds_of(crashes, "B")])
    assert (feed.bookmakers, feed.lag_us, feed.matched) == (("A", "B"), None, 200)


@pytest.mark.parametrize("stuck", [[100] * 500, [100, 150] * 250, [137, 100, 220] * 200])
def test_feeds_that_hang_on_the_same_values_are_not_taken_for_one(stuck: list[int]) -> None:
    """What they have in common tells nothing: chance repeats it."""
    fair = [rounds_of(fair_crashes(500, seed=seed), f"fair {seed}") for seed in range(3)]
    assert same_feeds([*fair, rounds_of(stuck, "A"), rounds_of(stuck, "B")]) == ()


def test_independent_feeds_of_few_values_are_not_taken_for_one() -> None:
    """They share many stretches, by chance."""
    feeds = [np.random.default_rng(seed).integers(100, 103, 3_000) for seed in range(3)]
    assert same_feeds([rounds_of(crashes, str(index)) for index, crashes in enumerate(feeds)]) == ()


def test_a_short_common_stretch_makes_no_feed() -> None:
    crashes = fair_crashes(40, seed=7)
    one = np.concatenate((fair_crashes(1_000), crashes))
    other = np.concatenate((fair_crashes(1_000, seed=2), crashes))
    assert same_feeds([rounds_of(one, "A"), rounds_of(other, "B")]) == ()
    assert same_feeds([rounds_of(crashes, "A"), rounds_of(crashes, "B")]) != ()


def test_a_stretch_that_repeats_within_a_bookmaker_is_no_other_bookmaker() -> None:
    crashes = np.tile(fair_crashes(100), 5)
    assert same_feeds([rounds_of(crashes, "A"), rounds_of(fair_crashes(500, seed=2), "B")]) == ()


def test_only_the_newest_rounds_count() -> None:
    old = fair_crashes(1_000)
    one = np.concatenate((old, fair_crashes(COMPARED_ROUNDS, seed=2)))
    other = np.concatenate((old, fair_crashes(COMPARED_ROUNDS, seed=3)))
    assert same_feeds([rounds_of(one, "A"), rounds_of(other, "B")]) == ()


def test_nobody_and_nothing_are_no_feed() -> None:
    assert same_feeds([]) == ()
    assert same_feeds([rounds_of([], "A"), rounds_of([], "B")]) == ()
    assert same_feeds([rounds_of([150] * 5, "A"), rounds_of(fair_crashes(100), "B")]) == ()
