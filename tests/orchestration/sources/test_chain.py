"""True history from a published hash: complete, in order, from any position."""

import csv
import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest

from config.specs import ChainSpec
from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.errors import SourceError
from data_layer.messages import Origin
from orchestration.sources.flight import flight_us
from tests.orchestration.sources.played import START_US, Played, ends, finished, source_of

HASH = "df5d54b8ca42cb40ea80e8ba74b3281f7b9d49bc27fecbe104847de1e91e4929"
GAME = 13_303_000


def a_chain(rounds: int, *, speed: float = 0, newest_game: int = GAME) -> ChainSpec:
    return ChainSpec(hash=HASH, newest_game=newest_game, rounds=rounds, speed=speed)


def test_games_come_oldest_first_and_end_with_the_published_one() -> None:
    played = Played(a_chain(2_500))
    events = played.events()
    rounds = finished(events)
    assert ends(events)
    assert [told.round_id for told in rounds] == [str(game) for game in range(GAME - 2_499, GAME + 1)]
    assert [told.position for told in rounds] == list(range(1, 2_501))
    assert (rounds[-1].hash, rounds[-1].crash_centi) == (HASH, 3_865)
    step = SCHEMES["bustabit"].previous
    for before, after in pairwise(rounds):
        assert after.hash is not None
        assert before.hash == step(after.hash)
    assert all(told.verified for told in rounds)
    assert played.source.origin is Origin.CHAIN
    assert played.source.total == 2_500


@pytest.mark.parametrize("rounds", [1, 999, 1_000, 1_001, 2_000])
@pytest.mark.parametrize("after", [0, 1, 998, 1_000, 1_500])
def test_a_chain_resumes_at_any_position(rounds: int, after: int) -> None:
    whole = [told.hash for told in finished(Played(a_chain(rounds)).events())]
    events = Played(a_chain(rounds)).events(after)
    assert ends(events)
    assert [told.hash for told in finished(events)] == whole[after:]


def test_the_recorded_bustabit_history_is_regenerated_from_its_hash(shared_data: Path) -> None:
    schemes = json.loads((shared_data / "fairness_vectors.json").read_text())["schemes"]
    (known,) = schemes["bustabit-v2"]["vectors"]
    with (shared_data / "bustabit_2537203-2553000.csv").open(newline="") as file:
        recorded = [(row[0], round(float(row[1]) * 100)) for row in csv.reader(file)]
    hash_ = known["hash"]
    sha256 = hashlib.sha256  # by the published rule: no code of ours leads there
    for _ in range(known["game"] - int(recorded[0][0])):
        hash_ = sha256(hash_.encode()).hexdigest()
    spec = ChainSpec(scheme="bustabit-v2", hash=hash_, newest_game=2_553_000, rounds=15_798, speed=0)
    rounds = finished(Played(spec).events())
    assert [(told.round_id, told.crash_centi) for told in rounds] == recorded[::-1]


def test_at_speed_0_rounds_lie_end_to_end_and_end_now() -> None:
    rounds = finished(Played(a_chain(1_200)).events())
    last = rounds[-1].crashed_at_us
    assert last is not None
    assert START_US <= last < START_US + 1_000
    for before, after in pairwise(rounds):
        assert before.crashed_at_us is not None
        assert after.started_at_us == before.crashed_at_us + 8_000_000
        assert after.crashed_at_us == after.started_at_us + flight_us(after.crash_centi)


def test_at_a_speed_they_are_played() -> None:
    played = Played(a_chain(20, speed=2))
    events = played.events()
    assert ends(events)
    listed = finished(Played(a_chain(20)).events())
    assert [told.hash for told in finished(events)] == [told.hash for told in listed]
    expected = sum(8_000_000 + flight_us(told.crash_centi) for told in listed) / 2
    assert abs(played.time.elapsed_us - expected) < 3_000_000


def test_games_without_a_known_number_are_counted_from_1() -> None:
    rounds = finished(Played(a_chain(3, newest_game=0)).events())
    assert [told.round_id for told in rounds] == ["1", "2", "3"]


def test_another_chain_is_another_stream() -> None:
    specs = (a_chain(3), a_chain(4), a_chain(3, newest_game=0), ChainSpec(hash=HASH, rounds=3, salt="x"))
    assert len({source_of(spec).stream for spec in specs}) == 4
    assert source_of(a_chain(3)).stream == source_of(a_chain(3, speed=1)).stream


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (ChainSpec(hash="xyz"), "64 hexadecimal digits"),
        (ChainSpec(hash=HASH, rounds=0), "at least 1"),
        (ChainSpec(hash=HASH, rounds=11, newest_game=10), "not so many"),
        (ChainSpec(hash=HASH, scheme="ethercrash"), "no published salt"),
    ],
)
def test_a_chain_that_cannot_be_is_refused_in_one_line(spec: ChainSpec, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        Played(spec)
