from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import Sample, Scope, Span, Streaks, StreaksQuestion
from data_layer.analytics.rounds import UNTIMED, Rounds
from data_layer.analytics.streaks.answer import streaks

THRESHOLD = 200
SECOND_US = 1_000_000


def part(
    values: Sequence[int], start: int = 0, stop: int | None = None, *, name: str = "A", untimed: int = 0
) -> Rounds:
    """Return rounds ten seconds apart, of which the first `untimed` have no time."""
    times = (np.arange(len(values), dtype=np.int64) + 1) * 10 * SECOND_US
    times[:untimed] = UNTIMED
    return Rounds(name, times, np.array(values, np.int64), start, len(values) if stop is None else stop)


def ask(*parts: Rounds, threshold_centi: int = THRESHOLD, newest: int = 20) -> Streaks:
    sample = Sample(scope=Scope(), span=Span(), rounds=sum(some.count for some in parts))
    return streaks(parts, sample, StreaksQuestion(threshold_centi=threshold_centi, newest=newest))


LOW, HIGH = 150, 250


@dataclass(frozen=True)
class Found:
    """A run as a walk over the rounds one by one finds it."""

    bookmaker: str
    length: int
    ended_at: int | None  # place in the history


def walk(rounds: Rounds, threshold_centi: int) -> list[Found]:
    """Return the runs that belong to the part, oldest first."""
    found, run, newest = [], 0, len(rounds.crash_centi) - 1
    for place, value in enumerate(rounds.crash_centi.tolist()):
        inside = rounds.start <= place < rounds.stop
        if value < threshold_centi:
            run += 1
            if place == newest and inside:
                found.append(Found(rounds.bookmaker, run, None))
        else:
            if run and inside:
                found.append(Found(rounds.bookmaker, run, place))
            run = 0
    return found


def _as_listed(run: Found, rounds: Rounds) -> tuple[str, int, int | None, int | None, bool]:
    def time(place: int) -> int | None:
        time_us = int(rounds.times_us[place])
        return None if time_us == UNTIMED else time_us

    if run.ended_at is None:
        return run.bookmaker, run.length, time(rounds.stop - run.length), None, True
    return run.bookmaker, run.length, time(run.ended_at - run.length), time(run.ended_at), False


@st.composite
def histories(draw: st.DrawFn) -> list[Rounds]:
    parts = []
    for number in range(draw(st.integers(1, 3))):
        values = draw(st.lists(st.sampled_from((100, 150, 199, 200, 201, 1000)), max_size=40))
        start = draw(st.integers(0, len(values)))
        stop = draw(st.integers(start, len(values)))
        untimed = draw(st.integers(0, len(values)))
        parts.append(part(values, start, stop, name=f"book {number}", untimed=untimed))
    return parts


@given(histories(), st.sampled_from((100, 101, 200, 201, 1000, 1001)))
@settings(max_examples=150)
def test_runs_are_those_of_a_walk_over_the_whole_history(parts: list[Rounds], threshold_centi: int) -> None:
    answer = ask(*parts, threshold_centi=threshold_centi, newest=1_000)
    expected = [run for some in parts for run in walk(some, threshold_centi)]
    found = [
        (run.bookmaker, run.length, run.started_at_us, run.ended_at_us, run.open) for run in answer.newest
    ]
    by_name = {some.bookmaker: some for some in parts}
    assert Counter(found) == Counter(_as_listed(run, by_name[run.bookmaker]) for run in expected)
    assert sum(count.runs for count in answer.counts) == sum(run.ended_at is not None for run in expected)
    lengths = Counter(run.length for run in expected if run.ended_at is not None)
    assert {count.length: count.runs for count in answer.counts if count.runs} == lengths
    longest = max((run.length for run in expected), default=None)
    assert (answer.longest.length if answer.longest else None) == longest
    open_lengths = [run.length for run in expected if run.ended_at is None]
    assert (answer.current.length if answer.current else None) == max(open_lengths, default=None)


@given(histories())
@settings(max_examples=100)
def test_what_followed_rounds_below_is_counted_one_by_one(parts: list[Rounds]) -> None:
    answer = ask(*parts)
    if not sum(some.count for some in parts):
        assert (answer.conditional, answer.note) == ((), "no rounds")
        return
    for conditional in answer.conditional:
        followed = [
            some.crash_centi[place] >= THRESHOLD
            for some in parts
            for place in range(max(some.start, conditional.k), some.stop)
            if (some.crash_centi[place - conditional.k : place] < THRESHOLD).all()
        ]
        assert (conditional.rounds, conditional.reached) == (len(followed), sum(followed))
        assert conditional.share == (pytest.approx(np.mean(followed)) if followed else None)
        assert conditional.wilson == wilson(sum(followed), len(followed))
    assert [conditional.k for conditional in answer.conditional] == list(range(1, 11))


@given(histories())
@settings(max_examples=100)
def test_the_wait_is_counted_from_the_last_round_that_reached(parts: list[Rounds]) -> None:
    waits = []
    for some in parts:
        reached = np.flatnonzero(some.crash_centi[: some.stop] >= THRESHOLD)
        if some.count and len(reached):
            waits.append(some.stop - 1 - int(reached[-1]))
    assert ask(*parts).since_last == max(waits, default=None)


def test_a_run_that_began_before_the_window_is_looked_up_whole() -> None:
    answer = ask(part([HIGH, LOW, LOW, LOW, HIGH, HIGH], start=3))
    (run,) = answer.newest
    assert (run.length, run.open, run.ended_by_centi) == (3, False, HIGH)
    assert (run.started_at_us, run.ended_at_us) == (20 * SECOND_US, 50 * SECOND_US)
    assert run == answer.longest


def test_a_run_that_goes_on_behind_the_window_belongs_to_the_later_one() -> None:
    rounds = [HIGH, LOW, LOW, LOW, HIGH]
    earlier, later = ask(part(rounds, 0, 3)), ask(part(rounds, 3, 5))
    assert (earlier.newest, earlier.current, earlier.longest) == ((), None, None)
    assert [run.length for run in later.newest] == [3]


def test_windows_that_follow_each_other_share_all_runs_among_them() -> None:
    rounds = np.random.default_rng(4).choice((LOW, HIGH), 500).tolist()
    whole: Counter[int] = Counter(
        {count.length: count.runs for count in ask(part(rounds)).counts if count.runs}
    )
    pieces: Counter[int] = Counter()
    for start in range(0, 500, 7):
        answer = ask(part(rounds, start, min(500, start + 7)))
        pieces.update({count.length: count.runs for count in answer.counts})
    assert +pieces == whole


def test_the_open_tail_is_current_and_before_all_others() -> None:
    answer = ask(part([LOW, HIGH, LOW, LOW]))
    assert answer.current is not None
    assert (answer.current.length, answer.current.open, answer.current.ended_at_us) == (2, True, None)
    assert [(run.length, run.open) for run in answer.newest] == [(2, True), (1, False)]
    assert answer.longest == answer.current
    assert sum(count.runs for count in answer.counts) == 1  # it has no length yet


def test_rounds_below_only_are_one_open_run_and_no_wait() -> None:
    answer = ask(part([LOW] * 5))
    assert answer.current is not None
    assert (answer.current.length, answer.since_last, answer.share) == (5, None, 0)
    assert answer.probability_of_current == 1


def test_runs_never_cross_bookmakers() -> None:
    answer = ask(part([HIGH, LOW, LOW], name="A"), part([LOW, LOW, HIGH], name="B"))
    assert sorted((run.bookmaker, run.length) for run in answer.newest) == [("A", 2), ("B", 2)]
    assert answer.conditional[2].rounds == 0


def test_of_equal_runs_the_newest_is_the_longest() -> None:
    answer = ask(part([LOW, HIGH, LOW, HIGH], name="A"), part([HIGH] * 3, name="B"))
    assert answer.longest is not None
    assert answer.longest.ended_at_us == 40 * SECOND_US


def test_as_many_of_the_newest_runs_are_listed_as_were_asked_for() -> None:
    rounds = part([LOW, HIGH] * 2_000 + [HIGH] * 3_000 + [LOW])
    for count in (0, 1, 7, 1_000):
        newest = ask(rounds, newest=count).newest
        assert len(newest) == count
        ends = [run.ended_at_us or 0 for run in newest if not run.open]
        assert ends == sorted(ends, reverse=True)
        assert all(run.open for run in newest[:1])


def test_the_chance_of_a_run_counts_rounds_before_the_window_in_which_it_may_have_begun() -> None:
    # Three below in a row that end within the last two rounds, of which the first two may be earlier ones.
    answer = ask(part([LOW, LOW, LOW, HIGH], start=2))
    assert answer.share == 0.5
    assert answer.probability_of_longest == pytest.approx(3 / 16)  # BBB? and ABBB of sixteen


@pytest.mark.parametrize(("start", "stop"), [(0, 10), (1, 9), (3, 7), (4, 10)])
def test_expected_runs_of_each_length_are_those_of_all_equally_likely_histories(
    start: int, stop: int
) -> None:
    total: Counter[int] = Counter()
    for number in range(2**10):
        tossed = [HIGH if number >> place & 1 else LOW for place in range(10)]
        runs = walk(part(tossed, start, stop), THRESHOLD)
        total.update(run.length for run in runs if run.ended_at is not None)
    asked = [LOW] * start + [LOW, LOW, HIGH, HIGH, LOW, HIGH, HIGH, LOW, LOW, HIGH][: stop - start]
    answer = ask(part([*asked, *[HIGH] * (10 - stop)], start, stop))
    assert answer.share == 0.5
    assert {start + 2} <= {count.length for count in answer.counts}
    for count in answer.counts:
        assert count.expected == pytest.approx(total[count.length] / 2**10)


def test_a_long_fair_history_has_as_many_runs_as_expected() -> None:
    rng = np.random.default_rng(11)
    values = np.maximum(100, np.floor(99 / rng.random(200_000))).astype(np.int64)
    for threshold_centi in (101, 200, 1_000, 50_000):
        answer = ask(part(values.tolist()), threshold_centi=threshold_centi)
        seen = [count for count in answer.counts if count.expected >= 20]
        assert seen or threshold_centi == 50_000
        assert all(abs(count.runs - count.expected) < 5 * count.expected**0.5 for count in seen)
        for conditional in answer.conditional:
            if conditional.wilson and answer.share and conditional.rounds > 1_000:
                assert abs((conditional.share or 0) - answer.share) < 0.06


def test_recorded_rounds_show_what_a_walk_over_them_shows(shared_data: Path) -> None:
    lines = (shared_data / "bustabit_2537203-2553000.csv").read_text().split()
    values = [round(float(line.split(",")[1]) * 100) for line in reversed(lines)]
    answer = ask(part(values), newest=20_000)
    assert round(answer.share or 0, 4) == 0.4962
    assert ask(part(values), threshold_centi=1_000).share == pytest.approx(0.1003, abs=5e-5)
    runs = walk(part(values), THRESHOLD)
    assert [run.length for run in answer.newest] == [run.length for run in reversed(runs)]
    assert answer.runs_test is not None
    assert answer.runs_test.p_value is not None
    assert answer.runs_test.p_value > 0.01
