import pytest

from data_layer.errors import UsageError
from terminal.options import CommonOptions, split


@pytest.mark.parametrize(
    "words",
    [
        ["--config", "a.toml", "--log-level", "debug", "stats", "--json"],
        ["stats", "--config", "a.toml", "--json", "--log-level", "debug"],
        ["stats", "--config=a.toml", "--json", "--log-level=debug"],
        ["--log-level=debug", "stats", "--json", "--config", "a.toml"],
    ],
)
def test_common_options_may_stand_anywhere(words: list[str]) -> None:
    options, rest = split(words)
    assert options == CommonOptions(config="a.toml", log_level="debug")
    assert rest == ["stats", "--json"]


def test_the_last_of_several_wins() -> None:
    assert split(["--data-dir", "a", "--data-dir=b"])[0] == CommonOptions(data_dir="b")


def test_what_follows_two_dashes_is_no_option() -> None:
    assert split(["backup", "--", "--config"]) == (CommonOptions(), ["backup", "--", "--config"])


@pytest.mark.parametrize(
    "words", [["--config"], ["--config", "--json"], ["--data-dir="], ["--log-level", ""]]
)
def test_an_option_without_its_value_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError, match=r"^--[a-z-]+ needs a value: --[a-z-]+ [A-Z]+$"):
        split(words)
