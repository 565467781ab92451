"""Alerts as rows and words, and what of them stands in the attention list."""

from dataclasses import replace

import msgspec

from data_layer.alerts.model import Alert, AlertKind, Mute, Severity
from data_layer.engine import RedisStatus, WorkerView
from data_layer.messages import WorkerState
from gui.sample.window import Sample, SampleClock
from gui.view_models import alerts
from gui.view_models.attention import Problem
from gui.view_models.condition import Light
from gui.view_models.overview import Overview
from gui.view_models.tables import Row
from gui.view_models.tones import Tone
from tests.gui.fakes import NOW_US, SECOND_US, board, status


def alert(title: str = "StarBet: no data", **fields: object) -> Alert:
    """Return an active warning about StarBet, 41 s old, changed in `fields`."""
    given: dict[str, object] = {
        "uid": title,
        "rule": "stall",
        "kind": AlertKind.STALL,
        "severity": Severity.WARNING,
        "title": title,
        "detail": "silent for 41 s",
        "bookmakers": ("StarBet",),
        "since_us": NOW_US - 41 * SECOND_US,
        "raised_at_us": NOW_US - 36 * SECOND_US,
    }
    return Alert(**(given | fields))  # type: ignore[arg-type]  # fields are named by the tests


def mute(seconds: float = 600, rule: str = "", bookmaker: str = "") -> Mute:
    return Mute(until_us=NOW_US + round(seconds * SECOND_US), rule=rule, bookmaker=bookmaker)


def texts(row: Row) -> list[str]:
    return [cell.text for cell in row.cells]


def test_an_active_alert_says_what_since_when_and_how_long() -> None:
    (row,) = alerts.active_rows([alert()], (), NOW_US)
    severity, title, detail, since, lasts, rule, told = row.cells
    assert (severity.text, severity.light, severity.tone) == ("warning", Light.WARN, Tone.WARN)
    assert (title.text, detail.text) == ("StarBet: no data", "silent for 41 s")
    assert since.text.count(":") == 2
    assert (lasts.text, rule.text, told.text) == ("41 s", "stall", "")


def test_seconds_are_counted_whole_and_longer_times_in_two_units() -> None:
    lengths = (0, 400_000, 5_900_000, 59_999_999, 61_500_000, 7_300_000_000)
    rows = [alerts.active_rows([alert(since_us=NOW_US - length)], (), NOW_US)[0] for length in lengths]
    assert [row.cells[4].text for row in rows] == ["0 s", "0 s", "5 s", "59 s", "1 min 1 s", "2 h 1 min"]


def test_the_end_of_a_mute_is_that_of_the_one_that_lasts_longest_for_all_it_is_about() -> None:
    several = alert(bookmakers=("StarBet", "Soccer"))
    one, both = mute(60, bookmaker="StarBet"), mute(600, rule="stall")
    assert alerts.active_rows([several], [one], NOW_US)[0].cells[-1].text == ""
    ends = [alerts.active_rows([each], [one, both], NOW_US)[0].cells[-1] for each in (alert(), several)]
    until = alerts.mute_rows([both], NOW_US)[0].cells[1].text
    assert [cell.text for cell in ends] == [f"until {until}"] * 2
    assert ends[0].light is Light.PAUSED
    sooner, later = mute(60, bookmaker="StarBet"), mute(600, bookmaker="Soccer")
    told = alerts.active_rows([several], [sooner, later], NOW_US)[0].cells[-1].text
    assert told == f"until {alerts.mute_rows([sooner], NOW_US)[0].cells[1].text}"


def test_an_alert_of_another_machine_is_muted_by_its_word_alone() -> None:
    assert alerts.active_rows([alert(muted=True)], (), NOW_US)[0].cells[-1].text == "muted"


def test_the_history_says_how_long_and_how_it_ended_and_shouts_only_of_what_is_active() -> None:
    ended = alert(
        "over", severity=Severity.CRITICAL, ended_at_us=NOW_US - 21 * SECOND_US, end_reason="over", count=3
    )
    quiet = msgspec.structs.replace(ended, uid="quiet", muted=True)
    rows = alerts.HistoryRows().rows([ended, alert(), quiet], alerts.HistoryFilter(), NOW_US)
    assert [texts(row)[4:7] for row in rows] == [
        ["20 s", "3", "over"],
        ["41 s", "", "active"],
        ["20 s", "3", "over, muted"],
    ]
    assert [(row.cells[1].text, row.cells[1].tone) for row in rows[:2]] == [
        ("critical", Tone.MUTED),
        ("warning", Tone.WARN),
    ]


def test_a_row_of_the_history_is_made_anew_when_its_alert_or_the_day_is_another() -> None:
    maker, everything = alerts.HistoryRows(), alerts.HistoryFilter()
    ended = alert(ended_at_us=NOW_US, end_reason="over")
    (first,) = maker.rows([ended], everything, NOW_US)
    assert maker.rows([ended], everything, NOW_US + SECOND_US)[0] is first
    (changed,) = maker.rows([msgspec.structs.replace(ended, count=7)], everything, NOW_US)
    assert changed.cells[5].text == "7"
    (later,) = maker.rows([ended], everything, NOW_US + 3 * 86_400 * SECOND_US)
    assert len(later.cells[0].text) > len(first.cells[0].text)  # with its date
    lasting = [maker.rows([alert()], everything, NOW_US + after * SECOND_US)[0] for after in (0, 9)]
    assert [row.cells[4].text for row in lasting] == ["41 s", "50 s"]


def test_severities_sort_by_how_bad_they_are() -> None:
    cells = [alerts.severity_cell(severity) for severity in Severity]
    assert [cell.text for cell in sorted(cells, key=lambda cell: str(cell.sort))] == [
        "critical",
        "warning",
        "info",
    ]


def test_the_history_is_filtered_by_severity_rule_and_words() -> None:
    past = [
        alert("StarBet: no data"),
        alert("1,204x", severity=Severity.INFO, rule="multiplier", bookmakers=("Admiral",), detail=""),
        alert("the disk is full", severity=Severity.CRITICAL, rule="disk full", bookmakers=()),
    ]

    def kept(**wanted: object) -> list[str]:
        chosen = alerts.HistoryFilter(**wanted)  # type: ignore[arg-type]
        return [row.key for row in alerts.HistoryRows().rows(past, chosen, NOW_US)]

    assert len(kept()) == 3
    assert kept(least=Severity.WARNING) == ["StarBet: no data", "the disk is full"]
    assert kept(least=Severity.CRITICAL) == ["the disk is full"]
    assert kept(rule="multiplier") == ["1,204x"]
    assert kept(text="ADMIRAL") == ["1,204x"]
    assert kept(text="disk full") == ["the disk is full"]
    assert kept(text="silent starbet") == ["StarBet: no data"]
    assert kept(text="nothing of this") == []


def test_all_alerts_are_summed_up_with_the_light_of_the_worst() -> None:
    assert alerts.summary([]) == ("none", Light.LIVE)
    some = [alert(severity=severity) for severity in (Severity.WARNING, Severity.INFO, Severity.WARNING)]
    assert alerts.summary(some) == ("2 warnings, 1 info", Light.WARN)
    assert alerts.summary([*some, alert(severity=Severity.CRITICAL)])[1] is Light.BAD


def test_mutes_are_named_by_what_they_silence() -> None:
    names = [
        alerts.mute_words(one)
        for one in (mute(rule="stall", bookmaker="A"), mute(bookmaker="A"), mute(rule="stall"))
    ]
    assert names == ["stall at A", "everything at A", "stall everywhere"]
    assert len({alerts.mute_key(mute(rule="A")), alerts.mute_key(mute(bookmaker="A"))}) == 2


def test_everything_known_of_an_alert_is_said() -> None:
    told = alerts.explanation(
        alert(bookmakers=("A", "B"), recovered=("B",), consequences=("2 outboxes grow",), count=4),
        NOW_US,
    )
    for words in (
        "silent for 41 s",
        "about A, B",
        "well again: B",
        "2 outboxes grow",
        "4 times",
        "rule stall",
    ):
        assert words in told


# The attention list.


def attention(sample: Sample, clock: SampleClock, *active: Alert) -> tuple[Problem, ...]:
    overview = Overview(sample.reader, sample.engine)
    snapshot = sample.engine.snapshot()
    overview.update(snapshot, clock.now_us(), clock.monotonic_us())
    return overview.frame(
        snapshot,
        engine_trouble="",
        redis=RedisStatus(),
        alerts=active,
        now_us=clock.now_us(),
        monotonic_us=clock.monotonic_us(),
    ).problems


def critical(title: str, **fields: object) -> Alert:
    return alert(title, severity=Severity.CRITICAL, **fields)


def test_a_critical_alert_is_in_the_attention_list_and_leads_to_its_bookmaker(
    sample: Sample, sample_clock: SampleClock
) -> None:
    drift = critical("Soccer: drifts", kind=AlertKind.DRIFT, bookmakers=("Soccer",), since_us=NOW_US - 5)
    found = {problem.title: problem for problem in attention(sample, sample_clock, drift)}
    assert found["Soccer: drifts"].tone is Tone.BAD
    assert found["Soccer: drifts"].bookmaker == "Soccer"
    assert found["Soccer: drifts"].detail.startswith("silent for 41 s, ")


def test_remarks_ended_alerts_and_stalls_that_a_card_shows_are_not(
    sample: Sample, sample_clock: SampleClock
) -> None:
    before = attention(sample, sample_clock)
    ended = critical("ended", ended_at_us=NOW_US)
    assert attention(sample, sample_clock, alert(), alert("info", severity=Severity.INFO), ended) == before


def test_a_warning_that_nothing_else_shows_is_in_the_attention_list(
    sample: Sample, sample_clock: SampleClock
) -> None:
    repeats = alert("JetX: repeated stretch", kind=AlertKind.INTEGRITY, bookmakers=("JetX",))
    found = {problem.title: problem.tone for problem in attention(sample, sample_clock, repeats)}
    assert found["JetX: repeated stretch"] is Tone.WARN
    muted = msgspec.structs.replace(repeats, muted=True)
    assert attention(sample, sample_clock, muted) == attention(sample, sample_clock)
    held = alert("Admiral: no data", bookmakers=("Admiral",))  # its card is well again already
    assert attention(sample, sample_clock, held) == attention(sample, sample_clock)


def test_a_muted_one_stands_quietly_below_all_others(sample: Sample, sample_clock: SampleClock) -> None:
    last = attention(sample, sample_clock, critical("drifts", kind=AlertKind.DRIFT, muted=True))[-1]
    assert (last.title, last.tone) == ("drifts", Tone.PAUSED)
    assert last.detail.endswith("muted")


def test_what_the_board_shows_as_broken_is_not_listed_twice(
    sample: Sample, sample_clock: SampleClock
) -> None:
    before = attention(sample, sample_clock)
    failed = critical("VolcanoBet: exited", kind=AlertKind.WORKER, bookmakers=("VolcanoBet",))
    assert attention(sample, sample_clock, failed) == before
    other = critical("Admiral: exited", kind=AlertKind.WORKER, bookmakers=("Admiral",))
    assert len(attention(sample, sample_clock, other)) == len(before) + 1
    both = critical("2 workers", kind=AlertKind.WORKER, bookmakers=("Admiral", "VolcanoBet"))
    assert len(attention(sample, sample_clock, both)) == len(before) + 1
    drift = critical("VolcanoBet: drifts", kind=AlertKind.DRIFT, bookmakers=("VolcanoBet",))
    assert len(attention(sample, sample_clock, drift)) == len(before) + 1


def test_the_writer_s_alert_is_listed_unless_the_engine_s_own_trouble_is(
    sample: Sample, sample_clock: SampleClock
) -> None:
    writer = critical("the writer does not run", kind=AlertKind.WRITER, bookmakers=())
    assert any(problem.title == writer.title for problem in attention(sample, sample_clock, writer))
    overview = Overview(sample.reader, sample.engine)
    snapshot = sample.engine.snapshot()
    assert snapshot.instance is not None
    failed = replace(
        snapshot, instance=msgspec.structs.replace(snapshot.instance, writer_state=WorkerState.FAILED)
    )
    overview.update(failed, sample_clock.now_us(), sample_clock.monotonic_us())
    problems = overview.frame(
        failed,
        engine_trouble="",
        redis=RedisStatus(),
        alerts=[writer],
        now_us=sample_clock.now_us(),
        monotonic_us=sample_clock.monotonic_us(),
    ).problems
    assert [problem.title for problem in problems if "riter" in problem.title] == ["Writer: does not run"]


def test_the_writer_s_alert_is_no_trouble_of_now_while_the_board_shows_it_well(
    sample: Sample, sample_clock: SampleClock
) -> None:
    held = critical("Writer: disk is full", kind=AlertKind.WRITER, bookmakers=())
    found = {problem.title: problem for problem in attention(sample, sample_clock, held)}
    assert found[held.title].tone is Tone.ACCENT
    assert found[held.title].detail.startswith("well again")


def test_many_broken_bookmakers_that_are_one_entry_hide_no_other_alert(
    sample: Sample, sample_clock: SampleClock
) -> None:
    names = ("A", "B", "C", "D")
    broken = [
        WorkerView(status=status(name, state=WorkerState.FAILED, reason="gone"), live=None) for name in names
    ]
    overview = Overview(sample.reader, _Nothing())
    overview.update(board(*broken), NOW_US, 0)
    problems = overview.frame(
        board(*broken),
        engine_trouble="",
        redis=RedisStatus(),
        alerts=[
            critical("all workers", kind=AlertKind.WORKER, bookmakers=names),
            critical("the writer", kind=AlertKind.WRITER, bookmakers=()),
        ],
        now_us=NOW_US,
        monotonic_us=0,
    ).problems
    titles = [problem.title for problem in problems]
    assert "the writer" in titles
    assert "all workers" not in titles


class _Nothing:
    def last(self, bookmaker: str) -> None:
        return None

    def recent(self, bookmaker: str, count: int) -> tuple[()]:
        return ()
