import pytest

from data_layer.messages import Committed, CommittedRounds, RoundBrief
from data_layer.readers.last_round_cache import LastRoundCache
from data_layer.readers.last_round_filler import KEPT_US, LastRoundFiller, Reading
from utils import clock


def brief(number: int, *, timed: bool = True) -> RoundBrief:
    return RoundBrief(round_id=str(number), crash_centi=200, crashed_at_us=number if timed else None)


def commit(version: int, *briefs: RoundBrief) -> Committed:
    share = CommittedRounds(bookmaker="Admiral", count=len(briefs), newest=briefs)
    return Committed(version=version, committed_at_us=0, rounds=(share,))


def ids(cache: LastRoundCache) -> list[str]:
    return [known.round_id for known in cache.recent("Admiral", 99)]


def test_a_commit_shows_at_once() -> None:
    cache = LastRoundCache()
    LastRoundFiller(cache).take(commit(1, brief(1), brief(2)))
    assert ids(cache) == ["1", "2"]


def test_a_reading_replaces_what_was_known() -> None:
    cache = LastRoundCache()
    filler = LastRoundFiller(cache)
    filler.take(commit(1, brief(1)))
    filler.refill(lambda: (9, {"Admiral": [brief(8), brief(9)]}))
    assert ids(cache) == ["8", "9"]


def test_a_commit_announced_during_a_reading_that_missed_it_stays() -> None:
    cache = LastRoundCache()
    filler = LastRoundFiller(cache)

    def read() -> Reading:
        filler.take(commit(6, brief(6)))
        assert ids(cache) == ["6"]
        return 5, {"Admiral": [brief(4), brief(5)]}

    filler.refill(read)
    assert ids(cache) == ["4", "5", "6"]


def test_a_commit_announced_during_a_reading_that_has_it_is_not_applied_twice() -> None:
    cache = LastRoundCache(capacity=2)
    filler = LastRoundFiller(cache)

    def read() -> Reading:
        filler.take(commit(5, brief(1, timed=False)))
        return 7, {"Admiral": [brief(2, timed=False), brief(3, timed=False)]}

    filler.refill(read)
    assert ids(cache) == ["2", "3"]


def test_a_reading_that_lags_behind_takes_no_round_away_that_was_told() -> None:
    cache = LastRoundCache()
    filler = LastRoundFiller(cache)
    filler.take(commit(6, brief(6)))
    filler.take(commit(7, brief(7)))
    filler.refill(lambda: (6, {"Admiral": [brief(5), brief(6)]}))
    assert ids(cache) == ["5", "6", "7"]


def test_rounds_of_another_database_do_not_stay() -> None:
    cache = LastRoundCache()
    filler = LastRoundFiller(cache)
    filler.take(commit(7, brief(7)))
    filler.forget()
    filler.refill(lambda: (2, {"Admiral": [brief(1), brief(2)]}))
    assert ids(cache) == ["1", "2"]


def test_commits_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now_us = 0
    monkeypatch.setattr(clock, "monotonic_us", lambda: now_us)
    cache = LastRoundCache()
    filler = LastRoundFiller(cache)
    filler.take(commit(7, brief(7)))
    now_us = KEPT_US + 1
    filler.refill(lambda: (2, {"Admiral": [brief(2)]}))  # a restored backup, read from Redis
    assert ids(cache) == ["2"]


def test_a_reading_that_fails_leaves_the_cache_as_commits_made_it() -> None:
    cache = LastRoundCache()
    filler = LastRoundFiller(cache)

    def read() -> Reading:
        filler.take(commit(2, brief(2)))
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        filler.refill(read)
    filler.take(commit(3, brief(3)))
    assert ids(cache) == ["2", "3"]
