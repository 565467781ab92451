"""News of commits, as the reader receives them: the interface, and what its implementations share."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from data_layer.messages import Committed

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Resynchronize:
    """Commits may have been missed: what was learned from earlier events has to be read again.

    Comes after every connection and before the first `Committed` of it. Every commit that a reading begun
    after this event does not find is announced by a `Committed` that follows.
    """


FeedEvent = Committed | Resynchronize
FeedCallback = Callable[[FeedEvent], None]


class EventFeed(Protocol):
    """Where commits are announced. Delivery is best effort within a connection, and says when it was not."""

    @property
    def trouble(self) -> str:
        """Why no events come at the moment, for the operator; empty while they do."""
        ...

    def subscribe(self, callback: FeedCallback) -> Callable[[], None]:
        """Call `callback` for every event from now on, in order, on the feed's thread; returns its end.

        Whoever subscribes to a feed that is connected already reads everything once by itself. The callback
        must be quick: while it runs, nobody hears of the next event.
        """
        ...

    def start(self) -> None:
        """Begin to connect, on a thread of its own."""
        ...

    def stop(self) -> None:
        """End within a second; no callback runs after this. May be called more than once."""
        ...


class Subscribers:
    """The callbacks of one feed. An event reaches all of them, also when one of them fails."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: tuple[FeedCallback, ...] = ()

    def add(self, callback: FeedCallback) -> Callable[[], None]:
        """Add `callback` and return what removes it."""

        # One wrapper a subscription, so that the same function can subscribe twice and leave once.
        def call(event: FeedEvent) -> None:
            callback(event)

        with self._lock:
            self._callbacks = (*self._callbacks, call)

        def remove() -> None:
            with self._lock:
                self._callbacks = tuple(held for held in self._callbacks if held is not call)

        return remove

    def tell(self, event: FeedEvent) -> None:
        """Hand `event` to every callback; what one raises is logged and stops there."""
        for callback in self._callbacks:
            try:
                callback(event)
            except Exception:
                log.exception("a subscriber failed on %s", type(event).__name__)
