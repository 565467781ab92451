import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from config import layers, model, settings, specs
from config.problems import InvalidSettingsError, Problem
from config.settings import Settings

EIGHT = ["Admiral", "Mozzart", "BalkanBet", "Soccer", "Meridian", "MaxBet", "StarBet", "VolcanoBet"]
SIMULATED = '[[bookmakers]]\nname = "{}"\nsource = {{ kind = "simulator" }}\n'

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load from a file, a `.env` and an environment of the test's own; the file is `a.toml` in `tmp_path`."""

    def load_from(
        file: str | None = "",
        *,
        dotenv: str | None = None,
        environ: Mapping[str, str] | None = None,
        data_dir: str | None = None,
        log_level: str | None = None,
    ) -> Settings:
        if file is not None:
            (tmp_path / "a.toml").write_text(file, encoding="utf-8")
        if dotenv is not None:
            (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
        config = None if file is None else "a.toml"
        return settings.load(
            config=config, data_dir=data_dir, log_level=log_level, environ=environ or {}, cwd=tmp_path
        )

    return load_from


def problems_of(load: Load, *args: object, **named: object) -> list[str]:
    with pytest.raises(InvalidSettingsError) as caught:
        load(*args, **named)
    return [str(problem) for problem in caught.value.problems]


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


def test_every_fault_is_told_at_once_with_key_place_and_nearest_value(load: Load) -> None:
    lines = problems_of(
        load,
        """log_levl = "info"
thresholds = [1.5, 0.5]
[redis]
port = 70000
enabled = "yes"
[[bookmakers]]
name = "Soccer"
source = { kind = "simulater" }
[[bookmakers]]
name = "MaxBet"
source = { kind = "simulator", scheme = "bustabitt", speed = -1, seeed = "x" }
[[bookmakers]]
name = "Meridian"
[bookmakers.source]
kind = "replay"
path = "x.csv"
speed = nan
timezone = "Europe/Belgrad"
""",
    )
    assert sorted(lines) == sorted(
        [
            "a.toml, line 1: log_levl: is no setting; nearest valid: log_level",
            "a.toml, line 2: thresholds[number 2]: 0.5 is below 1.01; nearest valid: 1.01",
            "a.toml, line 4: redis.port: 70000 is above 65535; nearest valid: 65535",
            'a.toml, line 5: redis.enabled: "yes" is not true or false; nearest valid: true',
            'a.toml, line 8: bookmakers["Soccer"].source.kind: '
            '"simulater" is none of simulator, chain, replay; nearest valid: "simulator"',
            'a.toml, line 11: bookmakers["MaxBet"].source.scheme: '
            '"bustabitt" is none of bustabit, bustabit-v2, ethercrash, bc.game, stake; '
            'nearest valid: "bustabit"',
            'a.toml, line 11: bookmakers["MaxBet"].source.speed: -1 is below 0; nearest valid: 0',
            'a.toml, line 11: bookmakers["MaxBet"].source.seeed: is no setting; nearest valid: seed',
            'a.toml, line 17: bookmakers["Meridian"].source.speed: '
            "nan is no finite number; nearest valid: 1.0",
        ]
    )


def test_a_time_zone_that_is_none_is_named_with_the_nearest(load: Load) -> None:
    source = 'kind = "replay"\npath = "x"\ntimezone = "Europe/Belgrad"\n'
    assert problems_of(load, f'[[bookmakers]]\nname = "A"\n[bookmakers.source]\n{source}') == [
        'a.toml, line 6: bookmakers["A"].source.timezone: "Europe/Belgrad" is no time zone; '
        'nearest valid: "Europe/Belgrade"'
    ]


def test_the_analytics_have_defaults_and_the_environment_may_set_them(load: Load) -> None:
    usual = load("").analytics
    assert (usual.rtp, usual.alpha, usual.timezone) == (0.97, 0.01, "local")
    environ = {"AVIATOR_RTP": "0.985", "AVIATOR_ALPHA": "0.001", "AVIATOR_TIMEZONE": "Europe/Belgrade"}
    changed = load("[analytics]\nrtp = 0.96\n", environ=environ).analytics
    assert (changed.rtp, changed.alpha, changed.timezone) == (0.985, 0.001, "Europe/Belgrade")


def test_faults_of_the_analytics_are_told_with_the_nearest_value(load: Load) -> None:
    lines = problems_of(
        load,
        '[analytics]\nrtp = 97\nalpha = 1\ntimezone = "Europe/Belgrad"\nzone = "x"\n'
        + SIMULATED.format("A")
        + "rtp = 0.2\n"
        + SIMULATED.format("B")
        + "rtp = 98.5\n",
    )
    assert lines == [
        "a.toml, line 2: analytics.rtp: 97 is a percentage, not a share; nearest valid: 0.97",
        "a.toml, line 3: analytics.alpha: 1 is above 0.5; nearest valid: 0.5",
        'a.toml, line 4: analytics.timezone: "Europe/Belgrad" is no time zone; '
        'nearest valid: "Europe/Belgrade"',
        "a.toml, line 5: analytics.zone: is no setting; nearest valid: timezone",
        'a.toml, line 9: bookmakers["A"].rtp: 0.2 is below 0.5; nearest valid: 0.5',
        'a.toml, line 13: bookmakers["B"].rtp: 98.5 is a percentage, not a share; nearest valid: 0.985',
    ]


def test_a_bookmaker_may_claim_a_return_of_its_own(load: Load) -> None:
    found = load(SIMULATED.format("A") + "rtp = 0.985\n" + SIMULATED.format("B"))
    assert [bookmaker.rtp for bookmaker in found.bookmakers] == [0.985, None]


def test_two_regions_of_one_name_are_refused(load: Load) -> None:
    region = '{ name = "canvas", x = 0, y = 0, width = 2, height = 2 }'
    text = '[[bookmakers]]\nname = "A"\nsource = { kind = "simulator", seed = "s" }\nrgb = { regions = '
    assert problems_of(load, f"{text}[{region}, {region}] }}\n") == [
        'a.toml, line 4: bookmakers["A"].rgb.regions["canvas"].name: "canvas" is taken; '
        'nearest valid: "canvas 2"'
    ]


def test_a_missing_source_is_placed_at_its_bookmaker(load: Load) -> None:
    assert problems_of(load, '\n[[bookmakers]]\nname = "A"\n') == [
        'a.toml, line 2: bookmakers["A"].source: is missing'
    ]


def test_values_of_the_environment_are_told_with_their_names(load: Load) -> None:
    environ = {"REDIS_PORT": "0", "REDIS_DB": "one", "REDIS_ENABLED": "maybe", "CACHE_TTL_HOURS": "-1"}
    assert problems_of(load, environ=environ) == [
        'environment: REDIS_DB: "one" is not a whole number',
        'environment: REDIS_ENABLED: "maybe" is none of true, false; nearest valid: true',
    ]
    del environ["REDIS_DB"], environ["REDIS_ENABLED"]
    assert problems_of(load, environ=environ) == [
        "environment, REDIS_PORT: redis.port: 0 is below 1; nearest valid: 1",
        "environment, CACHE_TTL_HOURS: cache.ttl_hours: -1.0 is not above 0; nearest valid: 24.0",
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
        '.env, line 2: REDIS_PORT: "x" is not a whole number',
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


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a = 1\nb = [1,\n  2\nc = 3\n", "a.toml, line 4, column 1: Unclosed array"),
        (b"a = 1\nb = \n", "a.toml, line 2, column 5: Invalid value"),
        (b"a = 1\na = 2\n", "a.toml, line 2, column 6: Cannot overwrite a value"),
        (b'x = "\xff"\n', "a.toml, line 1: is not UTF-8 text"),
        (b"x = " + b"[" * 100_000, "a.toml: cannot be read"),
        (b"x = " + b"9" * 10_000, "a.toml: cannot be read"),
    ],
)
def test_a_file_that_is_no_toml_is_told_with_its_place(tmp_path: Path, content: bytes, line: str) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(InvalidSettingsError) as caught:
        settings.load(config="a.toml", environ={}, cwd=tmp_path)
    (problem,) = caught.value.problems
    assert str(problem).startswith(line)
    assert "\n" not in str(problem)


def test_a_file_written_by_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf# comment\r\nlog_level = 'error'\r\n")
    assert settings.load(config="a.toml", environ={}, cwd=tmp_path).log_level == "error"


def test_a_missing_file_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "aviator.toml").touch()
    with pytest.raises(InvalidSettingsError) as caught:
        settings.load(config="aviatr.toml", environ={}, cwd=tmp_path)
    assert (
        str(caught.value)
        == f"--config: no such file: aviatr.toml; nearest valid: {tmp_path / 'aviator.toml'}"
    )


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    with pytest.raises(InvalidSettingsError, match=r"^a\.toml: cannot be read: "):
        settings.load(config="a.toml", environ={}, cwd=tmp_path)


@pytest.mark.parametrize("second", ["Admiral", "ADMIRAL", "admiral"])
def test_names_must_differ_in_more_than_case(load: Load, second: str) -> None:
    assert problems_of(load, SIMULATED.format("Admiral") + SIMULATED.format(second)) == [
        f'a.toml, line 5: bookmakers["{second}"].name: "{second}" is taken by "Admiral"; '
        f'nearest valid: "{second} 2"'
    ]


@pytest.mark.parametrize("name", ["Моцарт", "皇冠", "كازينو", "Ш-1 / ..", "a:b*?%", "x" * 64])
def test_names_may_be_in_any_script(load: Load, name: str) -> None:
    assert load(SIMULATED.format(name)).bookmakers[0].name == name


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("", None),
        (" A", '"A"'),
        ("A\\u0007B", '"AB"'),
        ("A\\u2028B", '"AB"'),
        ("A\\nB", '"AB"'),
        ("x" * 65, f'"{"x" * 64}"'),
    ],
)
def test_names_are_one_clean_line(load: Load, written: str, nearest: str | None) -> None:
    (line,) = problems_of(load, SIMULATED.format(written))
    assert line.isprintable()
    assert (f"nearest valid: {nearest}" in line) if nearest else ("is empty" in line)


def test_thresholds_are_sorted_and_each_once(load: Load) -> None:
    assert load("thresholds = [10, 1.15, 2, 2.0]").thresholds_centi == (115, 200, 1000)
    assert load(environ={"AVIATOR_THRESHOLDS": "5, 1.01"}).thresholds_centi == (101, 500)


@given(st.integers(101, 10_000_000))
def test_every_hundredth_is_a_threshold(centi: int) -> None:
    environ = {"AVIATOR_THRESHOLDS": f"{centi // 100}.{centi % 100:02d}"}
    assert settings.load(environ=environ, cwd=Path("/nowhere")).thresholds_centi == (centi,)


def test_a_threshold_between_hundredths_is_told_with_the_nearest_hundredth(load: Load) -> None:
    (line,) = problems_of(load, "thresholds = [1.234]")
    assert line.endswith("1.234 lies between hundredths; nearest valid: 1.23")


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


def test_a_recording_that_is_not_there_is_told_with_the_nearest_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "rounds.csv").touch()
    replay = '[[bookmakers]]\nname = "{}"\nenabled = {}\nsource = {{ kind = "replay", path = "{}" }}\n'
    file = replay.format("A", "true", "round.csv") + replay.format("B", "true", "rounds.csv")
    found = load(file + replay.format("C", "false", "gone.csv"))
    assert [str(problem) for problem in settings.missing_recordings(found)] == [
        f'a.toml, line 4: bookmakers["A"].source.path: no such file: {tmp_path / "round.csv"}; '
        f"nearest valid: {tmp_path / 'rounds.csv'}"
    ]


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


def test_faults_of_a_fairness_are_told_with_the_nearest_value(load: Load) -> None:
    wrong = (
        '{ scheme = "bustabitt" }',
        '{ scheme = "ethercrash" }',
        '{ scheme = "stake", comitment = "00" }',
        '{ scheme = "stake", commitment = "00" }',
        '{ scheme = "aviator", salt = "s" }',
        "{}",
    )
    file = "".join(
        SIMULATED.format(name) + f"fairness = {text}\n" for name, text in zip("ABCDEF", wrong, strict=True)
    )
    assert [line.split("].fairness", 1)[1] for line in problems_of(load, file)] == [
        '.scheme: "bustabitt" is none of bustabit, bustabit-v2, ethercrash, bc.game, stake, duel, aviator; '
        'nearest valid: "bustabit"',
        ".salt: is missing: scheme ethercrash has no published salt",
        ".comitment: is no setting; nearest valid: commitment",
        '.commitment: "00" is no hash of 64 hex digits',
        ".salt: scheme aviator has no such thing: each game stands for itself",
        ".scheme: is missing",
    ]


def test_a_fairness_reaches_the_worker_s_specification(load: Load) -> None:
    file = (
        SIMULATED.format("A")
        + f'fairness = {{ scheme = "ethercrash", salt = "s", commitment = "{"AB" * 32}" }}\n'
    )
    (found,) = load(file + SIMULATED.format("B")).bookmakers[:1]
    assert found.fairness == specs.FairnessSpec(scheme="ethercrash", salt="s", commitment="AB" * 32)


def test_the_shipped_file_names_every_setting_and_every_environment_variable() -> None:
    text = settings.DEFAULT_FILE.read_text(encoding="utf-8")
    tables: dict[str, type[BaseModel]] = {
        "window": model.WindowSettings,
        "redis": model.RedisSettings,
        "cache": model.CacheSettings,
        "analytics": model.AnalyticsSettings,
    }
    names = [name for name in model.Document.model_fields if name not in tables and name != "bookmakers"]
    names += [name for table in tables.values() for name in table.model_fields]
    missing = [name for name in names if not re.search(rf"\b{name}\b", text)]
    missing += [
        name
        for name in layers.ENVIRONMENT
        if name not in text and name not in ("AVIATOR_CONFIG", "AVIATOR_BOOKMAKERS")
    ]
    assert missing == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_settings_or_problems_of_one_line(text: str) -> None:
    with TemporaryDirectory() as directory:
        (Path(directory) / "a.toml").write_bytes(text.encode())
        problems: tuple[Problem, ...] = ()
        try:
            settings.load(config="a.toml", environ={}, cwd=Path(directory))
        except InvalidSettingsError as error:
            problems = error.problems
        assert all(len(str(problem).splitlines()) == 1 for problem in problems)
