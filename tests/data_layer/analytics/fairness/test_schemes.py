"""The published formulas, held to every vector that the sites published."""

import hmac
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from data_layer.analytics.fairness import recomputation
from data_layer.analytics.fairness import schemes as fairness
from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.analytics.fairness.seeded_games import AVIATOR, DUEL
from data_layer.errors import SourceError

SOME_HASH = "4488d92d89d0ed7fbb2ea23b219d569f63207e32fc44b957858838835c1719f1"


@pytest.fixture(scope="module")
def published(shared_data: Path) -> Mapping[str, Any]:
    schemes: Mapping[str, Any] = json.loads((shared_data / "fairness_vectors.json").read_text())["schemes"]
    return schemes


def centi(result: float) -> int:
    return round(result * 100)


def test_the_salts_are_the_published_ones(published: Mapping[str, Any]) -> None:
    for name, scheme in SCHEMES.items():
        assert scheme.salt == published[name].get("salt")


@pytest.mark.parametrize("name", ["bustabit", "bustabit-v2", "bc.game"])
def test_each_published_game_has_its_published_crash_point(published: Mapping[str, Any], name: str) -> None:
    games = [vector for vector in published[name]["vectors"] if "result" in vector]
    assert games
    for game in games:
        assert SCHEMES[name].crash_centi(game["hash"]) == centi(game["result"])


def test_ten_bustabit_games_backwards_have_their_published_crash_points(published: Mapping[str, Any]) -> None:
    (run,) = [vector for vector in published["bustabit"]["vectors"] if "results" in vector]
    scheme = SCHEMES["bustabit"]
    hashes = scheme.chain.block(run["hash"], len(run["results"]))
    assert [scheme.crash_centi(hash_) for hash_ in reversed(hashes)] == list(map(centi, run["results"]))


def test_stake_gives_the_published_multiplier_to_the_last_digit(published: Mapping[str, Any]) -> None:
    (game,) = published["stake"]["vectors"]
    stake = SCHEMES["stake"]
    assert isinstance(stake, fairness.StakeScheme)
    assert stake.result(game["hash"]) == game["result"]
    assert stake.crash_centi(game["hash"]) == 128


def test_duel_s_game_and_commitment_are_the_published_ones(published: Mapping[str, Any]) -> None:
    (game,) = published["duel"]["vectors"]
    assert DUEL.crash_centi(game["seed"], game["drand"]) == centi(game["result"])
    assert DUEL.commitment(game["seed"]) == game["commitment"]


@pytest.mark.parametrize(
    ("name", "survival"),
    [
        ("bustabit", lambda m: 0.99 / m),
        ("bustabit-v2", lambda m: 0.99 / m),
        ("bc.game", lambda m: 0.99 / m),
        ("ethercrash", lambda m: (100 / 101) * 99 / (100 * m - 1)),
    ],
)
def test_crash_points_are_spread_as_published(name: str, survival: Any) -> None:
    scheme = SCHEMES[name]
    crash_centi = scheme.calculator("0xd8b8a187")
    points = [crash_centi(hash_) for hash_ in scheme.chain.block(SOME_HASH, 20_000)]
    assert min(points) == 100
    for multiplier in (1.5, 2, 5, 10):
        share = sum(point >= multiplier * 100 for point in points) / len(points)
        expected = survival(multiplier)
        # Five standard deviations; the hashes are fixed, so this never fails by chance.
        assert abs(share - expected) < 5 * (expected * (1 - expected) / len(points)) ** 0.5


@pytest.mark.parametrize("length", [1, 63, 64, 65, 200])
def test_a_salt_of_any_length_gives_what_plain_hmac_gives(length: int) -> None:
    salt = "s" * length
    digest = hmac.digest(salt.encode(), bytes.fromhex(SOME_HASH), "sha256")
    share = int(digest.hex()[:13], 16) / 2**52
    assert SCHEMES["bustabit"].crash_centi(SOME_HASH, salt) == max(100, math.floor(99 / (1 - share)))


def test_verify_tells_equal_from_different_and_from_unverifiable() -> None:
    assert recomputation.verify("bustabit", SOME_HASH.upper(), 146) is True
    assert recomputation.verify("bustabit", SOME_HASH, 147) is False
    assert recomputation.verify("aviator", SOME_HASH, 146) is None
    assert "not public" in AVIATOR.unverifiable


def test_aviator_s_hash_covers_the_server_seed_and_three_client_seeds() -> None:
    hash_ = AVIATOR.commitment("server", ["a", "b", "c"])
    assert len(hash_) == 128
    assert AVIATOR.commitment("server", ["a", "b", "c", "d"]) == hash_
    assert AVIATOR.commitment("server", ["a", "b", "d"]) != hash_


@pytest.mark.parametrize("text", ["", "12", SOME_HASH[:-1], SOME_HASH + "0", SOME_HASH[:-1] + "g"])
def test_a_hash_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="64 hexadecimal digits"):
        fairness.clean_hash(text)


def test_a_scheme_without_a_published_salt_asks_for_one() -> None:
    with pytest.raises(SourceError, match="no published salt"):
        SCHEMES["ethercrash"].crash_centi(SOME_HASH)


def test_an_unknown_scheme_is_refused_with_those_there_are() -> None:
    with pytest.raises(SourceError, match="bustabit-v2"):
        fairness.scheme_named("bustabyte")
