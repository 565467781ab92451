"""Reading and writing through a link, with everything that can go wrong counted instead of raised."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import redis

from data_layer.cache.breaker import RedisLink, RedisUnavailableError, is_outage
from data_layer.cache.counters import CacheCounters
from data_layer.cache.payloads import ForeignValueError

ResultT = TypeVar("ResultT")
Commands = Callable[["redis.client.Pipeline"], object]


class RedisCalls:
    """What the caches are made of."""

    def __init__(self, link: RedisLink) -> None:
        self.link = link
        self.counters = CacheCounters()

    def write(self, commands: Commands) -> bool:
        """Send `commands` in one round trip; True when all of them were taken."""

        def send(client: redis.Redis) -> list[Any]:
            with client.pipeline(transaction=False) as pipeline:
                commands(pipeline)
                answers: list[Any] = pipeline.execute(raise_on_error=False)
            for answer in answers:
                if isinstance(answer, redis.RedisError) and is_outage(answer):
                    raise answer
            return answers

        try:
            answers = self.link.call(send)
        except RedisUnavailableError:
            self.counters.unavailable()
            return False
        refusals = [answer for answer in answers if isinstance(answer, redis.RedisError)]
        for refusal in refusals:
            self.counters.refused(str(refusal))
        return not refusals

    def read(self, do: Callable[[redis.Redis], Any]) -> Any:
        """Return what `do` reads, None when Redis is away or refuses."""
        try:
            return self.link.call(do)
        except RedisUnavailableError:
            self.counters.unavailable()
        except redis.ResponseError as error:
            self.counters.refused(str(error))
        return None

    def blobs(self, keys: Sequence[str]) -> list[bytes | None] | None:
        """Return the values of `keys`; None while Redis is away."""
        if not keys:
            return []
        blobs: list[bytes | None] | None = self.read(lambda client: client.mget(keys))
        return blobs

    def found(
        self,
        asked: Iterable[tuple[str, str, bytes | None]],  # name, key, what stands there
        decode: Callable[[bytes, str], ResultT],
    ) -> dict[str, ResultT]:
        """Return the values that are there and ours, by name, and count the rest."""
        found: dict[str, ResultT] = {}
        missing = 0
        for name, key, blob in asked:
            if blob is None:
                missing += 1
                continue
            try:
                found[name] = decode(blob, name)
            except ForeignValueError as error:
                self.counters.foreign(f"{key}: {error}")
                missing += 1
                continue
        self.counters.hit(len(found))
        self.counters.miss(missing)
        return found
