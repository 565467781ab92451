"""Header, attention list, status line and details, made from samples."""

from dataclasses import replace
from pathlib import Path

from msgspec.structs import replace as changed

from data_layer.engine import BoardSnapshot, RedisStatus, WorkerView
from data_layer.messages import AgentState, WorkerState
from gui.sample.window import Sample, SampleClock, make_sample
from gui.view_models.condition import Light
from gui.view_models.header import HeaderModel
from gui.view_models.overview import Frame, Overview
from gui.view_models.status import zone_text
from gui.view_models.tones import Tone
from tests.gui.fakes import EmptyEngine, board, live, status


def framed(
    sample: Sample,
    clock: SampleClock,
    snapshot: BoardSnapshot,
    trouble: str = "",
    redis: RedisStatus = RedisStatus(),  # noqa: B008  # frozen
) -> Frame:
    overview = Overview(sample.reader, sample.engine)
    overview.update(snapshot, clock.now_us(), clock.monotonic_us())
    return overview.frame(
        snapshot,
        engine_trouble=trouble,
        redis=redis,
        now_us=clock.now_us(),
        monotonic_us=clock.monotonic_us(),
    )


def test_the_header_counts_what_is_live_and_says_its_range(sample: Sample, sample_clock: SampleClock) -> None:
    frame = framed(sample, sample_clock, sample.engine.snapshot())
    assert frame.header.figures == (
        ("live", "6 of 8"),
        ("rounds, 24 h", "30,724"),
        ("per hour", "1,280"),
        ("median, 24 h", "1.97x"),
        ("at or above 10x", "9.9 %"),
    )
    assert (frame.header.tag, frame.header.short_tag) == ("simulated", "sim")
    assert HeaderModel((), tag="simulated, replay").short_tag == "mixed"
    assert frame.header.age == ""


def test_old_figures_say_their_age(sample: Sample, sample_clock: SampleClock) -> None:
    sample.reader.peek("data_collector")
    sample_clock.advance(240)
    assert framed(sample, sample_clock, sample.engine.snapshot()).header.age == "4 min old"


def test_attention_lists_the_broken_before_the_doubtful(sample: Sample, sample_clock: SampleClock) -> None:
    frame = framed(sample, sample_clock, sample.engine.snapshot())
    assert [(each.title, each.tone) for each in frame.problems] == [
        ("VolcanoBet: worker exited (signal 9)", Tone.BAD),
        ("StarBet: no data for 41 s", Tone.WARN),
    ]
    broken, silent = (each.detail for each in frame.problems)
    assert "2 s ago" in broken
    assert "restarted twice" in broken
    assert "restart in 4 s" in broken
    assert "its rhythm is" in silent


def test_a_healthy_wall_needs_no_attention(tmp_path: Path, sample_clock: SampleClock) -> None:
    sample = make_sample(8, tmp_path, clock=sample_clock, troubles=False)
    frame = framed(sample, sample_clock, sample.engine.snapshot())
    assert frame.problems == ()
    assert frame.status.entries == (
        (Light.LIVE, "database 1.2 GB, commit p99 2.5 ms"),
        (Light.OFF, "Redis off"),
        (None, "outbox 0"),
    )


def test_troubles_of_engine_writer_reader_and_agents_are_listed(
    sample: Sample, sample_clock: SampleClock
) -> None:
    snapshot = sample.engine.snapshot()
    assert snapshot.writer is not None
    first = snapshot.workers[0]
    assert first.live is not None
    ill = AgentState(name="betting", running=False, restarts=3, reason="stake is larger than the bankroll")
    workers = (replace(first, live=changed(first.live, agents=(ill,))), *snapshot.workers[1:])
    writer = changed(snapshot.writer, trouble="the disk is full")
    sample.reader.trouble = "the database is missing"
    frame = framed(
        sample, sample_clock, replace(snapshot, workers=workers, writer=writer), trouble="port in use"
    )
    titles = [each.title for each in frame.problems]
    assert "port in use" in titles
    assert "Writer: the disk is full" in titles
    assert "Statistics: the database is missing" in titles
    assert "Admiral: betting agent stake is larger than the bankroll" in titles
    assert frame.status.entries[0] == (Light.BAD, "database 1.2 GB, the disk is full")


def test_a_new_run_that_has_read_nothing_yet_is_no_trouble(sample: Sample, sample_clock: SampleClock) -> None:
    snapshot = sample.engine.snapshot()
    assert snapshot.instance is not None
    sample.reader.trouble = "nothing has been read yet"
    new = changed(snapshot.instance, started_at_us=sample_clock.now_us() - 500_000)
    frame = framed(sample, sample_clock, replace(snapshot, instance=new))
    assert not [each for each in frame.problems if "read" in each.title]


def test_what_failed_and_runs_again_stands_below_what_is_wrong_now(
    sample: Sample, sample_clock: SampleClock
) -> None:
    overview = Overview(sample.reader, sample.engine)
    before = sample.engine.snapshot()
    now_us, monotonic_us = sample_clock.now_us(), sample_clock.monotonic_us()
    overview.update(before, now_us, monotonic_us)
    first = before.workers[0]
    again = replace(first, status=changed(first.status, restarts=first.status.restarts + 1))
    after = replace(before, workers=(again, *before.workers[1:]))
    overview.update(after, now_us, monotonic_us)
    frame = overview.frame(
        after, engine_trouble="", redis=RedisStatus(), now_us=now_us, monotonic_us=monotonic_us
    )
    assert [each.tone for each in frame.problems] == [Tone.BAD, Tone.WARN, Tone.ACCENT]
    assert frame.problems[-1].title == "Admiral: failed, runs again"
    assert frame.problems[-1].bookmaker == "Admiral"


def test_a_writer_that_does_not_answer_or_restarts_is_told(sample: Sample, sample_clock: SampleClock) -> None:
    snapshot = sample.engine.snapshot()
    assert snapshot.writer is not None
    assert snapshot.instance is not None
    silent = changed(snapshot.writer, heartbeat_us=sample_clock.monotonic_us() - 7_000_000)
    frame = framed(sample, sample_clock, replace(snapshot, writer=silent))
    assert frame.problems[0].title == "Writer: has not answered for 7 s"
    assert frame.status.entries[0] == (Light.BAD, "database 1.2 GB, writer silent for 7 s")
    down = changed(snapshot.instance, writer_state=WorkerState.BACKING_OFF, writer_reason="signal 9")
    frame = framed(sample, sample_clock, replace(snapshot, instance=down, writer=None))
    assert frame.problems[0].title == "Writer: signal 9"
    assert frame.status.entries[0] == (Light.BAD, "writer does not run")
    frame = framed(sample, sample_clock, replace(snapshot, instance=down))
    assert frame.status.entries[0] == (Light.BAD, "database 1.2 GB, writer does not run")


def test_rounds_of_other_machines_that_do_not_arrive_are_told(
    sample: Sample, sample_clock: SampleClock
) -> None:
    snapshot = sample.engine.snapshot()
    assert snapshot.writer is not None
    shared = changed(snapshot.writer, stream_trouble="another instance takes them")
    titles = [each.title for each in framed(sample, sample_clock, replace(snapshot, writer=shared)).problems]
    assert "Rounds of other machines do not arrive: another instance takes them" not in titles  # Redis is off
    frame = framed(
        sample,
        sample_clock,
        replace(snapshot, writer=shared),
        redis=RedisStatus(enabled=True, connected=True),
    )
    found = [each.title for each in frame.problems]
    assert "Rounds of other machines do not arrive: another instance takes them" in found


def test_what_many_bookmakers_have_in_common_is_listed_once(
    sample: Sample, sample_clock: SampleClock
) -> None:
    def waiting(name: str) -> WorkerView:
        said = live(name, observed_at_us=sample_clock.now_us(), heartbeat_us=sample_clock.monotonic_us())
        return WorkerView(status=status(name), live=changed(said, trouble="waiting for the writer"))

    def listed(count: int) -> list[tuple[str, str]]:
        views = [waiting(view.status.bookmaker) for view in sample.engine.snapshot().workers[:count]]
        found = framed(sample, sample_clock, board(*views)).problems
        return [(each.title, each.detail) for each in found]

    assert len(listed(3)) == 3
    five, eight = "Admiral, Mozzart, BalkanBet, Soccer, Meridian", "Admiral, Mozzart, BalkanBet, Soccer"
    assert listed(5) == [("5 bookmakers: waiting for the writer", five)]
    assert listed(8) == [("8 bookmakers: waiting for the writer", f"{eight} and 4 more")]


def test_the_outboxes_are_added_up(sample: Sample, sample_clock: SampleClock) -> None:
    workers = (
        WorkerView(status=status(), live=live(outbox=1_200)),
        WorkerView(status=status("Mozzart"), live=live("Mozzart", outbox=34)),
    )
    frame = framed(sample, sample_clock, board(*workers))
    assert frame.status.entries[2] == (None, "outbox 1,234")


def test_an_engine_that_has_not_started_is_no_trouble() -> None:
    engine = EmptyEngine()
    overview = Overview(engine, engine)
    assert overview.update(engine.snapshot(), 1, 1) == ()
    frame = overview.frame(
        engine.snapshot(), engine_trouble="", redis=RedisStatus(), now_us=1, monotonic_us=1
    )
    assert frame.problems == ()
    assert frame.status.entries[0] == (Light.BUSY, "database starting")
    assert overview.details("Admiral", engine.snapshot(), 1) is None


def test_details_hold_the_last_32_crash_points_and_the_counters(
    sample: Sample, sample_clock: SampleClock
) -> None:
    overview = Overview(sample.reader, sample.engine)
    snapshot = sample.engine.snapshot()
    overview.update(snapshot, sample_clock.now_us(), sample_clock.monotonic_us())
    details = overview.details("Mozzart", snapshot, sample_clock.now_us())
    assert details is not None
    assert len(details.last) == 32
    lines = {label: value for _, section in details.sections for label, value in section}
    assert lines["rounds"] == "3,823"
    assert lines["at or above 10x"] == "9.9 %"
    assert lines["restarts"] == "0"
    assert lines["betting agent"] == "running"


def test_the_time_zone_is_said_as_an_offset() -> None:
    assert zone_text(1_763_601_249_000_000).startswith("UTC")
