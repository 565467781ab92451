"""What the window says of Redis in each of its states."""

from data_layer.engine import RedisStatus
from data_layer.messages import RedisHealth, WriterHealth
from gui.view_models import redis
from gui.view_models.condition import Light

OFF = RedisStatus(address="redis://here:6379/0")
WELL = RedisStatus(address="redis://here:6379/0", enabled=True, connected=True)
AWAY = RedisStatus(address="redis://here:6379/0", enabled=True, trouble="cannot be reached")


def writer(**fields: object) -> WriterHealth:
    return WriterHealth(pid=1, heartbeat_us=1, redis=RedisHealth(**fields))  # type: ignore[arg-type]


def test_the_status_bar_says_what_stands_in_while_redis_is_away() -> None:
    assert redis.status_entry(OFF) == (Light.OFF, "Redis off")
    assert redis.status_entry(WELL) == (Light.LIVE, "Redis connected")
    assert redis.status_entry(AWAY) == (Light.WARN, "Redis cannot be reached, reading the database")


def test_only_what_is_wrong_is_a_problem() -> None:
    publishing = writer(connected=True)
    assert redis.trouble(OFF, None) == redis.trouble(WELL, publishing) == ("", "")
    assert redis.trouble(RedisStatus(enabled=True), None) == ("", "")  # it only just begins
    assert redis.trouble(AWAY, None)[0] == "Redis: cannot be reached"
    title, detail = redis.trouble(WELL, writer(trouble="is out of memory"))
    assert title == "Redis: the writer: is out of memory"
    assert "nothing is lost" in detail


def test_what_keeps_rounds_of_other_machines_away_is_a_problem_unless_redis_itself_is() -> None:
    shared = WriterHealth(pid=1, heartbeat_us=1, redis=RedisHealth(connected=True), stream_trouble="shared")
    title, detail = redis.stream_trouble(WELL, shared)
    assert title == "Rounds of other machines do not arrive: shared"
    assert "nothing is lost" in detail
    assert redis.stream_trouble(WELL, writer(connected=True)) == redis.stream_trouble(WELL, None) == ("", "")
    away = WriterHealth(
        pid=1,
        heartbeat_us=1,
        redis=RedisHealth(trouble="Redis cannot be reached"),
        stream_trouble="Redis cannot be reached",
    )
    assert redis.trouble(WELL, away)[0] != ""
    assert redis.stream_trouble(WELL, away) == ("", "")


def test_what_stood_among_the_rounds_of_other_machines_is_shown() -> None:
    odd = WriterHealth(pid=1, heartbeat_us=1, stream_remark="2 entries of other programs in quarantine")
    assert dict(redis.facts(WELL, odd))["look at"] == "2 entries of other programs in quarantine"


def test_the_figure_shows_the_progress_of_the_metrics() -> None:
    assert redis.figure(OFF, None).text == "not used"
    assert redis.figure(WELL, None).text == "connected"
    assert redis.figure(WELL, writer(trouble="x")).text == "away"
    assert (
        redis.figure(WELL, writer(connected=True, ranges_ready=2, ranges=6)).text == "computing range 3 of 6"
    )
    assert (
        redis.figure(WELL, writer(connected=True, ranges_ready=6, ranges=6, published=1200)).text
        == "1,200 published"
    )


def test_the_settings_page_tells_where_results_come_from() -> None:
    assert "the database" in dict(redis.facts(OFF, None))["this window"]
    assert "come from Redis" in dict(redis.facts(WELL, None))["this window"]
    away = dict(redis.facts(AWAY, writer(trouble="cannot be reached")))
    assert "until Redis is back" in away["this window"]
    assert away["the writer"] == "cannot publish: cannot be reached"


def test_what_other_programs_left_there_is_shown() -> None:
    odd = RedisStatus(enabled=True, connected=True, remark="2 values of other programs ignored")
    shown = dict(redis.facts(odd, writer(connected=True, remark="1 commands refused")))
    assert shown["look at"] == "2 values of other programs ignored; 1 commands refused"


def test_a_window_without_a_database_does_not_promise_figures_from_one() -> None:
    told = [
        redis.status_entry(AWAY, only_way=True)[1],
        redis.trouble(AWAY, None, only_way=True)[1],
        dict(redis.facts(AWAY, None, only_way=True))["this window"],
    ]
    assert told == [
        "Redis cannot be reached, nothing new comes",
        "the database is on another machine: nothing new is shown here until Redis is back",
        "cannot be reached: nothing new comes until Redis is back",
    ]
    assert "nothing comes" in dict(redis.facts(OFF, None, only_way=True))["this window"]
