"""RoundTracker: phases, crossings and whole rounds from sources that are not tidy."""

import dataclasses
import math
from collections import deque

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.specs import DEFAULT_THRESHOLDS_CENTI
from data_layer.database import schema
from data_layer.messages import Crossing, Flag, Origin, Phase, Rejected, Round
from orchestration.round_tracker import (
    HIGHEST_CENTI,
    MAX_ID_CHARACTERS,
    MAX_RAW_CHARACTERS,
    RoundTracker,
)
from orchestration.sources.base import FinishedRound, GapNotice, LiveUpdate, RejectedInput

NOW = 5_000_000_000


@pytest.fixture
def tracker() -> RoundTracker:
    return RoundTracker("Admiral", Origin.SIMULATOR, DEFAULT_THRESHOLDS_CENTI, now=lambda: NOW)


def betting(
    round_id: str, at_us: int, players: int | None = None, stake_minor: int | None = None
) -> LiveUpdate:
    return LiveUpdate(
        phase=Phase.BETTING,
        observed_at_us=at_us,
        round_id=round_id,
        phase_started_at_us=at_us,
        phase_ends_at_us=at_us + 5_000_000,
        players=players,
        stake_minor=stake_minor,
    )


def flying(
    round_id: str, centi: int, at_us: int, *, since_us: int = 0, left: int | None = None
) -> LiveUpdate:
    return LiveUpdate(
        phase=Phase.FLYING,
        observed_at_us=at_us,
        round_id=round_id,
        multiplier_centi=centi,
        phase_started_at_us=since_us,
        players=100,
        players_left=left,
        stake_left_minor=None if left is None else left * 10,
    )


def crashed(round_id: str, centi: int, at_us: int | None = None) -> FinishedRound:
    return FinishedRound(round_id=round_id, crash_centi=centi, position=1, crashed_at_us=at_us)


def finish(tracker: RoundTracker, event: FinishedRound) -> Round:
    finished = tracker.finish(event)
    assert isinstance(finished, Round)
    return finished


def thresholds(finished: Round) -> list[int]:
    return [crossing.threshold_centi for crossing in finished.crossings]


def test_a_round_goes_through_its_phases(tracker: RoundTracker) -> None:
    state = tracker.state
    assert state.phase is Phase.WAITING
    tracker.update(betting("1", 1_000_000, players=50, stake_minor=900))
    assert (state.phase, state.round_id, state.phase_ends_at_us) == (Phase.BETTING, "1", 6_000_000)
    assert (state.players, state.stake_minor) == (50, 900)
    tracker.update(flying("1", 120, 7_000_000, since_us=6_000_000))
    assert (state.phase, state.multiplier_centi, state.phase_started_at_us) == (Phase.FLYING, 120, 6_000_000)
    assert state.phase_ends_at_us == 0
    finished = finish(tracker, crashed("1", 183, 9_500_000))
    assert (state.phase, state.multiplier_centi, state.phase_started_at_us) == (Phase.CRASHED, 183, 9_500_000)
    assert list(state.last_crashes_centi) == [183]
    assert (finished.started_at_us, finished.duration_ms) == (6_000_000, 3_500)
    assert (finished.bookmaker, finished.origin, finished.received_at_us) == (
        "Admiral",
        Origin.SIMULATOR,
        NOW,
    )


def test_each_threshold_is_reported_once_with_what_was_seen_first(tracker: RoundTracker) -> None:
    assert tracker.update(flying("1", 149, 1)) == ()
    (first,) = tracker.update(flying("1", 151, 2, left=80))
    assert first == Crossing(
        threshold_centi=150, actual_centi=151, crossed_at_us=2, players_left=80, stake_left_minor=800
    )
    assert tracker.update(flying("1", 151, 3, left=70)) == ()
    assert tracker.update(flying("1", 199, 4)) == ()
    assert [crossing.threshold_centi for crossing in tracker.update(flying("1", 200, 5))] == [200]
    assert thresholds(finish(tracker, crashed("1", 210, 6))) == [150, 200]


def test_a_jump_reports_every_threshold_with_the_same_actual_multiplier(tracker: RoundTracker) -> None:
    jumped = tracker.update(flying("1", 1234, 7, left=3))
    assert [crossing.threshold_centi for crossing in jumped] == [150, 200, 300, 500, 1000]
    assert {(one.actual_centi, one.crossed_at_us, one.players_left) for one in jumped} == {(1234, 7, 3)}


def test_a_round_without_any_live_update_has_its_crossings_at_the_crash(tracker: RoundTracker) -> None:
    finished = finish(tracker, crashed("1", 512, 44))
    assert thresholds(finished) == [150, 200, 300, 500]
    assert {(one.actual_centi, one.crossed_at_us, one.players_left) for one in finished.crossings} == {
        (512, 44, None)
    }


def test_what_lies_between_the_last_update_and_the_crash_is_crossed_at_the_crash(
    tracker: RoundTracker,
) -> None:
    tracker.update(flying("1", 160, 10, left=5))
    finished = finish(tracker, crashed("1", 320, 30))
    assert [(one.threshold_centi, one.actual_centi, one.crossed_at_us) for one in finished.crossings] == [
        (150, 160, 10),
        (200, 320, 30),
        (300, 320, 30),
    ]


def test_what_the_source_knows_of_crossings_counts_more_than_what_was_seen(tracker: RoundTracker) -> None:
    tracker.update(flying("1", 180, 10))
    known = Crossing(threshold_centi=150, actual_centi=150, crossed_at_us=9)
    event = FinishedRound(round_id="1", crash_centi=210, position=1, crossings=(known,))
    assert finish(tracker, event).crossings[0] == known


def test_a_multiplier_above_the_crash_point_does_not_make_crossings(tracker: RoundTracker) -> None:
    tracker.update(flying("1", 900, 10))
    finished = finish(tracker, crashed("1", 160, 20))
    assert [(one.threshold_centi, one.actual_centi) for one in finished.crossings] == [(150, 160)]


def test_a_multiplier_that_falls_is_not_shown_and_crosses_nothing_twice(tracker: RoundTracker) -> None:
    tracker.update(flying("1", 210, 1))
    assert tracker.update(flying("1", 130, 2)) == ()
    assert tracker.state.multiplier_centi == 210
    assert tracker.update(flying("1", 220, 3)) == ()


def test_a_late_copy_of_an_earlier_phase_changes_nothing(tracker: RoundTracker) -> None:
    tracker.update(betting("1", 1_000))
    tracker.update(flying("1", 170, 9_000, since_us=8_000))
    tracker.update(betting("1", 1_000))
    assert (tracker.state.phase, tracker.state.multiplier_centi) == (Phase.FLYING, 170)


def test_an_update_after_the_crash_of_its_round_changes_nothing(tracker: RoundTracker) -> None:
    tracker.update(flying("1", 170, 9_000))
    tracker.finish(crashed("1", 183, 9_500))
    assert tracker.update(flying("1", 260, 9_600)) == ()
    assert (tracker.state.phase, tracker.state.multiplier_centi) == (Phase.CRASHED, 183)


def test_a_round_that_is_played_again_begins_anew(tracker: RoundTracker) -> None:
    tracker.update(betting("1", 1_000))
    tracker.update(flying("1", 400, 9_000, since_us=8_000))
    tracker.update(betting("1", 20_000))
    assert (tracker.state.phase, tracker.state.multiplier_centi) == (Phase.BETTING, 0)
    tracker.update(flying("1", 160, 30_000, since_us=29_000))
    finished = finish(tracker, crashed("1", 170, 31_000))
    assert [(one.threshold_centi, one.crossed_at_us) for one in finished.crossings] == [(150, 30_000)]
    assert finished.started_at_us == 29_000


def test_an_interrupted_round_is_forgotten(tracker: RoundTracker) -> None:
    tracker.update(flying("1", 400, 9_000, since_us=8_000))
    tracker.interrupt()
    assert (tracker.state.phase, tracker.state.round_id, tracker.state.multiplier_centi) == (
        Phase.WAITING,
        "",
        0,
    )
    tracker.update(betting("1", 20_000))
    assert tracker.state.phase is Phase.BETTING


def test_a_missed_crash_does_not_mix_two_rounds(tracker: RoundTracker) -> None:
    tracker.update(flying("1", 600, 1_000, since_us=1))
    tracker.update(flying("2", 120, 9_000, since_us=8_000))
    assert tracker.state.multiplier_centi == 120
    finished = finish(tracker, crashed("2", 160, 9_500))
    assert [(one.threshold_centi, one.crossed_at_us) for one in finished.crossings] == [(150, 9_500)]
    assert finished.started_at_us == 8_000


def test_a_finish_of_another_round_takes_nothing_from_the_one_in_flight(tracker: RoundTracker) -> None:
    tracker.update(flying("2", 600, 1_000, since_us=1))
    finished = finish(tracker, crashed("1", 160, 900))
    assert [one.crossed_at_us for one in finished.crossings] == [900]
    assert finished.started_at_us is None


def test_rounds_without_ids_are_told_apart_by_order(tracker: RoundTracker) -> None:
    tracker.update(flying("", 250, 1_000, since_us=500))
    assert thresholds(finish(tracker, crashed("a", 260, 1_500))) == [150, 200]
    tracker.update(flying("", 120, 9_000, since_us=8_000))
    assert tracker.state.multiplier_centi == 120
    assert thresholds(finish(tracker, crashed("b", 130, 9_500))) == []
    tracker.update(flying("", 700, 19_000, since_us=18_000))
    tracker.update(betting("", 30_000))
    tracker.update(flying("", 110, 39_000, since_us=38_000))
    finished = finish(tracker, crashed("c", 160, 39_500))
    assert [(one.actual_centi, one.crossed_at_us) for one in finished.crossings] == [(160, 39_500)]


def test_the_round_after_a_gap_says_so(tracker: RoundTracker) -> None:
    gap = tracker.gap(GapNotice(started_at_us=1, reason="silence", position=4, missing=2))
    assert (gap.bookmaker, gap.missing, gap.position) == ("Admiral", 2, 4)
    assert finish(tracker, crashed("1", 120)).flags == Flag.GAP_BEFORE
    assert finish(tracker, crashed("2", 120)).flags == 0


def test_a_position_is_given_where_the_source_has_none(tracker: RoundTracker) -> None:
    finished = tracker.finish(FinishedRound(round_id="1", crash_centi=120, position=0), position=17)
    assert finished.position == 17


def test_oversized_texts_become_a_rejected_input(tracker: RoundTracker) -> None:
    event = FinishedRound(round_id="1", crash_centi=120, position=3, hash="f" * 10_000_000)
    rejected = tracker.finish(event)
    assert isinstance(rejected, Rejected)
    assert rejected.position == 3
    assert len(rejected.raw) == MAX_RAW_CHARACTERS


IMPOSSIBLE = [0, -250, 99, 2**63, 2**70, 10**400, math.nan, math.inf, 1.5, True]


@pytest.mark.parametrize("crash_centi", IMPOSSIBLE)
def test_an_impossible_crash_point_is_rejected_and_never_shown(
    tracker: RoundTracker, crash_centi: int
) -> None:
    tracker.update(flying("1", 130, 10, since_us=5))
    rejected = tracker.finish(FinishedRound(round_id="1", crash_centi=crash_centi, position=3))
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.place) == ("crash point is no multiplier from 1.00 on", "round 1")
    assert repr(crash_centi)[:4_000] in rejected.raw
    assert (tracker.state.multiplier_centi, tracker.state.last_crashes_centi) == (130, deque())


@pytest.mark.parametrize("amount", [-1, 2**64, math.nan])
@pytest.mark.parametrize(
    "field", ["started_at_us", "crashed_at_us", "duration_ms", "players_total", "stake_minor", "payout_minor"]
)
def test_an_impossible_amount_is_rejected_and_never_shown(
    tracker: RoundTracker, field: str, amount: int
) -> None:
    event = msgspec.structs.replace(crashed("1", 200), **{field: amount})
    rejected = tracker.finish(event)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "a time, a count or an amount is impossible"
    assert tracker.state.phase is Phase.WAITING


@pytest.mark.parametrize("changes", [{"round_id": 7}, {"round_id": None}, {"hash": b"ff"}])
def test_a_text_that_is_none_is_rejected(tracker: RoundTracker, changes: dict[str, str]) -> None:
    rejected = tracker.finish(msgspec.structs.replace(crashed("1", 200), **changes))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "a text is none"


@pytest.mark.parametrize("number", [-1, 2**64, math.nan])
@pytest.mark.parametrize(
    "field", ["observed_at_us", "multiplier_centi", "phase_started_at_us", "players", "stake_left_minor"]
)
def test_an_impossible_update_is_dropped(tracker: RoundTracker, field: str, number: int) -> None:
    tracker.update(flying("1", 130, 10, since_us=5))
    before = dataclasses.replace(tracker.state)
    assert tracker.update(msgspec.structs.replace(flying("1", 140, 20), **{field: number})) == ()
    assert tracker.state == before


def test_the_limits_of_a_round_are_those_of_the_database() -> None:
    assert HIGHEST_CENTI == schema.MAX_CRASH_CENTI
    assert MAX_ID_CHARACTERS == schema.MAX_ID_CHARACTERS
    assert MAX_RAW_CHARACTERS == schema.MAX_RAW_CHARACTERS


def test_a_clock_that_is_set_back_leaves_no_sign_of_life_in_the_future() -> None:
    now_us = 9_000
    tracker = RoundTracker("Admiral", Origin.LIVE, DEFAULT_THRESHOLDS_CENTI, now=lambda: now_us)
    tracker.update(flying("1", 130, 9_000))
    now_us = 4_000
    tracker.update(flying("1", 140, 3_990))
    assert tracker.state.observed_at_us == 4_000


def test_the_texts_of_a_rejected_input_are_cut(tracker: RoundTracker) -> None:
    endless = "x" * 99_999
    rejected = tracker.reject(RejectedInput(reason=endless, place=endless, raw=endless, position=1))
    assert len(rejected.raw) == MAX_RAW_CHARACTERS
    assert len(rejected.reason) < 1_000
    assert len(rejected.place) < 1_000
    gap = tracker.gap(GapNotice(started_at_us=1, reason=endless, position=2))
    assert len(gap.reason) < 1_000


@pytest.mark.parametrize("round_id", ["", "n" * 201])
def test_a_round_without_an_id_or_with_an_endless_one_is_rejected(
    tracker: RoundTracker, round_id: str
) -> None:
    rejected = tracker.finish(crashed(round_id, 200))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "round_id has not 1 to 200 characters"
    assert tracker.state.phase is Phase.WAITING


updates = st.builds(
    LiveUpdate,
    phase=st.sampled_from(Phase),
    observed_at_us=st.integers(1, 1_000),
    round_id=st.sampled_from(["", "1", "2"]),
    multiplier_centi=st.integers(-5, 3_000),
    phase_started_at_us=st.integers(0, 1_000),
)
finishes = st.builds(
    FinishedRound,
    round_id=st.sampled_from(["1", "2", "3"]),
    crash_centi=st.integers(100, 3_000),
    position=st.just(1),
    crashed_at_us=st.none() | st.integers(1, 1_000),
)


@given(st.lists(updates | finishes, max_size=40))
def test_whatever_comes_each_round_has_every_threshold_up_to_its_crash(
    events: list[LiveUpdate | FinishedRound],
) -> None:
    tracker = RoundTracker("Admiral", Origin.LIVE, DEFAULT_THRESHOLDS_CENTI, now=lambda: NOW)
    for event in events:
        if isinstance(event, LiveUpdate):
            tracker.update(event)
            continue
        finished = finish(tracker, event)
        crash = event.crash_centi
        assert thresholds(finished) == [one for one in DEFAULT_THRESHOLDS_CENTI if one <= crash]
        assert all(one.threshold_centi <= one.actual_centi <= crash for one in finished.crossings)
        assert tracker.state.phase is Phase.CRASHED
        assert finished.duration_ms is None or finished.duration_ms >= 0
