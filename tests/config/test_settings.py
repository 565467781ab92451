import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from config import layers, model, settings, specs
from config.retention import Retention
from tests.config.loading import SIMULATED, Load, problems_of

EIGHT = ["Admiral", "Mozzart", "BalkanBet", "Soccer", "Meridian", "MaxBet", "StarBet", "VolcanoBet"]


def test_the_shipped_file_has_eight_simulated_bookmakers_and_redis_off(tmp_path: Path) -> None:
    shipped = settings.load(environ={}, cwd=tmp_path)
    assert [bookmaker.name for bookmaker in shipped.bookmakers] == EIGHT
    assert all(isinstance(bookmaker.source, specs.SimulatorSpec) for bookmaker in shipped.bookmakers)
    assert len({bookmaker.source for bookmaker in shipped.bookmakers}) == len(EIGHT)
    assert [bookmaker.group for bookmaker in shipped.bookmakers] == list("ABCDEFAG")
    assert not shipped.redis.enabled
    assert shipped.thresholds_centi == specs.DEFAULT_THRESHOLDS_CENTI
    assert shipped.data_dir == settings.DEFAULT_FILE.parent.parent / "data"


def test_an_empty_file_gives_the_built_in_defaults_and_no_bookmaker(load: Load) -> None:
    empty = load("")
    assert empty.bookmakers == ()
    assert (empty.log_level, empty.theme) == ("info", "dark")
    assert (empty.cache.ttl_hours, empty.cache.refresh_hours) == (24, 6)
    assert empty.thresholds_centi == specs.DEFAULT_THRESHOLDS_CENTI


def test_later_layers_win(load: Load) -> None:
    file = "[redis]\nport = 1\ndb = 1\nhost = 'file'\n"
    dotenv = "REDIS_PORT=2\nREDIS_DB=2\n"
    found = load(file, dotenv=dotenv, environ={"REDIS_PORT": "3"})
    assert (found.redis.host, found.redis.db, found.redis.port) == ("file", 2, 3)


def test_the_command_line_wins_over_the_environment(load: Load, tmp_path: Path) -> None:
    environ = {"AVIATOR_DATA_DIR": "from-environment", "AVIATOR_LOG_LEVEL": "error"}
    found = load("data_dir = 'from-file'", environ=environ, data_dir="from-words", log_level="DEBUG")
    assert found.data_dir == tmp_path / "from-words"
    assert found.log_level == "debug"


def test_the_environment_may_name_the_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("log_level = 'error'")
    assert load(None, environ={"AVIATOR_CONFIG": "other.toml"}).log_level == "error"


def test_a_relative_path_in_a_file_is_relative_to_that_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.toml").write_text(
        'data_dir = "../rounds"\n[[bookmakers]]\nname = "A"\nsource = { kind = "replay", path = "old.csv" }\n'
    )
    found = settings.load(config="deep/b.toml", environ={}, cwd=tmp_path)
    assert found.data_dir == tmp_path / "rounds"
    source = found.bookmakers[0].source
    assert isinstance(source, specs.ReplaySpec)
    assert source.path == tmp_path / "deep" / "old.csv"


def test_the_analytics_have_defaults_and_the_environment_may_set_them(load: Load) -> None:
    usual = load("").analytics
    assert (usual.rtp, usual.alpha, usual.timezone) == (0.97, 0.01, "local")
    environ = {"AVIATOR_RTP": "0.985", "AVIATOR_ALPHA": "0.001", "AVIATOR_TIMEZONE": "Europe/Belgrade"}
    changed = load("[analytics]\nrtp = 0.96\n", environ=environ).analytics
    assert (changed.rtp, changed.alpha, changed.timezone) == (0.985, 0.001, "Europe/Belgrade")


def test_a_bookmaker_may_claim_a_return_of_its_own(load: Load) -> None:
    found = load(SIMULATED.format("A") + "rtp = 0.985\n" + SIMULATED.format("B"))
    assert [bookmaker.rtp for bookmaker in found.bookmakers] == [0.985, None]


def test_a_file_written_by_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf# comment\r\nlog_level = 'error'\r\n")
    assert settings.load(config="a.toml", environ={}, cwd=tmp_path).log_level == "error"


@pytest.mark.parametrize("name", ["Моцарт", "皇冠", "كازينو", "Ш-1 / ..", "a:b*?%", "x" * 64])
def test_names_may_be_in_any_script(load: Load, name: str) -> None:
    assert load(SIMULATED.format(name)).bookmakers[0].name == name


def test_thresholds_are_sorted_and_each_once(load: Load) -> None:
    assert load("thresholds = [10, 1.15, 2, 2.0]").thresholds_centi == (115, 200, 1000)
    assert load(environ={"AVIATOR_THRESHOLDS": "5, 1.01"}).thresholds_centi == (101, 500)


@given(st.integers(101, 10_000_000))
def test_every_hundredth_is_a_threshold(centi: int) -> None:
    environ = {"AVIATOR_THRESHOLDS": f"{centi // 100}.{centi % 100:02d}"}
    assert settings.load(environ=environ, cwd=Path("/nowhere")).thresholds_centi == (centi,)


@pytest.mark.parametrize("secret", ["geheim", "red is", "p%40ss"], ids=["plain", "with a space", "encoded"])
def test_no_secret_is_ever_shown(load: Load, secret: str) -> None:
    found = load(environ={"REDIS_PASSWORD": secret, "REDIS_URL": f"redis://user:{secret}@host:7000/1"})
    shown = [repr(found), str(found), found.redis.address, *map(repr, settings.in_force(found))]
    assert not any(secret in text for text in shown)
    assert found.redis.address == "redis://host:7000/1"


@pytest.mark.parametrize(
    "file",
    [
        "[redis]\npassword = 41975\n",
        "[redis]\nurl = 41975\n",
        "[redis]\nurl = 'http://me:41975@host'\n",
        "[redis]\nurl = 'redis://me:41975@host:99999999'\n",
        "[redis]\nurl = 'redis://me:41975@'\n",
    ],
)
def test_no_secret_is_shown_in_a_fault(load: Load, file: str) -> None:
    (line,) = problems_of(load, file)
    assert "41975" not in line
    assert line.startswith("a.toml, line 2: redis.")


def test_nobody_enabled_is_a_valid_configuration(load: Load) -> None:
    found = load(SIMULATED.format("A") + "enabled = false\n")
    assert len(found.bookmakers) == 1
    assert found.enabled_bookmakers == ()


def test_every_value_in_force_says_where_it_comes_from(load: Load) -> None:
    found = load(
        "\n[redis]\nport = 7000\n" + SIMULATED.format("A"),
        dotenv="\n\nREDIS_DB=3\n",
        environ={"REDIS_HOST": "there"},
        log_level="error",
    )
    places = {one.key: (one.value, one.place) for one in settings.in_force(found)}
    assert places["redis.port"] == ("7000", "a.toml, line 3")
    assert places["redis.db"] == ("3", ".env, line 3, REDIS_DB")
    assert places["redis.host"] == ("there", "environment, REDIS_HOST")
    assert places["log_level"] == ("error", "command line, --log-level")
    assert places["window.theme"] == ("dark", "built-in default")
    assert places['bookmakers["A"]'] == ("simulator, enabled", "a.toml, line 4")


def test_a_fairness_reaches_the_worker_s_specification(load: Load) -> None:
    file = (
        SIMULATED.format("A")
        + f'fairness = {{ scheme = "ethercrash", salt = "s", commitment = "{"AB" * 32}" }}\n'
    )
    (found,) = load(file + SIMULATED.format("B")).bookmakers[:1]
    assert found.fairness == specs.FairnessSpec(scheme="ethercrash", salt="s", commitment="AB" * 32)


def test_the_shipped_file_names_every_setting_and_every_environment_variable() -> None:
    text = settings.DEFAULT_FILE.read_text(encoding="utf-8")
    names = list(model.Document.model_fields)
    for field in model.Document.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += field.annotation.model_fields
    names += [
        each.name for spec in (*get_args(specs.SourceSpec), specs.BookmakerSpec) for each in fields(spec)
    ]
    assert {"rgb_keep_days", "rules", "newest_game"} <= set(names)
    missing = [name for name in names if not re.search(rf"\b{name}\b", text)]
    missing += [
        name
        for name in layers.ENVIRONMENT
        if name not in text and name not in ("AVIATOR_CONFIG", "AVIATOR_BOOKMAKERS")
    ]
    assert missing == []


def test_how_long_rows_are_kept_is_said_in_whole_days(load: Load) -> None:
    assert load("").storage.retention == Retention(rgb_days=7, quarantine_days=90)
    file = "[storage]\nrgb_keep_days = 30\nquarantine_keep_days = 30\n"
    found = load(file, environ={"AVIATOR_QUARANTINE_KEEP_DAYS": "0"})
    assert found.storage.retention == Retention(rgb_days=30, quarantine_days=0)
    assert problems_of(load, "[storage]\nrgb_keep_days = -1\nquarantine_days = 1\n") == [
        "a.toml, line 2: storage.rgb_keep_days: -1 is below 0; nearest valid: 0",
        "a.toml, line 3: storage.quarantine_days: is no setting; nearest valid: quarantine_keep_days",
    ]
