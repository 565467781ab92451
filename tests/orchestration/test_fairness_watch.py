"""Rounds on their way through a worker: verified as they come, told once a stretch, never dropped."""

import logging
from typing import Any

import pytest

from config.specs import FairnessSpec
from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.analytics.fairness.seeded_games import AVIATOR
from data_layer.messages import Flag, Gap, Origin, Round
from orchestration.fairness_watch import FairnessWatch

SCHEME = SCHEMES["stake"]
GAMES = SCHEME.chain.block("ab" * 32, 100)
T0 = 1_750_000_000_000_000


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture) -> FairnessWatch:
    caplog.set_level(logging.INFO, logger="orchestration.fairness_watch")
    return FairnessWatch(FairnessSpec(scheme="stake"))


def a_round(game: int, **changes: Any) -> Round:
    at_us = T0 + game * 20_000_000
    plain: dict[str, Any] = {
        "bookmaker": "Admiral",
        "round_id": str(game),
        "crash_centi": SCHEME.crash_centi(GAMES[game]),
        "started_at_us": at_us - 8_000_000,
        "crashed_at_us": at_us,
        "hash": GAMES[game],
        "received_at_us": at_us,
        "origin": Origin.LIVE,
        "position": game,
    }
    return Round(**{**plain, **changes})


def test_right_rounds_of_a_chain_are_verified(watch: FairnessWatch, caplog: pytest.LogCaptureFixture) -> None:
    for game in range(5, 15):
        checked, gap = watch.check(a_round(game))
        assert checked == a_round(game, verified=True)
        assert gap is None
    assert caplog.messages == []


def test_wrong_rounds_are_kept_and_told_once_a_stretch(
    watch: FairnessWatch, caplog: pytest.LogCaptureFixture
) -> None:
    verdicts = []
    for game in range(5, 15):
        wrong = game in (7, 8, 9, 12)
        found = a_round(game, **({"crash_centi": 31_337} if wrong else {}))
        checked, gap = watch.check(found)
        assert (checked.crash_centi, gap) == (found.crash_centi, None)
        verdicts.append(checked.verified)
    assert verdicts == [True, True, False, False, False, True, True, False, True, True]
    assert caplog.messages == [
        "Round 7 is not verified: by scheme stake its hash gives another crash point",
        "Round 10 is in order again",
        "Round 12 is not verified: by scheme stake its hash gives another crash point",
        "Round 13 is in order again",
    ]


def test_a_hash_that_is_not_of_the_chain_is_wrong_though_it_gives_the_crash_point(
    watch: FairnessWatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch.check(a_round(5))
    forged = "cd" * 32
    checked, gap = watch.check(a_round(6, hash=forged, crash_centi=SCHEME.crash_centi(forged)))
    assert (checked.verified, gap) == (False, None)
    assert "does not lead to the one of the round before" in caplog.messages[0]


def test_missing_rounds_are_a_gap_not_a_lie(watch: FairnessWatch) -> None:
    watch.check(a_round(5))
    checked, gap = watch.check(a_round(9))
    assert checked == a_round(9, verified=True, flags=int(Flag.GAP_BEFORE))
    last = a_round(5)
    assert gap == Gap(
        bookmaker="Admiral",
        started_at_us=last.crashed_at_us or 0,
        ended_at_us=a_round(9).started_at_us,
        reason="rounds are missing in the hash chain",
        missing=3,
    )
    assert watch.check(a_round(10)) == (a_round(10, verified=True), None)


def test_a_gap_that_the_source_told_is_not_told_again(watch: FairnessWatch) -> None:
    watch.check(a_round(5))
    told = a_round(9, flags=int(Flag.GAP_BEFORE))
    assert watch.check(told) == (a_round(9, flags=int(Flag.GAP_BEFORE), verified=True), None)


def test_what_is_no_hash_leaves_a_round_unknown(
    watch: FairnessWatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch.check(a_round(5))
    for game, text in ((6, None), (7, "???"), (8, "")):
        checked, gap = watch.check(a_round(game, hash=text))
        assert (checked.verified, checked.hash, gap) == (None, text, None)
    assert watch.check(a_round(9)) == (a_round(9, verified=True), None)
    assert caplog.messages == [
        "Round 7 is not verified: what it carries is no hash",
        "Round 9 is in order again",
    ]


def test_what_a_source_has_verified_stands(watch: FairnessWatch) -> None:
    for verdict in (True, False):
        given = a_round(5, hash="cd" * 32, verified=verdict)
        assert watch.check(given) == (given, None)


def test_rounds_of_a_scheme_that_is_not_public_stay_unknown_or_are_wrong() -> None:
    watch = FairnessWatch(FairnessSpec(scheme="aviator"))
    hash_ = AVIATOR.commitment("s", ["a", "b", "c"])
    assert watch.check(a_round(5, hash=hash_, seed="s:a:b:c"))[0].verified is None
    assert watch.check(a_round(6, hash=hash_, seed="s:a:b:x"))[0].verified is False
    assert watch.check(a_round(7, hash=hash_))[0].verified is None
