"""Events on Redis' channels: how they look, and a subscription that reconnects by itself.

An event is `{"event": channel, "at_us": wall clock, "data": {...}}`. Pub/sub keeps nothing for those who are
away, so a subscriber is told of every (re)connection and reads what it may have missed by other ways.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import redis

from data_layer.cache.breaker import in_words
from data_layer.cache.client import PrimaryWatch
from data_layer.cache.keys import CHANNELS, Keys
from data_layer.cache.payloads import ForeignValueError

POLL_S = 0.2  # how soon `stop` is noticed
SILENCE_S = 0.5  # after so much of it a sign of life is asked for, and after as much again it is over
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 1.0

log = logging.getLogger(__name__)


class _EventObject(msgspec.Struct, frozen=True, kw_only=True):
    event: str
    at_us: int
    data: msgspec.Raw


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event. `data` is JSON: `payloads` makes values of it."""

    name: str  # of `keys.CHANNELS`
    at_us: int  # wall clock of whoever published it
    data: bytes


_decoder = msgspec.json.Decoder(_EventObject)
_encoder = msgspec.json.Encoder()


def event_json(name: str, at_us: int, data: msgspec.Struct | msgspec.Raw | Mapping[str, Any]) -> bytes:
    """Return an event as it is published. Raises `TypeError` or `ValueError` for data that is no JSON."""
    return _encoder.encode({"event": name, "at_us": at_us, "data": data})


def event_from(blob: bytes) -> Event:
    """Return the event in `blob`. Raises `ForeignValueError`."""
    try:
        held = _decoder.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ForeignValueError(str(error)) from None
    if held.event not in CHANNELS:
        raise ForeignValueError(f"an event {held.event[:40]!r}")
    return Event(name=held.event, at_us=held.at_us, data=bytes(held.data))


class Subscription:
    """A thread that listens to channels with a client of its own until it is stopped."""

    def __init__(
        self,
        client: Callable[[], redis.Redis],  # for one connection that may wait
        keys: Keys,
        callback: Callable[[Event], None],
        *,
        channels: Sequence[str] = CHANNELS,
        on_connect: Callable[[], None] | None = None,
        on_foreign: Callable[[str], None] | None = None,
    ) -> None:
        self._new_client = client
        self._callback = callback
        self._on_connect = on_connect
        self._on_foreign = on_foreign
        self._channels = {keys.channel(name).encode(): name for name in channels}
        self._stopping = threading.Event()
        self._trouble = "not connected yet"
        self._thread = threading.Thread(target=self._run, name="redis events", daemon=True)

    @property
    def trouble(self) -> str:
        """Why no events come at the moment, for the operator; empty while they do."""
        return self._trouble

    def start(self) -> None:
        """Begin to connect, on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End within a second; no callback runs after this. May be called again, and by a callback."""
        self._stopping.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            client: Any = self._new_client()  # redis-py states no types for `pubsub`
            try:
                with client.pubsub() as pubsub:
                    self._connect(pubsub)
                    pause_s = FIRST_PAUSE_S
                    self._listen(pubsub, PrimaryWatch(client))
            except (redis.RedisError, OSError) as error:
                self._trouble = f"Redis {in_words(error)}"
            finally:
                with contextlib.suppress(redis.RedisError, OSError):
                    client.close()
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        self._trouble = "stopped"

    def _connect(self, pubsub: "redis.client.PubSub") -> None:
        """Subscribe and wait for the confirmations: nothing published after `on_connect` is missed."""
        pubsub.subscribe(*self._channels)
        deadline = time.monotonic() + SILENCE_S
        early: list[Mapping[str, Any]] = []
        confirmed = 0
        while confirmed < len(self._channels):
            message = pubsub.get_message(timeout=max(0.0, deadline - time.monotonic()))
            if message is None:
                raise redis.TimeoutError("no confirmation")
            if message["type"] == "subscribe":
                confirmed += 1
            else:
                early.append(message)
        self._trouble = ""
        if self._on_connect is not None:
            self._guarded(self._on_connect)
        for message in early:
            self._take(message)

    def _listen(self, pubsub: "redis.client.PubSub", primary: PrimaryWatch) -> None:
        heard_at = asked_at = time.monotonic()
        while not self._stopping.is_set():
            message = pubsub.get_message(timeout=POLL_S)
            if primary.moved():
                raise redis.ConnectionError("another server is the primary")
            now = time.monotonic()
            if message is not None:
                heard_at = now
                self._take(message)
            elif now - heard_at > 2 * SILENCE_S:
                raise redis.TimeoutError("no sign of life")
            elif now - max(heard_at, asked_at) > SILENCE_S:
                pubsub.ping()
                asked_at = now

    def _take(self, message: Mapping[str, Any]) -> None:
        if message["type"] != "message" or self._stopping.is_set():
            return
        try:
            event = event_from(message["data"])
            if self._channels.get(message["channel"]) != event.name:
                raise ForeignValueError(f"an event {event.name!r} on another channel")
        except ForeignValueError as error:
            if self._on_foreign is not None:
                self._on_foreign(str(error))
            return
        self._guarded(lambda: self._callback(event))

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            log.exception("a subscriber to Redis failed")
