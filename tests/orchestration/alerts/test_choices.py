"""What was chosen in the window, and a file of it that others have written."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from config.alert_specs import USUAL_RULES, Rule
from config.problems import RefusedValueError
from orchestration.alerts.choices import FILE_NAME, LONGEST_MUTE_US, UNUSABLE, AlertChoices

NOW_US = 1_700_000_000_000_000
HOUR_US = 3_600_000_000


def choices(directory: Path) -> AlertChoices:
    """Return choices over the usual rules, at a fixed time."""
    return AlertChoices(
        directory / FILE_NAME,
        USUAL_RULES,
        bookmakers=("Admiral",),
        thresholds_centi=(150, 200),
        now=lambda: NOW_US,
    )


def a_rule(**changes: Any) -> dict[str, Any]:
    """Return a rule as the file has it."""
    values: dict[str, Any] = {
        "name": "streak",
        "kind": "streak",
        "severity": "info",
        "limit": 8,
        "hold_on_s": 0,
        "hold_off_s": 1,
    }
    return values | changes


def rule_of(found: AlertChoices, name: str) -> Rule:
    return next(rule for rule in found.rules() if rule.name == name)


@pytest.mark.parametrize(
    "broken",
    [
        {"threshold": 1e308},  # times a hundred it is no number any more
        {"threshold": 0},
        {"limit": 1e308},
        {"hold_off_s": -1},
        {"bookmakers": ["Nobody"]},
        {"name": ""},
    ],
)
def test_a_rule_of_no_sense_is_left_out_and_the_others_stay(
    tmp_path: Path, broken: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    gap = a_rule(name="gap", kind="gap", limit=5)
    (tmp_path / FILE_NAME).write_text(json.dumps({"rules": [a_rule(**broken), gap]}))
    found = choices(tmp_path)

    found.load()

    assert rule_of(found, "gap").limit == 5
    assert rule_of(found, "streak") == rule_of(choices(tmp_path), "streak")
    assert "is left out" in caplog.text


def test_a_file_from_before_rules_were_posted_or_not_is_read(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"rules": [a_rule(), a_rule(name="x", webhook=False)]}))
    found = choices(tmp_path)

    found.load()

    assert (rule_of(found, "streak").webhook, rule_of(found, "x").webhook) == (True, False)


def test_a_mute_of_everything_or_without_an_end_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    held = [
        {"until_us": NOW_US + HOUR_US},
        {"until_us": NOW_US + 10 * LONGEST_MUTE_US, "rule": "redis"},
        {"until_us": NOW_US + HOUR_US, "rule": "disk"},
    ]
    (tmp_path / FILE_NAME).write_text(json.dumps({"mutes": held}))
    found = choices(tmp_path)

    found.load()

    assert [(mute.rule, mute.bookmaker) for mute in found.mutes()] == [("disk", "")]
    assert caplog.text.count("is left out") == 2
    with pytest.raises(RefusedValueError, match="a year at most"):
        found.mute(until_us=NOW_US + 2 * LONGEST_MUTE_US, rule="redis")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"rules": [{"kind": "weather"}]}', b"[" * 90_000])
def test_a_file_of_no_use_is_told_and_set_aside_before_it_is_written_anew(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    found = choices(tmp_path)
    found.load()
    assert found.rules() == USUAL_RULES
    assert "cannot be used" in found.trouble
    assert "cannot be used" in caplog.text
    found.save()
    assert (tmp_path / FILE_NAME).read_bytes() == content  # nothing was chosen since

    found.mute(until_us=NOW_US + HOUR_US, rule="disk")
    found.save()

    assert found.trouble == ""
    assert (tmp_path / (FILE_NAME + UNUSABLE)).read_bytes() == content
    again = choices(tmp_path)
    again.load()
    assert [mute.rule for mute in again.mutes()] == ["disk"]


def test_what_cannot_be_written_is_told_once_and_written_when_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    gone = tmp_path / "gone"
    found = choices(gone)
    found.mute(until_us=NOW_US + HOUR_US, rule="disk")
    for _ in range(3):
        found.save()
    assert "cannot be kept" in found.trouble
    assert caplog.text.count("cannot be kept") == 1
    assert [mute.rule for mute in found.mutes()] == ["disk"]  # in force all the same

    gone.mkdir()
    found.save()

    assert found.trouble == ""
    assert json.loads((gone / FILE_NAME).read_text())["mutes"][0]["rule"] == "disk"
