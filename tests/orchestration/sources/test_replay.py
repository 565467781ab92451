"""Recordings told again: complete, in order, with the times that were asked for, from any position."""

from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest

from config.specs import ReplaySpec
from data_layer.errors import SourceError
from data_layer.messages import Origin, Phase, Round
from orchestration.round_tracker import RoundTracker
from orchestration.sources.base import FinishedRound, LiveUpdate
from orchestration.sources.flight import flight_us
from tests.orchestration.sources.played import START_US, Played, ends, finished, rejected, source_of, updates

RECORDED_US = 1_756_676_871_000_000  # 2025-08-31 21:47:51 UTC
GAPS_S = (20, 13, 39, 3_600, 21)


@pytest.fixture
def timed(tmp_path: Path) -> Path:
    """Six rounds with times, a faulty row between them."""
    path = tmp_path / "timed.csv"
    lines = ["id,crash,crashed_at_us", f"1,1.50,{RECORDED_US}"]
    moment = RECORDED_US
    for number, gap in enumerate(GAPS_S, 2):
        moment += gap * 1_000_000
        if number == 4:
            lines.append(f"x,oops,{moment}")
        lines.append(f"{number},{1 + number / 10:.2f},{moment}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def untimed(tmp_path: Path) -> Path:
    """Three thousand rounds without times, newest first."""
    path = tmp_path / "untimed.csv"
    path.write_text("".join(f"{number},{1 + number % 300 / 100:.2f}\n" for number in range(3_000, 0, -1)))
    return path


def crashes(rounds: list[FinishedRound]) -> list[int]:
    return [told.crashed_at_us for told in rounds if told.crashed_at_us is not None]


@pytest.mark.parametrize(
    ("name", "rounds", "faults"),
    [
        ("bustabit_2537203-2553000.csv", 15_798, 0),
        ("onexbet_2025-08-31.json", 4_264, 0),
        ("jetx_unclean.db", 10_456, 2),
    ],
)
def test_a_recorded_file_is_told_whole_and_resumes_anywhere(
    shared_data: Path, name: str, rounds: int, faults: int
) -> None:
    spec = ReplaySpec(path=shared_data / name, speed=0)
    events = Played(spec).events()
    assert ends(events)
    assert (len(finished(events)), len(rejected(events))) == (rounds, faults)
    positions = [
        *(told.position for told in finished(events)),
        *(fault.position for fault in rejected(events)),
    ]
    assert sorted(positions) == list(range(1, rounds + faults + 1))
    later = Played(spec).events(after=4_000)
    assert [told.round_id for told in finished(later)] == [
        told.round_id for told in finished(events) if told.position > 4_000
    ]


def test_what_it_says_of_itself(timed: Path, untimed: Path) -> None:
    source = source_of(ReplaySpec(path=timed, speed=0))
    assert (source.origin, source.rereadable, source.finite) == (Origin.REPLAY, True, True)
    assert source.stream.startswith("replay:timed.csv:")
    assert source.stream == source_of(ReplaySpec(path=timed)).stream
    assert "recorded times are kept" in source.describe()[-1]
    assert "crash_point = crash" in source.describe()[1]
    assert "made up" in source_of(ReplaySpec(path=untimed)).describe()[-1]
    assert "without times" in source_of(ReplaySpec(path=untimed, start="recorded")).describe()[-1]


def test_recorded_times_are_kept_at_speed_0(timed: Path) -> None:
    choices: tuple[Literal["recorded"] | None, ...] = (None, "recorded")
    for start in choices:
        rounds = finished(Played(ReplaySpec(path=timed, speed=0, start=start)).events())
        assert crashes(rounds)[0] == RECORDED_US
        assert [b - a for a, b in pairwise(crashes(rounds))] == [gap * 1_000_000 for gap in GAPS_S]
        assert rounds[0].started_at_us is None


def test_shifted_to_the_present_at_speed_0_the_last_round_ends_now(timed: Path) -> None:
    rounds = finished(Played(ReplaySpec(path=timed, speed=0, start="now")).events())
    assert crashes(rounds)[-1] == START_US
    assert [b - a for a, b in pairwise(crashes(rounds))] == [gap * 1_000_000 for gap in GAPS_S]


def test_a_recording_without_times_gets_the_usual_rhythm_and_ends_now(untimed: Path) -> None:
    rounds = finished(Played(ReplaySpec(path=untimed, speed=0)).events())
    assert len(rounds) == 3_000
    assert START_US <= crashes(rounds)[-1] < START_US + 1_000
    for before, after in pairwise(rounds):
        assert before.crashed_at_us is not None
        assert after.started_at_us == before.crashed_at_us + 8_000_000
        assert after.crashed_at_us == after.started_at_us + flight_us(after.crash_centi)


def test_a_recording_without_times_stays_without_when_asked_to(untimed: Path) -> None:
    for speed in (0, 1_000.0):
        rounds = finished(Played(ReplaySpec(path=untimed, speed=speed, start="recorded")).events(rounds=50))
        assert {(told.started_at_us, told.crashed_at_us, told.duration_ms) for told in rounds} == {
            (None,) * 3
        }


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_at_a_speed_the_gaps_between_rounds_are_kept_and_scaled(timed: Path, speed: float) -> None:
    played = Played(ReplaySpec(path=timed, speed=speed, start="now"))
    events = played.events()
    assert ends(events)
    rounds = finished(events)
    for (before, after), gap in zip(pairwise(crashes(rounds)), GAPS_S, strict=True):
        assert abs(after - before - gap * 1_000_000 / speed) <= 3
    assert START_US < crashes(rounds)[0] < START_US + 30_000_000
    (fault,) = rejected(events)
    assert fault.place == "line 5"
    assert fault.position == 4
    for told in rounds:
        phases = [update.phase for update in updates(events) if update.round_id == told.round_id]
        assert phases[0] in (Phase.BETTING, Phase.FLYING)
        assert phases[-1] is Phase.FLYING


def test_rounds_that_crash_at_the_same_moment_are_played_at_once(tmp_path: Path) -> None:
    path = tmp_path / "same.csv"
    path.write_text("id,crash,crashed_at_us\n" + "".join(f"{n},1.50,{RECORDED_US}\n" for n in range(1, 6)))
    rounds = finished(Played(ReplaySpec(path=path, start="now")).events())
    assert len(rounds) == 5
    assert crashes(rounds)[0] == crashes(rounds)[-1]


def test_played_with_recorded_times_a_round_keeps_those_and_only_those(timed: Path) -> None:
    played = Played(ReplaySpec(path=timed, speed=1.0))
    tracker = RoundTracker("Site", Origin.REPLAY, (150,), played.time.now_us)
    recorded = []
    for event in played.events():
        if isinstance(event, LiveUpdate):
            tracker.update(event)
        elif isinstance(event, FinishedRound):
            recorded.append(tracker.finish(event))
    first, last = recorded[0], recorded[-1]
    assert isinstance(first, Round)
    assert isinstance(last, Round)
    assert first.crashed_at_us == RECORDED_US
    assert (first.started_at_us, first.duration_ms) == (None, None)
    assert last.crashed_at_us == RECORDED_US + sum(GAPS_S) * 1_000_000
    assert [crossing.crossed_at_us for crossing in last.crossings] == [last.crashed_at_us]


def test_the_event_loop_gets_air_at_speed_0(untimed: Path) -> None:
    played = Played(ReplaySpec(path=untimed, speed=0))
    played.events()
    assert played.time.turns >= 10


def test_a_pause_holds_a_replay_at_speed_0(untimed: Path) -> None:
    played = Played(ReplaySpec(path=untimed, speed=0))

    def pause_once(event: object) -> None:
        if isinstance(event, FinishedRound) and event.position == 1_000:
            played.pacer.pause()

    assert len(finished(played.events(on_event=pause_once))) == 3_000
    assert played.time.elapsed_us >= 3_600_000_000


def test_money_and_currency_come_along(shared_data: Path) -> None:
    spec = ReplaySpec(path=shared_data / "bustabit_2537203-2553000.csv", speed=0)
    first = finished(Played(spec).events(rounds=1))[0]
    assert (first.stake_minor, first.payout_minor, first.currency) == (4_637_700, 9_534_700, "BITS")


def test_a_file_that_cannot_be_replayed_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        Played(ReplaySpec(path=tmp_path / "absent.csv"))
    with pytest.raises(SourceError, match="a directory"):
        Played(ReplaySpec(path=tmp_path))
