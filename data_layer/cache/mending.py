"""Makes room again where another program put a value of its own in the place of ours.

What is written whole is replaced by writing. `events:recent` and `worker:states` are written in part, by all
workers, and refused for as long as a value of another type stands there.
"""

from typing import Any

import redis

from data_layer.cache.keys import RECENT_EVENTS, Keys
from data_layer.cache.redis_calls import RedisCalls


def mend(calls: RedisCalls, keys: Keys) -> bool:
    """Delete such values and count them; tell whether there were any. Missing permissions are counted too."""
    mended = (keys.recent_events, keys.worker_states)

    def touch(client: redis.Redis) -> list[Any]:
        with client.pipeline(transaction=False) as pipeline:
            pipeline.ltrim(keys.recent_events, 0, RECENT_EVENTS - 1)
            pipeline.hdel(keys.worker_states, "")
            return list(pipeline.execute(raise_on_error=False))

    answers = calls.read(touch) or []
    foreign = [key for key, found in zip(mended, answers, strict=False) if _is_of_another_type(found)]
    for key in foreign:
        calls.counters.foreign(f"{key}: a value of another type")
    for found in answers:
        if isinstance(found, redis.exceptions.NoPermissionError):
            calls.counters.refused(str(found))
    return bool(foreign) and calls.write(lambda pipeline: pipeline.delete(*foreign))


def _is_of_another_type(answer: object) -> bool:
    return isinstance(answer, redis.ResponseError) and str(answer).startswith("WRONGTYPE")
