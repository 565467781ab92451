"""Faults of the feeds as values."""

from data_layer.analytics.questions import SameFeed, VerifiedRounds
from gui.view_models.analytics import integrity
from gui.view_models.condition import Light
from tests.gui import analytics_answers as answers
from tests.gui.fakes import NOW_US


def view(**fields: object) -> integrity.IntegrityView:
    return integrity.view(answers.integrity(**fields), "UTC", NOW_US)


def test_the_worst_finding_comes_first_with_when_and_where() -> None:
    found = view()
    assert [finding.name for finding in found.findings] == ["Soccer: id gap", "Soccer: duplicate"]
    assert found.findings[0].word == "once, first 20 Nov 01:14:09, round 77, p 0.004"
    assert [finding.light for finding in found.findings] == [Light.BAD, Light.OFF]
    assert (found.light, found.summary) == (Light.BAD, "2 findings")


def test_remarks_alone_leave_the_light_well() -> None:
    assert view(findings=(answers.finding("duplicate", "info", 3),)).light is Light.LIVE
    assert view(findings=(answers.finding("stall", "warning", 1),)).light is Light.WARN


def test_nothing_found_says_what_was_looked_for() -> None:
    found = view(findings=(), feeds=())
    assert (found.light, found.summary) == (Light.LIVE, "nothing found")
    assert dict(found.facts) == {
        "looked for": "id gaps\nstalls",
        "feeds": "no two bookmakers show the same feed",
    }


def test_feeds_that_are_one_are_named_with_their_lag() -> None:
    assert [cell.text for cell in view().feeds[0].cells] == ["Admiral", "StarBet", "1.4 s", "4,990"]


def test_of_many_bookmakers_that_were_looked_at_only_the_number_is_said() -> None:
    few = "stalls (Admiral, Mozzart (old), Soccer)"
    assert integrity.checked_words(few) == few
    many = "stalls not looked for: n too small (under 20) (Admiral, Mozzart (old), Soccer, MaxBet)"
    assert integrity.checked_words(many) == "stalls not looked for: n too small (under 20) (4 bookmakers)"
    for odd in ("stalls", "stalls)", "", "a) (b, c, d, e, f"):
        assert integrity.checked_words(odd) == odd


def test_a_lag_of_minutes_is_told_in_minutes() -> None:
    feed = SameFeed(bookmakers=("Admiral", "StarBet"), lag_us=204_800_000, matched=408)
    assert view(feeds=(feed,)).feeds[0].cells[2].text == "3 min 24 s"


def test_rounds_whose_hash_says_otherwise_come_before_everything() -> None:
    verified = (
        VerifiedRounds(bookmaker="Admiral", yes=1_200, no=3, unknown=7),
        VerifiedRounds(bookmaker="Mozzart", yes=100, no=0, unknown=0),
    )
    shown = view(verified=verified)
    assert (shown.findings[0].name, shown.findings[0].word) == ("Admiral: failed verification", "3 wrong")
    assert (shown.light, shown.findings[0].light) == (Light.BAD, Light.BAD)
    assert ("hashes", "1,300 rounds right, 3 wrong, 7 not known; of all time") in shown.facts


def test_rounds_that_nobody_recomputed_are_not_called_right() -> None:
    shown = view(verified=(VerifiedRounds(bookmaker="Admiral", yes=0, no=0, unknown=7),))
    assert ("hashes", "no round was recomputed from its hash") in shown.facts
