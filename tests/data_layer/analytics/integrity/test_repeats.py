from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.integrity.feed import Feed
from data_layer.analytics.integrity.feed_facts import FeedFacts
from data_layer.analytics.integrity.repeats import LENGTH, chance_of_a_repeat, check, repeats
from tests.data_layer.analytics.made import fair_crashes, rounds_of


def feed_of(crashes: object) -> Feed:
    return Feed(rounds_of(np.asarray(crashes)), FeedFacts(), None)


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_repeats_are_counted_as_a_count_of_equal_windows_counts_them(data: st.DataObject) -> None:
    crashes = fair_crashes(300, seed=data.draw(st.integers(0, 99)))
    for _ in range(data.draw(st.integers(0, 3))):
        of, at, length = (
            data.draw(st.integers(0, 270)),
            data.draw(st.integers(0, 270)),
            data.draw(st.integers(1, 30)),
        )
        crashes[at : at + length] = crashes[of : of + length][: len(crashes) - at].copy()
    windows = Counter(tuple(crashes[start : start + LENGTH]) for start in range(len(crashes) - LENGTH + 1))
    found = repeats(crashes)
    assert (0 if found is None else found.windows) == sum(count - 1 for count in windows.values())


def test_a_stretch_is_told_with_where_it_was_before() -> None:
    crashes = fair_crashes(1_000)
    crashes[700:750] = crashes[100:150]
    crashes[900:922] = crashes[300:322]
    found = repeats(crashes)
    assert found is not None
    assert (found.windows, found.stretches, found.first) == (31 + 3, 2, 700)
    assert (found.longest, found.longest_at, found.longest_of) == (50, 700, 100)
    assert found.chance < 1e-20
    (finding,) = check(feed_of(crashes)).findings
    assert (finding.kind, finding.severity, finding.count) == ("repeated stretch", "critical", 34)
    assert finding.text.startswith(
        "34 windows of 20 rounds shown before, in 2 pieces; the longest has 50 rounds, "
        "from round number 701 on, which were there from round number 101 on; "
    )


def test_what_was_shown_in_two_places_before_is_told_in_pieces() -> None:
    crashes = fair_crashes(600)
    crashes[200:240] = crashes[:40]
    crashes[400:460] = crashes[:60]  # its beginning was last shown at 200, its end at 0 only
    found = repeats(crashes)
    assert found is not None
    assert (found.windows, found.stretches) == (21 + 41, 3)
    assert found.longest == 40


def test_independent_rounds_repeat_nothing() -> None:
    for seed in range(20):
        assert check(feed_of(fair_crashes(5_000, seed=seed))).findings == ()


@pytest.mark.parametrize("crashes", [[100] * 300, [100, 150] * 150])
def test_a_feed_that_hangs_is_no_repeated_stretch(crashes: list[int]) -> None:
    found = check(feed_of(crashes))
    assert found.findings == ()
    assert "repeat by chance" in found.remark


def test_the_chance_bounds_what_independent_rounds_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """With short windows of few values repeats are common enough to be counted."""
    monkeypatch.setattr("data_layer.analytics.integrity.repeats.LENGTH", 6)
    rng = np.random.default_rng(1)
    feeds = [rng.integers(100, 110, 200) for _ in range(300)]
    repeating = np.mean([repeats(crashes) is not None for crashes in feeds])
    bound = np.mean([chance_of_a_repeat(crashes) for crashes in feeds])
    assert 0.005 < repeating <= bound < 0.2


def test_too_few_rounds_are_told_as_too_few() -> None:
    assert "n too small" in check(feed_of([])).remark
    assert "n too small" in check(feed_of(fair_crashes(LENGTH))).remark
    assert "n too small" not in check(feed_of(fair_crashes(LENGTH + 1))).remark
