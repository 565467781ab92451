"""Verdicts: yes for the crash point that a hash gives, no for any other, unknown where nothing is proven."""

import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.specs import FairnessScheme
from data_layer.analytics.fairness.recomputation import judge_of, verify
from data_layer.analytics.fairness.schemes import NAMES, SCHEMES
from data_layer.errors import SourceError

hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)


@settings(max_examples=100)
@given(st.sampled_from(list(SCHEMES)), hashes, st.integers(-200, 200))
def test_only_the_recomputed_crash_point_is_right(name: str, hash_: str, off: int) -> None:
    crash_centi = SCHEMES[name].crash_centi(hash_, "salt")
    assert crash_centi >= 100
    judge = judge_of(name, "salt")
    assert judge(hash_, None, crash_centi + off) is (off == 0)
    assert judge(f" {hash_.upper()} ", None, crash_centi) is True


@pytest.mark.parametrize("text", [None, "", "none", "0" * 63, "0" * 65, "g" * 64])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_hash_proves_nothing(name: str, text: str | None) -> None:
    assert judge_of(name, "salt")(text, None, 100) is None


def test_every_published_result_is_right_and_its_neighbours_are_wrong(shared_data: Path) -> None:
    schemes = json.loads((shared_data / "fairness_vectors.json").read_text())["schemes"]
    assert set(schemes) == set(NAMES)
    judged = 0
    for name, scheme in schemes.items():
        judge = judge_of(name, None if scheme.get("salt") else "salt")
        for vector in scheme.get("vectors", []):
            if "results" in vector:
                continue  # of ten games, held in test_fairness
            centi = int(vector["result"] * 100 + 1e-9)
            hash_ = vector.get("hash") or vector["commitment"]
            seed = f"{vector['seed']}:{vector['drand']}" if "seed" in vector else None
            assert [judge(hash_, seed, centi + off) for off in (-1, 0, 1)] == [False, True, False]
            judged += 1
    assert judged == 5


def test_the_configuration_knows_every_scheme() -> None:
    assert get_args(FairnessScheme) == NAMES


def test_a_scheme_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(SourceError, match="did you mean bustabit"):
        judge_of("bustabyt")
    with pytest.raises(SourceError, match="no published salt"):
        judge_of("ethercrash")
    with pytest.raises(SourceError, match="bustabit-v2"):
        verify("bustabyt", "0" * 64, 100)
