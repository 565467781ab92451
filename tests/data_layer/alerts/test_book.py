"""Alerts over time: patience, flapping, grouping, consequences, mutes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.alerts.book import Change, What
from data_layer.alerts.model import AlertKind, Mute
from tests.data_layer.alerts.stepping import SECOND_US, START_US, Steps, rule, words


def test_a_condition_raises_an_alert_only_after_its_hold_on() -> None:
    steps = Steps(rule(hold_on_s=5))

    assert steps.step([steps.condition(since_s=0)], seconds=5) == []
    [raised] = steps.step([steps.condition(since_s=0)])

    assert (raised.what, raised.alert.title, raised.tell) == (What.RAISED, "Admiral: no data", True)
    assert raised.alert.since_us == START_US
    assert raised.alert.raised_at_us == START_US + 6 * SECOND_US
    assert steps.book.active() == (raised.alert,)


def test_a_condition_that_ends_within_its_hold_on_is_never_told() -> None:
    steps = Steps(rule(hold_on_s=5))

    steps.step([steps.condition(since_s=0)], seconds=4)
    steps.step([])
    assert steps.step([steps.condition(since_s=5)], seconds=5) == []


def test_an_alert_ends_only_after_its_hold_off() -> None:
    steps = Steps(rule(hold_on_s=0, hold_off_s=10))
    steps.step([steps.condition()])

    assert steps.step([], seconds=10) == []
    [ended] = steps.step([])

    assert (ended.what, ended.alert.end_reason, ended.tell) == (What.ENDED, "over", True)
    assert ended.alert.ended_at_us == steps.now_us
    assert steps.book.active() == ()


def test_a_condition_that_returns_within_the_hold_off_is_the_same_alert_and_is_counted() -> None:
    steps = Steps(rule(hold_on_s=0, hold_off_s=10))
    steps.step([steps.condition()])

    for _ in range(20):
        steps.step([], seconds=9)
        steps.step([steps.condition()])
    steps.step([steps.condition()], seconds=15)  # a change of the count alone is told late

    assert [change.what for change in steps.changes].count(What.RAISED) == 1
    assert steps.book.active()[0].count == 21


def test_what_is_not_known_neither_raises_nor_ends_anything() -> None:
    steps = Steps(rule(hold_on_s=0, hold_off_s=1))
    steps.step([steps.condition()])

    assert steps.step(None, seconds=100) == []
    assert len(steps.book.active()) == 1


def test_thirty_bookmakers_that_stall_together_are_one_alert_that_lists_them() -> None:
    steps = Steps(rule(hold_on_s=5), group_s=10)
    names = [f"Bookmaker {number}" for number in range(30)]

    for second in range(8):  # they are noticed one after the other; the trouble began within 3 s
        noticed = names[: (second + 1) * 4]
        steps.step([steps.condition(name, since_s=index % 4) for index, name in enumerate(noticed)])
    steps.step([steps.condition(name, since_s=index % 4) for index, name in enumerate(names)], seconds=20)

    raised = [change for change in steps.changes if change.what is What.RAISED]
    assert len(raised) == 1
    [alert] = steps.book.active()
    assert alert.title == "30 bookmakers: no data"
    assert sorted(alert.bookmakers) == sorted(names)
    assert alert.count == 1


def test_those_about_to_follow_are_in_the_first_word() -> None:
    steps = Steps(rule(hold_on_s=5), group_s=10)
    steps.step([steps.condition("A", since_s=0)], seconds=3)

    [raised] = steps.step(
        [steps.condition("A", since_s=0), steps.condition("B", since_s=2), steps.condition("C", since_s=-60)],
        seconds=3,
    )

    assert raised.alert.bookmakers == ("A", "B")  # C's trouble is another one


def test_a_group_tells_who_has_recovered_and_ends_with_the_last() -> None:
    steps = Steps(rule(hold_on_s=0, hold_off_s=2))
    both = [steps.condition("A", since_s=0), steps.condition("B", since_s=0)]
    steps.step(both)

    changed = steps.step(both[1:], seconds=3)
    assert words(changed) == [("changed", "2 bookmakers: no data")]
    assert changed[0].alert.recovered == ("A",)
    ended = steps.step([], seconds=3)
    assert words(ended) == [("ended", "2 bookmakers: no data")]
    assert ended[0].alert.recovered == ()


def test_a_group_of_different_troubles_says_who_has_which() -> None:
    steps = Steps(rule(hold_on_s=0))
    a, b = steps.condition("A", since_s=0), steps.condition("B", since_s=0)
    steps.step([a, b, steps.condition("C", what="repeats itself", since_s=0)])

    [alert] = steps.book.active()
    assert alert.title == "3 bookmakers: no data, and other troubles"
    assert alert.detail == "A: no data; B: no data; C: repeats itself"


@pytest.mark.parametrize("hold_on_s", [0, 5])
def test_what_one_look_finds_is_one_alert_only_where_it_is_the_same(hold_on_s: int) -> None:
    steps = Steps(rule(AlertKind.INTEGRITY, hold_on_s=hold_on_s))
    found = [steps.condition(name, since_s=0) for name in "AB"]
    found += [steps.condition(name, what="repeats itself", since_s=0) for name in "CD"]
    found.append(replace(steps.condition("C", what="has gaps", since_s=0), subject="C2"))
    steps.step(found, seconds=10)

    assert sorted((alert.title, alert.bookmakers) for alert in steps.book.active()) == [
        ("2 bookmakers: no data", ("A", "B")),
        ("2 bookmakers: repeats itself", ("C", "D")),
        ("C: has gaps", ("C",)),
    ]


def test_a_group_keeps_what_each_of_it_says() -> None:
    steps = Steps(rule(AlertKind.MULTIPLIER, hold_on_s=0))
    found = [replace(steps.condition(name, momentary=True), words=f"{name}00.00x") for name in "12"]
    steps.step(found)

    [alert] = steps.book.active()
    assert (alert.title, alert.detail) == ("2 bookmakers: no data", "1: 100.00x; 2: 200.00x")


def test_a_later_trouble_of_another_bookmaker_is_an_alert_of_its_own() -> None:
    steps = Steps(rule(hold_on_s=0), group_s=10)
    steps.step([steps.condition("A", since_s=0)])

    steps.step([steps.condition("A", since_s=0), steps.condition("B", since_s=11)])

    assert {alert.bookmakers for alert in steps.book.active()} == {("A",), ("B",)}


def test_one_that_recovers_and_fails_again_does_not_keep_the_old_alert_open() -> None:
    steps = Steps(rule(hold_on_s=0, hold_off_s=2), group_s=10)
    a, b = steps.condition("A", since_s=0), steps.condition("B", since_s=0)
    steps.step([a, b])
    steps.step([b], seconds=20)
    steps.step([steps.condition("A", since_s=20), b])  # again, while B still has the first trouble

    steps.step([steps.condition("A", since_s=20)], seconds=5)

    assert [(alert.bookmakers, alert.since_us) for alert in steps.book.active()] == [
        (("A",), START_US + 20 * SECOND_US)
    ]


def test_moments_are_told_at_once_and_those_of_one_bookmaker_are_counted() -> None:
    steps = Steps(rule(AlertKind.MULTIPLIER, hold_on_s=0, hold_off_s=60))

    [raised] = steps.step([steps.condition(momentary=True), steps.condition(momentary=True)])
    assert raised.alert.count == 2
    assert steps.step([], seconds=30) == []
    steps.step([steps.condition(momentary=True)])
    assert steps.book.active()[0].count == 3
    assert words(steps.step([], seconds=61)) == [("ended", "Admiral: no data")]
    assert [change.tell for change in steps.step([steps.condition(momentary=True)])] == [True]


def test_a_number_that_changes_every_second_is_not_a_change_every_second() -> None:
    steps = Steps(rule(hold_on_s=0))

    for second in range(60):
        steps.step([steps.condition(what=f"entries in memory only: {second}")])

    assert len(steps.changes) == 1 + 59 // 15


# Causes and consequences.


def test_what_follows_from_the_writer_is_told_with_the_writer() -> None:
    writer, outbox = rule(AlertKind.WRITER, hold_on_s=2), rule(AlertKind.OUTBOX, hold_on_s=10)
    steps = Steps(writer, outbox)

    def found(*, writer_down: bool) -> dict[str, list[object]]:
        waiting = [
            steps.condition(name, what="rounds are not taken", cause=AlertKind.WRITER) for name in "ABC"
        ]
        return {"writer": [steps.engine_condition()] if writer_down else [], "outbox": list(waiting)}

    for _ in range(100):
        steps.step(found(writer_down=True))  # type: ignore[arg-type]

    [alert] = steps.book.active()
    assert (alert.title, alert.consequences) == ("Writer: gone", ("3 bookmakers: rounds are not taken",))
    for _ in range(10):  # hold-off of the writer
        steps.step(found(writer_down=False))  # type: ignore[arg-type]
    assert len(steps.book.active()) == 1
    steps.changes.clear()
    for _ in range(10):
        steps.step(found(writer_down=False))  # type: ignore[arg-type]
    assert words(steps.changes) == [("ended", "Writer: gone")]
    for _ in range(5):  # the hold-on of what is still there begins when its cause is gone
        steps.step(found(writer_down=False))  # type: ignore[arg-type]
    assert [alert.title for alert in steps.book.active()] == ["3 bookmakers: rounds are not taken"]


def test_what_was_told_before_its_cause_stays_an_alert_of_its_own() -> None:
    steps = Steps(rule(AlertKind.WRITER, hold_on_s=0), rule(AlertKind.OUTBOX, hold_on_s=0))
    waiting = steps.condition(cause=AlertKind.WRITER)
    steps.step({"outbox": [waiting]})

    steps.step({"writer": [steps.engine_condition()], "outbox": [waiting]}, seconds=5)

    assert {alert.kind for alert in steps.book.active()} == {AlertKind.WRITER, AlertKind.OUTBOX}


# Mutes.


def test_a_mute_keeps_an_alert_from_being_told_not_from_being_kept() -> None:
    steps = Steps(rule(hold_on_s=0, hold_off_s=0))
    steps.mutes.append(Mute(until_us=START_US + 10**12, rule="stall", bookmaker="Admiral"))

    raised = steps.step([steps.condition()])
    ended = steps.step([], seconds=2)

    assert [(change.what, change.tell, change.alert.muted) for change in raised + ended] == [
        (What.RAISED, False, True),
        (What.ENDED, False, True),
    ]


def test_an_alert_that_outlives_its_mute_is_told_then() -> None:
    steps = Steps(rule(hold_on_s=0))
    steps.mutes.append(Mute(until_us=START_US + 60 * SECOND_US, bookmaker="Admiral"))
    steps.step([steps.condition(since_s=0)], seconds=59)

    [told] = steps.step([steps.condition(since_s=0)], seconds=10)

    assert (told.what, told.tell, told.alert.muted) == (What.RAISED, True, False)
    assert told.alert.raised_at_us == START_US + SECOND_US


def test_what_was_told_to_begin_is_told_to_end_also_when_it_was_muted_since() -> None:
    steps = Steps(rule(hold_on_s=0, hold_off_s=0))
    steps.step([steps.condition()])
    steps.mutes.append(Mute(until_us=START_US + 10**12, rule="stall"))

    [muted] = steps.step([steps.condition()])
    [ended] = steps.step([])

    assert (muted.what, muted.tell) == (What.CHANGED, False)
    assert (ended.what, ended.tell) == (What.ENDED, True)


def test_a_group_is_told_as_long_as_one_of_it_is_not_muted() -> None:
    steps = Steps(rule(hold_on_s=0))
    steps.mutes.append(Mute(until_us=START_US + 10**12, bookmaker="A"))

    [first] = steps.step([steps.condition("A", since_s=0)])
    [second] = steps.step([steps.condition("A", since_s=0), steps.condition("B", since_s=1)])

    assert (first.tell, second.tell, second.what) == (False, True, What.RAISED)


def test_a_mute_of_a_bookmaker_does_not_silence_the_engine() -> None:
    steps = Steps(rule(AlertKind.WRITER, hold_on_s=0))
    steps.mutes.append(Mute(until_us=START_US + 10**12, bookmaker="Admiral"))

    [raised] = steps.step([steps.engine_condition()])

    assert raised.tell


# Rules that change.


def test_an_alert_ends_when_its_rule_is_switched_off_or_is_about_others_now() -> None:
    for changed in (rule(enabled=False), rule(bookmakers=("B",)), rule(AlertKind.GAP, "stall")):
        steps = Steps(rule(hold_on_s=0))
        steps.step([steps.condition("A")])

        steps.rules[0] = changed
        [ended] = steps.step([])

        assert ended.what is What.ENDED
        assert ended.alert.end_reason.startswith("its rule was")
        assert steps.book.active() == ()


def test_the_end_of_the_run_ends_everything_with_its_reason() -> None:
    steps = Steps(rule(hold_on_s=0))
    steps.step([steps.condition("A", since_s=0), steps.condition("B", since_s=-100)])

    changes = steps.book.end_all("the instance was stopped", now_us=steps.now_us)

    assert [(one.what, one.alert.end_reason) for one in changes] == [
        (What.ENDED, "the instance was stopped")
    ] * 2
    assert steps.book.active() == ()


# Properties.

_PATTERNS = st.lists(st.lists(st.sampled_from("ABC"), max_size=3, unique=True), min_size=1, max_size=120)


def _lives(changes: list[Change]) -> dict[str, list[What]]:
    lives: dict[str, list[What]] = {}
    for change in changes:
        lives.setdefault(change.alert.uid, []).append(change.what)
    return lives


@settings(max_examples=100, deadline=None)
@given(_PATTERNS, st.integers(0, 8), st.integers(0, 8), st.integers(0, 20))
def test_every_alert_is_raised_once_and_ends_once_whatever_comes(
    pattern: list[list[str]], hold_on_s: int, hold_off_s: int, group_s: int
) -> None:
    steps = Steps(rule(hold_on_s=hold_on_s, hold_off_s=hold_off_s), group_s=group_s)
    held: dict[str, int] = {}  # seconds that each condition has held without a break
    longest: dict[str, int] = {}
    for present in pattern:
        for name in "ABC":
            held[name] = held.get(name, 0) + 1 if name in present else 0
            longest[name] = max(longest.get(name, 0), held[name])
        steps.step([steps.condition(name) for name in present])
        active = {name for alert in steps.book.active() for name in alert.bookmakers}
        assert all(longest.get(name, 0) for name in active)

    named = {name for change in steps.changes for name in change.alert.bookmakers}
    patient = {name for name in "ABC" if longest.get(name, 0) > hold_on_s}
    assert patient <= named  # nothing that held long enough was overlooked
    if group_s == 0:
        assert all(longest[name] > 0 for name in named)
    steps.book.end_all("stopped", now_us=steps.now_us)
    steps.changes += [
        change for change in steps.step([], seconds=1)
    ]  # nothing is left that could still change
    for life in _lives(steps.changes).values():
        assert life[0] is What.RAISED
        assert life.count(What.RAISED) == 1
        assert life.count(What.ENDED) <= 1
        assert What.ENDED not in life[:-1]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(0, 10), st.integers(0, 10))
def test_flapping_of_any_rhythm_does_not_spam(rhythm: list[int], hold_on_s: int, hold_off_s: int) -> None:
    steps = Steps(rule(hold_on_s=hold_on_s, hold_off_s=hold_off_s))
    holds = False
    seconds = 2 * 3_600
    while steps.second < seconds:
        for length in rhythm:
            steps.step([steps.condition()] if holds else [], seconds=length)
            holds = not holds

    told = [change for change in steps.changes if change.tell and change.what is What.RAISED]
    # Each doubles the patience with the next until it outlasts the gaps of at most 80 s.
    assert len(told) <= 8


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["A", "B", "writer", "mute", ""]), min_size=1, max_size=80))
def test_nothing_is_told_while_it_is_muted_and_all_of_it_is_in_the_changes(script: list[str]) -> None:
    muted, open_ = Steps(rule(hold_on_s=0, hold_off_s=2)), Steps(rule(hold_on_s=0, hold_off_s=2))
    muted.mutes.append(Mute(until_us=START_US + 10**12, rule="stall"))
    for word in script:
        for steps in (muted, open_):
            steps.step([steps.condition(word)] if word in ("A", "B") else [])

    assert not any(change.tell for change in muted.changes)
    assert words(muted.changes) == words(open_.changes)  # the history is the same
