"""How the metrics of every range are ordered anew, and how far they are: through Redis, from any machine.

Under `metrics:order` stands the newest order, for seconds only; the writer takes it and shows its progress
under `metrics:progress`. Neither can be the metrics of a bookmaker, whose keys have a piece more.
"""

import secrets

import msgspec

from data_layer.cache.breaker import RedisLink
from data_layer.cache.json_shapes import Count, Text
from data_layer.cache.keys import Keys
from data_layer.cache.redis_calls import RedisCalls

ORDER_LIFE_S = 10
_PROGRESS_LIFE_S = 600
_LONGEST_ORDER = 64


class MetricsProgress(msgspec.Struct, frozen=True, kw_only=True):
    """What the writer says of one order."""

    order: Text
    ready: Count = 0  # ranges that are stored
    ranges: Count = 0  # that there are
    trouble: Text = ""  # why it does not get on

    @property
    def done(self) -> bool:
        """Whether everything is computed and stored."""
        return bool(self.ranges) and self.ready >= self.ranges


_decoder = msgspec.json.Decoder(MetricsProgress)


class MetricsOrders:
    """Both ends of it. Nothing here raises for what Redis does; for any number of threads."""

    def __init__(self, link: RedisLink, keys: Keys) -> None:
        self._calls = RedisCalls(link)
        self._order = keys.named("metrics", "order")
        self._progress = keys.named("metrics", "progress")

    def give(self) -> str:
        """Order all metrics anew and return the order's name; an empty one when Redis does not take it."""
        order = secrets.token_hex(8)
        taken = self._calls.write(lambda pipeline: pipeline.set(self._order, order, ex=ORDER_LIFE_S))
        return order if taken else ""

    def take(self) -> str:
        """Return the order that waits, which is then taken; an empty name when none does."""
        found = self._calls.read(lambda client: client.getdel(self._order))
        if not isinstance(found, bytes) or not found.isalnum() or len(found) > _LONGEST_ORDER:
            return ""
        return found.decode("ascii", "replace")

    def tell(self, progress: MetricsProgress) -> None:
        """Show how far an order is."""
        blob = msgspec.json.encode(progress)
        self._calls.write(lambda pipeline: pipeline.set(self._progress, blob, ex=_PROGRESS_LIFE_S))

    def progress(self, order: str) -> MetricsProgress | None:
        """Return how far an order is; None as long as nobody has taken it."""
        [blob] = self._calls.blobs([self._progress]) or [None]
        try:
            found = None if blob is None else _decoder.decode(blob)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return found if found is not None and found.order == order else None
