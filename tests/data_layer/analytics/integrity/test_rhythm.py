import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from data_layer.analytics.integrity.feed import Feed, long
from data_layer.analytics.integrity.feed_facts import FeedFacts, KnownGap
from data_layer.analytics.integrity.rhythm import BLOCK, LEAST_GAPS, check_gaps, check_stalls, rhythm
from tests.data_layer.analytics.made import fair_crashes, rounds_of

Integers = NDArray[np.int64]
START_US = 1_750_000_000_000_000
SECOND_US = 1_000_000
BEFORE_US = 10 * SECOND_US  # for bets, before every flight


def flights_us(crashes: Integers, seed: int = 4) -> Integers:
    """Return how long each round takes from the end of the one before, give or take half a second."""
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, len(crashes))
    return (BEFORE_US + (np.log(crashes / 100) / 0.09 + noise) * SECOND_US).astype(np.int64)


def feed_of(crashes: Integers, lengths_us: Integers, *gaps: KnownGap) -> Feed:
    return Feed(rounds_of(crashes, times_us=START_US + np.cumsum(lengths_us)), FeedFacts(gaps=gaps), None)


def true_feed(count: int = 1_000, seed: int = 1) -> tuple[Integers, Integers]:
    crashes = fair_crashes(count, seed=seed)
    return crashes, flights_us(crashes)


def test_a_true_feed_follows_its_multipliers_and_has_no_finding() -> None:
    for seed in range(10):
        feed = feed_of(*true_feed(3_000, seed))
        found = rhythm(feed)
        assert found is not None
        assert found.follows
        assert found.correlation == pytest.approx(spearmanr(found.gaps, found.crashes).statistic)
        assert not check_gaps(feed, found).findings
        assert not check_stalls(feed, found).findings


def test_times_of_the_beginning_follow_the_round_before() -> None:
    crashes, lengths = true_feed()
    feed = feed_of(crashes, np.roll(lengths, 1))
    found = rhythm(feed)
    assert found is not None
    assert found.follows
    assert (found.crashes == crashes[:-1]).all()
    assert not check_gaps(feed, found).findings


def test_multipliers_that_suddenly_do_not_fit_are_told_with_their_beginning() -> None:
    crashes, lengths = true_feed()
    shown = crashes.copy()
    shown[6 * BLOCK :] = np.random.default_rng(3).permutation(shown[6 * BLOCK :])
    feed = feed_of(shown, lengths)
    finding, *others = check_gaps(feed, rhythm(feed)).findings
    assert sum(other.count for other in others) <= 5  # what lies outside of whole stretches
    assert (finding.kind, finding.severity) == ("gap unlike multiplier", "critical")
    assert finding.first_at_us is not None
    begins = int(np.searchsorted(feed.part.times_us, finding.first_at_us))
    assert abs(begins - 6 * BLOCK) <= BLOCK
    assert finding.text.startswith("in 9 of 15 stretches of 64 rounds the gap before a round does not fit")


def test_a_single_round_that_came_too_soon_for_its_multiplier_is_told() -> None:
    crashes, lengths = true_feed()
    place = int(np.flatnonzero(crashes < 110)[20])
    crashes[place] = 2_000
    feed = feed_of(crashes, lengths)
    (finding,) = check_gaps(feed, rhythm(feed)).findings
    assert (finding.severity, finding.count) == ("warning", 1)
    assert finding.first_at_us == feed.part.times_us[place]
    assert "for 20.00x, usually at least" in finding.text


def test_times_without_a_relation_raise_no_alarm() -> None:
    crashes = fair_crashes(2_000)
    feed = feed_of(crashes, np.random.default_rng(1).permutation(flights_us(crashes)))
    found = check_gaps(feed, rhythm(feed))
    assert not found.findings
    assert found.remark.startswith("gaps against multipliers: they do not follow them (rank correlation ")


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_stall_is_told_whether_gaps_follow_multipliers_or_not(shuffled: bool) -> None:
    crashes, lengths = true_feed()
    if shuffled:
        lengths = np.random.default_rng(1).permutation(lengths)
    lengths[500] += 3_600 * SECOND_US
    feed = feed_of(crashes, lengths)
    (finding,) = check_stalls(feed, rhythm(feed)).findings
    assert (finding.kind, finding.severity, finding.count) == ("stall", "warning", 1)
    assert finding.first_at_us == feed.part.times_us[500]
    assert (
        "1 stall where a round usually comes every 17 s; the longest, 1 h 0 min, ended with" in finding.text
    )


def test_a_long_flight_is_no_stall() -> None:
    crashes, _ = true_feed()
    crashes[400] = 5_000_000
    feed = feed_of(crashes, flights_us(crashes))
    assert not check_stalls(feed, rhythm(feed)).findings


def test_stalls_that_the_worker_told_of_are_no_news() -> None:
    crashes, lengths = true_feed()
    lengths[[300, 700]] += 3_600 * SECOND_US
    times = START_US + np.cumsum(lengths)
    first = KnownGap(int(times[299]) + 5, int(times[300]) - 5, "asleep")
    unended = KnownGap(int(times[699]) + 5, None, "cut off")
    (half,) = check_stalls(feed := feed_of(crashes, lengths, first), rhythm(feed)).findings
    assert (half.severity, half.count) == ("warning", 2)
    assert half.text.endswith("; the worker told of 1 of them")
    (whole,) = check_stalls(feed := feed_of(crashes, lengths, first, unended), rhythm(feed)).findings
    assert whole.severity == "info"
    early = KnownGap(int(times[5]), None, "cut off")
    (none,) = check_stalls(feed := feed_of(crashes, lengths, early), rhythm(feed)).findings
    assert "told" not in none.text


def test_rounds_without_times_before_the_others_are_left_out() -> None:
    crashes, lengths = true_feed()
    lengths[600] += 3_600 * SECOND_US
    times = START_US + np.cumsum(lengths)
    times[:100] = -1
    feed = Feed(rounds_of(crashes, times_us=times), FeedFacts(), None)
    (finding,) = check_stalls(feed, rhythm(feed)).findings
    assert finding.first_at_us == times[600]


def test_too_few_rounds_or_no_times_are_said() -> None:
    crashes, lengths = true_feed(LEAST_GAPS)
    for feed in (
        feed_of(crashes, lengths),
        Feed(rounds_of(crashes), FeedFacts(), None),
        Feed(rounds_of([]), FeedFacts(), None),
    ):
        assert rhythm(feed) is None
    same_time = feed_of(fair_crashes(500), np.zeros(500, np.int64))
    assert rhythm(same_time) is None
    assert "n too small" in check_gaps(same_time, None).remark
    assert "n too small" in check_stalls(same_time, None).remark


def test_a_feed_that_hangs_on_one_value_is_no_error() -> None:
    feed = feed_of(np.full(500, 137), np.full(500, 20 * SECOND_US))
    found = rhythm(feed)
    assert found is not None
    assert not found.follows
    assert not check_stalls(feed, found).findings


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.25, "0.25 s"),
        (17.3, "17 s"),
        (59.4, "59 s"),
        (125, "2 min 5 s"),
        (7_199, "2 h 0 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_lengths_of_time_are_told_in_two_units(seconds: float, words: str) -> None:
    assert long(seconds * SECOND_US) == words
