"""Findings of the health check, and writer and workers as they run."""

from dataclasses import replace

import msgspec

from data_layer.engine import BoardSnapshot, RedisStatus, WorkerView
from data_layer.messages import InstanceInfo, WorkerState, WriterHealth
from gui.dependencies import HealthCheck
from gui.view_models import health, running
from gui.view_models.condition import Light
from gui.view_models.tones import Tone
from tests.gui.fakes import MONOTONIC_US, NOW_US, SECOND_US, board, live, status

CHECKS = (
    HealthCheck(name="Python", state="healthy", text="3.11.7"),
    HealthCheck(name="Redis", state="off", text="not configured"),
    HealthCheck(name="disk", state="degraded", text="900 MB free", advice="make room"),
    HealthCheck(name="database", state="broken", text="file is not a database", advice="restore a backup"),
)

INSTANCE = InstanceInfo(
    pid=1,
    started_at_us=NOW_US,
    heartbeat_us=MONOTONIC_US,
    command="window",
    writer_address="",
    writer_state=WorkerState.RUNNING,
)
WRITER = WriterHealth(
    pid=2,
    heartbeat_us=MONOTONIC_US,
    version=12,
    commits=300,
    rows=900,
    commit_p50_us=620,
    commit_p99_us=2_500,
    last_commit_at_us=NOW_US - 3 * SECOND_US,
    pending=4,
    workers=1,
    viewers=1,
)


def _snapshot(instance: InstanceInfo | None, writer: WriterHealth | None) -> BoardSnapshot:
    return replace(board(), instance=instance, writer=writer)


def test_the_worst_finding_comes_first_and_carries_its_advice() -> None:
    found = health.findings(CHECKS)
    assert [each.name for each in found] == ["database", "disk", "Python", "Redis"]
    assert found[0].advice == "restore a backup"


def test_every_state_has_its_own_light_and_word() -> None:
    found = health.findings(CHECKS)
    assert len({each.light for each in found}) == len({each.word for each in found}) == 4


def test_the_summary_names_what_is_wrong() -> None:
    assert health.summary(CHECKS) == ("1 broken, 1 to look at", Light.BAD)
    assert health.summary(CHECKS[:3]) == ("1 to look at", Light.WARN)
    assert health.summary(CHECKS[:2]) == ("all ok", Light.LIVE)


def test_a_check_of_long_ago_is_told_in_a_warning_tone() -> None:
    assert health.check_note(None, NOW_US, running=False) == ("not checked yet", Tone.MUTED)
    assert health.check_note(None, NOW_US, running=True) == ("checking", Tone.MUTED)
    assert health.check_note(NOW_US - 14 * SECOND_US, NOW_US, running=False) == (
        "checked 14 s ago",
        Tone.MUTED,
    )
    assert health.check_note(NOW_US - 300 * SECOND_US, NOW_US, running=False)[1] is Tone.WARN


def test_the_report_can_be_read_without_the_window() -> None:
    assert health.as_text(CHECKS).splitlines()[:2] == [
        "database: broken: file is not a database",
        "    restore a backup",
    ]


def test_the_writer_shows_its_measurements_with_units() -> None:
    figures = running.writer_figures(
        _snapshot(INSTANCE, WRITER), RedisStatus(), now_us=NOW_US, monotonic_us=MONOTONIC_US
    )
    shown = {figure.label: figure.text for figure in figures}
    assert shown["commit, median of 256"] == "0.62 ms"
    assert shown["commit, slowest 1 % of 256"] == "2.50 ms"
    assert shown["last commit"] == "3 s ago"
    assert shown["waiting rows"] == "4"
    assert shown["connected"] == "1 worker, 1 view"
    assert shown["Redis"] == "not used"


def test_a_writer_that_fell_silent_is_not_shown_as_running() -> None:
    later_us = MONOTONIC_US + 10 * SECOND_US
    snapshot = _snapshot(INSTANCE, WRITER)
    assert running.writer_words(snapshot, monotonic_us=MONOTONIC_US) == ("running", Light.LIVE)
    assert running.writer_words(snapshot, monotonic_us=later_us) == ("has not answered for 10 s", Light.BAD)
    figures = running.writer_figures(snapshot, RedisStatus(), now_us=NOW_US, monotonic_us=later_us)
    assert figures[0].tone is Tone.FAINT


def test_the_writers_trouble_comes_before_everything_good_about_it() -> None:
    troubled = msgspec.structs.replace(WRITER, trouble="the disk is full")
    words = running.writer_words(_snapshot(INSTANCE, troubled), monotonic_us=MONOTONIC_US)
    assert words == ("the disk is full", Light.BAD)


def test_a_writer_that_backs_off_gives_the_supervisors_reason() -> None:
    instance = msgspec.structs.replace(
        INSTANCE, writer_state=WorkerState.BACKING_OFF, writer_reason="writer exited (signal 9)"
    )
    words = running.writer_words(_snapshot(instance, WRITER), monotonic_us=MONOTONIC_US)
    assert words == ("writer exited (signal 9)", Light.BAD)


def test_before_the_engine_starts_the_page_says_so() -> None:
    assert running.writer_words(_snapshot(None, None), monotonic_us=0)[0] == "the engine has not started yet"
    assert running.workers_summary(board()) == ("none configured", None)


def test_a_worker_row_names_state_process_and_outbox() -> None:
    worker = WorkerView(status=status("Admiral", restarts=2), live=live("Admiral", outbox=7))
    (row,) = running.worker_rows(board(worker), {}, now_us=NOW_US, monotonic_us=MONOTONIC_US)
    cells = dict(zip([column.key for column in running.WORKER_COLUMNS], row.cells, strict=True))
    assert (cells["state"].text, cells["state"].light) == ("running", Light.LIVE)
    assert cells["outbox"].text == "7"
    assert cells["restarts"].tone is Tone.WARN
    assert cells["bookmaker"].tag == "simulated"


def test_a_running_workers_trouble_is_its_state() -> None:
    worker = WorkerView(
        status=status("Admiral"), live=live("Admiral", trouble="disk full, 12 rounds in memory")
    )
    (row,) = running.worker_rows(board(worker), {}, now_us=NOW_US, monotonic_us=MONOTONIC_US)
    assert row.cells[1].text == "disk full, 12 rounds in memory"
    assert row.cells[1].light is Light.WARN


def test_workers_in_trouble_are_counted() -> None:
    workers = [
        WorkerView(status=status("Admiral"), live=None),
        WorkerView(status=status("Mozzart", state=WorkerState.FAILED, reason="no such file"), live=None),
    ]
    assert running.workers_summary(board(*workers)) == ("1 of 2 running, 1 in trouble", Light.BAD)
