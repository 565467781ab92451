"""How machines without the database show their workers to the central instance, and are told what to do.

Under `remote:workers` each worker of each run of an instance has a field of its own with its state, renewed
several times a second, so that two instances with the same bookmaker do not overwrite each other. Under
`commands:{run}` stand orders, for seconds only: an order that nobody took in time is not carried out by a
machine that comes back later.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

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


class Reporter(NamedTuple):
    """Who reports a worker: one bookmaker of one run of an instance."""

    bookmaker: str
    run: str


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


class _Command(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands in Redis."""

    bookmaker: str
    order: Order


_decoder = msgspec.json.Decoder(RemoteState)
_command_decoder = msgspec.json.Decoder(_Command)


class RemoteStates:
    """Speaks to Redis about states and orders. For one thread; a call takes half a second at most a step."""

    def __init__(self, target: RedisTarget) -> None:
        self._keys = Keys(target.prefix)
        self._states = self._keys.named("remote", "workers")
        self._client: Any = connect(target, timeout_s=_TIMEOUT_S)

    def report(self, run: str, states: Sequence[RemoteState]) -> list[tuple[str, Order]]:
        """Show `states` of `run` and return the orders for its bookmakers, which are then taken.

        Raises `RemoteUnreachableError`.
        """
        fields = {_field(Reporter(one.status.bookmaker, run)): msgspec.json.encode(one) for one in states}
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hset(self._states, mapping=fields)
        pipeline.lpop(self._commands(run), _MOST_ORDERS)
        [shown, blobs] = self._executed(pipeline)
        if isinstance(shown, Exception):
            self._replace(shown, self._states)
            raise RemoteUnreachableError(shown) from shown
        return _orders(blobs)

    def read(self) -> Mapping[Reporter, bytes]:
        """Return the states of all remote workers as they stand there.

        Raises `RemoteUnreachableError`.
        """
        [found] = self._executed(self._client.pipeline(transaction=False).hgetall(self._states))
        if isinstance(found, Exception):
            self._replace(found, self._states)
            raise RemoteUnreachableError(found) from found
        pieces = list(found.items())[:_MOST_STATES]
        return {_reporter(piece.decode(errors="replace")): blob for piece, blob in pieces}

    def order(self, order: Order, workers: Sequence[Reporter]) -> None:
        """Leave an order for some workers. Raises `RemoteUnreachableError`."""
        pipeline = self._client.pipeline(transaction=True)
        for bookmaker, run in workers:
            command = _Command(bookmaker=bookmaker, order=order)
            pipeline.rpush(self._commands(run), msgspec.json.encode(command))
            pipeline.expire(self._commands(run), ORDER_LIFE_S)
        for result in self._executed(pipeline):
            if isinstance(result, Exception):
                self._replace(result, *(self._commands(run) for _, run in workers))
                raise RemoteUnreachableError(result) from result

    def forget(self, workers: Iterable[Reporter]) -> None:
        """Remove states that nobody renews any more. Raises `RemoteUnreachableError`."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hdel(self._states, *(_field(one) for one in workers))
        self._executed(pipeline)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _replace(self, error: Exception, *keys: str) -> None:
        """Delete what another program put in the place of ours; what is written next begins anew."""
        if str(error).startswith("WRONGTYPE"):
            self._executed(self._client.pipeline(transaction=False).delete(*keys))

    def _commands(self, run: str) -> str:
        return self._keys.named("commands", encoded(run))

    def _executed(self, pipeline: Any) -> list[Any]:
        try:
            return list(pipeline.execute(raise_on_error=False))
        except (RedisError, OSError) as error:
            raise RemoteUnreachableError(error) from error


def _field(who: Reporter) -> str:
    return f"{encoded(who.bookmaker)}:{encoded(who.run)}" if who.run else encoded(who.bookmaker)


def _reporter(field: str) -> Reporter:
    bookmaker, _, run = field.partition(":")
    return Reporter(decoded(bookmaker), decoded(run))


def decode_state(who: Reporter, blob: bytes) -> RemoteState | None:
    """Return a worker's state; None for what no machine of ours wrote."""
    try:
        state = _decoder.decode(blob)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return state if (state.status.bookmaker, state.run) == who else None


def _orders(blobs: object) -> list[tuple[str, Order]]:
    found: list[tuple[str, Order]] = []
    for blob in blobs if isinstance(blobs, list) else ():
        try:
            command = _command_decoder.decode(blob)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        found.append((command.bookmaker, command.order))
    return found
