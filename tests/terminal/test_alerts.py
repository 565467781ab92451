"""`alerts` on a running and on an ended instance, in words and as JSON."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_layer.alerts import active_file
from data_layer.alerts.model import Alert, Severity
from data_layer.errors import NothingRunningError
from data_layer.instance import InstanceLock
from terminal import alerts, status
from tests.data_layer.database.test_alert_rows import an_alert, store


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Path]:
    """A data directory that this process runs an instance on."""
    with InstanceLock(tmp_path, "headless"):
        yield tmp_path


def two() -> tuple[Alert, Alert]:
    """Return an alert of the engine and a muted one of a bookmaker whose name is no plain text."""
    return (
        an_alert(
            "run-2",
            bookmakers=(),
            title="Writer: the disk is full",
            severity=Severity.CRITICAL,
            consequences=("2 bookmakers: rounds wait",),
            count=1,
        ),
        an_alert(title="Admi\x1bral: no data", muted=True, consequences=()),
    )


def test_active_alerts_are_listed_with_what_follows_from_them(
    running: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    active_file.write(running, two())

    assert alerts.show(running, history=False, as_json=False) == 0

    text = capsys.readouterr().out
    assert "2 alerts are active: 1 critical, 1 warning" in text
    assert "Writer: the disk is full" in text
    assert "2 bookmakers: rounds wait" in text
    assert "Admi\\x1bral: no data (3 times) muted" in text
    assert "\x1b" not in text


def test_the_same_as_json(running: Path, capsys: pytest.CaptureFixture[str]) -> None:
    active_file.write(running, two())
    store(running / "aviator.db", an_alert(ended_at_us=5_000, end_reason="over"))

    alerts.show(running, history=True, as_json=True)

    found = json.loads(capsys.readouterr().out)
    assert [alert["uid"] for alert in found["active"]] == ["run-2", "run-1"]
    assert found["active"][0]["severity"] == "critical"
    assert found["instance"]["pid"] == os.getpid()
    assert [(alert["uid"], alert["ended_at_us"]) for alert in found["history"]] == [("run-1", 5_000)]


def test_an_instance_that_watches_nothing_is_not_taken_for_one_that_is_well(
    running: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alerts.show(running, history=False, as_json=False)
    assert "watches for no alerts" in capsys.readouterr().out

    active_file.write(running, ())
    alerts.show(running, history=False, as_json=False)
    assert "no alerts are active" in capsys.readouterr().out


def test_without_an_instance_only_the_history_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NothingRunningError, match="--history"):
        alerts.show(tmp_path, history=False, as_json=False)

    alerts.show(tmp_path, history=True, as_json=False)
    assert "no alerts are in the history yet" in capsys.readouterr().out
    store(
        tmp_path / "aviator.db", an_alert(raised_at_us=1_000_000, ended_at_us=61_000_000, end_reason="over")
    )
    alerts.show(tmp_path, history=True, as_json=False)
    text = capsys.readouterr().out
    assert "Admiral: no data" in text
    assert "1 min" in text
    assert "over" in text


def test_what_a_killed_instance_left_is_not_called_active(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store(tmp_path / "aviator.db", an_alert())

    alerts.show(tmp_path, history=True, as_json=False)

    text = capsys.readouterr().out
    assert "active" not in text
    assert "without a word" in " ".join(text.split())


def test_status_counts_the_active_ones(running: Path, capsys: pytest.CaptureFixture[str]) -> None:
    active_file.write(running, two())

    status.show(running, lambda _: None, as_json=False)
    assert "2 alerts are active" in capsys.readouterr().out
    status.show(running, lambda _: None, as_json=True)
    assert json.loads(capsys.readouterr().out)["alerts"] == 2


def test_a_file_of_another_process_or_of_nobody_is_not_believed(running: Path) -> None:
    active_file.write(running, two())
    assert active_file.read(running, os.getpid() + 1) is None

    (running / active_file.FILE_NAME).write_bytes(b"\xff nonsense")
    assert active_file.read(running, os.getpid()) is None
