"""Alerts in a real Redis: told by an instance, heard by a view, over outages of the server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from config.problems import RefusedValueError
from data_layer.alerts.model import Alert, AlertKind, Severity
from data_layer.cache.alert_publisher import AlertPublisher
from data_layer.cache.events import Event
from data_layer.cache.redis_cache import RedisCache
from data_layer.readers import redis_alerts
from data_layer.readers.redis_alerts import RedisAlerts
from tests.orchestration.alerts.rig import Rig
from tests.orchestration.alerts.test_watch import rule
from tests.orchestration.alerts.test_webhook import change
from tests.redis_server import RedisServer, needs_redis_server, wait_until

pytestmark = needs_redis_server

View = Callable[[], RedisAlerts]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path)
    made.start()
    yield made
    made.close()


@pytest.fixture
def view(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[View]:
    monkeypatch.setattr(redis_alerts, "_LOOK_S", 0.05)
    made: list[RedisAlerts] = []

    def open_view() -> RedisAlerts:
        made.append(RedisAlerts())
        made[-1].use(server.target)
        return made[-1]

    yield open_view
    for one in made:
        one.stop()


@pytest.fixture
def publisher(server: RedisServer) -> Iterator[AlertPublisher]:
    made = AlertPublisher(server.target)
    made.start()
    yield made
    made.stop(2.0)


def client(server: RedisServer) -> redis.Redis:
    return redis.Redis(port=server.port)


def test_an_engines_alert_is_told_and_a_newcomer_finds_it_listed(
    tmp_path: Path, server: RedisServer, view: View
) -> None:
    early = view()
    rig = Rig(tmp_path / "data", rules=[rule("multiplier", limit=1.01, hold_off_s=600)], redis=server.target)
    events: list[Event] = []
    cache = RedisCache(target=server.target)
    subscription = cache.subscribe_to_events(events.append, channels=("alert",))
    try:
        wait_until(lambda: subscription.trouble == "", "the channel is heard")
        rig.start()
        [alert] = rig.until(lambda active: active)

        wait_until(lambda: bool(early.active()), "the view shows it")
        late = view()
        wait_until(lambda: bool(late.active()), "a newcomer shows it")
        for one in (early, late):
            assert [shown.uid for shown in one.active()] == [alert.uid]
            assert one.trouble == ""
        wait_until(lambda: bool(events), "the channel tells it")
        assert b'"what":"raised"' in events[0].data
        wait_until(lambda: [shown.uid for shown in late.history(5)] == [alert.uid], "recent events have it")
    finally:
        rig.stop()
        subscription.stop()
        cache.close()

    wait_until(lambda: not early.active(), "the end is told")
    wait_until(lambda: client(server).exists("alerts:active") == 1, "the list stays for newcomers")


def test_an_outage_of_redis_is_an_alert_that_ends_with_it(tmp_path: Path, server: RedisServer) -> None:
    rig = Rig(
        tmp_path / "data",
        rules=[rule("redis", hold_on_s=1), rule("outbox"), rule("worker")],
        redis=server.target,
    )
    try:
        rig.start()
        rig.until(lambda active: not active and redis_is_used(rig))

        server.stop()
        [alert] = rig.until(lambda active: active)
        assert alert.title == "Redis cannot be reached"
        assert (alert.kind, alert.bookmakers) == (AlertKind.REDIS, ())

        server.start()
        rig.until(lambda active: not active)
    finally:
        rig.stop()


def redis_is_used(rig: Rig) -> bool:
    """Tell whether the writer publishes."""
    writer = rig.engine.live_view.snapshot().writer
    return writer is not None and writer.redis is not None and writer.redis.connected


def test_the_list_ends_with_the_instance_that_keeps_it(
    server: RedisServer, publisher: AlertPublisher
) -> None:
    publisher.offer((), ())
    connection = client(server)
    wait_until(lambda: connection.exists("alerts:active") == 1, "it is listed")

    life_s = connection.ttl("alerts:active")

    assert isinstance(life_s, int)
    assert 0 < life_s <= 30
    connection.close()


def test_a_muted_alert_is_listed_and_not_told(
    server: RedisServer, publisher: AlertPublisher, view: View
) -> None:
    told, muted = change(1), change(2)
    silent = type(muted)(what=muted.what, alert=muted.alert, tell=False)
    publisher.offer([told, silent], [told.alert, silent.alert])

    seen = view()
    wait_until(lambda: len(seen.active()) == 2, "both are listed")
    cache = RedisCache(target=server.target)
    wait_until(lambda: bool(cache.recent_events()), "one is told")
    assert [b"run-1" in event.data for event in cache.recent_events()] == [True]
    cache.close()


def test_what_happens_during_an_outage_is_told_after_it(
    server: RedisServer, publisher: AlertPublisher, view: View
) -> None:
    seen = view()
    publisher.offer((), ())
    wait_until(lambda: seen.trouble == "", "the view is connected")
    server.stop()
    wait_until(lambda: seen.trouble != "", "the view says that Redis is away")

    publisher.offer([change(1)], [change(1).alert])
    server.start()

    wait_until(lambda: [alert.uid for alert in seen.active()] == ["run-1"], "it is listed")
    wait_until(lambda: bool(seen.history(1)), "it is told")


def test_a_view_changes_nothing_and_shows_nothing_of_others(server: RedisServer, view: View) -> None:
    connection = client(server)
    connection.set("alerts:active", b'{"at_us": "soon"}')
    connection.lpush("events:recent", b'{"event": "alert", "at_us": 1, "data": {"what": "nonsense"}}')
    seen = view()
    wait_until(lambda: "none of ours" in seen.trouble, "the list is refused")

    assert seen.active() == ()
    assert seen.history(5) == []
    assert not seen.changeable
    assert (seen.rules(), seen.mutes()) == ((), ())
    with pytest.raises(RefusedValueError, match="where the instance runs"):
        seen.mute(until_us=2**60, rule="stall")
    connection.delete("alerts:active")
    wait_until(lambda: "no instance has told" in seen.trouble, "nobody tells")
    connection.close()


def test_an_end_that_was_heard_is_not_undone_by_an_older_event(server: RedisServer, view: View) -> None:
    seen = view()
    active = Alert(
        uid="a-1",
        rule="disk",
        kind=AlertKind.DISK,
        severity=Severity.WARNING,
        title="Disk",
        since_us=1,
        raised_at_us=1,
    )
    ended = Alert(**{name: getattr(active, name) for name in active.__struct_fields__} | {"ended_at_us": 9})

    for alert in (active, ended, active):
        seen.note(alert)

    assert seen.history(5) == [ended]
