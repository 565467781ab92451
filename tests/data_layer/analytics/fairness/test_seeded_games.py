"""Games that stand for themselves: what their seeds prove, and what they do not."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.fairness.seeded_games import AVIATOR, DUEL
from data_layer.errors import SourceError

seeds = st.binary(min_size=32, max_size=32).map(bytes.hex)
drands = st.binary(min_size=48, max_size=48).map(bytes.hex)
words = st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"]), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def game(shared_data: Path) -> dict[str, Any]:
    (found,) = json.loads((shared_data / "fairness_vectors.json").read_text())["schemes"]["duel"]["vectors"]
    return dict(found)


def test_duel_s_published_game_is_right_in_every_respect(game: dict[str, Any]) -> None:
    seeds_of_it = f"{game['seed']}:{game['drand']}"
    assert DUEL.crash_centi(game["seed"], game["drand"]) == round(game["result"] * 100)
    assert DUEL.commitment(game["seed"]) == game["commitment"]
    assert DUEL.verdict(game["commitment"], seeds_of_it, 281) is True
    assert DUEL.verdict(game["commitment"], seeds_of_it, 282) is False
    assert DUEL.verdict("0" * 64, seeds_of_it, 281) is False


@settings(max_examples=50)
@given(seeds, drands, st.integers(-3, 3))
def test_a_game_of_duel_is_right_with_its_own_crash_point_only(seed: str, drand: str, off: int) -> None:
    commitment, crash_centi = DUEL.commitment(seed), DUEL.crash_centi(seed, drand)
    assert crash_centi >= 100
    assert DUEL.verdict(commitment.upper(), f"{seed}:{drand}", crash_centi + off) is (off == 0)
    assert DUEL.verdict(commitment, seed, crash_centi + off) is None  # without drand nothing is proven


@pytest.mark.parametrize("text", ["", "xyz", "abc", "0x12"])
def test_seeds_that_are_no_hex_are_refused_and_prove_nothing(text: str) -> None:
    with pytest.raises(SourceError, match="hexadecimal"):
        DUEL.commitment(text)
    with pytest.raises(SourceError, match="drand randomness"):
        DUEL.crash_centi("ab" * 32, text)
    assert DUEL.verdict("0" * 64, text, 200) is None


@settings(max_examples=50)
@given(words, st.lists(words, min_size=3, max_size=5), st.integers(100, 10_000))
def test_a_multiplier_of_aviator_is_never_fine(server: str, clients: list[str], crash_centi: int) -> None:
    hash_ = AVIATOR.commitment(server, clients)
    text = ":".join([server, *clients])
    assert AVIATOR.verdict(hash_, text, crash_centi) is None
    assert AVIATOR.verdict("0" * 128, text, crash_centi) is False
    assert AVIATOR.verdict(hash_, ":".join([server, *clients[:2]]), crash_centi) is None


def test_aviator_needs_three_client_seeds() -> None:
    with pytest.raises(SourceError, match="3 client seeds; 2 were given"):
        AVIATOR.commitment("s", ["a", "b"])


@pytest.mark.parametrize(
    "hash_", ["n/a", "", "0" * 63, "g" * 64, "0" * 127, "\N{ARABIC-INDIC DIGIT ONE}" * 64]
)
def test_text_that_is_no_hash_proves_nothing(hash_: str) -> None:
    assert DUEL.verdict(hash_, "ab:cd", 200) is None
    assert AVIATOR.verdict(hash_, "s:a:b:c", 200) is None
    assert DUEL.recomputed_centi(hash_, "ab:cd") is None


def test_a_hash_of_other_seeds_is_wrong() -> None:
    assert DUEL.verdict("0" * 64, "ab:cd", 200) is False
    assert AVIATOR.verdict("0" * 128, "s:a:b:c", 200) is False
