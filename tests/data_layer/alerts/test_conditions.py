"""What each kind of rule finds in the facts of a moment."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.alert_specs import KINDS, usual
from data_layer.alerts.conditions import Condition, find, patience_us
from data_layer.alerts.facts import (
    Facts,
    FailedNews,
    GapNews,
    RedisFacts,
    RoundNews,
    Suspicion,
    WorkerFacts,
    WriterFacts,
)
from data_layer.alerts.model import AlertKind
from data_layer.messages import WorkerState
from tests.data_layer.alerts.stepping import START_US, rule

SECOND_US = 1_000_000


def found(
    kind: AlertKind, *, limit: float | None = None, bookmakers: tuple[str, ...] = (), **facts: Any
) -> list[Condition]:
    """Return what a rule of `kind` finds."""
    looked = find(
        rule(kind, limit=usual(kind).limit if limit is None else limit, bookmakers=bookmakers),
        Facts(now_us=START_US, **facts),
    )
    assert looked is not None
    return looked


def worker(name: str = "Admiral", **changes: Any) -> WorkerFacts:
    """Return a worker that is well."""
    return WorkerFacts(**({"bookmaker": name, "state": WorkerState.RUNNING} | changes))


@pytest.mark.parametrize(
    ("silent_s", "usual_s", "stalled"),
    [
        (10, 2, False),  # never within ten seconds
        (11, 2, True),
        (29, 10, False),
        (31, 10, True),
        (30, None, False),  # a rhythm that is not known gets half a minute
        (31, None, True),
        (None, 2, False),  # it need not say anything
    ],
)
def test_a_feed_stalls_by_its_own_rhythm(silent_s: int | None, usual_s: int | None, stalled: bool) -> None:
    looked = found(
        AlertKind.STALL,
        limit=3,
        workers=(
            worker(
                silent_us=None if silent_s is None else silent_s * SECOND_US,
                usual_silence_us=None if usual_s is None else usual_s * SECOND_US,
            ),
        ),
    )

    assert bool(looked) is stalled
    if silent_s is not None and stalled:
        assert looked[0].since_us == START_US - silent_s * SECOND_US


def test_no_usual_silence_is_called_none() -> None:
    told = [
        found(AlertKind.STALL, workers=(worker(silent_us=60 * SECOND_US, usual_silence_us=usual_us),))[
            0
        ].detail
        for usual_us in (40_000, 6 * SECOND_US, None)
    ]
    assert told == [
        "silent for 60 s, usually less than 1 s",
        "silent for 60 s, usually 6 s at most",
        "silent for 60 s, its rhythm is not known yet",
    ]


def test_a_rule_looks_only_at_its_bookmakers() -> None:
    silent = tuple(worker(name, silent_us=100 * SECOND_US) for name in "ABC")

    assert [one.bookmaker for one in found(AlertKind.STALL, workers=silent, bookmakers=("B",))] == ["B"]


def test_gaps_of_an_unknown_size_count_and_small_ones_do_not() -> None:
    gaps = tuple(
        GapNews(bookmaker=name, reason="reconnected", started_at_us=1, missing=missing)
        for name, missing in (("A", None), ("B", 1), ("C", 2))
    )

    looked = found(AlertKind.GAP, limit=2, gaps=gaps)

    assert [(one.bookmaker, one.words) for one in looked] == [
        ("A", "rounds missing"),
        ("C", "2 rounds missing"),
    ]
    assert all(one.momentary for one in looked)
    assert found(AlertKind.GAP, limit=1, gaps=gaps)[1].words == "1 round missing"


def test_a_streak_is_of_the_threshold_of_its_rule() -> None:
    streaks = {("A", 200): 3, ("B", 200): 2, ("A", 1000): 50}

    looked = found(AlertKind.STREAK, limit=3, streaks=streaks)

    assert [(one.bookmaker, one.words) for one in looked] == [("A", "3 rounds in a row below 2.00x")]


def test_a_multiplier_is_told_from_its_limit_on() -> None:
    rounds = tuple(
        RoundNews(bookmaker="A", round_id=str(centi), crash_centi=centi, at_us=7)
        for centi in (9_999, 10_000, 1_234_567)
    )

    looked = found(AlertKind.MULTIPLIER, limit=100, rounds=rounds)

    assert [(one.words, one.detail, one.since_us) for one in looked] == [
        ("100.00x", "round 10000", 7),
        ("12,345.67x", "round 1234567", 7),
    ]


def test_drift_and_integrity_are_unknown_until_they_were_looked_at() -> None:
    nothing = Facts(now_us=START_US)
    for kind in (AlertKind.DRIFT, AlertKind.INTEGRITY, AlertKind.STREAK, AlertKind.DISK):
        assert find(usual(kind), nothing) is None

    suspicion = Suspicion(bookmaker="A", what="reaches 2.00x too rarely", key="200", count=2)
    assert found(AlertKind.DRIFT, limit=0.01, drift={0.01: (suspicion,)})[0].bookmaker == "A"
    assert find(rule(AlertKind.DRIFT, limit=0.05), Facts(now_us=1, drift={0.01: (suspicion,)})) is None
    assert found(AlertKind.INTEGRITY, limit=2, integrity=(suspicion,))
    assert not found(AlertKind.INTEGRITY, limit=3, integrity=(suspicion,))


def test_several_suspicions_of_one_bookmaker_are_several_subjects() -> None:
    both = tuple(Suspicion(bookmaker="A", what=key, key=key) for key in ("200", "300"))

    assert len({one.subject for one in found(AlertKind.DRIFT, limit=0.01, drift={0.01: both})}) == 2


def test_failed_verifications_name_the_newest_round() -> None:
    looked = found(AlertKind.VERIFICATION, failed=(FailedNews(bookmaker="A", count=1, round_id="77"),))

    assert (looked[0].words, looked[0].detail) == ("", "the newest is round 77")  # the alert counts them


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, ""),
        ({"state": WorkerState.STOPPED, "reason": "stopped by you"}, ""),
        ({"state": WorkerState.PAUSED}, ""),
        ({"state": WorkerState.STARTING}, ""),
        (
            {"state": WorkerState.BACKING_OFF, "reason": "ended unexpectedly (signal 9)"},
            "ended unexpectedly (signal 9)",
        ),
        ({"state": WorkerState.FAILED, "reason": "no such file"}, "no such file"),
        ({"restarts_lately": 2}, ""),
        ({"restarts_lately": 3}, "the worker is restarted again and again"),
        ({"restarts_lately": 3, "state": WorkerState.STARTING}, "the worker is restarted again and again"),
        ({"restarts_lately": 9, "state": WorkerState.STOPPED, "reason": "stopped by you"}, ""),
        ({"restarts_lately": 9, "state": WorkerState.PAUSED}, ""),
        ({"trouble": "the outbox cannot be written"}, "the outbox cannot be written"),
        ({"machine": "far", "unheard_us": 31 * SECOND_US}, "the machine of its worker is not heard"),
        ({"machine": "far", "unheard_us": 31 * SECOND_US, "state": WorkerState.STOPPED}, ""),
    ],
)
def test_a_worker_is_told_when_it_is_not_well(changes: dict[str, Any], what: str) -> None:
    looked = found(AlertKind.WORKER, limit=3, workers=(worker(**changes),))

    assert [one.what for one in looked] == ([what] if what else [])


def test_a_worker_that_runs_again_says_why_it_did_not() -> None:
    [one] = found(
        AlertKind.WORKER, limit=3, workers=(worker(restarts_lately=1_200, last_failure="ended (signal 9)"),)
    )
    assert one.detail == "1,200 times in ten minutes, last: ended (signal 9)"
    [one] = found(AlertKind.WORKER, limit=1, workers=(worker(restarts_lately=1),))
    assert one.detail == "once in ten minutes"


def test_the_same_trouble_of_several_workers_is_the_same_whatever_each_counts() -> None:
    troubles = [
        f"the outbox cannot be written: no space; entries in memory only: {count}" for count in (3, 9)
    ]
    looked = found(
        AlertKind.WORKER, workers=tuple(worker(name, trouble=troubles[name == "B"]) for name in "AB")
    )
    assert {one.what for one in looked} == {"the outbox cannot be written: no space"}
    assert [one.detail for one in looked] == ["entries in memory only: 3", "entries in memory only: 9"]


def test_the_trouble_of_a_worker_that_runs_did_not_begin_with_the_worker() -> None:
    long_ago = START_US - 3_600 * SECOND_US
    for changes, since_us in (
        ({"trouble": "the outbox cannot be written"}, START_US),
        ({"restarts_lately": 5}, START_US),
        ({"machine": "far", "unheard_us": 31 * SECOND_US}, START_US - 31 * SECOND_US),
        ({"state": WorkerState.FAILED}, long_ago),
    ):
        [one] = found(AlertKind.WORKER, limit=3, workers=(worker(since_us=long_ago, **changes),))
        assert one.since_us == since_us


def test_no_number_is_told_in_powers_of_ten() -> None:
    [one] = found(AlertKind.DISK, limit=1_000_000, free_bytes=5)
    assert (one.what, one.detail) == ("Disk: less than 1000000 GB left", "0 MB free where the database is")
    [one] = found(AlertKind.DISK, limit=0.1, free_bytes=3_400_000)
    assert (one.what, one.detail) == ("Disk: less than 100 MB left", "3 MB free where the database is")


def test_a_worker_that_waits_for_the_writer_is_the_writers_consequence() -> None:
    waiting = worker(trouble="waiting for the writer", connected=False)
    running, starting = (WriterFacts(state=state) for state in (WorkerState.RUNNING, WorkerState.STARTING))

    [one] = found(AlertKind.WORKER, workers=(waiting,), writer=running)
    assert one.cause is AlertKind.WRITER
    assert found(AlertKind.WORKER, workers=(waiting,), writer=starting) == []
    remote = worker(trouble="waiting", connected=False, machine="far")
    assert found(AlertKind.WORKER, workers=(remote,), writer=running)[0].cause is AlertKind.REDIS


@pytest.mark.parametrize(
    ("writer", "what"),
    [
        (WriterFacts(state=WorkerState.RUNNING, unanswered_us=3 * SECOND_US), ""),
        (WriterFacts(state=WorkerState.RUNNING, unanswered_us=4 * SECOND_US), "Writer: does not answer"),
        (WriterFacts(state=WorkerState.STARTING, unanswered_us=40 * SECOND_US), ""),
        (WriterFacts(state=WorkerState.FAILED, reason="the disk is full"), "Writer: the disk is full"),
        (WriterFacts(state=WorkerState.BACKING_OFF), "Writer: does not run"),
        (WriterFacts(state=WorkerState.RUNNING, trouble="database is locked"), "Writer: database is locked"),
        (None, ""),
    ],
)
def test_the_writer_is_told_when_it_is_not_well(writer: WriterFacts | None, what: str) -> None:
    assert [one.what for one in found(AlertKind.WRITER, limit=3, writer=writer)] == ([what] if what else [])


@pytest.mark.parametrize(
    ("redis", "what"),
    [
        (None, ""),
        (RedisFacts(), ""),
        (RedisFacts(trouble="Redis cannot be reached"), "Redis cannot be reached"),
        (RedisFacts(reading_trouble="refuses the password"), "Redis refuses the password"),
        (RedisFacts(trouble="is full", reading_trouble="is away", stream_trouble="is full"), "Redis is full"),
        (
            RedisFacts(stream_trouble="another one takes them"),
            "Rounds of other machines: another one takes them",
        ),
    ],
)
def test_redis_is_told_with_what_follows_from_it(redis: RedisFacts | None, what: str) -> None:
    assert [one.what for one in found(AlertKind.REDIS, redis=redis)] == ([what] if what else [])


def test_the_disk_is_told_below_its_limit() -> None:
    assert found(AlertKind.DISK, limit=1, free_bytes=1_000_000_000) == []
    [one] = found(AlertKind.DISK, limit=1, free_bytes=999_999_999)
    assert (one.what, one.bookmaker) == ("Disk: less than 1 GB left", "")


def test_an_outbox_that_is_being_emptied_is_no_trouble() -> None:
    workers = (
        worker("A", outbox=20, taken_lately=False),
        worker("B", outbox=9_999, taken_lately=True),
        worker("C", outbox=19, taken_lately=False),
    )

    [one] = found(AlertKind.OUTBOX, limit=20, workers=workers)

    assert (one.bookmaker, one.cause, one.words) == (
        "A",
        AlertKind.WRITER,
        "20 recorded rounds are not taken",
    )


def test_every_kind_says_what_its_limit_means() -> None:
    for kind in AlertKind:
        facts = KINDS[kind]
        assert facts.text
        assert facts.least <= facts.limit <= facts.most
        assert not (facts.momentary and facts.hold_on_s)
        assert ("`limit`" in facts.text) is bool(facts.limit_words)


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.none(), st.integers(0, 10**12)), st.floats(1.1, 1_000))
def test_no_feed_is_called_silent_within_ten_seconds(usual_us: int | None, limit: float) -> None:
    assert patience_us(usual_us, limit) >= 10 * SECOND_US
    if usual_us is not None:
        assert patience_us(usual_us, limit) >= usual_us
