import pytest

from data_layer.errors import UsageError
from terminal.options import CommonOptions, split, wants_trace


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


@pytest.mark.parametrize(
    ("words", "level", "wanted"),
    [
        (["import", "debug"], "", False),
        (["stats", "--log-level", "DEBUG"], "", True),
        (["--log-level=debug"], "", True),
        (["stats"], "debug", True),
        (["stats", "--log-level", "info"], "debug", False),
        (["--config"], "", False),
    ],
)
def test_a_trace_is_wanted_at_level_debug_alone(words: list[str], level: str, wanted: bool) -> None:
    assert wants_trace(words, {"AVIATOR_LOG_LEVEL": level}) is wanted
