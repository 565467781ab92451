"""The configuration and the strategies agree on parameters, bounds and defaults."""

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from annotated_types import Ge, Le

from config.problems import InvalidSettingsError
from config.settings import load
from config.specs import BettingSpec, StrategyName
from data_layer.strategies import catalogue
from data_layer.strategies.base import StrategyError
from data_layer.strategies.catalogue import KINDS
from data_layer.strategies.parameters import CASHOUT, STAKE, Parameter

PARAMETERS = {each.name: each for kind in KINDS.values() for each in kind.parameters}


def test_the_configuration_knows_every_strategy() -> None:
    assert get_args(StrategyName) == catalogue.NAMES


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=list(PARAMETERS))
def test_bounds_and_defaults_are_the_same_in_both(parameter: Parameter) -> None:
    hints = get_type_hints(BettingSpec, include_extras=True)
    annotation = hints[parameter.setting]
    assert get_origin(annotation) is Annotated
    bounds = get_args(annotation)[1:]
    low: Any = next(each.ge for each in bounds if isinstance(each, Ge))
    high: Any = next(each.le for each in bounds if isinstance(each, Le))
    default: Any = next(each.default for each in fields(BettingSpec) if each.name == parameter.setting)
    assert (parameter.of_setting(low), parameter.of_setting(high)) == (parameter.low, parameter.high)
    assert parameter.of_setting(default) == parameter.default


@pytest.mark.parametrize("name", KINDS)
def test_the_defaults_of_the_configuration_make_the_same_strategy(name: str) -> None:
    spec = BettingSpec(strategy=name)  # type: ignore[arg-type]  # names of the catalogue
    assert catalogue.from_spec(spec)[1] == catalogue.build(name, {})[1]


@pytest.mark.parametrize(
    ("betting", "words"),
    [
        ('strategy = "martingal"', 'nearest valid: "martingale"'),
        ('strategy = "martingale", stake_minor = 20000', "10000 is below the stake; nearest valid: 20000"),
        ('strategy = "martingale", factor_centi = 100', "100 is below 101; nearest valid: 101"),
        ("cashout_centi = 100", "100 is below 101; nearest valid: 101"),
        ('strategy = "kelly", cap = 2.0', "2.0 is above 1; nearest valid: 1"),
        ('strategy = "python"', "is missing: the file with the class"),
        ('strategy = "python", file = "a.py", class_name = "1"', '"1" is no name of a class'),
    ],
)
def test_a_wrong_setting_of_a_strategy_is_named_with_its_place(
    tmp_path: Path, betting: str, words: str
) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        f'[[bookmakers]]\nname = "A"\nsource = {{ kind = "simulator" }}\nbetting = {{ {betting} }}\n'
    )
    with pytest.raises(InvalidSettingsError) as caught:
        load(config=str(file), environ={}, cwd=tmp_path)
    (problem,) = caught.value.problems
    assert words in str(problem)
    assert "line 4" in str(problem)


def test_the_file_of_a_class_is_found_beside_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        '[[bookmakers]]\nname = "A"\nsource = { kind = "simulator" }\n'
        'betting = { strategy = "python", file = "mine.py", class_name = "Mine" }\n'
    )
    (bookmaker,) = load(config=str(file), environ={}, cwd=tmp_path).bookmakers
    assert bookmaker.betting.file == tmp_path / "mine.py"


def test_flat_bets_are_configured_as_they_always_were(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        '[[bookmakers]]\nname = "A"\nsource = { kind = "simulator" }\n'
        "betting = { stake_minor = 20000, cashout_centi = 150 }\n"
    )
    (bookmaker,) = load(config=str(file), environ={}, cwd=tmp_path).bookmakers
    assert catalogue.from_spec(bookmaker.betting)[1] == "flat stake=200.00 cashout=1.50x"


@pytest.mark.parametrize(("text", "value"), [("1,250.00", 125_000), ("12,000", 1_200_000), ("1250", 125_000)])
def test_a_comma_between_thousands_is_read(text: str, value: int) -> None:
    assert STAKE.read(text) == value


@pytest.mark.parametrize("text", ["1,5", "1,50", "1,2500", ",5", "1,,000", "1.000,00"])
def test_a_comma_in_the_place_of_a_point_is_refused_rather_than_read_as_ten_or_a_hundred_times(
    text: str,
) -> None:
    for parameter in (STAKE, CASHOUT):
        with pytest.raises(StrategyError, match="is no number; nearest valid"):
            parameter.read(text)


def test_a_text_without_end_is_told_in_short() -> None:
    with pytest.raises(StrategyError) as caught:
        STAKE.read("9" * 3_000)
    assert len(str(caught.value)) < 120
