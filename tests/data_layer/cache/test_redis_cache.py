"""Rounds, statistics, states and events: one suite over fakeredis and a real server."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, cast

import msgspec
import pytest
import redis

from data_layer.cache.json_shapes import WorkerStateObject
from data_layer.cache.keys import ALERT, ROUND_ENDED, THRESHOLD_CROSSED
from data_layer.cache.payloads import BookmakerStats
from data_layer.cache.redis_cache import RedisCache
from data_layer.messages import (
    Committed,
    CommittedRounds,
    Crossing,
    Flag,
    Origin,
    Phase,
    RgbSample,
    Round,
    RoundBrief,
)
from data_layer.statistics import BettingStats, RgbStats, RoundStats, ThresholdCount
from tests.data_layer.cache.test_keys import HOSTILE
from tests.data_layer.stored_rounds import a_round
from tests.redis_server import RedisServer

JSON_NAMES = [name for name in HOSTILE if name.isprintable() or "\n" in name]

FULL_ROUND = Round(
    bookmaker="Admiral",
    round_id="17",
    crash_centi=257,
    started_at_us=1_750_000_000_000_000,
    crashed_at_us=1_750_000_011_000_000,
    duration_ms=11_000,
    players_total=40,
    players_cashed_out=30,
    stake_minor=100_000,
    payout_minor=99_000,
    currency="RSD",
    hash="ab",
    seed="cd",
    verified=True,
    received_at_us=1_750_000_011_000_500,
    flags=Flag.LATE | Flag.GAP_BEFORE,
    origin=Origin.SIMULATOR,
    crossings=(
        Crossing(threshold_centi=150, actual_centi=151, crossed_at_us=1, players_left=3, stake_left_minor=5),
        Crossing(threshold_centi=200, actual_centi=204),
    ),
)


def some_stats(bookmaker: str, version: int = 7) -> BookmakerStats:
    sample = RgbSample(
        bookmaker=bookmaker,
        region="canvas",
        sampled_at_us=5,
        phase=Phase.FLYING,
        mean_r=1.5,
        mean_g=2.0,
        mean_b=3.0,
        spread_r=0.0,
        spread_g=0.0,
        spread_b=0.25,
    )
    return BookmakerStats(
        version=version,
        computed_at_us=1_750_000_000_000_000,
        rounds=RoundStats(
            bookmaker=bookmaker,
            range="24h",
            count=3,
            per_hour=1.5,
            sum_centi=700,
            min_centi=100,
            max_centi=400,
            median_centi=200,
            at_or_above=(ThresholdCount(threshold_centi=200, count=2),),
            current_below_2x=1,
            longest_below_2x=9,
            newest_at_us=4,
            origins=(Origin.LIVE, Origin.IMPORT),
        ),
        betting=BettingStats(bookmaker=bookmaker, bets=2, won=1, bankroll_minor=-5, currency="EUR"),
        rgb=(RgbStats(bookmaker=bookmaker, samples=3, newest=sample), RgbStats(bookmaker=bookmaker)),
        newest=(RoundBrief(round_id="1", crash_centi=200, crashed_at_us=None),),
        bookmakers=("Admiral", "Mozzart") if not bookmaker else (),
    )


def test_a_round_comes_back_whole_under_its_id_and_as_the_last(cache: RedisCache) -> None:
    assert cache.cache_round(FULL_ROUND)
    assert cache.get_round("Admiral", "17") == FULL_ROUND
    assert cache.get_last_round("Admiral") == FULL_ROUND


def test_a_later_round_replaces_the_last_but_not_the_earlier(cache: RedisCache) -> None:
    for number in (1, 2):
        cache.cache_round(a_round(number))
    assert cache.get_last_round("Admiral") == a_round(2)
    assert cache.get_round("Admiral", "1") == a_round(1)


def test_what_was_never_stored_is_none(cache: RedisCache) -> None:
    assert cache.get_round("Admiral", "1") is None
    assert cache.get_last_round("Admiral") is None
    assert cache.get_last_rounds([]) == {}
    assert cache.get_bookmaker_stats("Admiral") is None
    assert cache.get_total_stats() is None
    assert cache.get_version() is None
    assert cache.get_worker_states() == {}
    assert cache.recent_events() == []


def test_last_rounds_of_several_come_at_once(cache: RedisCache) -> None:
    for bookmaker in ("Admiral", "Mozzart"):
        cache.cache_round(a_round(1, bookmaker))
    found = cache.get_last_rounds(["Admiral", "nobody", "Mozzart"])
    assert found == {"Admiral": a_round(1), "Mozzart": a_round(1, "Mozzart")}


def test_a_round_is_a_json_object_that_people_can_read(cache: RedisCache) -> None:
    cache.cache_round(FULL_ROUND)
    blob = cache.link.call(lambda client: client.get(cache.keys.last_round("Admiral")))
    assert isinstance(blob, bytes)
    held = json.loads(blob)
    assert held["crash_point"] == 2.57
    assert held["crash_centi"] == 257
    assert held["origin"] == "simulator"
    assert held["flags"] == ["late", "gap_before"]
    assert held["crossings"][0]["threshold_centi"] == 150
    assert set(Round.__struct_fields__) - {"position"} <= set(held)


def test_keys_live_as_long_as_promised(cache: RedisCache) -> None:
    cache.cache_round(FULL_ROUND)
    cache.cache_stats([some_stats("Admiral")], some_stats(""), news=Committed(version=7, committed_at_us=1))
    cache.cache_metrics("7d", [some_stats("Admiral")], some_stats(""), 24 * 3_600)
    keys = cache.keys
    promised = {
        keys.round("Admiral", "17"): 3_600,
        keys.last_round("Admiral"): 30,
        keys.stats("Admiral"): 60,
        keys.stats_total: 60,
        keys.metrics("Admiral", "7d"): 86_400,
        keys.metrics_total("7d"): 86_400,
        keys.version: -1,
        keys.recent_events: -1,
    }
    lives = {key: cache.link.call(partial(redis.Redis.ttl, name=key)) for key in promised}
    for key, life_s in promised.items():
        assert lives[key] in (life_s, life_s - 1), key


def test_stats_come_back_whole(cache: RedisCache) -> None:
    assert cache.cache_bookmaker_stats("Admiral", some_stats("Admiral"))
    assert cache.get_bookmaker_stats("Admiral") == some_stats("Admiral")
    assert cache.cache_stats([], some_stats(""))
    assert cache.get_total_stats() == some_stats("")


def test_stats_of_another_bookmaker_are_a_mistake(cache: RedisCache) -> None:
    with pytest.raises(ValueError, match="stats of 'Mozzart' for 'Admiral'"):
        cache.cache_bookmaker_stats("Admiral", some_stats("Mozzart"))


def test_the_fallback_is_asked_only_for_what_is_not_there(caches: list[RedisCache]) -> None:
    writer, reader = caches
    asked = []

    def fallback() -> BookmakerStats:
        asked.append(1)
        return some_stats("Admiral")

    assert reader.get_stats_with_fallback("Admiral", fallback) == some_stats("Admiral")
    assert reader.get_stats_with_fallback("Admiral", fallback) == some_stats("Admiral")
    assert writer.get_bookmaker_stats("Admiral") == some_stats("Admiral")
    assert asked == [1]


def test_the_fallback_is_asked_for_stats_older_than_the_newest_commit(caches: list[RedisCache]) -> None:
    writer, reader = caches
    writer.cache_stats([some_stats("Admiral", 7)], news=Committed(version=8, committed_at_us=1))
    fresh = some_stats("Admiral", 8)
    assert reader.get_stats_with_fallback("Admiral", lambda: fresh) == fresh
    assert writer.get_bookmaker_stats("Admiral") == fresh


def test_a_fallback_that_knows_nothing_stores_nothing(cache: RedisCache) -> None:
    assert cache.get_stats_with_fallback("Admiral", lambda: None) is None
    assert cache.get_bookmaker_stats("Admiral") is None


def test_a_wall_is_everything_of_one_commit(caches: list[RedisCache]) -> None:
    writer, reader = caches
    rows = [some_stats("Admiral"), some_stats("Mozzart")]
    writer.cache_round(a_round(1, "Mozzart"))
    writer.cache_stats(rows, some_stats(""), news=Committed(version=7, committed_at_us=1))
    wall = reader.get_wall(["Admiral", "Mozzart"])
    assert wall is not None
    assert wall.version == 7
    assert wall.total == some_stats("")
    assert wall.stats == {row.bookmaker: msgspec.structs.replace(row, newest=()) for row in rows}
    assert {name: brief.round_id for name, brief in wall.last_rounds.items()} == {"Mozzart": "1"}
    assert reader.get_newest_rounds(["Admiral", "x"]) == {"Admiral": rows[0].newest}


def test_a_wall_is_not_made_of_parts(caches: list[RedisCache]) -> None:
    writer, reader = caches
    writer.cache_stats([some_stats("Admiral")], some_stats(""))
    wall = reader.get_wall()
    assert wall is not None
    assert (wall.version, wall.total, wall.stats, wall.last_rounds) == (None, None, {}, {})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda held: held["rows"].pop(),
        lambda held: held["rows"].reverse(),
        lambda held: held["rows"][0].update(version=6),
        lambda held: held["rows"][0]["rounds"].update(bookmaker="other"),
        lambda held: held["rows"][0]["rounds"].update(count=-1),
        lambda held: held["rows"][0]["rounds"].update(max_centi=10**400),
        lambda held: held["rows"][0]["rounds"].update(origins=[99]),
        lambda held: held["rows"][0]["rounds"]["at_or_above"][0].update(count=4),
        lambda held: held["rows"][0]["betting"].update(staked_minor=-(2**70)),
        lambda held: held["total"].update(computed_at_us=2**64),
        lambda held: held.pop("total"),
    ],
)
def test_a_wall_that_does_not_fit_together_is_foreign(
    cache: RedisCache, spoil: Callable[[Any], object]
) -> None:
    cache.cache_stats([some_stats("Admiral"), some_stats("Mozzart")], some_stats(""))
    held = json.loads(cast(bytes, cache.link.call(lambda client: client.get(cache.keys.wall))))
    spoil(held)
    cache.link.call(lambda client: client.set(cache.keys.wall, json.dumps(held)))
    wall = cache.get_wall()
    assert wall is not None
    assert (wall.total, wall.stats) == (None, {})
    assert cache.counts.foreign == 1


@pytest.mark.parametrize("brief", [["1", 99, None, None], ["1", 10**400, 5, None], ["1", 200, -5, 1], ["1"]])
def test_newest_rounds_that_cannot_be_are_foreign(cache: RedisCache, brief: list[object]) -> None:
    cache.cache_stats([some_stats("Admiral")])
    held = json.loads(cast(bytes, cache.link.call(lambda client: client.get("stats:Admiral"))))
    held["newest"] = [brief]
    cache.link.call(lambda client: client.set("stats:Admiral", json.dumps(held)))
    assert cache.get_newest_rounds(["Admiral"]) == {}
    assert cache.counts.foreign == 1


def test_metrics_of_a_range_come_back_with_their_total(cache: RedisCache) -> None:
    cache.cache_metrics("7d", [some_stats("Admiral")], some_stats(""), 60)
    assert cache.get_metrics("7d", ["Admiral", "x"]) == (some_stats(""), {"Admiral": some_stats("Admiral")})
    assert cache.get_metrics("30d", ["Admiral"]) == (None, {})


def test_worker_states_are_kept_until_they_are_forgotten(caches: list[RedisCache]) -> None:
    writer, reader = caches
    states = {name: WorkerStateObject(bookmaker=name, state="running", at_us=5, pid=3) for name in JSON_NAMES}
    for state in states.values():
        assert writer.set_worker_state(state)
    assert reader.get_worker_states() == states
    writer.forget_worker("a:*")
    assert "a:*" not in reader.get_worker_states()


def test_a_round_brings_its_workers_state_along(cache: RedisCache) -> None:
    state = WorkerStateObject(bookmaker="Admiral", state="running", at_us=5, received=1)
    cache.cache_round(FULL_ROUND, state)
    assert cache.get_worker_states() == {"Admiral": state}


def test_recent_events_are_the_newest_thousand(cache: RedisCache) -> None:
    cache.cache_round(FULL_ROUND)
    events = cache.recent_events()
    assert [event.name for event in events] == [ROUND_ENDED, THRESHOLD_CROSSED, THRESHOLD_CROSSED]
    assert json.loads(events[0].data)["round_id"] == "17"
    assert json.loads(events[1].data)["threshold_centi"] == 200
    for number in range(1_005):
        cache.publish_event(ALERT, {"number": number})
    events = cache.recent_events()
    assert len(events) == 1_000
    assert json.loads(events[0].data) == {"number": 1_004}
    assert [json.loads(event.data)["number"] for event in cache.recent_events(2)] == [1_004, 1_003]


def test_a_commit_raises_the_version(cache: RedisCache) -> None:
    share = CommittedRounds(bookmaker="Admiral", count=1, newest=())
    for version in (1, 2, 100):
        cache.cache_stats([], news=Committed(version=version, committed_at_us=1, rounds=(share,)))
        assert cache.get_version() == version


@pytest.mark.parametrize("name", JSON_NAMES)
def test_a_hostile_name_stays_in_its_own_keys(cache: RedisCache, name: str) -> None:
    cache.cache_round(a_round(1, "Admiral"))
    record = msgspec.structs.replace(a_round(2, name), round_id=name)
    assert cache.cache_round(record)
    assert cache.cache_bookmaker_stats(name, some_stats(name))
    assert cache.get_round(name, name) == record
    assert cache.get_last_round(name) == record
    assert cache.get_bookmaker_stats(name) == some_stats(name)
    assert cache.get_last_round("Admiral") == a_round(1, "Admiral")
    written = cache.link.call(lambda client: set(client.keys()))
    assert {key for key in written if b"\n" in key or b"*" in key or b"{" in key} == set()


def test_a_name_that_no_json_can_hold_is_counted_and_nothing_else(cache: RedisCache) -> None:
    assert not cache.cache_round(a_round(1, "\ud800"))
    assert cache.counts.refused == 1
    assert "JSON" in cache.counts.last_refused
    assert cache.get_last_round("\ud800") is None
    assert cache.available


def test_prefixes_keep_installations_apart(server: RedisServer) -> None:
    one = RedisCache(target=replace(server.target, prefix="one:"))
    other = RedisCache(target=replace(server.target, prefix="other:"))
    one.cache_round(a_round(1))
    assert other.get_last_round("Admiral") is None
    assert other.recent_events() == []
    assert server.command("KEYS", "*") == server.command("KEYS", "one:*")
    one.close()
    other.close()


def test_a_host_and_a_port_are_enough(server: RedisServer) -> None:
    cache = RedisCache(host="127.0.0.1", port=server.port, db=1)
    same = RedisCache("127.0.0.1", server.port, 1)
    assert cache.ping()
    cache.cache_round(a_round(1))
    assert same.get_last_round("Admiral") == a_round(1)
    same.close()
    assert cache.get_last_round("Admiral") == a_round(1)
    cache.close()
    assert not cache.available
    assert not cache.ping()
    assert not cache.cache_round(a_round(2))
