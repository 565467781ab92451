"""Faults of the feeds as values."""

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
        "looked for": "id gaps, stalls",
        "feeds": "no two bookmakers show the same feed",
    }


def test_feeds_that_are_one_are_named_with_their_lag() -> None:
    assert [cell.text for cell in view().feeds[0].cells] == ["Admiral", "StarBet", "1.4 s", "4,990"]
