"""Rounds, statistics, worker states and events in Redis: the fast path beside the database.

Nobody waits for it: no call takes longer than `breaker.CALL_S`, none raises because Redis is away, slow, full
or filled by others. Writing then returns False, reading None or nothing; `trouble` and `counts` say why.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import redis

from config.redis_target import REDIS_PORT, RedisTarget
from data_layer.cache import keys as names
from data_layer.cache.breaker import RedisLink
from data_layer.cache.cache_stores import new_word
from data_layer.cache.client import connect, connect_blocking
from data_layer.cache.counters import CacheCounts
from data_layer.cache.events import POLL_S, Event, Subscription, event_from, event_json
from data_layer.cache.json_shapes import WorkerStateObject
from data_layer.cache.keys import Keys, decoded, encoded
from data_layer.cache.mending import mend
from data_layer.cache.payloads import (
    BookmakerStats,
    ForeignValueError,
    WallStats,
    as_json,
    brief_from,
    committed_object,
    crossed_object,
    round_from,
    round_object,
    state_from,
    stats_from,
    wall_from,
)
from data_layer.cache.redis_calls import RedisCalls
from data_layer.messages import Committed, Round, RoundBrief
from utils import clock

_HIGHEST_VERSION = 2**63 - 1
_DEFAULT_HOST = "127.0.0.1"

ResultT = TypeVar("ResultT")


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """What Redis holds of all bookmakers at one moment. What is missing there is missing here."""

    version: int | None  # of the newest commit; None where it is not known
    total: BookmakerStats | None
    stats: dict[str, BookmakerStats]
    last_rounds: dict[str, RoundBrief]


class RedisCache:
    """The cache over one Redis. Any number of threads may use it.

    A `target` stands for host, port and db and may say more; a `client` of redis-py stands in for a server.
    """

    def __init__(
        self,
        host: str = _DEFAULT_HOST,
        port: int = REDIS_PORT,
        db: int = 0,
        *,
        target: RedisTarget | None = None,
        client: redis.Redis | None = None,
        now: Callable[[], int] = clock.now_us,
        telling: bool = True,
    ) -> None:
        """Unless it is `telling`, the log hears of outages at level debug only."""
        self.target = target or RedisTarget(host=host, port=port, db=db)
        self.keys = Keys(self.target.prefix)
        self._now = now
        self._listening_client: Callable[[], redis.Redis] = lambda: connect_blocking(self.target, POLL_S)
        if client is not None:
            self._listening_client = lambda: client
        link = RedisLink(
            client or connect(self.target),
            address=self.target.address,
            probe_key=self.keys.named("probe"),
            telling=telling,
        )
        self._calls = RedisCalls(link)

    @property
    def link(self) -> RedisLink:
        """The circuit breaker and its client, for others that share them."""
        return self._calls.link

    @property
    def available(self) -> bool:
        """Whether Redis is used at the moment."""
        return self.link.available

    @property
    def trouble(self) -> str:
        """Why Redis is not available, for the operator; empty while it is."""
        return self.link.trouble

    @property
    def counts(self) -> CacheCounts:
        """What became of the calls so far."""
        return self._calls.counters.counts()

    def mend(self) -> bool:
        """Delete what keeps workers from writing; tell whether there was anything. See `mending`."""
        return mend(self._calls, self.keys)

    def ping(self) -> bool:
        """Tell whether Redis answers and takes writes; opens the circuit for everybody when it does not."""
        return self.link.ping() is not None

    def close(self) -> None:
        """End all connections. Calls do nothing from now on."""
        self.link.close()

    # Rounds

    def cache_round(self, record: Round, state: WorkerStateObject | None = None) -> bool:
        """Store a finished round and its worker's `state`, and tell of it, in one round trip.

        `threshold_crossed` is published once for each crossing of the round.
        """
        keys = self.keys
        now_us = self._now()
        try:
            blob = as_json(round_object(record))
            ended = event_json(names.ROUND_ENDED, now_us, msgspec.Raw(blob))
            crossed = [
                event_json(names.THRESHOLD_CROSSED, now_us, crossed_object(record, crossing))
                for crossing in record.crossings
            ]
            state_blob = None if state is None else as_json(state)
        except (
            ValueError,
            UnicodeError,
        ) as error:  # a name that no JSON can hold; the record is kept elsewhere
            self._calls.counters.refused(f"a round cannot be written as JSON: {error}")
            return False

        def commands(pipeline: "redis.client.Pipeline") -> None:
            send: Any = pipeline.execute_command
            send("SET", keys.round_of(record), blob, "EX", names.ROUND_LIFE_S)
            send("SET", keys.last_round(record.bookmaker), blob, "EX", names.LAST_ROUND_LIFE_S)
            if state_blob is not None:
                send("HSET", keys.worker_states, encoded(record.bookmaker), state_blob)
            send("LPUSH", keys.recent_events, *crossed, ended)
            send("LTRIM", keys.recent_events, 0, names.RECENT_EVENTS - 1)
            for event in crossed:
                send("PUBLISH", keys.channel(names.THRESHOLD_CROSSED), event)
            send("PUBLISH", keys.channel(names.ROUND_ENDED), ended)

        return self._calls.write(commands)

    def get_round(self, bookmaker: str, round_id: str) -> Round | None:
        """Return one round, None where Redis does not have it (any more)."""
        key = self.keys.round(bookmaker, round_id)
        return self._one(key, lambda blob: _round_of_id(blob, bookmaker, round_id))

    def get_last_round(self, bookmaker: str) -> Round | None:
        """Return a bookmaker's newest round, None where Redis does not have it (any more)."""
        return self.get_last_rounds([bookmaker]).get(bookmaker)

    def get_last_rounds(self, bookmakers: Sequence[str]) -> dict[str, Round]:
        """Return the newest rounds of `bookmakers`, as far as Redis has them, in one round trip."""
        asked = [self.keys.last_round(bookmaker) for bookmaker in bookmakers]
        blobs = self._calls.blobs(asked) or []
        return self._calls.found(zip(bookmakers, asked, blobs, strict=False), round_from)

    # Statistics

    def cache_bookmaker_stats(self, bookmaker: str, stats: BookmakerStats) -> bool:
        """Store a bookmaker's stats for a minute. Raises `ValueError` for those of another bookmaker."""
        if stats.bookmaker != bookmaker:
            raise ValueError(f"stats of {stats.bookmaker!r} for {bookmaker!r}")
        return self.cache_stats([stats])

    def cache_stats(
        self,
        stats: Iterable[BookmakerStats],
        total: BookmakerStats | None = None,
        *,
        news: Committed | None = None,
        new_era: bool = False,
    ) -> bool:
        """Store stats of any number of bookmakers and the total; with `news`, raise `version` and publish.

        With the total and all bookmakers in it, in its order, they are also stored as a wall. One round trip.
        Whoever hears of `news` finds everything else in place. With `new_era` versions count anew: what
        CacheManagers have kept is stale, whatever its version.
        """
        rows = list(stats)
        values = {self.keys.stats(one.bookmaker): as_json(one) for one in rows}
        if total is not None:
            values[self.keys.stats_total] = as_json(total)
            if tuple(one.bookmaker for one in rows) == total.bookmakers:
                bare = tuple(msgspec.structs.replace(one, newest=()) for one in rows)
                values[self.keys.wall] = as_json(WallStats(total=total, rows=bare))
        told = None
        if news is not None:
            told = event_json(names.STATS_UPDATED, self._now(), committed_object(news))

        def commands(pipeline: "redis.client.Pipeline") -> None:
            if new_era:
                pipeline.set(self.keys.cache_era, new_word())
            for key, blob in values.items():
                pipeline.set(key, blob, ex=names.STATS_LIFE_S)
            if news is not None and told is not None:
                pipeline.set(self.keys.version, news.version)
                pipeline.publish(self.keys.channel(names.STATS_UPDATED), told)

        return self._calls.write(commands)

    def get_bookmaker_stats(self, bookmaker: str) -> BookmakerStats | None:
        """Return a bookmaker's stats, None where Redis does not have them (any more)."""
        return self._one(self.keys.stats(bookmaker), lambda blob: stats_from(blob, bookmaker))

    def get_total_stats(self) -> BookmakerStats | None:
        """Return the stats of all bookmakers together, None where Redis does not have them (any more)."""
        return self._one(self.keys.stats_total, lambda blob: stats_from(blob, ""))

    def get_stats_with_fallback(
        self, bookmaker: str, fallback: Callable[[], BookmakerStats | None]
    ) -> BookmakerStats | None:
        """Return a bookmaker's stats from Redis, or what `fallback` computes, which is then stored there.

        Stats of another version than that of the newest commit count as not there.
        """
        key = self.keys.stats(bookmaker)
        version_blob, blob = self._calls.blobs([self.keys.version, key]) or (None, None)
        version = self._version_from(version_blob)
        found = self._calls.found([(bookmaker, key, blob)], stats_from).get(bookmaker)
        if found is not None and version in (None, found.version):
            return found
        computed = fallback()
        if computed is not None:
            self.cache_bookmaker_stats(bookmaker, computed)
        return computed

    def get_newest_rounds(self, bookmakers: Sequence[str]) -> dict[str, tuple[RoundBrief, ...]]:
        """Return the newest rounds of `bookmakers`, oldest first, as far as they are there."""
        asked = [self.keys.stats(bookmaker) for bookmaker in bookmakers]
        blobs = self._calls.blobs(asked) or []
        found = self._calls.found(zip(bookmakers, asked, blobs, strict=False), stats_from)
        return {bookmaker: stats.newest for bookmaker, stats in found.items()}

    def get_wall(self, bookmakers: Sequence[str] = ()) -> Wall | None:
        """Return the stats of all bookmakers and the last rounds of `bookmakers` in one round trip.

        The stats are those of one commit, without newest rounds. None while Redis is away.
        """
        keys = self.keys
        last = [keys.last_round(bookmaker) for bookmaker in bookmakers]
        blobs = self._calls.blobs([keys.version, keys.wall, *last])
        if blobs is None:
            return None
        held = self._calls.found([("", keys.wall, blobs[1])], lambda blob, _: wall_from(blob)).get("")
        rounds = zip(bookmakers, last, blobs[2:], strict=True)
        return Wall(
            version=self._version_from(blobs[0]),
            total=held.total if held else None,
            stats={row.rounds.bookmaker: row for row in held.rows} if held else {},
            last_rounds=self._calls.found(rounds, brief_from),
        )

    def get_version(self) -> int | None:
        """Return the version of the newest commit, None where it is not known."""
        blobs = self._calls.blobs([self.keys.version])
        return self._version_from(blobs[0]) if blobs else None

    # Metrics of the longer ranges

    def cache_metrics(
        self, range_name: str, stats: Iterable[BookmakerStats], total: BookmakerStats | None, life_s: float
    ) -> bool:
        """Store the metrics of one range for `life_s` seconds, in one round trip."""
        values = {self.keys.metrics(one.bookmaker, range_name): as_json(one) for one in stats}
        if total is not None:
            values[self.keys.metrics_total(range_name)] = as_json(total)

        def commands(pipeline: "redis.client.Pipeline") -> None:
            for key, blob in values.items():
                pipeline.set(key, blob, px=max(1, round(life_s * 1_000)))

        return self._calls.write(commands)

    def get_metrics(
        self, range_name: str, bookmakers: Sequence[str]
    ) -> tuple[BookmakerStats | None, dict[str, BookmakerStats]]:
        """Return the total and the metrics of `bookmakers` in one range, as far as Redis has them."""
        asked = [self.keys.metrics_total(range_name)]
        asked += [self.keys.metrics(bookmaker, range_name) for bookmaker in bookmakers]
        blobs = self._calls.blobs(asked) or []
        found = self._calls.found(zip(["", *bookmakers], asked, blobs, strict=False), stats_from)
        return found.pop("", None), found

    # Workers

    def set_worker_state(self, state: WorkerStateObject) -> bool:
        """Store a worker's state and tell of it."""
        blob = as_json(state)
        told = event_json(names.WORKER_STATE, self._now(), state)

        def commands(pipeline: "redis.client.Pipeline") -> None:
            pipeline.hset(self.keys.worker_states, encoded(state.bookmaker), blob)
            pipeline.publish(self.keys.channel(names.WORKER_STATE), told)

        return self._calls.write(commands)

    def forget_worker(self, bookmaker: str) -> bool:
        """Remove a worker's state."""
        return self._calls.write(lambda pipeline: pipeline.hdel(self.keys.worker_states, encoded(bookmaker)))

    def get_worker_states(self) -> dict[str, WorkerStateObject]:
        """Return the states of all workers by bookmaker."""
        fields: dict[bytes, bytes] | None = self._calls.read(
            lambda client: client.hgetall(self.keys.worker_states)
        )
        states = {}
        for field, blob in (fields or {}).items():
            try:
                bookmaker = decoded(field.decode())
                states[bookmaker] = state_from(blob, bookmaker)
            except (ForeignValueError, UnicodeError) as error:
                self._calls.counters.foreign(f"{self.keys.worker_states}: {error}")
        self._calls.counters.hit(len(states))
        return states

    # Events

    def publish_event(self, name: str, data: msgspec.Struct | Mapping[str, Any]) -> bool:
        """Publish an event of `keys.CHANNELS` and keep it among the recent ones."""
        event = event_json(name, self._now(), data)

        def commands(pipeline: "redis.client.Pipeline") -> None:
            pipeline.lpush(self.keys.recent_events, event)
            pipeline.ltrim(self.keys.recent_events, 0, names.RECENT_EVENTS - 1)
            pipeline.publish(self.keys.channel(name), event)

        return self._calls.write(commands)

    def recent_events(self, limit: int = names.RECENT_EVENTS) -> list[Event]:
        """Return up to `limit` newest events, newest first."""
        blobs: list[bytes] | None = self._calls.read(
            lambda client: client.lrange(self.keys.recent_events, 0, limit - 1)
        )
        events = []
        for blob in blobs or []:
            try:
                events.append(event_from(blob))
            except ForeignValueError as error:
                self._calls.counters.foreign(f"{self.keys.recent_events}: {error}")
        return events

    def subscribe_to_events(
        self,
        callback: Callable[[Event], None],
        *,
        channels: Sequence[str] = names.CHANNELS,
        on_connect: Callable[[], None] | None = None,
    ) -> Subscription:
        """Call `callback` for every event, on a thread that reconnects for ever; stop what is returned.

        `on_connect` is called after each (re)connection, before its events: what was published meanwhile is
        gone.
        """
        subscription = Subscription(
            self._listening_client,
            self.keys,
            callback,
            channels=channels,
            on_connect=on_connect,
            on_foreign=self._calls.counters.foreign,
        )
        subscription.start()
        return subscription

    def _one(self, key: str, decode: Callable[[bytes], ResultT]) -> ResultT | None:
        blobs = self._calls.blobs([key])
        if blobs is None:
            return None
        return self._calls.found([("", key, blobs[0])], lambda blob, _: decode(blob)).get("")

    def _version_from(self, blob: bytes | None) -> int | None:
        if blob is None:
            return None
        if blob.isdigit() and len(blob) <= len(str(_HIGHEST_VERSION)) and int(blob) <= _HIGHEST_VERSION:
            return int(blob)
        self._calls.counters.foreign(f"{self.keys.version}: no version")
        return None


def _round_of_id(blob: bytes, bookmaker: str, round_id: str) -> Round:
    found = round_from(blob, bookmaker)
    if found.round_id != round_id:
        raise ForeignValueError(f"round {found.round_id!r} under the key of {round_id!r}")
    return found
