"""Faults of the settings: each is told in one line with its key, its place and the nearest valid value."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import settings
from config.problems import InvalidSettingsError, Problem
from config.specs import ReplaySpec
from tests.config.loading import SIMULATED, Load, problems_of


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


@pytest.mark.parametrize("zone", ["+02:00", "UTC-3", "utc", "Europe/Belgrade"])
def test_a_replay_takes_the_time_zones_of_an_import(load: Load, zone: str) -> None:
    source = f'kind = "replay"\npath = "x"\ntimezone = "{zone}"\n'
    (bookmaker,) = load(f'[[bookmakers]]\nname = "A"\n[bookmakers.source]\n{source}').bookmakers
    assert isinstance(bookmaker.source, ReplaySpec)
    assert bookmaker.source.timezone == zone


@pytest.mark.parametrize("zone", ["+25:00", "+02:75", "02:00"])
def test_an_offset_that_no_clock_has_is_no_time_zone(load: Load, zone: str) -> None:
    source = f'kind = "replay"\npath = "x"\ntimezone = "{zone}"\n'
    (fault,) = problems_of(load, f'[[bookmakers]]\nname = "A"\n[bookmakers.source]\n{source}')
    assert f'source.timezone: "{zone}" is no time zone; nearest valid: "' in fault


def test_a_time_zone_is_also_found_by_its_city(load: Load) -> None:
    (fault,) = problems_of(load, '[analytics]\ntimezone = "Beograd"\n')
    assert fault.endswith('nearest valid: "Europe/Belgrade"')
    (fault,) = problems_of(load, '[analytics]\ntimezone = "locale"\n')
    assert fault.endswith('nearest valid: "local"')


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "is empty"),
        ("~no-such-user/data", '"~no-such-user/data" begins with the home of nobody here'),
        ("a\\u0000b", " has a character that no path has"),
    ],
)
def test_a_path_that_names_nothing_is_refused(load: Load, value: str, fault: str) -> None:
    lines = problems_of(
        load,
        f'data_dir = "{value}"\n[[bookmakers]]\nname = "A"\n'
        f'source = {{ kind = "replay", path = "{value}" }}\n'
        f'betting = {{ strategy = "python", file = "{value}", class_name = "Mine" }}\n',
    )
    keys = ["data_dir", 'bookmakers["A"].source.path', 'bookmakers["A"].betting.file']
    assert [line.split(": ")[1] for line in lines] == keys
    assert all(fault in line for line in lines)


def test_a_nearest_value_is_one_that_could_be_written(load: Load) -> None:
    assert problems_of(load, "window = 1\nthresholds = 2\nredis = []\n") == [
        "a.toml, line 2: thresholds: 2 is not a list; nearest valid: [1.5, 2, 3, 5, 10, 20, 50, 100]",
        "a.toml, line 1: window: 1 is not a table",
        "a.toml, line 3: redis: a list is not a table",
    ]
    many = [1.01 + number for number in range(33)]
    assert problems_of(load, f"thresholds = {many}\n") == [
        "a.toml, line 1: thresholds: has 33 entries, more than 32; "
        "nearest valid: [1.5, 2, 3, 5, 10, 20, 50, 100]"
    ]


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


def test_a_missing_file_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "aviator.toml").touch()
    with pytest.raises(InvalidSettingsError) as caught:
        settings.load(config="aviatr.toml", environ={}, cwd=tmp_path)
    assert (
        str(caught.value)
        == f"command line, --config: no such file: aviatr.toml; nearest valid: {tmp_path / 'aviator.toml'}"
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


def test_a_threshold_between_hundredths_is_told_with_the_nearest_hundredth(load: Load) -> None:
    (line,) = problems_of(load, "thresholds = [1.234]")
    assert line.endswith("1.234 lies between hundredths; nearest valid: 1.23")


def test_a_recording_that_is_not_there_is_told_with_the_nearest_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "rounds.csv").touch()
    replay = '[[bookmakers]]\nname = "{}"\nenabled = {}\nsource = {{ kind = "replay", path = "{}" }}\n'
    file = replay.format("A", "true", "round.csv") + replay.format("B", "true", "rounds.csv")
    found = load(file + replay.format("C", "false", "gone.csv"))
    assert [str(problem) for problem in settings.missing_recordings(found)] == [
        f'a.toml, line 4: bookmakers["A"].source.path: no such file: {tmp_path / "round.csv"}; '
        f"nearest valid: {tmp_path / 'rounds.csv'}"
    ]


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
