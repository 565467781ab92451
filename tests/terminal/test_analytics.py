"""`stats` with questions, from its words to what is printed, over a real database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from data_layer.errors import AviatorError
from data_layer.messages import Origin
from terminal import command_line, texts
from terminal.options import CommonOptions
from terminal.parts import Parts
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_round
from utils import clock

_TOML = """
thresholds = [1.5, 2]
[analytics]
timezone = "Europe/Belgrade"
[[bookmakers]]
name = "Admiral"
group = "A"
source = { kind = "simulator", scheme = "bustabit", seed = "x" }
[[bookmakers]]
name = "Mozzart"
group = "B"
source = { kind = "simulator", scheme = "bustabit", seed = "y" }
"""
_ROUNDS = 400
_NOW_US = START_US + _ROUNDS * 20_000_000

Stats = Callable[..., str]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    stored = StoredRounds(tmp_path / "aviator.db")
    stored.commit(
        [a_round(number, crash_centi=100 + (number * number * 7) % 977) for number in range(_ROUNDS)]
    )
    stored.commit(
        [a_round(number, "Mozzart", crash_centi=100 + (number * 13) % 450) for number in range(100)]
    )
    stored.commit([a_round(7, "Other", origin=Origin.LIVE)])
    stored.close()
    return tmp_path


@pytest.fixture
def stats(directory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Stats:
    monkeypatch.setattr(clock, "now_us", lambda: _NOW_US)
    file = directory / "aviator.toml"
    file.write_text(_TOML, encoding="utf-8")
    options = CommonOptions(config=str(file), data_dir=str(directory))

    def unused(*_: Any) -> Any:
        raise AssertionError("stats needs no engine")

    parts = Parts(run_headless=unused, run_worker=unused, run_view=unused, read_board=unused)

    def run(*words: str) -> str:
        assert command_line.run(["stats", *words], options, parts) == 0
        return capsys.readouterr().out

    return run


def _object(stats: Stats, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stats(*words, "--json"))
    return found


def test_without_a_question_the_plain_statistics_are_shown_as_before(stats: Stats) -> None:
    found = _object(stats, "--range", "all")
    assert list(found) == ["range", "bookmaker", "computed_at_us", "version", "total", "bookmakers"]
    assert _object(stats)["range"] == "24h"
    assert "now below 2x" in stats()


def test_thresholds_are_counted_exactly(stats: Stats) -> None:
    values = [100 + (number * number * 7) % 977 for number in range(_ROUNDS)]
    found = _object(
        stats, "--bookmaker", "Admiral", "--range", "all", "--threshold", "3.37x", "--threshold", "1.5"
    )
    rows = {row["threshold_centi"]: row for row in found["distribution"]["thresholds"]}
    assert list(rows) == [150, 337]
    for centi, row in rows.items():
        assert row["at_or_above"] == sum(value >= centi for value in values)
        assert row["above"] == sum(value > centi for value in values)
        assert row["at_or_below"] == sum(value <= centi for value in values)
        assert row["below"] == sum(value < centi for value in values)
    sample = found["distribution"]["sample"]
    assert (sample["rounds"], sample["origins"], sample["rtp"]) == (_ROUNDS, ["simulator"], 0.99)
    assert found["timezone"] == "Europe/Belgrade"


def test_the_distribution_says_of_which_rounds_it_speaks_and_why_the_mean_means_little(stats: Stats) -> None:
    text = stats("--range", "1h", "--threshold", "2")
    assert "Crash points: all bookmakers" in text
    assert "180 rounds, the last 1 h, 2025-06-15 18:20:00 to 2025-06-15 19:20:00, Europe/Belgrade" in text
    assert "These rounds are not live: simulated." in text
    assert "What is expected comes from claimed returns, on average 99 %." in text
    assert "from a claimed return of 99 %" in stats("--threshold", "2", "--bookmaker", "Admiral")
    assert "The mean does not settle, however many rounds there are" in text
    assert "in the span of equal length before" in text
    assert "Not all of these rounds are live" in stats("--range", "all", "--threshold", "2")


def test_two_times_are_of_the_zone_unless_they_say_otherwise(stats: Stats) -> None:
    local = _object(stats, "--from", "2025-06-15T17:06:40", "--to", "2025-06-15T17:16:40")
    stated = _object(stats, "--from", "2025-06-15T15:06:40+00:00", "--to", "2025-06-15T15:16:40Z")
    elsewhere = (
        "--timezone",
        "Asia/Kathmandu",
        "--from",
        "2025-06-15T20:51:40",
        "--to",
        "2025-06-15 21:01:40",
    )
    assert local["distribution"]["sample"]["start_us"] == START_US
    assert local["distribution"]["sample"]["rounds"] == 30 + 30 + 1
    assert stated == local
    assert _object(stats, *elsewhere)["distribution"] == local["distribution"]


def test_an_open_span_goes_to_the_newest_round(stats: Stats) -> None:
    found = _object(stats, "--bookmaker", "Admiral", "--from", "2025-06-15T19:00:00")["distribution"]
    assert found["sample"]["rounds"] == _ROUNDS - 340
    until = _object(stats, "--bookmaker", "Admiral", "--to", "2025-06-15T19:00:00")["distribution"]
    assert until["sample"]["rounds"] == 340
    assert until["rounds_before"] is None


def test_a_group_holds_its_bookmakers(stats: Stats) -> None:
    found = _object(stats, "--group", "B", "--range", "all")["distribution"]
    assert found["sample"]["rounds"] == 100
    assert found["sample"]["scope"] == {"bookmaker": "", "group": "B"}


def test_streaks_say_that_no_round_is_due(stats: Stats) -> None:
    text = stats("--streaks", "--bookmaker", "Admiral", "--range", "all")
    assert "No round is due: after any number of rounds below, the next one reaches 2x as often" in text
    found = _object(stats, "--streaks", "--threshold", "3", "--threshold", "2", "--range", "all")["streaks"]
    assert [answer["threshold_centi"] for answer in found] == [200, 300]


def test_intervals_and_the_heat_map_are_in_local_time(stats: Stats) -> None:
    words = ("--intervals", "90m", "--heat-map", "--bookmaker", "Admiral", "--range", "24h")
    found = _object(stats, *words)
    assert [row["local_start"] for row in found["intervals"][0]["buckets"]][-1] == "2025-06-15 18:00 +0200"
    assert found["intervals"][0]["heat"] == found["heat_map"][0]["buckets"] == []
    assert len(found["heat_map"][0]["heat"]) == 7 * 24
    text = stats(*words)
    assert "2025-06-15 18:00 +0200" in text
    assert "do by chance alone" in text


def test_buckets_of_rounds_hold_so_many(stats: Stats) -> None:
    found = _object(stats, "--intervals", "100r", "--bookmaker", "Admiral", "--range", "all")
    assert [bucket["rounds"] for bucket in found["intervals"][0]["buckets"]] == [100] * 4


def test_drift_and_integrity_are_of_all_time_unless_told_otherwise(stats: Stats) -> None:
    found = _object(stats, "--drift", "--integrity")
    assert found["drift"]["sample"]["span"]["name"] == found["integrity"]["sample"]["span"]["name"] == "all"
    assert {line["threshold_centi"] for line in found["drift"]["lines"]} == {150, 200}
    text = stats("--drift", "--integrity", "--range", "1h")
    assert "Drift: all bookmakers" in text
    assert "false alarms are at most 1 % however often one looks" in text
    assert "Looked for: " in text
    assert "the last 1 h" in text


def test_a_span_without_rounds_says_that_n_is_too_small(stats: Stats) -> None:
    text = stats("--from", "2030-01-01", "--to", "2030-01-02", "--threshold", "2", "--streaks", "--heat-map")
    assert "0 rounds, 2030-01-01 00:00:00 to 2030-01-02 00:00:00, Europe/Belgrade" in text
    assert "Note: n too small (no rounds in this span)." in stats("--from", "2030-01-01", "--threshold", "2")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--threshold", "0.99"], "--threshold: 0.99 is below 1.00x"),
        (["--threshold", "2.345"], '--threshold: "2.345" is finer than multipliers are'),
        (["--threshold", "two"], '--threshold: "two" is no multiplier'),
        (["--from", "yesterday"], "--from yesterday: is no date or time as 2025-10-26"),
        (["--to", "2025-02-30"], "--to 2025-02-30: is no date or time as"),
        (["--from", "2025-02-02", "--to", "2025-02-01"], "ends before it begins"),
        (["--from", "2025-02-02", "--to", "2025-02-02"], "is empty"),
        (["--from", "2025-02-02", "--range", "1h"], "--range 1h and --from or --to: give one of them"),
        (["--range", "5h", "--streaks"], 'range "5h" is none of 1h, 6h, 24h'),
        (["--range", "5h"], "--range 5h: is none of 1h, 6h, 24h"),
        (["--timezone", "Belgrad"], "nearest valid: Europe/Belgrade"),
        (["--group", "Z"], 'group "Z" is unknown; there are A, B'),
        (["--bookmaker", "Admirl", "--streaks"], 'bookmaker "Admirl" is unknown; did you mean Admiral?'),
        (["--bookmaker", "Admiral", "--group", "A"], "ask about one of them"),
        (["--intervals", "0m"], "--intervals: a bucket needs some length"),
        (["--intervals", "5w"], '--intervals: "5w" is no length'),
        (["--intervals", "100r"], "buckets of rounds are those of one bookmaker: name it"),
        (["--bookmaker", "", "--streaks"], "--bookmaker: is empty"),
        (["--group", " "], "--group: is empty"),
        (["--timezone", ""], "--timezone: is empty"),
        (["--range", ""], "--range: is empty"),
        (["--from", "0001-01-01T00:00+00:00", "--timezone", "America/New_York"], "is no date or time as"),
        (["--to", "9999-12-31T23:59:59", "--timezone", "America/New_York"], "is no date or time as"),
        (["--to", "9999-12-31T23:59:59Z", "--timezone", "Asia/Tokyo"], "is no date or time as"),
    ],
)
def test_words_that_make_no_sense_are_refused_in_one_line(stats: Stats, words: list[str], text: str) -> None:
    with pytest.raises(AviatorError) as caught:
        stats(*words)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_without_a_database_there_is_nothing_to_tell(stats: Stats, directory: Path) -> None:
    for file in directory.glob("aviator.db*"):
        file.unlink()
    assert "no rounds are recorded" in stats("--threshold", "2")
    assert _object(stats, "--threshold", "2") == {"now_us": _NOW_US, "timezone": "Europe/Belgrade"}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--from", "2025-02-02", "--to", "2025-02-01"], "ends before it begins"),
        (["--range", "5h", "--streaks"], 'range "5h" is none of'),
        (["--group", "Z"], 'group "Z" is unknown'),
        (["--intervals", "100r"], "buckets of rounds are those of one bookmaker"),
    ],
)
def test_words_that_make_no_sense_are_refused_without_a_database_too(
    stats: Stats, directory: Path, words: list[str], text: str
) -> None:
    for file in directory.glob("aviator.db*"):
        file.unlink()
    with pytest.raises(AviatorError, match=text) as caught:
        stats(*words)
    assert caught.value.exit_code == 2
    assert "no rounds are recorded" in stats("--bookmaker", "Anyone", "--streaks")


def test_the_ends_of_the_calendar_can_be_asked_about(stats: Stats) -> None:
    text = stats("--from", "0001-01-02", "--to", "9999-12-31T23:59:59.999999", "--timezone", "UTC")
    assert "to 9999-12-31 23:59:59, UTC" in text


def test_an_open_end_is_told_in_words(stats: Stats) -> None:
    assert "rounds, the first round to 2025-06-15 19:00:00" in stats("--to", "2025-06-15T19:00:00")
    assert "2025-06-15 19:00:00 to now, Europe" in stats("--from", "2025-06-15T19:00:00")


def test_each_of_many_thresholds_has_its_answer(stats: Stats) -> None:
    many = [word for centi in range(100, 200) for word in ("--threshold", f"{centi / 100:.2f}")]
    found = _object(stats, "--streaks", "--range", "all", *many)["streaks"]
    assert [answer["threshold_centi"] for answer in found] == list(range(100, 200))


def test_a_heat_map_may_be_of_more_hours_than_intervals_are_shown(stats: Stats) -> None:
    assert len(_object(stats, "--heat-map", "--from", "2010-01-01")["heat_map"][0]["heat"]) == 7 * 24


def test_buckets_of_rounds_without_times_are_told_by_their_number(stats: Stats, directory: Path) -> None:
    stored = StoredRounds(directory / "aviator.db")
    untimed = [
        msgspec.structs.replace(a_round(number, "Other"), crashed_at_us=None) for number in range(10, 20)
    ]
    stored.commit(untimed)
    stored.close()
    words = ("--intervals", "5r", "--bookmaker", "Other", "--range", "all")
    rows = [line.split() for line in stats(*words).splitlines()]
    starts = [row[:2] for row in rows if row[:1] in (["1"], ["6"], ["11"])]
    assert starts[1:] == [["1", "\N{EN DASH}"], ["6", "\N{EN DASH}"], ["11", "2025-06-15"]]


def test_findings_and_quantiles_are_readable_where_lines_are_short(
    stats: Stats, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = StoredRounds(directory / "aviator.db")
    stored.commit([a_round(number, "Other") for number in range(1_000, 1_040)])
    stored.close()
    monkeypatch.setattr(texts, "console", lambda: Console(width=80, markup=False, highlight=False))
    text = stats("--integrity", "--bookmaker", "Other", "--range", "all")
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    assert "992 ids missing, in 1 gap; the largest, of 992, is between rounds" in text
    text = stats("--range", "all", "--threshold", "2")
    assert "99.9 %:" in text
    assert "\N{HORIZONTAL ELLIPSIS}" not in text


def test_the_error_of_a_return_that_no_round_reached_is_not_zero(stats: Stats) -> None:
    rows = stats("--range", "all", "--threshold", "2", "--threshold", "5000").splitlines()
    errors = {row.split()[0]: row.split()[-2:] for row in rows if row.split()[:1] in (["2x"], ["5,000x"])}
    assert errors["5,000x"][-1] == "\N{EN DASH}"


def test_drift_without_a_claim_says_that_nothing_was_tested(stats: Stats) -> None:
    untested = "None of the thresholds could be tested"
    assert untested in stats("--drift", "--bookmaker", "Other")
    assert untested not in stats("--drift", "--bookmaker", "Admiral")


@pytest.mark.parametrize(
    ("lag_us", "words"),
    [(3_000_000, "3.0 s later"), (-3_000_000, "3.0 s earlier"), (0, "at the same time")],
)
def test_integrity_tells_of_one_feed_and_does_not_deny_it(
    stats: Stats, directory: Path, lag_us: int, words: str
) -> None:
    stored = StoredRounds(directory / "aviator.db")
    for name, count, by_us in (("One", 60, 0), ("Two", 50, lag_us)):
        rounds = [
            a_round(number, name, crash_centi=101 + number * number * 31 % 997) for number in range(count)
        ]
        later = (one.crashed_at_us or 0 for one in rounds)
        stored.commit(
            [
                msgspec.structs.replace(one, crashed_at_us=at_us + by_us)
                for one, at_us in zip(rounds, later, strict=True)
            ]
        )
    stored.close()
    text = stats("--integrity")
    assert f"One feed: Two with One, {words}; 50 rounds match." in text
    assert "No two of these bookmakers" not in text
    assert "Counted once" in stats("--threshold", "2", "--range", "all")


def test_drift_says_where_n_is_too_small_and_shows_the_interval(stats: Stats) -> None:
    words = ("--drift", "--threshold", "2", "--bookmaker", "Admiral")
    few = stats(*words, "--from", "2025-06-15T17:06:40", "--to", "2025-06-15T17:08:00")
    (row,) = (line for line in few.splitlines() if line.split()[1:3] == ["2x", "4"])
    assert " to " in row
    assert row.rstrip().endswith("hardly any, n too small")
    assert "5 % less than claimed would not show yet" in few


def test_an_alarm_of_drift_says_what_was_claimed_and_seen(stats: Stats, directory: Path) -> None:
    stored = StoredRounds(directory / "aviator.db")
    stored.commit([a_round(number, crash_centi=100) for number in range(1_000, 2_000)])
    stored.close()
    text = stats("--drift", "--threshold", "2", "--bookmaker", "Admiral")
    assert "alarm since round" in text
    assert "of the rounds reach it, 49.50% are claimed." in text


def test_a_bucket_that_the_span_cuts_is_called_short(stats: Stats) -> None:
    span = ("--from", "2025-06-15T17:20", "--to", "2025-06-15T19:00", "--bookmaker", "Admiral")
    rows = [line.split() for line in stats("--intervals", "60m", *span).splitlines()]
    assert [row[-1] == "short" for row in rows if row[:1] == ["2025-06-15"]] == [True, False]


def test_of_several_bookmakers_the_longest_wait_is_called_so(stats: Stats) -> None:
    assert "longest wait for 2x" in stats("--streaks", "--range", "all")
    assert "rounds since 2x" in stats("--streaks", "--range", "all", "--bookmaker", "Admiral")
