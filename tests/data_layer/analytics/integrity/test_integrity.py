from pathlib import Path

import pytest

from data_layer.analytics.claims import Claim, Claims
from data_layer.analytics.drift.answer import drift
from data_layer.analytics.integrity.answer import integrity
from data_layer.analytics.integrity.feed_facts import FeedFacts, Refusals
from data_layer.analytics.questions import DriftQuestion, Integrity, IntegrityFinding
from data_layer.analytics.rounds import Rounds
from tests.data_layer.analytics import recordings
from tests.data_layer.analytics.made import SAMPLE, fair_crashes, rounds_of

CLAIMS = Claims(
    {"Bustabit": Claim(0.99, "bustabit-v2"), "1xBet": Claim(0.97), "JetX": Claim(0.97), "A": Claim(0.97)}
)


def looked_at(part: Rounds, facts: FeedFacts, claims: Claims = CLAIMS) -> Integrity:
    return integrity([part], {part.bookmaker: facts}, SAMPLE, claims)


def kinds(found: Integrity) -> dict[str, IntegrityFinding]:
    return {finding.kind: finding for finding in found.findings}


def test_nothing_is_reported_of_the_bustabit_recording(shared_data: Path) -> None:
    part, facts = recordings.bustabit(shared_data)
    for claims in (CLAIMS, Claims({})):
        assert looked_at(part, facts, claims).findings == ()
        (cap,) = drift([part], SAMPLE, DriftQuestion(), claims).caps
        assert not cap.capped
    assert not any(line.alarm for line in drift([part], SAMPLE, DriftQuestion(), CLAIMS).lines)


def test_the_repeats_of_the_jetx_recording_are_found(shared_data: Path) -> None:
    part, facts = recordings.jetx(shared_data)
    found = kinds(looked_at(part, facts))
    assert (found["repeated stretch"].count, found["repeated stretch"].severity) == (576, "critical")
    assert found["repeated stretch"].p_value is not None
    assert found["repeated stretch"].p_value < 1e-20
    assert found["id gap"].count == 2  # the two results that are no numbers
    assert found["too few 1.00"].count == 259
    assert set(found) == {"repeated stretch", "id gap", "too few 1.00"}


@pytest.mark.parametrize("claims", [CLAIMS, Claims({})], ids=["with a claim", "without"])
def test_the_cap_of_the_1xbet_recording_is_found(shared_data: Path, claims: Claims) -> None:
    part, _ = recordings.onexbet(shared_data)
    (cap,) = drift([part], SAMPLE, DriftQuestion(), claims).caps
    assert cap.capped
    assert cap.highest_centi == 3_498
    assert cap.expected_above == pytest.approx(118, abs=0.5)
    assert cap.note.startswith("none above 34.98x, although 118 were to be expected")


def test_the_ids_and_the_rhythm_of_the_1xbet_recording_are_told(shared_data: Path) -> None:
    part, facts = recordings.onexbet(shared_data)
    found = kinds(looked_at(part, facts))
    assert found["id gap"].severity == "info"
    assert "ids cannot tell what is missing" in found["id gap"].text
    assert (found["stall"].count, found["stall"].first_round) == (1, "51216572")
    unlike = found["gap unlike multiplier"]  # one round of 10.82x came 12 s after the one before
    assert (unlike.count, unlike.severity, unlike.first_round) == (1, "warning", "51354531")
    assert set(found) == {"id gap", "stall", "gap unlike multiplier"}


def test_impossible_crash_points_are_counted_from_the_quarantine() -> None:
    refused = {
        "crash point is below 1.00": Refusals(3, 50),
        "crash point is off the 0.01 grid": Refusals(2, 40),
        "crash_centi is below 100": Refusals(1, 60),
        "crash_centi is NaN, not a whole number": Refusals(1, 70),
        "crash point is two numbers joined by U+2028": Refusals(9, 1),
        "received_at_us is below 0": Refusals(9, 1),
    }
    found = looked_at(rounds_of([200] * 5), FeedFacts(refused=refused))
    (finding,) = found.findings
    assert (finding.kind, finding.severity, finding.count, finding.first_at_us) == (
        "off grid",
        "warning",
        7,
        40,
    )
    assert "crash point is off the 0.01 grid (2)" in finding.text


def test_too_few_ones_are_told_with_how_unlikely_they_are() -> None:
    crashes = fair_crashes(5_000, rtp=0.97)
    found = kinds(looked_at(rounds_of(crashes[crashes > 100]), FeedFacts()))
    assert found["too few 1.00"].count == 0
    assert found["too few 1.00"].p_value == pytest.approx((0.97 / 1.01) ** int((crashes > 100).sum()))
    assert "too few 1.00" not in kinds(looked_at(rounds_of(crashes), FeedFacts()))
    assert "too few 1.00" not in kinds(looked_at(rounds_of(crashes[crashes > 100]), FeedFacts(), Claims({})))


def test_what_was_looked_for_is_told_once_for_all_and_by_name_where_it_differs() -> None:
    parts = [rounds_of(fair_crashes(200), "A"), rounds_of(fair_crashes(10, seed=2), "B")]
    found = integrity(parts, {}, SAMPLE, CLAIMS)
    assert "duplicate ids" in found.checked
    assert "repeated stretches of 20 rounds (A)" in found.checked
    assert "repeated stretches not looked for: n too small (20 rounds or fewer) (B)" in found.checked
    assert "too few 1.00s not looked for: no claimed return (B)" in found.checked


def test_the_gravest_findings_come_first_and_one_feed_is_recognised() -> None:
    crashes = fair_crashes(500)
    crashes[400:450] = crashes[:50]
    facts = {"B": FeedFacts(duplicates=3, refused={"crash point is below 1.00": Refusals(3, 50)})}
    parts = [rounds_of(crashes, "A"), rounds_of(crashes[:450], "B")]
    found = integrity(parts, facts, SAMPLE)
    assert [finding.severity for finding in found.findings] == ["critical", "critical", "warning", "info"]
    assert [feed.bookmakers for feed in found.feeds] == [("A", "B")]


def test_no_bookmaker_and_no_rounds_are_answered() -> None:
    assert integrity([], {}, SAMPLE).findings == ()
    assert looked_at(rounds_of([]), FeedFacts()).findings == ()
