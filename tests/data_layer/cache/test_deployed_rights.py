"""Everything that is asked of Redis, asked by the user of `config/deploy/users.acl`."""

from dataclasses import replace
from pathlib import Path

import pytest

from data_layer.cache.breaker import RedisLink
from data_layer.cache.cache_manager import CacheManager
from data_layer.cache.json_shapes import WorkerStateObject
from data_layer.cache.metrics_orders import MetricsOrders, MetricsProgress
from data_layer.cache.payloads import BookmakerStats
from data_layer.cache.question_channel import QuestionChannel, RemoteAnswer, digest_of
from data_layer.cache.redis_cache import RedisCache
from data_layer.cache.remote_states import RemoteStates, Reporter
from data_layer.messages import Committed
from data_layer.statistics import RoundStats
from tests.data_layer.stored_rounds import a_round
from tests.redis_server import RedisServer, needs_redis_server, wait_until

DEPLOYED = Path(__file__).resolve().parents[3] / "config" / "deploy" / "users.acl"

pytestmark = needs_redis_server


def test_the_deployed_user_may_do_all_of_it_and_nothing_that_harms(tmp_path: Path) -> None:
    rights = [line.removeprefix("user ") for line in DEPLOYED.read_text(encoding="utf-8").splitlines()]
    server = RedisServer(tmp_path, users=tuple(rights))
    server.start()
    target = replace(server.target, username="aviator", password="change-this-password")
    cache = RedisCache(target=target)
    try:
        _use_everything(cache)
        states = RemoteStates(target)
        states.order("stop", [Reporter("Admiral", "run")])
        assert states.read() == {}
        states.forget([Reporter("Admiral", "run")])
        states.close()
        for words in (["FLUSHALL"], ["EVAL", "return 1", 0], ["RESTORE", "x", 0, "y"], ["KEYS", "*"]):
            with pytest.raises(Exception, match="no permissions"):
                cache.link.call(lambda client, words=words: client.execute_command(*words))  # type: ignore[misc]
    finally:
        cache.close()
        server.close()


def _use_everything(cache: RedisCache) -> None:
    state = WorkerStateObject(bookmaker="Admiral", state="running", at_us=1)
    stats = BookmakerStats(version=1, computed_at_us=1, rounds=RoundStats(bookmaker="Admiral", range="24h"))
    total = BookmakerStats(
        version=1, computed_at_us=1, rounds=RoundStats(bookmaker="", range="24h"), bookmakers=("Admiral",)
    )
    heard: list[str] = []
    subscription = cache.subscribe_to_events(lambda event: heard.append(event.name))
    wait_until(lambda: subscription.trouble == "", "the subscription")
    news = Committed(version=1, committed_at_us=1)
    assert cache.ping()
    assert cache.cache_round(a_round(1), state)
    assert cache.cache_stats([stats], total, news=news, new_era=True)
    assert cache.cache_metrics("24h", [stats], total, 60.0)
    assert cache.set_worker_state(state)
    assert cache.get_wall(["Admiral"]) is not None
    assert set(cache.get_worker_states()) == {"Admiral"}
    assert cache.forget_worker("Admiral")
    assert cache.recent_events()
    wait_until(lambda: {"round_ended", "stats_updated", "worker_state"} <= set(heard), "events")
    subscription.stop()
    _use_the_rest(cache, cache.link)
    assert cache.counts.refused == 0, cache.counts


def _use_the_rest(cache: RedisCache, link: RedisLink) -> None:
    manager = CacheManager(cache)
    assert manager.compute("ns", "key", lambda: 1, versioned=True) == 1
    manager.delete("ns", "key")
    manager.clear("ns")
    told = manager.stats(["ns"])
    assert (told.available, told.fallbacks, told.redis_memory_bytes is not None) == (True, 0, True)
    orders = MetricsOrders(link, cache.keys)
    order = orders.give()
    assert orders.take() == order
    orders.tell(MetricsProgress(order=order))
    assert orders.progress(order) is not None
    channel = QuestionChannel(link, cache.keys)
    assert channel.ask([b"{}"])
    assert channel.take(5)[0] == [b"{}"]
    channel.give(digest_of(b"{}"), RemoteAnswer(version=1, fault="x"))
    seen = channel.look([digest_of(b"{}")])
    assert seen is not None
    assert (seen.served, len(seen.answers)) == (True, 1)
