"""The alerts of a window before and after what watches was loaded."""

from pathlib import Path

import pytest

from config.problems import RefusedValueError
from orchestration.alerts import watch
from orchestration.alerts.lazy import LazyAlerts
from tests.orchestration.alerts.rig import SECOND_US, Rig
from tests.orchestration.alerts.test_watch import rule


def test_nothing_is_there_before_the_start_and_everything_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "INTERVAL_S", 0.02)
    configured = rule("multiplier", limit=1.01, hold_off_s=600)
    rig = Rig(tmp_path / "data", rules=[configured])
    alerts = LazyAlerts(lambda: rig.watch)
    heard: list[int] = []
    leave = alerts.subscribe(lambda: heard.append(1))
    try:
        assert (alerts.changeable, alerts.trouble) == (False, "")
        assert not alerts.active()
        assert not alerts.history(5)
        assert not alerts.rules()
        assert not alerts.mutes()
        alerts.use_redis(None)

        rig.engine.start()
        alerts.start()  # with the watch's own thread
        assert alerts.changeable
        assert list(alerts.rules()) == [configured]
        until = rig.clocks.now() + 60 * SECOND_US
        alerts.mute(until_us=until, rule="multiplier")
        assert [mute.until_us for mute in alerts.mutes()] == [until]
        alerts.unmute(rule="multiplier")
        with pytest.raises(RefusedValueError):
            alerts.change_rule(rule("stall", limit=0))
        rig.wait_for(lambda: alerts.active() and heard)
        leave()
    finally:
        alerts.stop()
        rig.stop()
    assert [alert.end_reason for alert in alerts.history(1)] == ["the instance was stopped"]
