"""Rounds as they are played: every phase at its moment, at any speed, through pauses and delays."""

import math
from itertools import pairwise

import pytest

from config.specs import SimulatorSpec
from data_layer.messages import Phase
from orchestration.sources.base import FinishedRound, LiveUpdate, Pacer, SourceEvent
from orchestration.sources.flight import RoundPlayer, flight_us
from tests.orchestration.sources.played import PAUSE_US, START_US, Played, finished, updates


def by_round(events: list[SourceEvent]) -> dict[str, list[LiveUpdate]]:
    rounds: dict[str, list[LiveUpdate]] = {}
    for update in updates(events):
        rounds.setdefault(update.round_id, []).append(update)
    return rounds


def test_the_curve_reaches_2x_after_eleven_and_a_half_seconds() -> None:
    assert flight_us(100) == 0
    assert flight_us(200) == int(math.log(2) / 0.00006 * 1000)


@pytest.mark.parametrize("speed", [1.0, 10.0, 0.5])
def test_a_round_has_its_betting_window_its_flight_and_its_crash(speed: float) -> None:
    events = Played(SimulatorSpec(speed=speed)).events(rounds=30)
    for told in finished(events)[1:]:
        seen = by_round(events)[told.round_id]
        betting = [update for update in seen if update.phase is Phase.BETTING]
        flying = [update for update in seen if update.phase is Phase.FLYING]
        assert seen == betting + flying
        assert betting
        assert told.started_at_us is not None
        assert told.crashed_at_us is not None
        for update in betting:
            assert update.phase_ends_at_us == told.started_at_us
            assert update.phase_ends_at_us - update.phase_started_at_us == 5_000_000 / speed
        assert told.crashed_at_us - told.started_at_us == int(flight_us(told.crash_centi) / speed)
        assert told.duration_ms == (told.crashed_at_us - told.started_at_us) // 1000
        for update in flying:
            assert update.phase_started_at_us == told.started_at_us
            assert told.started_at_us <= update.observed_at_us < told.crashed_at_us
            exact = 100 * math.exp(0.00006 * (update.observed_at_us - told.started_at_us) / 1000 * speed)
            assert update.multiplier_centi <= told.crash_centi
            assert abs(update.multiplier_centi - exact) <= 1


def test_live_updates_come_ten_times_a_second_in_flight_and_hardly_ever_else() -> None:
    events = Played(SimulatorSpec()).events(rounds=30)
    for told in finished(events)[1:]:
        seen = by_round(events)[told.round_id]
        flying = [update for update in seen if update.phase is Phase.FLYING]
        assert len(seen) - len(flying) == 2
        assert len(flying) == math.ceil(flight_us(told.crash_centi) / 100_000)


def test_rounds_follow_each_other_after_three_seconds_without_drift() -> None:
    played = Played(SimulatorSpec())
    played.time.late_us = 700  # each sleep ends a little late, as real ones do
    rounds = finished(played.events(rounds=30))
    for before, after in pairwise(rounds):
        assert before.crashed_at_us is not None
        assert after.started_at_us is not None
        assert after.started_at_us - before.crashed_at_us == 8_000_000


def test_nothing_is_told_before_it_happens() -> None:
    played = Played(SimulatorSpec(speed=3.0))
    played.time.late_us = 250

    def check(event: SourceEvent) -> None:
        if isinstance(event, FinishedRound):
            assert event.crashed_at_us is not None
            assert START_US <= event.crashed_at_us <= played.time.now_us()
        if isinstance(event, LiveUpdate):
            assert event.observed_at_us == played.time.now_us()
            assert event.phase_started_at_us <= event.observed_at_us

    played.events(rounds=30, on_event=check)


def test_a_machine_that_slept_goes_on_from_now() -> None:
    played = Played(SimulatorSpec())

    def sleep_after_the_second(event: SourceEvent) -> None:
        if isinstance(event, FinishedRound) and event.position == 2:
            played.time.elapsed_us += 3_600_000_000

    _, second, third = finished(played.events(rounds=3, on_event=sleep_after_the_second))
    assert second.crashed_at_us is not None
    assert third.started_at_us is not None
    assert third.started_at_us - second.crashed_at_us == 3_600_000_000 + 5_000_000


@pytest.mark.parametrize("phase", [Phase.BETTING, Phase.FLYING])
def test_a_round_that_was_paused_is_played_anew_after_it(phase: Phase) -> None:
    undisturbed = finished(Played(SimulatorSpec()).events(rounds=6))
    played = Played(SimulatorSpec())
    paused_at: list[LiveUpdate] = []

    def pause_once(event: SourceEvent) -> None:
        if isinstance(event, LiveUpdate) and event.phase is phase and not paused_at:
            if event.phase is Phase.FLYING and event.multiplier_centi < 110:
                return
            paused_at.append(event)
            played.pacer.pause()

    events = played.events(rounds=6, on_event=pause_once)
    rounds = finished(events)
    assert [told.round_id for told in rounds] == [told.round_id for told in undisturbed]
    assert [told.payout_minor for told in rounds] == [told.payout_minor for told in undisturbed]
    (disturbed,) = [told for told in rounds if told.round_id == paused_at[0].round_id]
    assert disturbed.started_at_us is not None
    assert disturbed.crashed_at_us is not None
    assert disturbed.started_at_us > paused_at[0].observed_at_us + PAUSE_US
    assert disturbed.crashed_at_us - disturbed.started_at_us == flight_us(disturbed.crash_centi)


def test_a_player_needs_a_speed() -> None:
    with pytest.raises(ValueError, match="speed above 0"):
        RoundPlayer(Pacer(0), lambda: 0)
