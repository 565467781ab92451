"""Alerts of a real engine: real workers, the real writer, real files, and what they leave behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from config.alert_specs import USUAL_RULES, Rule, Severity
from config.problems import RefusedValueError
from data_layer.alerts import active_file
from data_layer.alerts.model import CUT_OFF, Alert, AlertKind
from data_layer.database import alert_rows
from data_layer.database.connection import open_reader
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import WorkerState
from orchestration.alerts import watch
from orchestration.alerts.choices import AlertChoices
from orchestration.alerts.watch import STOPPED
from tests.orchestration.alerts.rig import SECOND_US, Rig, of_kind, stall_file, stalling_worker
from tests.orchestration.alerts.test_webhook import Receiver
from tests.processes import lives
from tests.redis_server import wait_until

Make = Callable[..., Rig]

AT_ONCE = tuple(replace(rule, hold_on_s=0, hold_off_s=0) for rule in USUAL_RULES)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Return what makes engines that are watched; all are stopped at the end."""
    rigs: list[Rig] = []

    def make_rig(**how: object) -> Rig:
        rig = Rig(tmp_path / "data", **({"rules": AT_ONCE} | how))  # type: ignore[arg-type]
        rigs.append(rig)
        return rig

    with contextlib.ExitStack() as stack:
        yield make_rig
        for rig in rigs:
            stack.callback(rig.stop)


def stored(data_dir: Path) -> list[Alert]:
    """Return the history as the database has it."""
    reader = open_reader(data_dir / "aviator.db")
    try:
        return alert_rows.newest(reader, 100)
    finally:
        reader.close()


def rule(name: str, **changes: object) -> Rule:
    """Return a rule of `AT_ONCE`, changed."""
    return replace(next(one for one in AT_ONCE if one.name == name), **changes)  # type: ignore[arg-type]


def test_a_feed_that_stalls_raises_an_alert_that_ends_when_it_speaks_again(
    make: Make, tmp_path: Path
) -> None:
    rig = make(worker_entry=stalling_worker, names=("Admiral", "MaxBet"))
    rig.start()
    rig.until(
        lambda _: all(view.live and view.live.received for view in rig.engine.live_view.snapshot().workers)
    )
    assert not of_kind(rig.look(), AlertKind.STALL)

    stall_file(tmp_path / "data").touch()
    rig.clocks.ahead_us = 60 * SECOND_US
    [alert] = of_kind(rig.until(lambda active: of_kind(active, AlertKind.STALL)), AlertKind.STALL)
    assert alert.title == "2 bookmakers: no data"
    wait_until(lambda: any(one.uid == alert.uid for one in stored(tmp_path / "data")), "it is stored")

    stall_file(tmp_path / "data").unlink()
    rig.clocks.ahead_us = 0
    rig.until(lambda active: not of_kind(active, AlertKind.STALL))

    wait_until(lambda: stored(tmp_path / "data")[0].ended_at_us is not None, "its end is stored")
    [kept] = [one for one in stored(tmp_path / "data") if one.uid == alert.uid]
    assert (kept.title, kept.end_reason, set(kept.bookmakers)) == (alert.title, "over", {"Admiral", "MaxBet"})
    assert rig.watch.history(10)[0] == kept


def test_a_writer_that_dies_is_told_and_the_alert_is_stored_when_another_one_runs(
    make: Make, tmp_path: Path
) -> None:
    rig = make(rules=[rule("writer")])
    rig.start()
    writer = rig.engine.live_view.snapshot().writer
    assert writer is not None

    os.kill(writer.pid, signal.SIGSTOP)
    try:
        rig.clocks.silent_us = 60 * SECOND_US
        [alert] = rig.until(lambda active: active)
    finally:
        os.kill(writer.pid, signal.SIGKILL)
    rig.wait_for(lambda: (now := rig.engine.live_view.snapshot().writer) and now.pid != writer.pid)
    rig.clocks.silent_us = 0
    assert (alert.kind, alert.severity) == (AlertKind.WRITER, Severity.CRITICAL)
    rig.until(lambda active: not active)

    wait_until(lambda: any(one.ended_at_us for one in stored(tmp_path / "data")), "it is stored")
    [kept] = stored(tmp_path / "data")
    assert kept == rig.watch.history(1)[0]


def test_a_worker_that_fails_again_and_again_is_told(make: Make) -> None:
    rig = make(rules=[rule("worker", limit=3, hold_on_s=1)], names=("Admiral", "MaxBet"))
    rig.start()

    for restarts in range(1, 4):
        [view, _] = rig.engine.live_view.snapshot().workers
        os.kill(view.status.pid, signal.SIGKILL)
        rig.until(
            lambda _, restarts=restarts: (  # type: ignore[misc]
                (status := rig.engine.live_view.snapshot().workers[0].status).restarts >= restarts
                and status.state is WorkerState.RUNNING
            )
        )

    again = "Admiral: the worker is restarted again and again"
    [alert] = rig.until(lambda active: [one.title for one in active] == [again])
    assert alert.bookmakers == ("Admiral",)


def test_a_big_multiplier_is_told_with_its_round(make: Make, tmp_path: Path) -> None:
    rig = make(rules=[rule("multiplier", limit=1.5, hold_off_s=600)])
    rig.start()

    [alert] = rig.until(lambda active: active)

    assert alert.title.startswith("Admiral: ")
    reader = open_reader(tmp_path / "data" / "aviator.db")
    round_id = alert.detail.removeprefix("round ")
    crash_centi = reader.execute("SELECT crash_centi FROM rounds WHERE round_id = ?", (round_id,)).get
    reader.close()
    assert isinstance(crash_centi, int)
    assert alert.title == f"Admiral: {crash_centi / 100:,.2f}x"


def test_a_streak_is_told_as_long_as_the_database_counts_it(make: Make) -> None:
    rig = make(rules=[rule("streak", limit=3, threshold=10.0)])
    rig.start()

    [alert] = rig.until(lambda active: active)

    assert alert.title.endswith("rounds in a row below 10.00x")
    assert int(alert.title.split()[1]) >= 3
    rig.until(lambda active: not active)
    assert rig.watch.history(1)[0].end_reason == "over"


def test_what_commands_see_is_what_is_active(make: Make, tmp_path: Path) -> None:
    rig = make(rules=[rule("multiplier", limit=1.01, hold_off_s=600)])
    rig.start()

    active = rig.until(lambda active: active)

    assert active_file.read(tmp_path / "data", os.getpid()) == tuple(active)
    assert active_file.read(tmp_path / "data", os.getpid() + 1) is None
    rig.stop()
    assert active_file.read(tmp_path / "data", os.getpid()) is None


def test_an_orderly_end_ends_the_alerts_in_the_database(make: Make, tmp_path: Path) -> None:
    rig = make(rules=[rule("multiplier", limit=1.01, hold_off_s=600)])
    rig.start()
    rig.until(lambda active: active)

    rig.stop()

    [kept] = stored(tmp_path / "data")
    assert (kept.ended_at_us is not None, kept.end_reason) == (True, STOPPED)


_KILLED = """
import sys
from pathlib import Path
from tests.orchestration.alerts.rig import Rig
from tests.orchestration.alerts.test_watch import rule, stored

if __name__ == "__main__":
    data_dir = Path(sys.argv[1])
    rig = Rig(data_dir, rules=[rule("multiplier", limit=1.01, hold_off_s=600)])
    rig.start()
    rig.until(lambda active: active and stored(data_dir))
    print("alerted", flush=True)
    sys.stdin.read()
"""


def test_alerts_of_a_killed_instance_are_ended_by_the_next(make: Make, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(_KILLED)
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"alerted"
        children = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.kill()
        process.communicate()
    wait_until(lambda: not any(map(lives, children)), "its children have ended")
    [left] = stored(tmp_path / "data")
    assert left.ended_at_us is None

    rig = make(rules=[])
    rig.start()

    wait_until(lambda: stored(tmp_path / "data")[0].ended_at_us is not None, "it is ended")
    [kept] = stored(tmp_path / "data")
    assert (kept.uid, kept.end_reason) == (left.uid, CUT_OFF)
    assert rig.watch.history(5) == [kept]


def test_a_rule_that_fails_costs_itself_alone_and_is_logged_once(
    make: Make, monkeypatch: pytest.MonkeyPatch, expected_errors: list[object]
) -> None:
    from data_layer.alerts import conditions

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(conditions._FINDERS, AlertKind.DISK, broken)
    rig = make(rules=[rule("disk"), rule("multiplier", limit=1.01, hold_off_s=600)])
    rig.start()

    [alert] = rig.until(lambda active: active)
    rig.look()

    assert alert.kind is AlertKind.MULTIPLIER
    assert len(expected_errors) == 1


def test_only_rules_that_want_it_are_posted_and_what_began_there_ends_there(make: Make) -> None:
    receiver = Receiver()
    big = rule("multiplier", limit=1.01, hold_off_s=600, severity=Severity.WARNING)
    rig = make(rules=[replace(big, name="kept", webhook=False), big], webhook_url=receiver.url)
    try:
        rig.start()
        rig.until(lambda active: len(active) == 2 and receiver.bodies)
        rig.watch.change_rule(replace(big, webhook=False))
        rig.watch.change_rule(replace(big, name="kept", webhook=True))
        rig.look()
        rig.stop()
    finally:
        receiver.close()

    told = [(body["event"], body["alert"]["rule"]) for body in receiver.bodies]
    assert told == [("raised", "multiplier"), ("ended", "multiplier")]
    assert receiver.bodies[-1]["text"].startswith("no longer watched, the instance was stopped: Admiral: ")


@pytest.mark.parametrize("muted", [False, True])
def test_where_a_killed_instance_told_of_an_alert_its_end_is_told(
    make: Make, tmp_path: Path, muted: bool
) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    writer = BatchDatabaseWriter(data_dir / "aviator.db")
    left = Alert(
        uid="killed-1",
        rule="multiplier",
        kind=AlertKind.MULTIPLIER,
        severity=Severity.WARNING,
        title="Admiral: 50.00x",
        since_us=1,
        raised_at_us=1,
        muted=muted,
    )
    writer.add("key", alert_rows.SENDER, alert_rows.SENDER, [alert_rows.record_of(left)])
    writer.flush()
    writer.close()
    receiver = Receiver()
    rig = make(rules=[rule("multiplier", limit=1e6)], webhook_url=receiver.url)
    try:
        rig.start()
        if not muted:
            rig.wait_for(lambda: receiver.bodies)
        rig.stop()
    finally:
        receiver.close()

    told = [(body["event"], body["alert"]["uid"]) for body in receiver.bodies]
    assert told == ([] if muted else [("ended", "killed-1")])
    assert stored(data_dir)[0].end_reason == CUT_OFF


# What is chosen in the window.


def test_the_watch_goes_on_whatever_stands_in_the_file_of_choices(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_errors: list[object]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(AlertChoices, "load", broken)
    rig = make(rules=[rule("multiplier", limit=1.01, hold_off_s=600)])
    monkeypatch.setattr(watch, "INTERVAL_S", 0.02)
    rig.engine.start()
    rig.watch.start()  # with its own thread

    rig.wait_for(rig.watch.active)
    assert len(expected_errors) == 1


def test_a_changed_rule_is_used_at_once_and_after_a_restart_until_it_is_reset(
    make: Make, tmp_path: Path
) -> None:
    configured = rule("multiplier", limit=1e6, hold_off_s=600)
    rig = make(rules=[configured])
    rig.start()
    assert not rig.look()

    lower = replace(configured, limit=1.01)
    rig.watch.change_rule(lower)
    rig.until(lambda active: active)
    rig.stop()
    again = make(rules=[configured])
    again.watch.load()

    assert list(again.watch.rules()) == [lower]
    assert list(again.watch.configured_rules()) == [configured]
    again.watch.reset_rule("multiplier")
    assert list(again.watch.rules()) == [configured]
    again.watch.look()
    assert json.loads((tmp_path / "data" / "alerts.json").read_text())["rules"] == []


def test_a_mute_is_kept_and_keeps_the_history(make: Make, tmp_path: Path) -> None:
    rig = make(rules=[rule("multiplier", limit=1.01, hold_off_s=600)])
    rig.watch.mute(until_us=rig.clocks.now() + 3_600 * SECOND_US, bookmaker="Admiral")
    rig.start()

    [alert] = rig.until(lambda active: active)

    assert alert.muted
    wait_until(lambda: bool(stored(tmp_path / "data")), "it is stored")
    assert stored(tmp_path / "data")[0].muted
    rig.watch.unmute(bookmaker="Admiral")
    assert rig.watch.mutes() == ()
    assert not rig.until(lambda active: active and not active[0].muted)[0].muted


def test_choices_of_no_sense_are_refused(make: Make) -> None:
    rig = make()
    for broken, at in (
        (rule("stall", limit=0), ("limit",)),
        (rule("stall", bookmakers=("Nobody",)), ("bookmakers", 0)),
        (rule("streak", threshold=7.77), ("threshold",)),
        (rule("gap", hold_on_s=1), ("hold_on_s",)),
    ):
        with pytest.raises(RefusedValueError) as refused:
            rig.watch.change_rule(broken)
        assert refused.value.at == at
    with pytest.raises(RefusedValueError):
        rig.watch.mute(until_us=rig.clocks.now() + SECOND_US)
    with pytest.raises(RefusedValueError):
        rig.watch.mute(until_us=rig.clocks.now() - SECOND_US, rule="stall")
    assert list(rig.watch.rules()) == list(AT_ONCE)


def test_those_who_subscribed_hear_of_every_change(make: Make) -> None:
    rig = make(rules=[rule("multiplier", limit=1.01, hold_off_s=600)])
    heard: list[int] = []
    leave = rig.watch.subscribe(lambda: heard.append(len(rig.watch.active())))
    rig.start()

    rig.until(lambda active: active)
    assert heard[-1] == 1
    leave()
    rig.watch.mute(until_us=rig.clocks.now() + SECOND_US, rule="multiplier")
    count = len(heard)
    rig.look()
    assert len(heard) == count
