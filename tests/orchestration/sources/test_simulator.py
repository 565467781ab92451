"""The simulated bookmaker: the same rounds whenever and however it is played, and fair ones."""

import functools
import statistics
import time
from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import cast, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.specs import SchemeName, SimulatorSpec
from data_layer.analytics.fairness import recomputation
from data_layer.analytics.fairness import schemes as fairness
from data_layer.errors import SourceError
from data_layer.messages import Origin
from orchestration.sources.base import FinishedRound, Pacer
from orchestration.sources.crowd import Crowd
from orchestration.sources.simulator import EPOCH_GAMES, Simulator
from tests.orchestration.sources.played import START_US, Played, ends, finished, source_of, updates


def essence(rounds: list[FinishedRound]) -> list[tuple[object, ...]]:
    """Return what a seed decides: everything but the times."""
    return [
        msgspec.structs.astuple(
            msgspec.structs.replace(round_, started_at_us=None, crashed_at_us=None, duration_ms=None)
        )
        for round_ in rounds
    ]


def rounds_of(spec: SimulatorSpec, after: int = 0, count: int | None = None) -> list[FinishedRound]:
    return finished(Played(spec).events(after, rounds=count))


def test_every_scheme_of_the_configuration_can_be_simulated() -> None:
    assert set(get_args(SchemeName)) == set(fairness.SCHEMES)


@pytest.mark.parametrize("scheme", get_args(SchemeName))
def test_every_crash_point_follows_from_its_hash_by_the_scheme(scheme: SchemeName) -> None:
    for told in rounds_of(SimulatorSpec(scheme=scheme, speed=0), count=50):
        salt = None if fairness.SCHEMES[scheme].salt else fairness.OWN_SALT
        assert told.hash is not None
        assert told.verified is True
        assert recomputation.verify(scheme, told.hash, told.crash_centi, salt) is True


def test_the_chain_leads_from_each_round_back_to_the_epoch_s_commitment() -> None:
    spec = SimulatorSpec(scheme="bustabit-v2", speed=0)
    played = Played(spec)
    assert isinstance(played.source, Simulator)
    scheme = fairness.SCHEMES["bustabit-v2"]
    first_epoch, second_epoch = played.source.commitment(1), played.source.commitment(EPOCH_GAMES + 1)
    assert first_epoch != second_epoch
    rounds = finished(played.events(rounds=EPOCH_GAMES + 3))
    for number in (1, 2, 1_000, EPOCH_GAMES):
        hash_ = rounds[number - 1].hash
        assert hash_ is not None
        assert scheme.chain.distance(hash_, first_epoch, EPOCH_GAMES) == number
    hash_ = rounds[EPOCH_GAMES + 2].hash
    assert hash_ is not None
    assert scheme.chain.distance(hash_, second_epoch, EPOCH_GAMES) == 3


def test_the_same_seed_tells_the_same_rounds_at_any_speed() -> None:
    runs = [
        essence(rounds_of(SimulatorSpec(speed=speed, rounds=length), count=40))
        for speed, length in ((0, None), (0, 40), (1.0, None), (60.0, 100))
    ]
    assert all(run == runs[0] for run in runs)
    assert len(runs[0]) == 40


def test_another_seed_or_scheme_tells_other_rounds_under_other_ids() -> None:
    specs = (SimulatorSpec(seed="a"), SimulatorSpec(seed="b"), SimulatorSpec(seed="a", scheme="stake"))
    runs = [rounds_of(replace(spec, speed=0), count=20) for spec in specs]
    assert len({told.round_id for run in runs for told in run}) == 60
    assert len({tuple(told.crash_centi for told in run) for run in runs}) == 3
    assert len({source_of(spec).stream for spec in specs}) == 3


@functools.cache
def a_whole_run() -> list[tuple[object, ...]]:
    """Return a run that goes on into a second epoch."""
    return essence(rounds_of(SimulatorSpec(speed=0, rounds=2_100)))


@settings(max_examples=20)
@given(st.lists(st.integers(1, 900), max_size=3))
def test_a_run_interrupted_anywhere_goes_on_with_the_next_round(stops: list[int]) -> None:
    pieces: list[tuple[object, ...]] = []
    for stop in stops:
        pieces += essence(rounds_of(SimulatorSpec(speed=0, rounds=2_100), after=len(pieces), count=stop))
        if len(pieces) >= 2_100:
            return
    pieces += essence(rounds_of(SimulatorSpec(speed=0, rounds=2_100), after=len(pieces)))
    assert pieces == a_whole_run()


def test_positions_are_the_numbers_of_the_rounds() -> None:
    rounds = rounds_of(SimulatorSpec(speed=0), after=2_345, count=700)
    assert [told.position for told in rounds] == list(range(2_346, 3_046))
    assert [told.round_id.split("-")[1] for told in rounds] == list(map(str, range(2_346, 3_046)))


def test_a_finite_run_ends_and_says_so() -> None:
    played = Played(SimulatorSpec(speed=0, rounds=5))
    assert (played.source.finite, played.source.total) == (True, 5)
    events = played.events()
    assert ends(events)
    assert len(finished(events)) == 5
    assert len(Played(SimulatorSpec(speed=0, rounds=5)).events(after=5)) == 1
    assert len(Played(SimulatorSpec(speed=1, rounds=5)).events(after=9)) == 1


def test_what_it_says_of_itself() -> None:
    live, fast = source_of(SimulatorSpec()), source_of(SimulatorSpec(speed=0))
    assert live.origin is fast.origin is Origin.SIMULATOR
    assert (live.rereadable, fast.rereadable) == (False, True)
    assert live.stream == fast.stream
    assert not live.finite
    assert "bustabit" in live.describe()[0]


def test_a_finite_run_at_speed_0_is_laid_end_to_end_and_ends_now() -> None:
    rounds = rounds_of(SimulatorSpec(speed=0, rounds=4_500))
    assert rounds[-1].crashed_at_us == START_US
    for before, after in pairwise(rounds):
        assert before.crashed_at_us is not None
        assert after.started_at_us is not None
        assert 6_000_000 < after.started_at_us - before.crashed_at_us < 10_000_000
    flights = [told.duration_ms for told in rounds if told.duration_ms is not None]
    assert 15_500 < statistics.mean(flights) < 17_500


def test_an_unending_run_at_speed_0_never_reaches_into_the_future() -> None:
    played = Played(SimulatorSpec(speed=0))
    crashed = [told.crashed_at_us for told in finished(played.events(rounds=1_000))]
    assert all(moment is not None and moment <= START_US + 1_000 for moment in crashed)
    assert len(set(crashed)) == 1_000


def test_the_event_loop_gets_air_at_speed_0() -> None:
    played = Played(SimulatorSpec(speed=0, rounds=2_000))
    played.events()
    assert played.time.turns >= 10


def test_money_adds_up_and_nobody_cashes_out_above_the_crash_point() -> None:
    for told in rounds_of(SimulatorSpec(speed=0, rounds=2_000)):
        assert told.players_total is not None
        assert told.players_cashed_out is not None
        assert told.stake_minor is not None
        assert told.payout_minor is not None
        assert 0 <= told.players_cashed_out <= told.players_total
        assert told.payout_minor <= told.stake_minor * told.crash_centi // 100
        assert (told.payout_minor == 0) == (told.players_cashed_out == 0)
        if told.crash_centi == 100:
            assert told.players_cashed_out == 0
        assert told.currency == "EUR"


def test_the_payout_is_the_sum_of_what_each_player_leaves_with() -> None:
    # Players leave at certain multipliers. Following the stake left from one to the next tells each stake.
    crowd = Crowd(b"any")
    for number in range(1, 60):
        stretch = crowd.stretch(number, number * 0x9E3779B97F4A7C15 % 2**64)
        players, stake = stretch.players, stretch.stake_minor
        paid = gone = 0
        for multiplier in range(101, 2_001):
            players_now, stake_now = crowd.left(stretch, multiplier)
            assert players_now <= players
            paid += (stake - stake_now) * multiplier // 100
            gone += players - players_now
            players, stake = players_now, stake_now
            if multiplier in (101, 150, 200, 777, 2_000):
                assert crowd.settle(stretch, multiplier) == (gone, paid)


def test_most_players_leave_early_and_the_house_keeps_its_edge() -> None:
    rounds = rounds_of(SimulatorSpec(speed=0, rounds=20_000))
    stake = sum(told.stake_minor or 0 for told in rounds)
    payout = sum(told.payout_minor or 0 for told in rounds)
    assert 0.8 < payout / stake < 1.0
    busy = [told.players_total or 0 for told in rounds]
    assert min(busy) > 10
    assert max(busy) > 2 * min(busy)


def test_bookmakers_have_crowds_of_different_sizes() -> None:
    sizes = [
        statistics.mean(
            told.players_total or 0 for told in rounds_of(SimulatorSpec(seed=s, speed=0), count=100)
        )
        for s in ("Admiral", "Mozzart", "BalkanBet", "Soccer")
    ]
    assert len(set(map(round, sizes))) == 4


def test_crash_points_are_spread_as_the_scheme_says() -> None:
    points = sorted(told.crash_centi for told in rounds_of(SimulatorSpec(speed=0, rounds=20_000)))
    for multiplier in (1.5, 2, 5, 10):
        share = 1 - bisect_right(points, multiplier * 100 - 1) / len(points)
        expected = 0.99 / multiplier
        assert abs(share - expected) < 5 * (expected * (1 - expected) / len(points)) ** 0.5


def test_players_and_stake_in_flight_fall_to_what_the_round_ends_with() -> None:
    events = Played(SimulatorSpec(seed="x")).events(rounds=20)
    for told in finished(events):
        flight = [update for update in updates(events) if update.round_id == told.round_id]
        left = [update.players_left for update in flight if update.players_left is not None]
        assert left == sorted(left, reverse=True)
        assert left[0] == told.players_total
        assert left[-1] >= (told.players_total or 0) - (told.players_cashed_out or 0)


def test_a_wrong_scheme_or_length_is_refused_in_one_line() -> None:
    with pytest.raises(SourceError, match="no scheme 'aviator'"):
        Played(SimulatorSpec(scheme=cast(SchemeName, "aviator")))
    with pytest.raises(SourceError, match="-1 rounds"):
        Played(SimulatorSpec(rounds=-1))


def test_making_one_needs_no_chain_yet() -> None:
    # Fifty workers start at once: the first epoch is made when the first round is asked for.
    before = time.process_time()
    source = Simulator(SimulatorSpec(), Pacer(), lambda: 0)
    del source
    assert time.process_time() - before < 5  # only a hang fails this
