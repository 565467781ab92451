"""Settings from the environment and from a `.env`: what they set, and their faults."""

import json
from pathlib import Path

import pytest

from tests.config.loading import SIMULATED, Load, problems_of


def test_values_of_the_environment_are_told_with_their_names(load: Load) -> None:
    environ = {"REDIS_PORT": "0", "REDIS_DB": "one", "REDIS_ENABLED": "maybe", "CACHE_TTL_HOURS": "-1"}
    assert problems_of(load, environ=environ) == [
        'environment, REDIS_ENABLED: redis.enabled: "maybe" is not true or false; nearest valid: false',
        "environment, REDIS_PORT: redis.port: 0 is below 1; nearest valid: 1",
        'environment, REDIS_DB: redis.db: "one" is not a whole number; nearest valid: 0',
        "environment, CACHE_TTL_HOURS: cache.ttl_hours: -1.0 is not above 0; nearest valid: 24.0",
    ]


def test_each_number_of_a_list_in_the_environment_is_looked_at(load: Load) -> None:
    assert problems_of(load, environ={"AVIATOR_THRESHOLDS": "2,x,nan"}) == [
        'environment, AVIATOR_THRESHOLDS: thresholds[number 2]: "x" is not a number',
        "environment, AVIATOR_THRESHOLDS: thresholds[number 3]: nan is no finite number",
    ]


@pytest.mark.parametrize("value", ["caf\udce9", "\ud800"])
def test_what_is_no_text_is_told_with_its_key_and_place(load: Load, value: str) -> None:
    named = json.dumps([{"name": value, "source": {"kind": "simulator"}}])
    environ = {"AVIATOR_DATA_DIR": value, "AVIATOR_BOOKMAKERS": named}
    assert sorted(problem.split(": ", 1)[0] for problem in problems_of(load, environ=environ)) == [
        "environment, AVIATOR_BOOKMAKERS",
        "environment, AVIATOR_DATA_DIR",
    ]
    (fault,) = problems_of(load, data_dir=value)
    assert fault == "command line, --data-dir: data_dir: is not UTF-8 text"


def test_what_cannot_be_written_down_is_told_with_its_key_and_place(load: Load) -> None:
    source = {"kind": "simulator", "\ud800": 1}
    environ = {"AVIATOR_BOOKMAKERS": json.dumps([{"name": "A", "source": source}])}
    assert problems_of(load, environ=environ) == [
        'environment, AVIATOR_BOOKMAKERS: bookmakers["A"].source.\ud800: is not UTF-8 text'
    ]
    for opening, closing in (("[", "]"), ('[{"x":', "}]")):
        (fault,) = problems_of(load, environ={"AVIATOR_BOOKMAKERS": opening * 300 + "1" + closing * 300})
        assert fault.startswith("environment, AVIATOR_BOOKMAKERS: bookmakers[number 1]")
        assert fault.endswith("is nested deeper than any setting")


def test_a_configuration_that_is_not_there_is_told_with_who_names_it(load: Load, tmp_path: Path) -> None:
    assert problems_of(load, None, environ={"AVIATOR_CONFIG": "none"}) == [
        "environment, AVIATOR_CONFIG: no such file: none"
    ]


@pytest.mark.parametrize(("word", "meaning"), [("1", True), ("Yes", True), ("off", False), ("FALSE", False)])
def test_the_environment_may_say_true_and_false_in_several_words(
    load: Load, word: str, meaning: bool
) -> None:
    assert load(environ={"REDIS_ENABLED": word}).redis.enabled is meaning


def test_an_empty_environment_variable_is_not_set(load: Load) -> None:
    assert load(environ={"REDIS_PORT": "", "REDIS_URL": ""}).redis.port == 6379


def test_an_unknown_name_of_ours_is_a_fault_and_of_others_is_not(load: Load) -> None:
    load(environ={"REDIS_PORT_6379_TCP_ADDR": "1.2.3.4", "CACHE_HOME": "/x", "AVIATOR_SHARED_DATA": "/y"})
    assert problems_of(load, environ={"AVIATOR_DATADIR": "x", "REDIS_PASWORD": "x"}) == [
        "environment: AVIATOR_DATADIR: is no setting; nearest valid: AVIATOR_DATA_DIR",
        "environment: REDIS_PASWORD: is no setting; nearest valid: REDIS_PASSWORD",
    ]


def test_faults_of_dotenv_are_told_with_their_line(load: Load) -> None:
    assert problems_of(load, dotenv="# ours\nREDIS_PORT=x\nnot a line\n") == [
        ".env, line 3: is no line like NAME=value",
    ]
    assert problems_of(load, dotenv="# ours\nREDIS_PORT=x\n") == [
        '.env, line 2, REDIS_PORT: redis.port: "x" is not a whole number; nearest valid: 6379',
    ]


def test_dotenv_values_may_be_quoted_and_hold_any_character(load: Load) -> None:
    found = load(dotenv="export REDIS_PASSWORD='a # b $X'  # comment\n")
    assert found.redis.password is not None
    assert found.redis.password.get_secret_value() == "a # b $X"


def test_bookmakers_may_come_from_the_environment_as_json(load: Load) -> None:
    found = load(environ={"AVIATOR_BOOKMAKERS": json.dumps([{"name": "A", "source": {"kind": "simulator"}}])})
    assert [bookmaker.name for bookmaker in found.bookmakers] == ["A"]
    assert problems_of(
        load, SIMULATED.format("B"), environ={"AVIATOR_BOOKMAKERS": '[{"name": "A", "source": {}}]'}
    ) == [
        'environment, AVIATOR_BOOKMAKERS: bookmakers["A"].source.kind: '
        'is missing: simulator, chain or replay; nearest valid: "simulator"'
    ]
