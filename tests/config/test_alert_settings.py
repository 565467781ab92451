"""The `[alerts]` table: what an operator may say, and what is said to one who says it wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from config import settings
from config.alert_specs import KINDS, USUAL_RULES, AlertKind, Rule, Severity
from config.problems import InvalidSettingsError
from config.settings import Settings

BOOKMAKER = '[[bookmakers]]\nname = "Admiral"\nsource = { kind = "simulator" }\n'


def load(tmp_path: Path, file: str, **environ: str) -> Settings:
    """Load a file of one bookmaker and what is given."""
    (tmp_path / "a.toml").write_text(file + BOOKMAKER)
    return settings.load(config="a.toml", environ=environ, cwd=tmp_path)


def problems_of(tmp_path: Path, file: str, **environ: str) -> list[str]:
    """Return what is said of it."""
    with pytest.raises(InvalidSettingsError) as caught:
        load(tmp_path, file, **environ)
    return [str(problem) for problem in caught.value.problems]


def named(rules: tuple[Rule, ...], name: str) -> Rule:
    """Return the rule of a name."""
    return next(rule for rule in rules if rule.name == name)


def test_every_kind_has_a_rule_without_a_word(tmp_path: Path) -> None:
    found = load(tmp_path, "")

    assert found.alert_rules == USUAL_RULES
    assert {rule.kind for rule in USUAL_RULES} == set(AlertKind)
    assert all(rule.enabled for rule in USUAL_RULES)
    assert found.alerts.webhook.url is None


def test_a_rule_of_a_usual_name_changes_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    found = load(tmp_path, '[[alerts.rules]]\nname = "stall"\nlimit = 5\nbookmakers = ["Admiral"]\n')

    usual = named(USUAL_RULES, "stall")
    assert named(found.alert_rules, "stall") == replace(usual, limit=5, bookmakers=("Admiral",))
    assert [rule.name for rule in found.alert_rules] == [rule.name for rule in USUAL_RULES]


def test_a_rule_of_a_new_name_is_added(tmp_path: Path) -> None:
    found = load(
        tmp_path, '[[alerts.rules]]\nname = "big"\nkind = "multiplier"\nlimit = 100\nseverity = "warning"\n'
    )

    added = found.alert_rules[-1]
    assert (added.name, added.kind, added.limit) == ("big", AlertKind.MULTIPLIER, 100)
    assert added.severity is Severity.WARNING
    assert added.hold_off_s == KINDS[AlertKind.MULTIPLIER].hold_off_s


def test_each_rule_says_whether_it_is_posted(tmp_path: Path) -> None:
    assert all(rule.webhook for rule in USUAL_RULES)
    found = load(tmp_path, '[[alerts.rules]]\nname = "redis"\nwebhook = false\n')

    assert [rule.name for rule in found.alert_rules if not rule.webhook] == ["redis"]


def test_the_usual_streak_goes_by_a_threshold_that_is_counted(tmp_path: Path) -> None:
    found = load(tmp_path, "thresholds = [1.5, 1.9, 10]\n")
    assert named(found.alert_rules, "streak").threshold == 1.9

    found = load(tmp_path, "thresholds = []\n")
    assert not named(found.alert_rules, "streak").enabled


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (
            'name = "stal"',
            'alerts.rules["stal"].kind: is missing, and "stal" is no usual rule: stall, gap, streak, '
            "multiplier, drift, verification, integrity, worker, writer, redis, disk, outbox; "
            'nearest valid: "stall"',
        ),
        (
            'name = "x"\nkind = "stal"',
            'alerts.rules["x"].kind: "stal" is none of stall, gap, streak, multiplier, drift, verification, '
            'integrity, worker, writer, redis, disk, outbox; nearest valid: "stall"',
        ),
        (
            'name = "stall"\nseverity = "critcal"',
            'alerts.rules["stall"].severity: "critcal" is none of info, warning, critical; '
            'nearest valid: "critical"',
        ),
        (
            'name = "stall"\nlimit = 1',
            'alerts.rules["stall"].limit: 1 is not between 1.1 and 1000 usual silences; nearest valid: 1.1',
        ),
        (
            'name = "outbox"\nlimit = 10.4',
            'alerts.rules["outbox"].limit: 10.4 is no whole number of waiting rounds; nearest valid: 10',
        ),
        (
            'name = "gap"\nhold_on_s = 3',
            'alerts.rules["gap"].hold_on_s: gap tells of a moment, which holds for no time; nearest valid: 0',
        ),
        (
            'name = "stall"\nhold_off_s = -1',
            'alerts.rules["stall"].hold_off_s: -1 is below 0; nearest valid: 0',
        ),
        (
            'name = "stall"\nbookmakers = ["Admirl"]',
            'alerts.rules["stall"].bookmakers[number 1]: "Admirl" is no bookmaker; nearest valid: "Admiral"',
        ),
        (
            'name = "disk"\nbookmakers = ["Admiral"]',
            'alerts.rules["disk"].bookmakers: disk is about no bookmaker; nearest valid: []',
        ),
        (
            'name = "streak"\nthreshold = 2.1',
            'alerts.rules["streak"].threshold: 2.1 is none of the thresholds that are counted; '
            "nearest valid: 2",
        ),
        (
            'name = "gap"\nlimit = 2000000',
            'alerts.rules["gap"].limit: 2000000 is not between 1 and 1000000 missing rounds; '
            "nearest valid: 1000000",
        ),
        (
            'name = "drift"\nlimit = 0',
            'alerts.rules["drift"].limit: 0 is not between 0.000001 and 0.5 share of false alarms; '
            "nearest valid: 0.000001",
        ),
        (
            'name = "stall"\nholdon_s = 3',
            'alerts.rules["stall"].holdon_s: is no setting; nearest valid: hold_on_s',
        ),
    ],
)
def test_a_wrong_rule_is_told_with_key_place_and_nearest(tmp_path: Path, rule: str, problem: str) -> None:
    [found] = problems_of(tmp_path, f"[[alerts.rules]]\n{rule}\n")

    place, _, rest = found.partition(": ")
    assert rest == problem
    assert place.startswith("a.toml, line ")


def test_the_place_of_a_wrong_rule_is_its_line(tmp_path: Path) -> None:
    file = '[[alerts.rules]]\nname = "stall"\n\n[[alerts.rules]]\nname = "gap"\nlimit = 0\n'
    [found] = problems_of(tmp_path, file)

    assert found.startswith('a.toml, line 6: alerts.rules["gap"].limit: ')


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    [found] = problems_of(tmp_path, '[[alerts.rules]]\nname = "gap"\n[[alerts.rules]]\nname = "gap"\n')

    assert 'alerts.rules["gap"].name: "gap" is taken' in found


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@host/",
        "ftp://host/secret",
        "https://",
        "not an address secret",
        "https://host:port/secret",
        "https://h/\n",
    ],
)
def test_an_address_that_cannot_be_posted_to_is_refused_without_being_shown(tmp_path: Path, url: str) -> None:
    [found] = problems_of(tmp_path, "", AVIATOR_WEBHOOK_URL=url)

    assert "alerts.webhook.url" in found
    assert "the value is not shown" in found
    assert "secret" not in found


def test_the_webhook_may_come_from_the_environment_and_stays_secret(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        '[alerts]\nwebhook = { url = "http://a/b", least = "info" }\n',
        AVIATOR_WEBHOOK_URL="https://hooks.example.org/T0/s3cret",
    )

    assert found.alerts.webhook.url is not None
    assert found.alerts.webhook.url.get_secret_value() == "https://hooks.example.org/T0/s3cret"
    assert found.alerts.webhook.least is Severity.INFO
    assert "s3cret" not in repr(found)
    [line] = [line for line in settings.in_force(found) if line.key == "alerts.webhook.url"]
    assert (line.value, line.place) == ("(hidden)", "environment, AVIATOR_WEBHOOK_URL")


def test_every_rule_in_force_is_one_line(tmp_path: Path) -> None:
    found = load(tmp_path, '[[alerts.rules]]\nname = "stall"\nenabled = false\n')

    lines = [line for line in settings.in_force(found) if line.key.startswith("alerts.rules")]
    assert [(line.key, line.value) for line in lines] == [('alerts.rules["stall"]', "stall, disabled")]
