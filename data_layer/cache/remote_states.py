"""How machines without the database show their workers to the central instance, and are told what to do.

Under `remote:workers` each worker has a field with its state, renewed several times a second; under
`commands:{bookmaker}` stand orders, for seconds only: an order that nobody took in time is not carried out
by a machine that comes back later.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from redis import RedisError, ResponseError

from config.redis_target import RedisTarget
from data_layer.cache.breaker import in_words, is_outage
from data_layer.cache.client import connect
from data_layer.cache.keys import Keys, decoded, encoded
from data_layer.messages import LiveState, WorkerStatus

ORDER_LIFE_S = 10
_TIMEOUT_S = 0.5  # of threads that nobody waits for
_MOST_ORDERS = 16
_MOST_STATES = 1_000

Order = Literal["start", "stop", "restart", "pause"]


class RemoteUnreachableError(Exception):
    """Redis did not answer, or refused. The text says why."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(in_words(cause))
        self.outage = not isinstance(cause, ResponseError) or is_outage(cause)  # of Redis as a whole


class RemoteState(msgspec.Struct, frozen=True, kw_only=True):
    """One worker as its own machine sees it. Its clocks are that machine's."""

    machine: str
    run: str  # of the instance there
    sent_at_us: int  # wall clock
    monotonic_us: int
    status: WorkerStatus
    live: LiveState | None
    ended: bool = False  # the last word of that instance


_decoder = msgspec.json.Decoder(RemoteState)
_order_decoder = msgspec.json.Decoder(Order)


class RemoteStates:
    """Speaks to Redis about states and orders. For one thread; a call takes half a second at most a step."""

    def __init__(self, target: RedisTarget) -> None:
        self._keys = Keys(target.prefix)
        self._states = self._keys.named("remote", "workers")
        self._client: Any = connect(target, timeout_s=_TIMEOUT_S)

    def report(self, states: Sequence[RemoteState]) -> list[tuple[str, Order]]:
        """Show `states` and return the orders for their bookmakers, which are then taken.

        Raises `RemoteUnreachableError`.
        """
        pipeline = self._client.pipeline(transaction=False)
        names = [state.status.bookmaker for state in states]
        for name, state in zip(names, states, strict=True):
            pipeline.hset(self._states, encoded(name), msgspec.json.encode(state))
        for name in names:
            pipeline.lpop(self._commands(name), _MOST_ORDERS)
        results = self._executed(pipeline)
        for result in results[: len(names)]:
            if isinstance(result, Exception):
                self._replace(result, self._states)
                raise RemoteUnreachableError(result) from result
        found = zip(names, results[len(names) :], strict=True)
        return [(name, order) for name, blobs in found for order in _orders(blobs)]

    def read(self) -> Mapping[str, bytes]:
        """Return the states of all remote workers, by bookmaker, as they stand there.

        Raises `RemoteUnreachableError`.
        """
        [found] = self._executed(self._client.pipeline(transaction=False).hgetall(self._states))
        if isinstance(found, Exception):
            self._replace(found, self._states)
            raise RemoteUnreachableError(found) from found
        pieces = list(found.items())[:_MOST_STATES]
        return {decoded(piece.decode(errors="replace")): blob for piece, blob in pieces}

    def order(self, order: Order, names: Sequence[str]) -> None:
        """Leave an order for the machines of some bookmakers. Raises `RemoteUnreachableError`."""
        pipeline = self._client.pipeline(transaction=True)
        for name in names:
            pipeline.rpush(self._commands(name), msgspec.json.encode(order))
            pipeline.expire(self._commands(name), ORDER_LIFE_S)
        for result in self._executed(pipeline):
            if isinstance(result, Exception):
                self._replace(result, *(self._commands(name) for name in names))
                raise RemoteUnreachableError(result) from result

    def forget(self, names: Iterable[str]) -> None:
        """Remove states that nobody renews any more. Raises `RemoteUnreachableError`."""
        pipeline = self._client.pipeline(transaction=False)
        for name in names:
            pipeline.hdel(self._states, encoded(name))
        self._executed(pipeline)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _replace(self, error: Exception, *keys: str) -> None:
        """Delete what another program put in the place of ours; what is written next begins anew."""
        if str(error).startswith("WRONGTYPE"):
            self._executed(self._client.pipeline(transaction=False).delete(*keys))

    def _commands(self, bookmaker: str) -> str:
        return self._keys.named("commands", encoded(bookmaker))

    def _executed(self, pipeline: Any) -> list[Any]:
        try:
            return list(pipeline.execute(raise_on_error=False))
        except (RedisError, OSError) as error:
            raise RemoteUnreachableError(error) from error


def decode_state(bookmaker: str, blob: bytes) -> RemoteState | None:
    """Return a worker's state; None for what no machine of ours wrote."""
    try:
        state = _decoder.decode(blob)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return state if state.status.bookmaker == bookmaker else None


def _orders(blobs: object) -> list[Order]:
    found: list[Order] = []
    for blob in blobs if isinstance(blobs, list) else ():
        try:
            found.append(_order_decoder.decode(blob))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
    return found
