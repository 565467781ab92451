"""Single cells: what each becomes, or why it becomes nothing."""

import math
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.errors import BadRowError, SourceError
from data_layer.recordings import values

SUMMER_EVENING_US = 1_756_676_871_000_000  # 2025-08-31 21:47:51 UTC


@pytest.mark.parametrize(
    ("cell", "centi"),
    [
        ("1.61", 161),
        ("1.5", 150),
        ("1,61", 161),
        ("2.31x", 231),
        (" 13.13 ", 1313),
        ("1e3", 100_000),
        ("1", 100),
        (1, 100),
        (5.68, 568),
        (5.5600000000000005, 556),
        (0.9999999999, 100),
        (10938.01, 1_093_801),
        ("1000000.01", 100_000_001),
        ("1,234.56", 123_456),
        ("1.234.567,8x", 123_456_780),
        ("1 234,56", 123_456),
        ("1\u00a0234.5", 123_450),
        ("1'234.56", 123_456),
    ],
)
def test_a_multiplier_becomes_hundredths(cell: object, centi: int) -> None:
    assert values.crash_centi(cell) == centi


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("  ", "missing"),
        (True, "no number"),
        ([1.5], "no number"),
        (b"1.5", "no number"),
        ("abc", "no number"),
        ("1.5.2", "no number"),
        ("1,23,456.7", "no number"),
        ("3 150", "no number"),
        ("1,234", "thousands or three decimals"),
        ("2,000x", "thousands or three decimals"),
        ("0,500", "below 1.00"),
        ("1,2345", "off the 0.01 grid"),
        ("1_000", "no number"),
        ("\u0661.5", "no number"),
        ("9" * 4_000, "no number"),
        ("9" * 5_000, "oversized"),
        ("nan", "not finite"),
        ("-Infinity", "not finite"),
        ("1e999", "not finite"),
        (math.nan, "not finite"),
        (math.inf, "not finite"),
        (-2.5, "negative"),
        ("-1.50", "negative"),
        (0.99, "below 1.00"),
        ("0", "below 1.00"),
        (1.005, "off the 0.01 grid"),
        ("1.999", "off the 0.01 grid"),
        (1e12, "too large"),
        (10**400, "too large"),
        ("2.29\u20281.29", "two numbers joined by U+2028"),
        ("2.29\n1.29\n3", "several numbers joined by a line break"),
    ],
)
def test_an_impossible_multiplier_is_refused_with_its_reason(cell: object, reason: str) -> None:
    with pytest.raises(BadRowError, match=reason.replace("+", r"\+")):
        values.crash_centi(cell)


@given(st.integers(100, 10**9))
def test_every_point_of_the_grid_survives_text_and_float(centi: int) -> None:
    assert values.crash_centi(centi / 100) == centi
    assert values.crash_centi(f"{centi // 100}.{centi % 100:02d}") == centi


@given(st.one_of(st.text(), st.floats(), st.integers(), st.binary(), st.none(), st.booleans()))
def test_no_cell_does_anything_but_convert_or_be_refused(cell: object) -> None:
    parse_time = values.time_parser(UTC, None)
    for parse in (values.crash_centi, values.crash_in_hundredths, parse_time):
        try:
            result = parse(cell)
        except BadRowError:
            continue
        assert isinstance(result, int)


@pytest.mark.parametrize(
    "cell",
    [
        "2025-08-31 21:47:51",
        "2025-08-31T21:47:51",
        "2025-08-31T21:47:51Z",
        "2025-08-31T23:47:51+02:00",
        "2025-08-31 21:47:51 UTC",
        "31.08.2025 21:47:51",
        "2025/08/31 21:47:51",
        "1756676871",
        1_756_676_871,
        1_756_676_871.0,
        1_756_676_871_000,
        "1756676871000",
        1_756_676_871_000_000,
    ],
)
def test_a_time_in_any_usual_spelling_becomes_utc_microseconds(cell: object) -> None:
    assert values.time_parser(UTC, None)(cell) == SUMMER_EVENING_US


@pytest.mark.parametrize("zone", ["Europe/Belgrade", "+02:00", "UTC+2", "+0200"])
def test_a_time_without_a_zone_is_in_the_recording_s_zone(zone: str) -> None:
    parse = values.time_parser(values.zone_named(zone), None)
    assert parse("2025-08-31 23:47:51") == SUMMER_EVENING_US
    assert parse("2025-08-31T21:47:51Z") == SUMMER_EVENING_US
    assert parse(1_756_676_871) == SUMMER_EVENING_US


@pytest.mark.parametrize(
    "cell", ["yesterday", "1999-01-01 00:00:00", "2101-01-01 00:00:00", None, "", "nan", -5]
)
def test_what_is_no_time_of_a_crash_game_is_refused(cell: object) -> None:
    with pytest.raises(BadRowError, match="time is"):
        values.time_parser(UTC, None)(cell)


def test_an_unknown_zone_is_refused_in_one_line() -> None:
    with pytest.raises(SourceError, match=r"no time zone 'Europe/Atlantis'; give a name like"):
        values.zone_named("Europe/Atlantis")


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["2025-08-31 21:47:51", "2025-08-31T21:47:51.25", "2025-08-31T21:47:51Z", "x", ""]
            ),
            st.datetimes().map(lambda moment: moment.isoformat(sep=" ")),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_column_of_times_becomes_what_its_cells_become(cells: list[str]) -> None:
    parse = values.time_parser(UTC, None)
    parse_many = values.times_parser(parse, UTC, None)
    try:
        one_by_one = [parse(cell) for cell in cells]
    except BadRowError as error:
        with pytest.raises(BadRowError, match=str(error)):
            parse_many(cells)
        return
    assert parse_many(cells) == one_by_one


def test_money_becomes_minor_units() -> None:
    assert values.minor_units("251962", "stake") == 25_196_200
    assert values.minor_units("12.345", "stake") == 1_234
    assert values.minor_units("-0.29", "net profit") == -29
    assert values.minor_units("1,234.5", "stake") == 123_450
    assert values.minor_units("", "stake") is None
    assert values.whole_minor_units("1234", "stake") == 1_234
    with pytest.raises(BadRowError, match="stake is too large"):
        values.minor_units(1e30, "stake")
    with pytest.raises(BadRowError, match="thousands or three decimals"):
        values.minor_units("1,234", "stake")
    with pytest.raises(BadRowError, match="thousands or three decimals"):
        values.whole_minor_units("1,000", "stake")


def test_seconds_may_have_three_decimals_behind_a_comma() -> None:
    assert values.number("12,345", "duration") == 12.345


def test_a_count_is_whole_and_no_thousands_are_taken_for_decimals() -> None:
    assert values.count("1,000.0", "players") == 1_000
    with pytest.raises(BadRowError, match="thousands or three decimals"):
        values.count("1,000", "players")


def test_text_is_trimmed_and_printable() -> None:
    assert values.text("  51216121 ", "round id") == "51216121"
    assert values.text(51216121, "round id") == "51216121"
    assert values.text(51216121.0, "round id") == "51216121"
    assert values.text(None, "round id") is None
    for bad in ("a\x00b", "\ud800", "x" * 201, True, b"1", 1.5):
        with pytest.raises(BadRowError, match="round id"):
            values.text(bad, "round id")
