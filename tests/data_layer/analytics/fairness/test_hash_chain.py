"""Chains are walked as the sites walk them, and no further than asked."""

import hashlib
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.fairness.hash_chain import HashChain, HexChain, RawChain
from data_layer.analytics.fairness.schemes import SCHEMES

CHAINS = {"raw": RawChain(), "hex": HexChain()}
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
chains = st.sampled_from(list(CHAINS.values()))


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("raw", lambda hash_: hashlib.sha256(bytes.fromhex(hash_)).hexdigest()),
        ("hex", lambda hash_: hashlib.sha256(hash_.encode()).hexdigest()),
    ],
)
def test_a_step_is_the_published_one(name: str, step: object) -> None:
    assert callable(step)
    hash_ = "a1" * 32
    for _ in range(5):
        assert CHAINS[name].previous(hash_) == step(hash_)
        hash_ = step(hash_)


@settings(max_examples=50)
@given(chains, hashes, st.integers(1, 200), st.data())
def test_blocks_ways_back_and_distances_agree(
    chain: HashChain, newest: str, games: int, data: st.DataObject
) -> None:
    block = chain.block(newest, games)
    assert len(block) == games
    assert block[-1] == newest
    assert all(chain.previous(later) == earlier for earlier, later in itertools.pairwise(block))
    index = data.draw(st.integers(0, games - 1))
    steps = games - 1 - index
    assert chain.back(newest, steps) == block[index]
    assert chain.distance(newest, block[index], at_most=steps) == steps
    if steps:
        assert chain.distance(newest, block[index], at_most=steps - 1) is None
        assert chain.distance(block[index], newest, at_most=games) is None


def test_stake_s_chain_reaches_its_published_end_after_the_published_number_of_steps(
    shared_data: Path,
) -> None:
    words = json.loads((shared_data / "fairness_vectors.json").read_text())["schemes"]["stake"][
        "note"
    ].split()
    # "from START the chain reaches its published end END after STEPS steps"
    start, end, steps = words[1], words[8], int(words[10])
    assert (len(start), len(end)) == (64, 64)
    told: list[int] = []
    assert SCHEMES["stake"].chain.distance(start, end, at_most=steps, on_progress=told.append) == steps
    assert told == sorted(told)
    assert len(told) == steps // 100_000
    assert told[-1] <= steps
