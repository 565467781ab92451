"""News of commits, as the reader receives them: the interface of every event feed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from data_layer.messages import Committed


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
