from pathlib import Path

import numpy as np
import pytest

from config import settings
from data_layer.analytics.claims import SCHEME_RTP, Claim, Claims, Expected, claims_of
from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.analytics.rounds import Rounds


def rounds(bookmaker: str, count: int) -> Rounds:
    crashes = np.full(count + 5, 200)
    return Rounds(bookmaker, np.arange(count + 5), crashes, 5, count + 5)


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_the_share_of_a_scheme_is_that_of_its_own_rounds(scheme: str) -> None:
    calculate = SCHEMES[scheme].calculator("a salt")
    crashes = np.array([calculate(f"{number:064x}") for number in range(20_000)])
    claim = Claim(SCHEME_RTP[scheme], scheme)
    for centi in (101, 105, 150, 200, 500, 1000):
        expected = claim.survival(centi)
        error = (expected * (1 - expected) / len(crashes)) ** 0.5
        assert abs((crashes >= centi).mean() - expected) < 4 * error


def test_the_shares_are_the_published_formulas() -> None:
    assert Claim(0.99, "bustabit").survival(200) == pytest.approx(0.495)
    assert Claim(0.97).survival(3500) == pytest.approx(0.97 / 35)
    assert Claim(SCHEME_RTP["ethercrash"], "ethercrash").survival(200) == pytest.approx(100 / 101 * 99 / 199)
    assert Claim(0.97).probability_of_one == pytest.approx(1 - 0.97 / 1.01)
    assert Claim(0.97).payback(777) == pytest.approx(0.97)
    assert Claim(0.97).edge == pytest.approx(0.03)


def test_a_share_is_never_above_one() -> None:
    assert [Claim(1.0).survival(centi) for centi in (1, 100)] == [1, 1]
    assert Claim(1.0).survival(101) < 1


def test_several_bookmakers_are_weighted_by_their_rounds() -> None:
    claims = Claims({"A": Claim(0.99), "B": Claim(0.95)})
    assert Expected([rounds("A", 300), rounds("B", 100)], claims).share(200) == pytest.approx(0.98 / 2)
    assert Expected([rounds("A", 300), rounds("B", 100)], claims).rtp() == pytest.approx(0.98)


def test_a_bookmaker_without_a_claim_leaves_nothing_to_expect() -> None:
    claims = Claims({"A": Claim(0.99)})
    assert Expected([rounds("A", 1), rounds("B", 1)], claims).share(200) is None
    assert Expected([rounds("A", 1), rounds("B", 0)], claims).share(200) == pytest.approx(0.495)
    assert Expected([], claims).share(200) is None


def test_the_claims_come_from_scheme_and_configuration(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        "".join(
            f'[[bookmakers]]\nname = "{name}"\nsource = {{ {source} }}\n{more}\n'
            for name, source, more in (
                ("simulated", 'kind = "simulator", scheme = "ethercrash"', "enabled = false"),
                ("chain", f'kind = "chain", scheme = "stake", hash = "{"0" * 64}"', ""),
                ("own", 'kind = "simulator"', "rtp = 0.95"),
                ("recording", 'kind = "replay", path = "x.csv"', ""),
                ("recording with a claim", 'kind = "replay", path = "x.csv"', "rtp = 0.97"),
            )
        )
    )
    claims = claims_of(settings.load(config="a.toml", environ={}, cwd=tmp_path))
    assert claims.of("simulated") == Claim(99 / 101, "ethercrash")
    assert claims.of("chain") == Claim(0.99, "stake")
    assert claims.of("own") == Claim(0.95)
    assert claims.of("recording") is None
    assert claims.of("recording with a claim") == Claim(0.97)
    assert claims.of("not configured") is None
