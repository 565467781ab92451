"""What the settings page tells."""

from gui.dependencies import ConfigurationLine
from gui.view_models import settings
from gui.view_models.wall import WallSize


def test_every_size_of_the_wall_can_be_chosen() -> None:
    assert {key for key, _ in settings.WALL_CHOICES} == {size.value for size in WallSize}


def test_the_age_limits_are_those_that_are_used() -> None:
    limits = dict(settings.age_limits())
    assert "1 min 30 s" in limits["statistics"]
    assert "10 s" in limits["between flights"]


def test_each_setting_shows_its_value_and_where_it_comes_from() -> None:
    lines = [ConfigurationLine(key="redis.enabled", value="false", place="config/aviator.toml")]
    (row,) = settings.configuration_rows(lines)
    assert [cell.text for cell in row.cells] == ["redis.enabled", "false", "config/aviator.toml"]


def test_a_setting_that_is_empty_says_so() -> None:
    lines = [ConfigurationLine(key="redis.key_prefix", value="", place="built-in default")]
    (row,) = settings.configuration_rows(lines)
    assert row.cells[1].text == "(empty)"


def test_a_directory_without_a_database_is_not_said_to_hold_one() -> None:
    assert dict(settings.directory("/data", has_database=True))["holds"].startswith("aviator.db")
    assert dict(settings.directory("/data", has_database=False))["holds"] == "logs, window.ini"
